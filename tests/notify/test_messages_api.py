"""Other systems send through the API, and staff see what became of each message."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from adapters.memory import MemoryChannel
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.errors import Unreachable
from core.people import Contact, Person, Role, address_index
from core.ports import Can, Limits
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Outbox
from notify.outbox.trial import FAILURES
from notify.routes import build_router

ONE = {"kind": "announcement", "to": "+12025550100", "payload": {"text": "今天停水"}}


@dataclass
class Api:
    """A client of the application, with a token for each role, and a dispatcher that works when asked."""

    client: httpx.AsyncClient
    tokens: dict[str, str]
    dispatcher: Dispatcher
    sms: MemoryChannel
    chat: MemoryChannel

    async def __call__(self, method: str, path: str = "", who: str = "sender", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} | more.pop("headers", {})
        return await self.client.request(method, f"/api/v1/messages{path}", headers=headers, **more)

    async def until(self, message_id: str, *states: str) -> dict[str, Any]:
        """Dispatch until the message is in one of these states."""
        task = asyncio.create_task(self.dispatcher.run())
        try:
            async with asyncio.timeout(20):
                while (found := (await self("GET", f"/{message_id}", "agent")).json())["state"] not in states:
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return found  # type: ignore[no-any-return]


def _token(session: Session, clock: ManualClock, role: Role) -> str:
    return create_token(session, clock(), OPERATOR, f"示例{role}", [role])


@pytest.fixture
async def api(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Api]:
    sms = MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY), limits=Limits(text=1600))
    chat = MemoryChannel(name="chat")
    channels = {"sms": sms, "chat": chat}
    outbox = Outbox(channels, clock, "阳光热线")
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(build_router(sqlite_db, clock, Guard(sqlite_db, clock), outbox, channels))
    tokens = {role.value: await sqlite_db.write(_token, clock, role) for role in Role}
    tokens["other"] = await sqlite_db.write(_token, clock, Role.SENDER)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Api(client, tokens, Dispatcher(sqlite_db, channels, clock, outbox=outbox), sms, chat)


async def test_one_message_is_taken_sent_and_its_way_can_be_followed(api: Api) -> None:
    taken = await api("POST", json=ONE)
    assert taken.status_code == 202
    assert taken.json() | {"id": ""} == {"id": "", "state": "queued", "segments": 1, "reason": ""}
    found = await api.until(taken.json()["id"], "delivered")
    assert api.sms.texts == ["【阳光热线】今天停水"]
    assert [change["state"] for change in found["history"]] == ["queued", "sending", "delivered"]
    assert found["to"] == "+1202***0100"


async def test_a_list_is_answered_item_by_item(api: Api) -> None:
    body = [ONE, {"kind": "nothing", "to": "+12025550101"}, {"to": 7}, {**ONE, "to": "chat:42"}, "text"]
    items = (await api("POST", json=body)).json()["items"]
    assert ["id" in item for item in items] == [True, False, False, True, False]
    assert items[1]["fields"] == {"kind": "unknown"}
    assert set(items[2]["fields"]) == {"kind", "to"}


async def test_a_repeated_call_gives_the_first_answer_and_sends_nothing_more(api: Api) -> None:
    key = {"Idempotency-Key": "7"}
    first, again = await api("POST", json=ONE, headers=key), await api("POST", json=ONE, headers=key)
    assert first.json() == again.json()
    other = await api("POST", json={**ONE, "to": "+12025550101"}, headers=key)
    assert other.status_code == 422
    named = {**ONE, "dedup_key": "case 7"}
    assert (await api("POST", json=named)).json()["id"] == (await api("POST", json=named)).json()["id"]


@pytest.mark.parametrize(
    "change",
    [{"to": "nobody"}, {"to": "fax:1"}, {"to": "+1"}, {"payload": {}}, {"kind": "reply"}, {"lane": "fast"},
     {"at": "2026-11-23T10:00:00"}, {"payload": {"text": "x" * 2000}}],
)  # fmt: skip
async def test_what_does_not_fit_is_422_and_names_the_place(api: Api, change: dict[str, Any]) -> None:
    refused = await api("POST", json=ONE | change)
    assert refused.status_code == 422
    assert refused.json()["fields"]


async def test_more_than_a_thousand_in_one_call_are_refused(api: Api) -> None:
    assert (await api("POST", json=[ONE] * 1001)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "", {"sender"}), ("GET", "", {"sender", "agent", "supervisor", "admin"}),
     ("POST", "/x/retry", {"agent", "supervisor", "admin"}), ("POST", "/x/close", {"agent", "supervisor", "admin"})],
)  # fmt: skip
async def test_each_route_has_its_audience(api: Api, method: str, path: str, allowed: set[str]) -> None:
    for role in Role:
        answer = await api(method, path, role.value, json=ONE if method == "POST" else None)
        assert (answer.status_code != 403) == (role.value in allowed), role


async def test_a_system_sees_only_what_it_sent_itself(api: Api) -> None:
    message_id = (await api("POST", json=ONE)).json()["id"]
    assert (await api("GET", f"/{message_id}", "other")).status_code == 404
    assert (await api("GET", "", "other")).json()["items"] == []
    assert [item["id"] for item in (await api("GET", "", "sender")).json()["items"]] == [message_id]


async def test_messages_are_found_by_state_address_and_kind_in_pages(api: Api) -> None:
    ids = [(await api("POST", json={**ONE, "to": f"+1202555010{n}"})).json()["id"] for n in range(5)]
    page = (await api("GET", "?limit=3&state=queued&kind=announcement", "agent")).json()
    rest = (await api("GET", f"?limit=3&cursor={page['next']}", "agent")).json()
    assert [item["id"] for item in page["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    one = (await api("GET", "", "agent", params={"to": "+12025550102"})).json()
    assert [item["id"] for item in one["items"]] == [ids[2]]


async def test_a_failed_message_can_be_tried_again_or_closed(api: Api) -> None:
    api.sms.fail_next(Unreachable("gone"), Unreachable("gone"))
    message_id = (await api("POST", json=ONE)).json()["id"]
    assert (await api("POST", f"/{message_id}/retry", "agent")).status_code == 409
    await api.until(message_id, "undeliverable")
    assert (await api("POST", f"/{message_id}/retry", "agent")).json()["state"] == "queued"
    await api.until(message_id, "undeliverable")
    assert (await api("POST", f"/{message_id}/close", "agent")).json()["state"] == "cancelled"
    assert (await api("POST", f"/{message_id}/retry", "agent")).status_code == 409


@pytest.mark.parametrize(
    ("number", "state"),
    [("+12025550100", "delivered"), ("+12025550142", "failed"), ("+12025550143", "undeliverable"),
     ("+12025550146", "uncertain"), ("+12025550147", "sent")],
)  # fmt: skip
async def test_a_test_message_goes_the_whole_way_without_leaving(api: Api, number: str, state: str) -> None:
    taken = await api("POST", json={**ONE, "to": number, "test": True})
    found = await api.until(taken.json()["id"], state)
    assert found["test"]
    assert api.sms.sent == []


async def test_a_magic_number_means_nothing_outside_of_tests(api: Api) -> None:
    for number in FAILURES:
        taken = await api("POST", json={**ONE, "to": number})
        await api.until(taken.json()["id"], "delivered")
    assert len(api.sms.sent) == len(FAILURES)


async def test_a_person_is_told_on_the_next_contact_when_the_first_cannot_be_reached(
    api: Api, sqlite_db: Database, clock: ManualClock
) -> None:
    person_id = await sqlite_db.write(_person_with_two_contacts, clock)
    api.chat.fail_next(Unreachable("blocked"))
    taken = (await api("POST", json={**ONE, "to": person_id})).json()
    await api.until(taken["id"], "undeliverable")
    await api.dispatcher.sweep_once()
    items = (await api("GET", "", "agent")).json()["items"]
    assert [item["channel"] for item in items] == ["sms", "chat"]
    await api.until(items[0]["id"], "delivered")
    await api.dispatcher.sweep_once()
    assert len((await api("GET", "", "agent")).json()["items"]) == 2


def _person_with_two_contacts(session: Session, clock: ManualClock) -> str:
    person = Person(name="示例甲", created_at=clock())
    session.add(person)
    session.flush()
    for position, (channel, address) in enumerate([("chat", "42"), ("sms", "+12025550111")]):
        index = address_index(channel, address)
        session.add(
            Contact(person_id=person.id, channel=channel, address=address, address_index=index,
                    position=position, verified_at=clock())
        )  # fmt: skip
    session.flush()
    return person.id
