"""A running stand-in and a Telegram channel beside it, for the tests of this folder."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.env import ChannelEnv
from adapters.telegram import LIMITS, Telegram
from core.messages import Outgoing
from tests.contract.case import NOW
from tests.contract.cases.telegram import CITIZEN, GROUP, settings
from tests.fakes.telegram import FakeTelegram


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
    return Outgoing(**({"id": "row", "attempt": "a", "channel": "telegram", "address": str(CITIZEN)} | more), text=text)
