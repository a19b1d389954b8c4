"""The Telegram channel against its stand-in, beyond what every channel promises."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from adapters.env import ChannelEnv
from adapters.telegram import LIMITS, Telegram
from core.errors import BadInput, BadSignature, Misconfigured, Rejected, Retryable, Uncertain
from core.messages import File, Inbound, Media, Option, Outgoing, Receipt, Sent, WebhookRequest
from tests.contract.case import NOW
from tests.contract.cases.telegram import CITIZEN, GROUP, SECRET, request, settings, update, written
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault

Event = Inbound | Receipt


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as telegram:
        telegram.chat(CITIZEN)
        telegram.group(GROUP, forum=True)
        yield telegram


def new_channel(telegram: FakeTelegram, public_url: str = "", **changes: str) -> Telegram:
    env = ChannelEnv(lambda: NOW, public_url, "示例办")
    return Telegram(settings(telegram, **changes), env, limits=replace(LIMITS, timeout_s=2))


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[Telegram]:
    channel = new_channel(telegram)
    yield channel
    await channel.aclose()


def outgoing(text: str = "您好", **more: Any) -> Outgoing:
    return Outgoing(
        **({"id": "row", "attempt": "a", "channel": "telegram", "address": str(CITIZEN)} | more), text=text
    )


# --- sending -------------------------------------------------------------------------------------------------


async def test_acceptance_is_delivery_and_the_id_names_chat_and_message(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    sent = await channel.send(outgoing())
    assert sent == Sent(f"{CITIZEN}:{telegram.posts[-1].id}", sender="7000000001", delivered=True)


async def test_plain_text_is_sent_without_parse_mode(telegram: FakeTelegram, channel: Telegram) -> None:
    await channel.send(outgoing("<b> & * _"))
    assert "parse_mode" not in telegram.calls("sendMessage")[-1].params


async def test_refused_markup_is_sent_again_as_plain_text(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, parse_mode="HTML")
    await channel.send(outgoing("请带<身份证>", id="1"))
    await channel.send(outgoing("<b>请带身份证</b>", id="2"))
    await channel.aclose()
    assert [(post.text, post.parse_mode) for post in telegram.posts] == [
        ("请带<身份证>", ""),
        ("请带身份证", "HTML"),
    ]


async def test_a_long_text_arrives_in_order_with_its_buttons_at_the_end(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    text = "。\n".join(f"第{number}条 办事指南说明文字" for number in range(600))
    sent = await channel.send(outgoing(text, options=(Option("ok", "知道了"),)))
    posts = telegram.posts_to(CITIZEN)
    assert len(posts) == 3
    assert "\n".join(post.text for post in posts) == text
    assert [len(post.buttons) for post in posts] == [0, 0, 1]
    assert sent.provider_id.endswith(f":{posts[-1].id}")


async def test_a_half_sent_text_goes_on_where_it_stopped(telegram: FakeTelegram, channel: Telegram) -> None:
    telegram.fault("sendMessage", Fault.delay(0), Fault.too_many(3))
    message = outgoing("一。" * 4000)
    with pytest.raises(Retryable) as caught:
        await channel.send(message)
    assert caught.value.after == timedelta(seconds=3)
    await channel.send(message)
    assert "".join(post.text for post in telegram.posts) == message.text


async def test_a_picture_telegram_cannot_show_is_sent_as_a_document(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    telegram.fault("sendPhoto", Fault.error_of(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await channel.send(outgoing(files=(File("长图.png", "image/png", b"made up"),)))
    assert [(post.method, post.file) for post in telegram.posts] == [
        ("sendMessage", ""),
        ("sendDocument", "长图.png"),
    ]


async def test_a_deleted_topic_is_told_apart_so_that_it_can_be_opened_again(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    thread = await channel.open_thread(str(GROUP), "26112103 投诉 西河村路灯")
    in_topic = outgoing("新情况", address=str(GROUP), thread=thread)
    await channel.send(in_topic)
    telegram.deletes_topic(GROUP, int(thread))
    with pytest.raises(Rejected) as caught:
        await channel.send(in_topic)
    assert caught.value.provider_code == "thread_not_found"
    again = await channel.open_thread(str(GROUP), "26112103 投诉 西河村路灯")
    await channel.send(replace(in_topic, thread=again))
    assert [str(post.thread) for post in telegram.posts_to(GROUP)] == [thread, again]


async def test_a_choice_value_over_64_bytes_never_reaches_telegram(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    with pytest.raises(Rejected, match="64"):
        await channel.send(outgoing(options=(Option("x" * 65, "标签"),)))
    assert not telegram.calls("sendMessage")


async def test_nobody_listening_is_retryable_because_nothing_was_written(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, api_base="http://127.0.0.1:1")
    with pytest.raises(Retryable) as caught:
        await channel.send(outgoing())
    assert caught.value.provider_code == "no_connection"
    await channel.aclose()


# --- receiving -----------------------------------------------------------------------------------------------


async def test_without_a_webhook_secret_every_request_is_refused(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, webhook_secret="")
    for secret in (None, "", SECRET):
        with pytest.raises(BadSignature):
            await channel.receive(request(update(message=written("x")), secret))


async def test_the_header_is_found_whatever_its_case(channel: Telegram) -> None:
    asked = request(update(message=written("x")))
    lower = replace(asked, headers={key.lower(): value for key, value in asked.headers.items()})
    assert (await channel.receive(lower)).events


async def test_a_press_stops_the_spinner_and_a_stale_one_is_harmless(
    telegram: FakeTelegram, channel: Telegram
) -> None:
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

    server: AbstractAsyncContextManager[str] = hook_server(take)
    async with server as url:
        await channel.prepare(url)
        telegram.user_says(CITIZEN, "路灯坏了")
        await telegram.until(lambda: not telegram.updates.pending)
    assert [event.provider_id for event in events] == [events[0].provider_id] * 3
    assert telegram.updates.webhook.url == f"{url}/hooks/telegram"
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


# --- polling -------------------------------------------------------------------------------------------------


async def until_cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_polling_removes_a_webhook_without_dropping_what_waits(
    telegram: FakeTelegram, channel: Telegram
) -> None:
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


async def test_an_update_nobody_can_read_does_not_hold_up_the_others(
    telegram: FakeTelegram, channel: Telegram
) -> None:
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
    telegram: FakeTelegram, channel: Telegram, capsys: pytest.CaptureFixture[str]
) -> None:
    conflict = "Conflict: terminated by other getUpdates request"
    telegram.fault("getUpdates", Fault.error_of(409, conflict))
    telegram.user_says(CITIZEN, "还在吗")
    got = asyncio.Event()

    async def deliver(_: Sequence[Event]) -> None:
        got.set()

    listening = asyncio.create_task(channel.listen(deliver))
    async with asyncio.timeout(5):
        await got.wait()
    await until_cancelled(listening)
    assert "another process polls with this token" in "".join(capsys.readouterr())


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


# --- files and health ----------------------------------------------------------------------------------------


async def test_a_file_without_a_known_size_is_cut_off_at_the_limit(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    file_id = telegram.stores(bytes(400_000))
    telegram.memory.hide_sizes = True
    with pytest.raises(BadInput):
        await channel.fetch(Media(file_id), 100_000)


@pytest.mark.parametrize(
    "path", ["../control", "/etc/passwd", "https://elsewhere.example/x", "a//b", "x?y", "a%2fb", ""]
)
async def test_a_path_that_leads_elsewhere_is_not_followed(
    telegram: FakeTelegram, channel: Telegram, path: str
) -> None:
    telegram.memory.files["odd"] = (path, b"content")
    with pytest.raises(Rejected) as caught:
        await channel.fetch(Media("odd"), 1_000)
    assert caught.value.provider_code == "file_path"


async def test_a_file_telegram_no_longer_has_is_a_send_error(telegram: FakeTelegram, channel: Telegram) -> None:
    with pytest.raises(Rejected):
        await channel.fetch(Media("gone"), 1_000)
    telegram.fault("getFile", Fault.cut())
    with pytest.raises(Retryable):
        await channel.fetch(Media(telegram.stores(b"x")), 1_000)


async def test_checking_names_the_bot_or_the_wrong_token(telegram: FakeTelegram, channel: Telegram) -> None:
    assert "@sunline_test_bot" in await channel.check()
    stranger = new_channel(telegram, bot_token="42:another")
    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        await stranger.check()
    await stranger.aclose()


async def test_five_hundred_messages_at_once_all_arrive_once(telegram: FakeTelegram, channel: Telegram) -> None:
    async def one(number: int) -> Sent:
        return await channel.send(outgoing(f"通知 {number}", id=str(number)))

    sent = await asyncio.gather(*(one(number) for number in range(500)))
    assert len({each.provider_id for each in sent}) == 500
    assert sorted(post.text for post in telegram.posts) == sorted(f"通知 {number}" for number in range(500))


async def test_an_answer_cut_off_is_uncertain_and_the_message_did_arrive(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    telegram.fault("sendMessage", Fault.cut())
    with pytest.raises(Uncertain):
        await channel.send(outgoing("到了吗"))
    assert [post.text for post in telegram.posts] == ["到了吗"]
