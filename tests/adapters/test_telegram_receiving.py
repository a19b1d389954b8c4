"""How Telegram's updates reach us: webhooks, polling, presses and what a crash leaves behind."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from adapters.telegram import Telegram
from core.errors import BadSignature
from core.messages import Inbound, Option, Receipt, WebhookRequest
from tests.adapters.telegram_rig import new_channel, outgoing
from tests.contract.cases.telegram import CITIZEN, SECRET, request, update, written
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault

Event = Inbound | Receipt


async def test_without_a_webhook_secret_every_request_is_refused(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, webhook_secret="")
    for secret in (None, "", SECRET):
        with pytest.raises(BadSignature):
            await channel.receive(request(update(message=written("x")), secret))


async def test_the_header_is_found_whatever_its_case(channel: Telegram) -> None:
    asked = request(update(message=written("x")))
    lower = replace(asked, headers={key.lower(): value for key, value in asked.headers.items()})
    assert (await channel.receive(lower)).events


async def test_a_press_stops_the_spinner_and_a_stale_one_is_harmless(telegram: FakeTelegram, channel: Telegram) -> None:
    await channel.send(outgoing("选一个", options=(Option("faq:1", "补办"), Option("none", "都不是"))))
    for _ in range(2):
        telegram.user_presses(CITIZEN, telegram.posts[-1].id, "none")
    fresh, stale = telegram.updates.pending
    telegram.memory.open_queries.discard(stale["callback_query"]["id"])
    for pressed in (stale, fresh):
        [event] = (await channel.receive(request(pressed))).events
        assert isinstance(event, Inbound)
        assert (event.choice, event.text) == ("none", "都不是")
    await telegram.until(lambda: telegram.memory.answered_queries)


@asynccontextmanager
async def hook_server(answer: Callable[[WebhookRequest], Any]) -> AsyncIterator[str]:
    """A web server that hands /hooks/telegram to ``answer``, which returns a status."""

    async def handle(got: web.Request) -> web.Response:
        asked = WebhookRequest(got.method, str(got.url), dict(got.headers), {}, await got.read())
        return web.Response(status=await answer(asked))

    app = web.Application()
    app.router.add_post("/hooks/telegram", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_webhook_is_set_with_the_secret_and_delivers_until_it_is_accepted(telegram: FakeTelegram) -> None:
    events: list[Event] = []
    statuses = [503, 503]
    channel = new_channel(telegram)

    async def take(asked: WebhookRequest) -> int:
        events.extend((await channel.receive(asked)).events)
        return statuses.pop() if statuses else 200

    async with hook_server(take) as url:
        await channel.prepare(url)
        telegram.user_says(CITIZEN, "路灯坏了")
        await telegram.until(lambda: not telegram.updates.pending)
    assert [event.provider_id for event in events] == [events[0].provider_id] * 3
    assert telegram.updates.webhook.url == f"{url}/hooks/telegram"
    await channel.aclose()


async def test_a_webhook_called_three_times_over_names_each_message_once(telegram: FakeTelegram) -> None:
    ids: list[str] = []
    channel = new_channel(telegram)

    async def take(asked: WebhookRequest) -> int:
        ids.extend(event.provider_id for event in (await channel.receive(asked)).events)
        return 200

    telegram.repeats(3)
    async with hook_server(take) as url:
        await channel.prepare(url)
        for number in range(20):
            telegram.user_says(CITIZEN + number % 4, f"第{number}句")
        await telegram.until(lambda: not telegram.updates.pending)
    assert (len(ids), len(set(ids))) == (60, 20)
    await channel.aclose()


@pytest.mark.parametrize(
    ("base", "secret", "public_url", "used"),
    [
        ("https://api.telegram.org", SECRET, "https://sunline.example/", True),
        ("https://api.telegram.org", SECRET, "http://sunline.example", False),
        ("https://api.telegram.org", SECRET, "", False),
        ("https://api.telegram.org", "", "https://sunline.example", False),
        ("http://127.0.0.1:8081", SECRET, "http://127.0.0.1:8000", True),
    ],
)
def test_a_webhook_needs_a_secret_and_an_address_telegram_may_call(
    base: str, secret: str, public_url: str, used: bool
) -> None:
    channel = new_channel(FakeTelegram(), api_base=base, webhook_secret=secret)
    expected = f"{public_url.rstrip('/')}/hooks/telegram" if used else ""
    assert channel.webhook_url(public_url) == expected


async def test_preparing_sets_the_menu_in_the_languages_telegram_knows(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    await channel.prepare("")
    assert not telegram.calls("setWebhook")
    names = ["start", "ask", "ticket", "status", "cancel", "help", "lang"]
    for language in ("", "en"):
        assert [command["command"] for command in telegram.memory.commands[language]] == names


async def until_cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_polling_removes_a_webhook_without_dropping_what_waits(telegram: FakeTelegram, channel: Telegram) -> None:
    telegram.updates.set_webhook("http://127.0.0.1:1/", "", 1)
    telegram.user_says(CITIZEN, "等了一夜")
    got: asyncio.Queue[Event] = asyncio.Queue()

    async def deliver(events: Sequence[Event]) -> None:
        for event in events:
            got.put_nowait(event)

    listening = asyncio.create_task(channel.listen(deliver))
    async with asyncio.timeout(5):
        event = await got.get()
    assert isinstance(event, Inbound)
    assert event.text == "等了一夜"
    await until_cancelled(listening)


async def test_killed_before_the_store_the_update_comes_again_to_the_next_process(telegram: FakeTelegram) -> None:
    telegram.user_says(CITIZEN, "别丢了我")
    stuck, got = asyncio.Event(), asyncio.Queue[Event]()

    async def never_stores(_: Sequence[Event]) -> None:
        stuck.set()
        await asyncio.Event().wait()

    async def stores(events: Sequence[Event]) -> None:
        for event in events:
            got.put_nowait(event)

    first = new_channel(telegram)
    listening = asyncio.create_task(first.listen(never_stores))
    async with asyncio.timeout(5):
        await stuck.wait()
    await until_cancelled(listening)
    await first.aclose()
    second = new_channel(telegram)
    listening = asyncio.create_task(second.listen(stores))
    async with asyncio.timeout(5):
        assert (await got.get()).provider_id.startswith("update:")
        await telegram.until(lambda: not telegram.updates.pending)
    await until_cancelled(listening)
    await second.aclose()


async def test_an_update_nobody_can_read_does_not_hold_up_the_others(telegram: FakeTelegram, channel: Telegram) -> None:
    telegram.updates.add(CITIZEN, "message", {"chat": "not a chat"})
    telegram.user_says(CITIZEN, "后面的话")
    got: asyncio.Queue[Event] = asyncio.Queue()

    async def deliver(events: Sequence[Event]) -> None:
        for event in events:
            got.put_nowait(event)

    listening = asyncio.create_task(channel.listen(deliver))
    async with asyncio.timeout(5):
        event = await got.get()
    assert isinstance(event, Inbound)
    assert event.text == "后面的话"
    await until_cancelled(listening)


async def test_a_second_poller_is_named_in_the_log_and_polling_goes_on(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    conflict = "Conflict: terminated by other getUpdates request"
    telegram.fault("getUpdates", Fault.error_of(409, conflict))
    telegram.user_says(CITIZEN, "还在吗")
    got = asyncio.Event()

    async def deliver(_: Sequence[Event]) -> None:
        got.set()

    with capture_logs() as logged:
        listening = asyncio.create_task(channel.listen(deliver))
        async with asyncio.timeout(5):
            await got.wait()
        await until_cancelled(listening)
    assert any("another process polls with this token" in str(line) for line in logged)


async def test_where_a_webhook_is_in_use_listening_waits_and_polls_nothing(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, public_url="http://127.0.0.1:8000")

    async def deliver(_: Sequence[Event]) -> None:
        raise AssertionError("nothing comes by polling")

    listening = asyncio.create_task(channel.listen(deliver))
    done, _ = await asyncio.wait([listening], timeout=0.1)
    assert not done
    await until_cancelled(listening)
    assert not telegram.memory.calls
    await channel.aclose()
