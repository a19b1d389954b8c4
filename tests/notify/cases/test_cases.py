"""Cases of other systems: reported, told to the applicant once, with a lamp that stands still while it should."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.office_hours import OfficeHours
from core.people import Contact, Person, Role, address_index
from core.ports import Can
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from notify.cases import keeping
from notify.cases.routes import build_router
from notify.cases.service import Cases
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.timers import Timers

ME, OFFICIAL, BOSS = "+12025550101", "+12025550151", "+12025550152"
CASE = {"ref": "BJ-2026-7", "title": "高龄津贴申请", "to": ME, "unit": "民政局", "limit": "5 working days"}


@dataclass
class Api:
    client: httpx.AsyncClient
    tokens: dict[str, str]
    db: Database
    clock: ManualClock
    cases: Cases

    async def __call__(self, method: str, path: str = "", who: str = "sender", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return await self.client.request(method, f"/api/v1/cases{path}", headers=headers, **more)

    async def texts(self, phone: str = ME) -> list[str]:
        def read(session: Session) -> list[str]:
            wanted = select(OutboxMessage).where(OutboxMessage.address_index == address_index("sms", phone))
            return [message.text for message in session.exec(wanted.order_by(OutboxMessage.id))]

        return await self.db.read(read)


def _people(session: Session, clock: ManualClock) -> None:
    for id_, phone, role in (("p-official", OFFICIAL, "official"), ("p-boss", BOSS, "supervisor")):
        session.add(Person(id=id_, staff_no=id_[2:], name="示例乙", roles=[role], created_at=clock()))
        session.flush()
        key = address_index("sms", phone)
        session.add(Contact(person_id=id_, channel="sms", address=phone, address_index=key, verified_at=clock()))


@pytest.fixture
async def api(db: Database, clock: ManualClock) -> AsyncIterator[Api]:
    channels = {"sms": MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))}
    cases = Cases(Outbox(channels, clock, "阳光热线"), channels, clock, OfficeHours.parse(), "12345")
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(build_router(cases, db, clock, Guard(db, clock), channels))
    await db.write(_people, clock)
    tokens = {r.value: await db.write(create_token, clock(), OPERATOR, f"示例{r}", [r]) for r in Role}
    tokens["other"] = await db.write(create_token, clock(), OPERATOR, "另一系统", [Role.SENDER])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield Api(client, tokens, db, clock, cases)


async def test_a_case_is_registered_and_each_status_is_told_once(api: Api) -> None:
    made = await api("POST", json=CASE | {"status": "已受理"})
    assert made.status_code == 201, made.text
    assert (made.json()["status"], made.json()["lamp"]) == ("accepted", "green")
    assert await api.texts() == [
        "【阳光热线】您的办件“高龄津贴申请”（BJ-2026-7）民政局已受理。最迟11月30日办结。回“查询 BJ-2026-7”看进度。"
    ]
    for _ in range(2):
        done = await api("POST", "/BJ-2026-7/status", json={"status": "done", "note": "津贴从12月起发放"})
        assert done.json()["lamp"] == "done"
    assert [event["status"] for event in done.json()["events"]] == ["accepted", "done"]
    assert len(await api.texts()) == 2
    assert "已办结。津贴从12月起发放。" in (await api.texts())[-1]
    over = await api("POST", "/BJ-2026-7/status", json={"status": "working"})
    assert (over.status_code, over.json()["error"]) == (409, "Conflict")


async def test_the_clock_stands_still_while_the_applicant_has_to_do_something(api: Api) -> None:
    due = (await api("POST", json=CASE)).json()["due_at"]
    await api("POST", "/BJ-2026-7/status", json={"status": "待补正", "note": "请补户口本复印件"})
    api.clock.set(datetime(2026, 12, 2, 2, 0, tzinfo=UTC))
    assert (await api("GET", "/BJ-2026-7")).json()["lamp"] == "green"
    later = (await api("POST", "/BJ-2026-7/status", json={"status": "working"})).json()
    assert later["due_at"] > due
    assert later["lamp"] == "green"


async def test_before_and_at_the_limit_whoever_is_responsible_hears_of_it_and_supervisors_at_the_limit(
    api: Api,
) -> None:
    await api("POST", json=CASE | {"responsible": "official"})
    timers = Timers(api.db, api.clock, api.cases.owners())
    api.clock.set(datetime(2026, 11, 30, 2, 0, tzinfo=UTC))
    assert await timers.fire() == 1
    assert [len(await api.texts(phone)) for phone in (OFFICIAL, BOSS)] == [1, 0]
    assert [case["ref"] for case in (await api("GET", "?lamp=yellow", "supervisor")).json()["items"]] == ["BJ-2026-7"]
    api.clock.set(datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
    assert await timers.fire() == 1
    assert [len(await api.texts(phone)) for phone in (OFFICIAL, BOSS)] == [2, 1]
    assert (await api.texts(BOSS))[0].startswith("【阳光热线】红灯：示例乙负责的“高龄津贴申请 BJ-2026-7”")
    assert (await api("GET", "?lamp=yellow", "supervisor")).json()["items"] == []


async def test_a_case_that_is_over_rings_no_bell(api: Api) -> None:
    await api("POST", json=CASE | {"responsible": "official", "due_at": "2026-11-24T10:00:00+08:00", "limit": ""})
    await api("POST", "/BJ-2026-7/status", json={"status": "withdrawn"})
    api.clock.set(datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
    assert await Timers(api.db, api.clock, api.cases.owners()).fire() == 0


async def test_an_applicant_finds_their_own_cases_and_nobody_else_s(api: Api) -> None:
    await api("POST", json=CASE)
    await api("POST", json=CASE | {"ref": "BJ-2026-8", "to": OFFICIAL})
    assert [view.case.ref for view in await api.db.read(api.cases.own, "sms", ME)] == ["BJ-2026-7"]
    assert await api.db.read(api.cases.own, "sms", ME, "BJ-2026-8") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"limit": "5 days"}, "limit"),
        ({"responsible": "nobody"}, "responsible"),
        ({"to": "pigeon:x"}, "to"),
        ({"ref": ""}, "ref"),
        ({"title": ""}, "title"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_field(api: Api, change: dict[str, str], field: str) -> None:
    answer = await api("POST", json=CASE | change)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


async def test_systems_keep_to_their_own_cases_and_a_number_is_taken_once(api: Api) -> None:
    await api("POST", json=CASE)
    assert (await api("POST", json=CASE)).status_code == 409
    assert (await api("POST", json=CASE, who="other")).status_code == 201
    assert (await api("POST", "/BJ-2026-9/status", json={"status": "done"})).status_code == 404
    assert (await api("GET", "/BJ-2026-7", "agent")).status_code == 200
    assert (await api("POST", json=CASE, who="official")).status_code == 403
    assert (await api("GET", "", "sender")).status_code == 403


async def test_who_applied_is_handed_out_erased_once_it_is_over_and_forgotten_in_time(api: Api) -> None:
    await api("POST", json=CASE | {"applicant": "示例壬", "note": "请带身份证"})
    (line,) = await api.db.read(keeping.export, "sms", ME)
    assert (line["ref"], line["applicant"], line["events"][0]["note"]) == ("BJ-2026-7", "示例壬", "请带身份证")
    assert await api.db.write(keeping.erase, api.clock(), OPERATOR, "sms", ME) == (0, ["BJ-2026-7"])
    await api("POST", "/BJ-2026-7/status", json={"status": "done"})
    api.clock.advance(keeping.KEPT + timedelta(days=1))
    assert await api.db.read(lambda s: keeping.purge(s, api.clock(), dry_run=True)) == 1
    assert await api.db.write(keeping.purge, api.clock()) == 1
    assert await api.db.read(keeping.export, "sms", ME) == []
    kept = (await api("GET", "/BJ-2026-7", "agent")).json()
    assert (kept["status"], kept["note"]) == ("done", None)
