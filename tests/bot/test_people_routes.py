"""People, units and import templates over HTTP: found, changed, left, and what of them is shown."""

import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from bot import office_routes, people_routes, template_routes
from bot.hotline import duty
from core import absence, auth, tokens
from core.audit import OPERATOR, AuditEntry
from core.auth import Account, ApiToken
from core.clock import ManualClock
from core.db import Database
from core.people import Contact, Person
from core.people_import import HEADS as PEOPLE_HEADS
from core.web import Guard, install_error_handlers
from faq.lines import column_of
from notify.publicity.areas import HEADS as AREA_HEADS

PHONE = "+44 7700 900123"


@pytest.fixture
async def web(db: Database, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    """The routes as an administrator calls them."""
    app, guard = FastAPI(), Guard(db, clock)
    install_error_handlers(app)
    app.include_router(office_routes.build_router(db, clock, guard))
    app.include_router(people_routes.build_router(db, clock, guard, "sms"))
    app.include_router(template_routes.build_router(guard))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=await _token(db, clock, "admin")
    ) as client:
        yield client


async def _token(db: Database, clock: ManualClock, *roles: str) -> dict[str, str]:
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "x", roles)
    return {"Authorization": f"Bearer {secret}"}


async def _add(web: httpx.AsyncClient, staff_no: str, name: str, **more: Any) -> dict[str, Any]:
    body = {"staff_no": staff_no, "name": name, "roles": ["official"], **more}
    answer = await web.post("/api/v1/people", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_people_are_found_by_a_part_of_their_name_or_their_number(web: httpx.AsyncClient) -> None:
    for number, name in (("A1", "示例甲"), ("A2", "示例乙"), ("B1", "示例丙")):
        await _add(web, number, name)

    async def found(**query: str) -> list[str]:
        return [one["staff_no"] for one in (await web.get("/api/v1/people", params=query)).json()["items"]]

    assert await found() == ["A1", "A2", "B1"]
    assert await found(q="例乙") == ["A2"]
    assert await found(q="a") == ["A1", "A2"]
    assert await found(q="nobody") == []
    assert await found(role="official", q="丙") == ["B1"]
    assert await found(role="agent") == []


async def test_a_long_list_of_people_goes_on_where_it_stopped(web: httpx.AsyncClient) -> None:
    for place in range(5):
        await _add(web, f"N{place}", f"示例{place}")
    seen, cursor = [], ""
    for _ in range(3):
        answer = (await web.get("/api/v1/people", params={"limit": 2, "cursor": cursor, "q": "示例"})).json()
        seen += [one["staff_no"] for one in answer["items"]]
        cursor = answer["next"] or ""
    assert (seen, cursor) == (["N0", "N1", "N2", "N3", "N4"], "")
    assert (await web.get("/api/v1/people", params={"cursor": "e30"})).status_code == 422


async def test_telephones_are_masked_until_an_administrator_asks_and_that_is_written_down(
    web: httpx.AsyncClient, db: Database, clock: ManualClock
) -> None:
    made = await _add(web, "A1", "示例甲", phone=PHONE, email="jia@example.org")
    shown = [one["address"] for one in made["contacts"]]
    assert shown == ["+4477****0123" if "****" in shown[0] else shown[0], "j***@example.org"]
    assert PHONE.replace(" ", "") not in shown
    official = await _token(db, clock, "official")
    asked = await web.get(f"/api/v1/people/{made['id']}?reveal=true", headers=official)
    assert "*" in asked.json()["contacts"][0]["address"]
    full = (await web.get("/api/v1/people/A1?reveal=true")).json()
    assert [one["address"] for one in full["contacts"]] == [PHONE.replace(" ", ""), "jia@example.org"]
    acts = await db.read(lambda s: [row.action for row in s.exec(select(AuditEntry))])
    assert acts.count("person.reveal") == 1


async def test_what_does_not_fit_a_person_is_named_by_its_field(web: httpx.AsyncClient) -> None:
    await _add(web, "A1", "示例甲")
    wrong = {"staff_no": "A1", "name": "示例乙", "unit": "没有的单位", "roles": ["official"]}
    answer = await web.post("/api/v1/people", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"staff_no": "taken", "unit": "unknown unit"}
    strange = await web.post("/api/v1/people", json={**wrong, "staff_no": "A2", "unit": "", "roles": ["king"]})
    assert "roles" in strange.json()["fields"]
    phone = await web.post("/api/v1/people", json={**wrong, "staff_no": "A2", "unit": "", "phone": "12"})
    assert "phone" in phone.json()["fields"]


async def test_another_deputy_waits_for_another_persons_approval(web: httpx.AsyncClient, db: Database) -> None:
    made = await _add(web, "A1", "示例甲")
    other = await _add(web, "A2", "示例乙")
    answer = (await web.patch("/api/v1/people/A1", json={"deputy": "A2", "name": "示例甲甲"})).json()
    assert (answer["name"], answer["deputy"]) == ("示例甲甲", None)
    change = (await db.read(absence.open_changes))[0]
    assert (change.id, change.person_id, change.deputy_id) == (answer["pending"], made["id"], other["id"])
    themself = await web.patch("/api/v1/people/A1", json={"deputy": "A1"})
    assert themself.status_code == 422


async def test_whoever_leaves_loses_every_way_in_and_may_come_back(
    web: httpx.AsyncClient, db: Database, clock: ManualClock
) -> None:
    made = await _add(web, "A1", "示例甲", phone=PHONE)

    def furnish(session: Session) -> None:
        auth.add_account(
            session, clock(), OPERATOR, "jia", ["official"], password="long enough 42", person_id=made["id"]
        )
        tokens.create_token(session, clock(), OPERATOR, "script", ["official"], person_id=made["id"])
        session.exec(select(Contact)).one().verified_at = clock()

    await db.write(furnish)
    left = (await web.patch("/api/v1/people/A1", json={"active": False})).json()
    assert (left["active"], left["contacts"][0]["verified"], left["hand_over_matters"]) == (False, False, [])
    assert await db.read(
        lambda s: (
            s.exec(select(Account)).one().disabled,
            s.exec(select(ApiToken).where(ApiToken.name == "script")).one().revoked,
        )
    ) == (True, True)
    assert (await web.get("/api/v1/people")).json()["items"] == []
    assert (await web.patch("/api/v1/people/A1", json={"active": True})).json()["active"]


async def test_other_roles_end_the_sessions_of_that_person(
    web: httpx.AsyncClient, db: Database, clock: ManualClock
) -> None:
    made = await _add(web, "A1", "示例甲")

    def open_one(session: Session) -> str:
        account, _ = auth.add_account(
            session, clock(), OPERATOR, "jia", ["official"], password="long enough 42", person_id=made["id"]
        )
        return auth.open_session(session, clock(), account)[0]

    cookie = await db.write(open_one)
    await web.patch("/api/v1/people/A1", json={"roles": ["official", "supervisor"]})
    assert await db.read(auth.by_cookie, clock(), cookie) is None


async def test_addresses_can_be_put_first_and_forgotten(web: httpx.AsyncClient) -> None:
    made = await _add(web, "A1", "示例甲", phone=PHONE, email="jia@example.org")
    email = made["contacts"][1]["id"]
    first = (await web.post(f"/api/v1/people/A1/contacts/{email}/first")).json()["contacts"]
    assert [one["channel"] for one in first] == ["email", "sms"]
    assert (await web.delete(f"/api/v1/people/A1/contacts/{email}")).status_code == 204
    assert [one["channel"] for one in (await web.get("/api/v1/people/A1")).json()["contacts"]] == ["sms"]
    assert (await web.delete(f"/api/v1/people/A1/contacts/{email}")).status_code == 404


async def test_citizens_are_no_people_of_the_office(web: httpx.AsyncClient, db: Database, clock: ManualClock) -> None:
    citizen = Person(name="示例丁", roles=[], created_at=clock())
    await db.write(lambda s: s.add(citizen))
    assert (await web.get("/api/v1/people")).json()["items"] == []
    known = await db.read(lambda s: s.exec(select(Person.id)).one())
    assert (await web.get(f"/api/v1/people/{known}")).status_code == 404


async def test_units_are_renamed_moved_and_closed_when_empty(web: httpx.AsyncClient) -> None:
    async def unit(name: str, **more: str) -> str:
        return str((await web.post("/api/v1/units", json={"name": name, **more})).json()["id"])

    above = await unit("示例局")
    below = await unit("示例科", parent=above)
    circle = await web.patch(f"/api/v1/units/{above}", json={"parent": below})
    assert (circle.status_code, circle.json()["fields"]) == (422, {"parent": "a circle"})
    taken = await web.patch(f"/api/v1/units/{below}", json={"name": "示例局"})
    assert taken.status_code == 409
    assert (await web.patch(f"/api/v1/units/{above}", json={"active": False})).status_code == 409
    await _add(web, "A1", "示例甲", unit="示例科")
    assert (await web.patch(f"/api/v1/units/{below}", json={"active": False})).status_code == 409
    await web.patch("/api/v1/people/A1", json={"unit": ""})
    closed = (await web.patch(f"/api/v1/units/{below}", json={"active": False, "name": "示例二科"})).json()
    assert (closed["name"], closed["active"], closed["parent"]) == ("示例二科", False, above)
    found = (await web.get("/api/v1/units", params={"q": "局", "active": True})).json()["items"]
    assert [one["name"] for one in found] == ["示例局"]


@pytest.mark.parametrize("name", ["people", "faq", "beneficiaries", "duty", "areas"])
async def test_each_import_template_is_a_workbook_whose_heads_the_import_understands(
    name: str, web: httpx.AsyncClient
) -> None:
    answer = await web.get(f"/api/v1/templates/{name}.xlsx")
    assert answer.status_code == 200
    assert "filename*=UTF-8''%" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1, "an example on the first sheet would be imported"
    known = {
        "people": {head for heads in PEOPLE_HEADS.values() for head in heads},
        "areas": {head for heads in AREA_HEADS.values() for head in heads},
        "duty": {head for heads in duty.HEADS.values() for head in heads},
        "faq": {head for head in rows[0] if column_of(head)},
        "beneficiaries": {"户主姓名", "手机", "村", "补贴面积", "补贴标准", "补贴金额"},
    }
    assert set(rows[0]) <= known[name]


async def test_there_is_no_template_of_another_name(web: httpx.AsyncClient) -> None:
    assert (await web.get("/api/v1/templates/secrets.xlsx")).status_code == 422
