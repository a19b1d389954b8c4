"""From the chat on the web page to the rating by number and code, as the page and the API see it."""

import re
from collections.abc import AsyncIterator

import pytest

from adapters import CHANNELS, ChannelEnv
from bot.hotline.service import Code
from bot.hotline.words import Grade
from core.clock import ManualClock
from core.db import Database
from core.errors import NotFound
from tests.bot.office import answered, settle
from tests.bot.world import World, built

PAGE = "session-of-nobody-01"


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    channel = CHANNELS["webchat"](ChannelEnv(clock, "", "示例办"))
    async with built(db, clock, more={"webchat": channel}) as made:
        await db.write(settle, made)
        yield made


async def chat(world: World, text: str) -> str:
    world.later(seconds=30)
    return (await world.says(text, "webchat", PAGE))[-1]


async def press(world: World, label: str) -> str:
    world.later(seconds=30)
    return (await world.presses(label, "webchat", PAGE))[-1]


async def test_a_matter_of_the_web_chat_is_followed_and_rated_by_number_and_code(world: World) -> None:
    await chat(world, "投诉")
    await chat(world, "西河村口路灯坏了三天，老人晚上出门看不见")
    assert "留个电话" in await chat(world, "西河村二组"), "the page's chat carries no files"
    assert "请核对" in await press(world, "不留电话")
    await press(world, "提交")
    said = await world.said("webchat", PAGE)
    receipt = next(text for text in said if "已登记" in text)
    number, code = re.search(r"编号(\w+)，查询码(\d{6})", receipt).groups()  # type: ignore[union-attr]

    proof = Code(code, "203.0.113.9")
    view = await world.db.read(world.hotline.view, number, proof)
    assert (view.kind, view.state) == ("complaint", "submitted")
    with pytest.raises(NotFound):
        await world.db.read(world.hotline.view, number, Code("000000" if code != "000000" else "111111", "203.0.113.9"))

    await answered(world, number)
    assert "问题解决了吗" in (await world.said("webchat", PAGE))[-1], "the answer comes where the question came from"
    rated = await world.db.write(
        lambda session: world.hotline.rate(session, number, proof, solved=True, grade=Grade.SATISFIED)
    )
    assert rated.state == "closed"
    assert "已办结" in await chat(world, "查询")


async def test_another_browser_sees_nothing_of_it(world: World) -> None:
    await chat(world, "投诉 西河村口路灯坏了三天，请修好")
    assert "没有在办" in (await world.says("查询", "webchat", "session-of-nobody-02"))[0]
