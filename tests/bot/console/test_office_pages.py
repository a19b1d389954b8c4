"""Pages of the office, called as a browser calls them, over a real database: who sees what, what is refused."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

import main
from bot import demo
from bot.console.menu import ENTRIES
from bot.house import House
from core import absence, auth
from core.audit import AuditEntry
from core.auth import Account
from core.people import Person, Role
from core.web import Guard
from notify.outbox.models import OutboxMessage
from notify.signoff.models import Document, Recipient
from tests.bot.console.conftest import LOGINS
from tests.conftest import SECRET

HTML = {"accept": "text/html"}


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which the administrator signed in."""
    async with _browser(app, "admin") as client:
        yield client


@asynccontextmanager
async def _browser(app: FastAPI, who: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", headers=HTML, follow_redirects=True
    ) as client:
        body = {"name": who, "password": LOGINS[who].password}
        assert (await client.post("/api/v1/session", json=body)).status_code == 200
        yield client


async def _post(client: httpx.AsyncClient, path: str, **fields: object) -> httpx.Response:
    """As a form of the page would: with the token of the session."""
    token = (await client.get("/api/v1/session")).json()["csrf"]
    return await client.post(path, data={"csrf": token, **fields})


def _person(house: House, staff_no: str) -> Person:
    return house.db.read_now(lambda s: s.exec(select(Person).where(Person.staff_no == staff_no)).one())


@pytest.mark.parametrize("who", sorted(LOGINS))
async def test_every_page_of_the_navigation_opens_for_whoever_sees_it_and_for_nobody_else(
    who: str, app: FastAPI, house: House
) -> None:
    await house.faq.start()
    try:
        async with _browser(app, who) as client:
            for entry in ENTRIES:
                answer = await client.get(entry.path)
                mine = not entry.roles or set(entry.roles) & set(demo.ROLES[who])
                assert answer.status_code == (200 if mine else 403), entry.path
    finally:
        house.faq.close()


async def test_a_form_without_the_pages_token_changes_nothing(admin: httpx.AsyncClient, house: House) -> None:
    answer = await admin.post("/console/units", data={"name": "混进来的单位"})
    assert answer.status_code == 403
    assert "混进来的单位" not in (await admin.get("/console/units")).text


async def test_a_person_is_added_changed_and_another_deputy_waits_for_another_person(
    admin: httpx.AsyncClient, app: FastAPI, house: House
) -> None:
    wrong = await _post(admin, "/console/people/new", name="", staff_no="X1", roles="official")
    assert wrong.status_code == 422
    assert 'value="X1"' in wrong.text
    added = await _post(admin, "/console/people/new", name="示例寅寅", staff_no="X1", roles="official")
    assert "已添加示例寅寅" in added.text
    person, deputy = _person(house, "X1"), _person(house, "DEMO02")
    saved = await _post(
        admin, f"/console/people/{person.id}/save", name="示例寅寅", staff_no="X1", roles="official",
        deputy=deputy.id, leader="",
    )  # fmt: skip
    assert "在等另一人批准" in saved.text
    change = house.db.read_now(absence.open_changes)[0]
    own = await _post(admin, f"/console/people/changes/{change.id}", approve="1")
    assert own.status_code == 403
    async with _browser(app, "supervisor") as other:
        await _post(other, f"/console/people/changes/{change.id}", approve="1")
    assert _person(house, "X1").deputy_id == deputy.id


async def test_numbers_are_masked_until_they_are_asked_for_and_that_is_recorded(
    admin: httpx.AsyncClient, house: House
) -> None:
    person = _person(house, "DEMO01")
    assert "***" in (await admin.get(f"/console/people/{person.id}")).text
    shown = await _post(admin, f"/console/people/{person.id}/reveal")
    assert re.search(r"\+1202555\d{4}", shown.text)
    acts = house.db.read_now(
        lambda s: [row.subject for row in s.exec(select(AuditEntry).where(AuditEntry.action == "person.reveal"))]
    )
    assert acts == [f"person:{person.id}"]


async def test_somebody_may_note_their_own_absence_and_nobody_elses(app: FastAPI, house: House) -> None:
    own, other = _person(house, "DEMO01"), _person(house, "DEMO02")
    until = (house.clock() + timedelta(days=2)).astimezone(house.settings.zone).strftime("%Y-%m-%dT%H:%M")
    async with _browser(app, "handler") as client:
        assert (await _post(client, f"/console/people/{other.id}/away", until=until)).status_code == 403
        assert "已登记外出" in (await _post(client, f"/console/people/{own.id}/away", until=until)).text
        assert "已销假" in (await _post(client, f"/console/people/{own.id}/back")).text


