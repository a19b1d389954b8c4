"""Other systems are told of changes: each once, in order, signed, and never of what is nobody else's business."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from adapters.webhook import WebhookChannel, WebhookSettings
from core import audit
from core.audit import OPERATOR, Actor
from core.clock import ManualClock, system_clock
from core.db import Database
from core.errors import BadInput, Conflict, NotFound, StartupError
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.webhooks import events, routes
from notify.webhooks.service import Webhooks
from tests.contract.cases.webhook import Receiver, receiving

HERE = "https://hooks.example.org/sunline?token=t"


@dataclass
class Office:
    """A service that tells others."""

    db: Database
    clock: ManualClock
    channel: WebhookChannel
    outbox: Outbox
    webhooks: Webhooks

    def act(self, action: str, subject: str = "matter:26112103", **after: Any) -> None:
        """Something happens and is sealed."""
        self.db.write_now(audit.record, self.clock(), Actor("ref", "api"), action, subject, after=after)
        self.db.write_now(audit.seal)

    def told(self) -> list[tuple[str, str]]:
        """Events in the outbox, oldest first, with their address."""

        def rows(session: Session) -> list[tuple[str, str]]:
            found = session.exec(select(OutboxMessage).order_by(OutboxMessage.id))  # type: ignore[arg-type]
            return [(row.params["event"], row.address) for row in found]

        return self.db.read_now(rows)


def office_of(db: Database, clock: ManualClock, origins: str = HERE) -> Office:
    channel = WebhookChannel(WebhookSettings(_env_file=None, origins=origins), clock)
    outbox = Outbox({"webhook": channel}, clock, "阳光热线")
    return Office(db, clock, channel, outbox, Webhooks(outbox, {"webhook": channel}, clock))


@pytest.fixture
def office(db: Database, clock: ManualClock) -> Office:
    return office_of(db, clock)


def test_an_endpoint_hears_what_it_asked_for_from_then_on_each_once_and_in_order(office: Office) -> None:
    office.act("matter.open")
    office.db.write_now(office.webhooks.add, "city", HERE, ["matter.*", "document.issue"], OPERATOR)
    for action in ("matter.accept", "faq.approve", "document.issue", "document.sign", "matter.identity", "account.add"):
        office.act(action)
    assert [office.db.write_now(office.webhooks.feed) for _ in range(2)] == [2, 0]
    assert office.told() == [("matter.accept", HERE), ("document.issue", HERE)]


def test_what_is_not_sealed_waits_and_a_repeated_feed_adds_nothing(office: Office) -> None:
    made = office.db.write_now(office.webhooks.add, "city", HERE, ["matter.*"], OPERATOR)
    office.db.write_now(audit.record, office.clock(), OPERATOR, "matter.accept", "matter:1")
    assert office.db.write_now(office.webhooks.feed) == 0
    office.act("matter.dispatch")
    office.db.write_now(office.webhooks.feed)

    def back(session: Session) -> None:
        row = session.get(type(made), made.id)
        assert row is not None
        row.told = 0
        session.add(row)

    office.db.write_now(back)
    office.db.write_now(office.webhooks.feed)
    assert [event for event, _ in office.told()] == ["matter.accept", "matter.dispatch"], "the key stops the second"


def test_two_endpoints_each_have_their_place(office: Office) -> None:
    office.db.write_now(office.webhooks.add, "one", HERE, ["matter.*"], OPERATOR)
    office.act("matter.accept")
    office.db.write_now(office.webhooks.feed)
    office.db.write_now(office.webhooks.add, "two", HERE + "2", ["matter.*"], OPERATOR)
    office.act("matter.dispatch")
    assert office.db.write_now(office.webhooks.feed) == 2
    removed = next(row for row in office.db.read_now(office.webhooks.listed) if row.name == "one")
    office.db.write_now(office.webhooks.remove, removed.id, OPERATOR)
    office.act("matter.sign")
    assert office.db.write_now(office.webhooks.feed) == 1


def test_what_does_not_fit_is_named(office: Office) -> None:
    add = office.webhooks.add
    for url in ("http://169.254.169.254/x", "hooks.example.org", "https://user:pw@hooks.example.org/", "x" * 3000):
        with pytest.raises(BadInput, match="SUNLINE_WEBHOOK_ORIGINS"):
            office.db.write_now(add, "city", url, ["matter.*"], OPERATOR)
    for patterns in (["account.*"], ["matter"], ["*"], ["matter.[a-z]*"], []):
        with pytest.raises(BadInput):
            office.db.write_now(add, "city", HERE, patterns, OPERATOR)
    with pytest.raises(BadInput, match="name"):
        office.db.write_now(add, " ", HERE, ["matter.*"], OPERATOR)
    office.db.write_now(add, "city", HERE, ["matter.*"], OPERATOR)
    with pytest.raises(Conflict):
        office.db.write_now(add, "city", HERE, ["matter.*"], OPERATOR)
    with pytest.raises(NotFound):
        office.db.write_now(office.webhooks.remove, "nobody", OPERATOR)
    with pytest.raises(BadInput, match="off"):
        office.db.write_now(Webhooks(office.outbox, {}, office.clock).add, "c", HERE, ["matter.*"], OPERATOR)


def test_private_acts_are_told_to_nobody() -> None:
    assert not [action for action in (*events.PRIVATE, "person.change", "token.create") if events.wanted(["*"], action)]


@pytest.mark.parametrize("origins", ["hooks.example.org", "ftp://x", "https://", "https://u:p@x", "https://x:port"])
def test_an_origin_that_is_none_stops_the_start(origins: str) -> None:
    with pytest.raises(StartupError, match="SUNLINE_WEBHOOK_ORIGINS"):
        WebhookChannel(WebhookSettings(_env_file=None, origins=origins), system_clock)


@contextlib.asynccontextmanager
async def dispatching(office: Office) -> AsyncIterator[None]:
    dispatcher = Dispatcher(office.db, {"webhook": office.channel}, office.clock, outbox=office.outbox)
    running = asyncio.create_task(dispatcher.run())
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await office.channel.aclose()


async def _arrive(receiver: Receiver, count: int) -> list[str]:
    async with asyncio.timeout(20):
        while len(receiver.arrived) < count:
            await asyncio.sleep(0.02)
    return [arrived.text for arrived in receiver.arrived]


async def test_a_change_arrives_signed_at_a_system_that_was_busy_first(db: Database) -> None:
    clock = ManualClock(system_clock().replace(year=2026, month=11, day=20, hour=2, minute=0))
    async with receiving() as receiver:
        office = office_of(db, clock, receiver.url)
        office.db.write_now(office.webhooks.add, "city", receiver.url, ["matter.*"], OPERATOR)
        office.act("matter.accept", state="accepted")
        await office.db.write(office.webhooks.feed)
        async with dispatching(office):
            assert await _arrive(receiver, 1) == ["matter.accept matter:26112103"]


async def test_administrators_add_try_and_remove_over_http_and_nobody_else(sqlite_db: Database) -> None:
    clock = ManualClock(system_clock())
    office, app = office_of(sqlite_db, clock), FastAPI()
    install_error_handlers(app)
    app.include_router(routes.build_router(office.webhooks, office.db, Guard(office.db, clock)))
    admin, agent = (office.db.write_now(create_token, clock(), OPERATOR, role, [role]) for role in ("admin", "agent"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office/api/v1") as http:
        http.headers["Authorization"] = f"Bearer {admin}"
        made = await http.post("/webhooks", json={"name": "city", "url": HERE, "events": ["matter.*"]})
        assert made.status_code == 201
        assert made.json()["secret"].startswith("whsec_")
        listed = await http.get("/webhooks")
        assert "token=t" not in listed.text, "an address may hold a token of theirs"
        assert (await http.post(f"/webhooks/{made.json()['id']}/test")).status_code == 202
        assert [event for event, _ in office.told()] == ["test"]
        assert (await http.delete(f"/webhooks/{made.json()['id']}")).status_code == 204
        assert (await http.get("/webhooks")).json() == []
        http.headers["Authorization"] = f"Bearer {agent}"
        assert (await http.get("/webhooks")).status_code == 403
