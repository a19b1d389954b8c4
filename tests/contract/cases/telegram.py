"""Telegram against its stand-in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from adapters.env import ChannelEnv
from adapters.telegram import LIMITS, Telegram
from adapters.telegram_settings import TelegramSettings
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from core.messages import Media, WebhookRequest
from tests.contract.case import NOW, Arrived, Case, Failure, Rig
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault

CITIZEN = 900_001_001
GROUP = -1_001_000_000_077
SECRET = "webhook_secret-of-a-test-0001"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
_updates = count(1)


def settings(telegram: FakeTelegram, **changes: str) -> TelegramSettings:
    """Settings that point at the stand-in and at nothing in the environment."""
    given = {"api_base": telegram.url, "bot_token": telegram.token, "webhook_secret": SECRET}
    empty = {"staff_chat": "", "parse_mode": ""}
    return TelegramSettings(_env_file=None, **(empty | given | changes))


def request(body: object, secret: str | None = SECRET) -> WebhookRequest:
    """A webhook call as Telegram makes it."""
    headers = {"Content-Type": "application/json"} | ({HEADER: secret} if secret is not None else {})
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("POST", "https://sunline.example/hooks/telegram", headers, {}, raw)


def update(**kinds: Any) -> dict[str, Any]:
    """An update with an id of its own."""
    return {"update_id": next(_updates)} | kinds


def written(text: str = "", chat: int = CITIZEN, **more: Any) -> dict[str, Any]:
    """A message in a private chat."""
    who = {"id": chat, "is_bot": False, "first_name": "示例甲", "language_code": "zh-hans"}
    return (
        {
            "message_id": next(_updates),
            "date": int(NOW.timestamp()),
            "chat": {"id": chat, "type": "private", "first_name": "示例甲"},
            "from": who,
        }
        | ({"text": text} if text else {})
        | more
    )


def _arrived(telegram: FakeTelegram) -> list[Arrived]:
    return [
        Arrived(
            post.text,
            tuple(label for label, _ in post.buttons),
            (post.file,) if post.file else (),
            str(post.thread or ""),
        )
        for post in telegram.posts_to(CITIZEN)
    ]


def _media(telegram: FakeTelegram) -> tuple[Media, bytes]:
    content = bytes(range(256)) * 2000
    return Media(telegram.stores(content, "photo"), "image/jpeg"), content


def _wrong_token(telegram: FakeTelegram) -> None:
    telegram.fault("sendMessage", Fault.error_of(401, "Unauthorized"))


def _says(telegram: FakeTelegram, text: str) -> None:
    telegram.user_says(CITIZEN, text)


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    async with FakeTelegram() as telegram:
        telegram.chat(CITIZEN)
        telegram.group(GROUP, forum=True)
        env = ChannelEnv(lambda: NOW, "", "示例办")
        channel = Telegram(settings(telegram), env, limits=replace(LIMITS, timeout_s=0.4))
        yield Rig(
            channel,
            str(CITIZEN),
            partial(_arrived, telegram),
            stand_in=telegram,
            forged={
                "no secret": request(update(message=written("?")), None),
                "wrong secret": request(update(message=written("?")), SECRET[:-1] + "2"),
                "empty secret": request(update(message=written("?")), ""),
                "secret not in ASCII": request(update(message=written("?")), "密" * 29),
            },
            webhook=lambda text: request(update(message=written(text))),
            unsupported={
                "an unknown kind": request(update(chat_boost={"chat": {"id": 1}})),
                "an edited message": request(update(edited_message=written("改过"))),
                "a group's migration": request(update(message=written(migrate_to_chat_id=-100))),
                "a new member": request(update(message=written(new_chat_members=[]))),
                "another bot": request(update(message=written("x") | {"from": {"id": 5, "is_bot": True}})),
                "a message of another form": request(update(message={"text": 7})),
                "a list": request([1, 2]),
                "no JSON": request(b"\xff{"),
            },
            hang=lambda: telegram.fault("sendMessage", Fault.delay(3)),
            write=partial(_says, telegram),
            media=partial(_media, telegram),
            foreign_media=(Media("https://elsewhere.example/x"), Media("../../etc/passwd"), Media("")),
            group=str(GROUP),
        )
        await channel.aclose()


def _fault(fault: Fault) -> Any:
    return lambda telegram: telegram.fault("sendMessage", fault)


CASE = Case(
    "telegram",
    _open,
    failures=(
        Failure(
            "429 with retry_after",
            _fault(Fault.too_many(7)),
            Retryable,
            {"after": timedelta(seconds=7), "provider_code": "429"},
        ),
        Failure("500", _fault(Fault.error_of(500, "Internal Server Error")), Retryable),
        Failure("502 without words", _fault(Fault.garbage(b'{"ok": false}', 502)), Uncertain, accepted=True),
        Failure(
            "blocked",
            _fault(Fault.error_of(403, "Forbidden: bot was blocked by the user")),
            Unreachable,
            {"opted_out": True},
        ),
        Failure(
            "deactivated",
            _fault(Fault.error_of(403, "Forbidden: user is deactivated")),
            Unreachable,
            {"opted_out": False},
        ),
        Failure("kicked", _fault(Fault.error_of(403, "Forbidden: bot was kicked from the group chat")), Unreachable),
        Failure("an unknown chat", lambda _: None, Unreachable, change={"address": "4242"}),
        Failure("an address that is no chat", lambda _: None, Unreachable, change={"address": "+12025550123"}),
        Failure(
            "a group that became a supergroup",
            lambda telegram: (telegram.group(-55), telegram.migrates(-55, GROUP))[0] and None,
            Unreachable,
            {"moved_to": str(GROUP)},
            change={"address": "-55"},
        ),
        Failure("a wrong token", _wrong_token, Misconfigured),
        Failure("a token Telegram does not know", _fault(Fault.error_of(404, "Not Found")), Misconfigured),
        Failure("too long", _fault(Fault.error_of(400, "Bad Request: message is too long")), Rejected),
        Failure(
            "a deleted topic",
            lambda _: None,
            Rejected,
            {"provider_code": "thread_not_found"},
            change={"address": str(GROUP), "thread": "31337"},
        ),
        Failure("accepted, then cut", _fault(Fault.cut()), Uncertain, accepted=True),
        Failure("accepted, then garbage", _fault(Fault.garbage()), Uncertain, accepted=True),
        Failure("accepted, then another JSON", _fault(Fault.garbage(b'{"ok": true}')), Uncertain, accepted=True),
        Failure("accepted, answered late", _fault(Fault.delay(2)), Uncertain, accepted=True),
    ),
)
