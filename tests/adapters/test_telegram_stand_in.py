"""The stand-in refuses and repeats what Telegram refuses and repeats; otherwise tests against it prove little."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault

CHAT = 1001


class Bot:
    """The barest client: what a method answers, status and body."""

    def __init__(self, session: aiohttp.ClientSession, telegram: FakeTelegram) -> None:
        self._session = session
        self._root = f"{telegram.url}/bot{telegram.token}"

    async def call(self, method: str, **params: Any) -> tuple[int, Any]:
        async with self._session.post(f"{self._root}/{method}", json=params) as answer:
            return answer.status, await answer.json()

    async def refused(self, method: str, **params: Any) -> str:
        status, body = await self.call(method, **params)
        assert (body["ok"], body["error_code"]) == (False, status)
        return f"{status} {body['description']}"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as telegram:
        telegram.chat(CHAT)
        yield telegram


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as session:
        yield Bot(session, telegram)


async def test_a_wrong_token_is_401_and_an_unknown_method_404(telegram: FakeTelegram, bot: Bot) -> None:
    assert (await bot.refused("makeTea")).startswith("404")
    async with aiohttp.ClientSession() as session, session.get(f"{telegram.url}/bot1:x/getMe") as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": ""}, "400 Bad Request: message text is empty"),
        ({"text": " \n"}, "400 Bad Request: message text is empty"),
        ({"text": "长" * 4097}, "400 Bad Request: message is too long"),
        ({"text": "🙏" * 2049}, "400 Bad Request: message is too long"),
        ({"text": "x", "chat_id": 5}, "400 Bad Request: chat not found"),
        ({"text": "x", "message_thread_id": 9}, "400 Bad Request: message thread not found"),
        ({"text": "<i>x", "parse_mode": "HTML"}, "400 Bad Request: can't parse entities"),
        ({"text": "<x>x</x>", "parse_mode": "HTML"}, "400 Bad Request: can't parse entities"),
        ({"text": "<姓名>", "parse_mode": "HTML"}, "400 Bad Request: can't parse entities"),
        ({"text": "2 * 3", "parse_mode": "MarkdownV2"}, "400 Bad Request: can't parse entities"),
        ({"text": "句号.", "parse_mode": "MarkdownV2"}, "400 Bad Request: can't parse entities"),
    ],
)
async def test_a_message_telegram_would_not_take(bot: Bot, params: dict[str, Any], refusal: str) -> None:
    assert (await bot.refused("sendMessage", **({"chat_id": CHAT} | params))).startswith(refusal)


@pytest.mark.parametrize(("data", "taken"), [("值" * 21 + "x", True), ("值" * 22, False), ("", False)])
async def test_callback_data_has_1_to_64_bytes(bot: Bot, data: str, taken: bool) -> None:
    markup = {"inline_keyboard": [[{"text": "键", "callback_data": data}]]}
    status, body = await bot.call("sendMessage", chat_id=CHAT, text="?", reply_markup=markup)
    assert (status == 200) == taken
    assert taken or body["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_a_blocked_bot_gets_403_and_a_moved_group_names_the_new_one(telegram: FakeTelegram, bot: Bot) -> None:
    telegram.blocks(CHAT)
    assert await bot.refused("sendMessage", chat_id=CHAT, text="x") == "403 Forbidden: bot was blocked by the user"
    telegram.group(-5)
    telegram.migrates(-5, -1005)
    _, body = await bot.call("sendMessage", chat_id=-5, text="x")
    assert body["parameters"] == {"migrate_to_chat_id": -1005}


async def test_updates_come_again_until_an_offset_acknowledges_them(telegram: FakeTelegram, bot: Bot) -> None:
    first, second = telegram.user_says(CHAT, "一"), telegram.user_says(CHAT, "二")
    for offset, expected in ((0, [first, second]), (0, [first, second]), (second, [second]), (second + 1, [])):
        _, body = await bot.call("getUpdates", offset=offset)
        assert [update["update_id"] for update in body["result"]] == expected


async def test_a_long_poll_waits_for_news_and_a_newer_poll_ends_it(telegram: FakeTelegram, bot: Bot) -> None:
    older = asyncio.create_task(bot.refused("getUpdates", timeout=20))
    await telegram.until(lambda: telegram.updates.polls == 1)
    newer = asyncio.create_task(bot.call("getUpdates", timeout=20))
    assert (await older).startswith("409 Conflict: terminated by other getUpdates request")
    telegram.user_says(CHAT, "有人吗")
    _, body = await newer
    assert [update["message"]["text"] for update in body["result"]] == ["有人吗"]


async def test_with_a_webhook_polling_is_409_and_a_bad_address_or_secret_is_refused(bot: Bot) -> None:
    assert (await bot.refused("setWebhook", url="http://sunline.example/")).startswith("400 Bad Request: bad webhook")
    assert (await bot.refused("setWebhook", url="https://a.example/", secret_token="a b")).startswith("400")
    await bot.call("setWebhook", url="https://127.0.0.1:1/hooks", secret_token="abc")
    assert "use deleteWebhook" in await bot.refused("getUpdates")
    await bot.call("deleteWebhook")
    assert (await bot.call("getUpdates"))[0] == 200


async def test_a_press_is_answered_once(telegram: FakeTelegram, bot: Bot) -> None:
    markup = {"inline_keyboard": [[{"text": "是", "callback_data": "y"}]]}
    _, body = await bot.call("sendMessage", chat_id=CHAT, text="?", reply_markup=json.dumps(markup))
    telegram.user_presses(CHAT, body["result"]["message_id"], "y")
    query = telegram.updates.pending[0]["callback_query"]["id"]
    assert (await bot.call("answerCallbackQuery", callback_query_id=query))[0] == 200
    assert "query is too old" in await bot.refused("answerCallbackQuery", callback_query_id=query)


async def test_edits_change_what_is_there_and_refuse_to_change_nothing(telegram: FakeTelegram, bot: Bot) -> None:
    _, body = await bot.call("sendMessage", chat_id=CHAT, text="旧")
    number = body["result"]["message_id"]
    status, body = await bot.call("editMessageText", chat_id=CHAT, message_id=number, text="新")
    assert (status, body["result"]["text"]) == (200, "新")
    assert "not modified" in await bot.refused("editMessageText", chat_id=CHAT, message_id=number, text="新")
    assert "not modified" in await bot.refused("editMessageReplyMarkup", chat_id=CHAT, message_id=number)


async def test_menus_know_two_letter_languages_only(bot: Bot) -> None:
    commands = [{"command": "ask", "description": "咨询"}]
    assert (await bot.call("setMyCommands", commands=json.dumps(commands), language_code="zh"))[0] == 200
    assert "language code" in await bot.refused("setMyCommands", commands="[]", language_code="zh-hant")


async def test_faults_come_in_order_and_then_all_is_well(telegram: FakeTelegram, bot: Bot) -> None:
    telegram.fault("sendMessage", Fault.too_many(9), Fault.error_of(500, "Internal Server Error"))
    _, body = await bot.call("sendMessage", chat_id=CHAT, text="x")
    assert body["parameters"] == {"retry_after": 9}
    assert (await bot.refused("sendMessage", chat_id=CHAT, text="x")).startswith("500")
    assert (await bot.call("sendMessage", chat_id=CHAT, text="x"))[0] == 200


async def test_it_also_runs_as_a_process_that_obeys_over_http() -> None:
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telegram", "--any-chat", cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            url = (await process.stdout.readline()).decode().strip()
            order = {"do": "user_says", "chat": CHAT, "text": "你好"}
            async with session.post(f"{url}/control", json=order) as answer:
                assert answer.status == 200
            fault = {"do": "fault", "method": "getMe", "faults": [{"what": "too_many", "retry_after": 2}]}
            async with session.post(f"{url}/control", json=fault) as answer:
                assert answer.status == 200
            async with session.get(f"{url}/control") as answer:
                told = await answer.json()
            assert told["pending"] == 1
            assert told["transcript"] == [f"{CHAT} @ {CHAT}: 你好"]
    finally:
        process.terminate()
        await process.wait()