async def test_a_document_is_looked_at_before_it_is_issued_and_nothing_is_kept_of_the_look(
    app: FastAPI, house: House
) -> None:
    a = _person(house, "DEMO01")
    fields = {
        "number": "示办〔2026〕7号", "title": "关于防汛的通知", "urgency": "urgent", "kind": "document",
        "non_secret": "1", "unit": a.unit_id, f"a-{a.unit_id}": a.id, "clock": "",
    }  # fmt: skip
    async with _browser(app, "handler") as client:
        looked = await _post(client, "/console/documents/new", step="preview", **fields)
        assert "还没有发出" in looked.text
        assert house.db.read_now(lambda s: s.exec(select(Document)).all()) == []
        for _ in range(2):  # a double click without script
            issued = await _post(client, "/console/documents/new", step="issue", once="made-with-the-page", **fields)
            assert "已发出" in issued.text
        recipient = house.db.read_now(lambda s: s.exec(select(Recipient)).one())
        signed = await _post(client, f"/console/signing/{recipient.id}/sign")
        assert "已签收" in signed.text
        again = await _post(client, f"/console/signing/{recipient.id}/sign")
        assert again.status_code == 409


async def test_an_account_is_made_with_a_password_shown_once_and_disabled(
    admin: httpx.AsyncClient, house: House
) -> None:
    made = await _post(admin, "/console/accounts/add", name="newcomer", roles="editor")
    once = re.search(r'<code class="secret">([^<]+)</code>', made.text)
    assert once
    entered = await house.entrance.sign_in("newcomer", once[1])
    assert entered.principal.must_change
    assert once[1] not in (await admin.get("/console/accounts")).text
    await _post(admin, "/console/accounts/disable", name="newcomer")
    assert house.db.read_now(auth.by_cookie, house.clock(), entered.cookie) is None
    last = await _post(admin, "/console/accounts/disable", name="admin")
    assert last.status_code == 409
    assert house.db.read_now(lambda s: s.exec(select(Account).where(Account.name == "admin")).one().disabled) is False


async def test_a_message_that_ended_badly_is_tried_again_by_hand(admin: httpx.AsyncClient, house: House) -> None:
    def spoil(session: Session) -> str:
        row = session.exec(select(OutboxMessage).limit(1)).one()
        row.state = "undeliverable"
        session.add(row)
        return row.id

    spoiled = house.db.write_now(spoil)
    assert spoiled in (await admin.get("/console/messages?state=dead")).text
    assert "已重新排队" in (await _post(admin, f"/console/messages/{spoiled}/retry")).text
    assert (await _post(admin, f"/console/messages/{spoiled}/retry")).status_code == 409


async def test_the_audit_trail_is_filtered_exported_and_proved(admin: httpx.AsyncClient, house: House) -> None:
    await _post(admin, "/console/units", name="示例新局")
    page = await admin.get("/console/audit?action=unit.add")
    assert "unit.add" in page.text
    assert "account.sign_in" not in page.text
    exported = await admin.get("/console/audit/export.csv?action=unit.add")
    lines = exported.text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("n,at,actor")
    assert all("unit.add" in line for line in lines[1:])
    assert "完整" in (await _post(admin, "/console/audit/verify")).text


async def test_whoever_needs_an_authenticator_app_gets_no_further_than_its_page(house: House) -> None:
    strict = replace(house, guard=Guard(house.db, house.clock, [Role.ADMIN]))
    async with _browser(main.create_app(strict, with_worker=False), "admin") as client:
        held = await client.get("/console/people")
        assert held.url.path == "/console/second-factor"
        assert "您的岗位要求两步登录" in held.text
        assert (await client.get("/api/v1/people")).status_code == 403
        assert "otpauth" not in held.text
        shown = await _post(client, "/console/second-factor", what="begin")
        assert "<svg" in shown.text


async def test_no_secret_stands_on_the_page_of_settings(admin: httpx.AsyncClient) -> None:
    page = await admin.get("/console/settings")
    assert page.status_code == 200
    assert SECRET not in page.text
