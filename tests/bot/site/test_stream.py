"""Live answers over real connections: at once, each once, also when another process wrote them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from bot.site import sessions, stream
from bot.site.chat import CHANNEL, COOKIE
from bot.site.stream import Hub
from core.clock import ManualClock
from core.db import Database
from core.errors import TooMany
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message
from notify.outbox.states import State
from tests.bot.site.world import Site, serving


def _send_at_once(session: Session, site: Site, address: str, text: str) -> str:
    """Put a message and leave it as if a dispatcher of another process had sent it: no bell rings here."""
    message_id = site.outbox.put(session, Message("reply", CHANNEL, address, {"text": text}))
    session.flush()
    row = session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()
    row.state, row.provider_id = State.SENT.value, message_id
    session.add(row)
    session.info.pop("wake", None)
    return message_id


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    kind = ""
    async for row in answer.aiter_lines():
        if row.startswith("event: "):
            kind = row.removeprefix("event: ")
        if row.startswith("data: "):
            yield kind, json.loads(row.removeprefix("data: "))


@asynccontextmanager
async def _talking(url: str) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A script in a browser that has said hello; with its token."""
    headers = {"Accept": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=15) as browser:
        token = (await browser.get("/chat/token")).json()["csrf"]
        sent = await browser.post("/chat/send", data={"text": "你好", "csrf": token, "id": "c" * 32})
        yield browser, sent.json()["csrf"]


async def test_an_answer_arrives_by_itself_and_is_delivered_when_acknowledged(site: Site) -> None:
    with serving(site) as url:
        async with _talking(url) as (browser, token), browser.stream("GET", "/chat/stream") as answer:
            async with asyncio.timeout(15):
                kind, line = await anext(_events(answer))
            assert (kind, line["who"], line["automatic"]) == ("line", "office", True)
            seen = await browser.post("/chat/seen", data={"ids": [line["id"]]}, headers={"X-CSRF-Token": token})
            assert seen.status_code == 204
            state = await site.db.read(lambda session: session.get_one(OutboxMessage, line["id"]).state)
            assert state == "delivered"


async def test_a_reconnecting_page_is_not_told_what_it_acknowledged_long_ago(site: Site, clock: ManualClock) -> None:
    await site.db.write(sessions.begin, site.clock(), "x")
    first = await site.db.write(_send_at_once, site, "x", "一")
    lines = site.hub.lines(CHANNEL, ["x"], "")
    async with aclosing(lines), asyncio.timeout(15):
        assert [line.id for line in await anext(lines)] == [first]
        second = await site.db.write(_send_at_once, site, "x", "二")
        while not (batch := await anext(lines)):
            pass
        assert [line.id for line in batch] == [second], "also without a bell"


async def test_a_message_of_another_process_is_found(site: Site, sqlite_db: Database) -> None:
    elsewhere = Database(sqlite_db.url)
    try:
        lines = site.hub.lines(CHANNEL, ["y"], "")
        async with aclosing(lines), asyncio.timeout(15):
            assert await anext(lines) == []
            written = await elsewhere.write(_send_at_once, site, "y", "从别的进程来")
            while not (batch := await anext(lines)):
                pass
            assert [line.id for line in batch] == [written]
    finally:
        elsewhere.close()


async def test_two_pages_of_one_person_both_show_it(site: Site) -> None:
    one, two = (site.hub.lines(CHANNEL, ["z"], "") for _ in range(2))
    async with aclosing(one), aclosing(two), asyncio.timeout(15):
        await anext(one)
        await anext(two)
        written = await site.db.write(_send_at_once, site, "z", "两边都看到")
        for page in (one, two):
            while not (batch := await anext(page)):
                pass
            assert [line.id for line in batch] == [written]


async def test_streams_end_when_the_server_stops(site: Site) -> None:
    lines = site.hub.lines(CHANNEL, ["w"], "")
    async with aclosing(lines), asyncio.timeout(5):
        await anext(lines)
        site.hub.close()
        assert [batch async for batch in lines] in ([], [[]])


async def test_a_closed_page_is_forgotten(site: Site) -> None:
    lines = site.hub.lines(CHANNEL, ["v"], "")
    await anext(lines)
    await lines.aclose()
    with site.hub.waiting(CHANNEL, ["v"]) as page:
        assert page.keys
    assert not site.hub._pages


async def test_one_talk_has_a_few_pages_only(site: Site) -> None:
    hub = Hub(site.db, site.clock)
    open_pages = [hub.waiting(CHANNEL, ["u"]) for _ in range(stream.MAX_PER_ADDRESS)]
    for page in open_pages:
        page.__enter__()
    with pytest.raises(TooMany), hub.waiting(CHANNEL, ["u"]):
        pass
    for page in open_pages:
        page.__exit__(None, None, None)
    hub.close()


async def test_a_page_hears_that_its_talk_is_over(site: Site) -> None:
    with serving(site) as url:
        async with _talking(url) as (browser, token), browser.stream("GET", "/chat/stream") as answer:
            events = _events(answer)
            async with asyncio.timeout(15):
                assert (await anext(events))[0] == "line"
                await browser.post("/chat/end", headers={"X-CSRF-Token": token})
                told = [event async for event in events]
            assert told[-1] == ("ended", {"why": "you"})


async def test_a_page_is_warned_before_its_talk_ends_by_itself(still_site: Site, clock: ManualClock) -> None:
    with serving(still_site) as url:
        async with _talking(url) as (browser, token), browser.stream("GET", "/chat/stream") as answer:
            address = sessions.address_of(browser.cookies[COOKIE])
            events = _events(answer)

            async def after(time: timedelta) -> tuple[str, Any]:
                """What is told besides messages once so much time has passed and something came."""
                clock.advance(time)
                await still_site.db.write(_send_at_once, still_site, address, "来一条")
                while (event := await anext(events))[0] == "line":
                    pass
                return event

            async with asyncio.timeout(30):
                assert await after(sessions.IDLE - sessions.WARN) == ("idle", {"soon": True})
                await browser.post("/chat/keep", headers={"X-CSRF-Token": token})
                assert await anext(events) == ("idle", {"soon": False})
                assert await after(sessions.IDLE) == ("ended", {"why": "idle"})
