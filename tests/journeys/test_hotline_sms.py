"""From one SMS to the closed matter, with the unit answering by SMS and the first answer not good enough."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.hotline.paging import staff_code
from bot.hotline.words import Action
from core.clock import ManualClock
from core.db import Database
from core.text import segments
from tests.bot.office import AGENT, HANDLER, matters, move, phone_of, settle
from tests.bot.world import World, built

ME = "+12025550101"
FIRST = "您好，11月26日已修好村口路灯，晚上请您看看。"
SECOND_ANSWER = "您好，里头三盏灯12月3日都换了新灯，电工晚上试过都亮。"


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        await db.write(settle, made)
        yield made


async def answer(world: World, number: str, text: str) -> None:
    """The handler answers by SMS with the code from the dispatch message, and lets it go."""
    code = staff_code(number, f"p-{HANDLER}")
    (echo,) = await world.says(f"回复 {number} {code} {text}", "sms", phone_of(HANDLER))
    assert text in echo
    world.later(seconds=1)
    assert "现在就发" in (await world.says("1", "sms", phone_of(HANDLER)))[0]
    world.later(minutes=5)


async def test_an_answer_that_was_not_good_enough_is_done_over(world: World) -> None:
    (receipt,) = await world.says("求助 西河村口路灯坏了三天，请来修好")
    number = re.search(r"编号(\w+)", receipt)[1]  # type: ignore[index]
    await move(world, number, Action.ACCEPT, AGENT)
    await move(world, number, Action.DISPATCH, AGENT, unit="lamps")
    (paged,) = await world.said("sms", phone_of(HANDLER))
    assert staff_code(number, f"p-{HANDLER}") in paged

    assert "城管局办理" in (await world.says("查询"))[0] or "交城管局" in (await world.said("sms", ME))[-1]
    await answer(world, number, FIRST)
    assert FIRST in (await world.said("sms", ME))[-1]
    assert "满意吗" in (await world.says("2"))[0]
    assert "核实后重办" in (await world.says("4 只修了一盏 里头三盏还黑着"))[0]

    await move(world, number, Action.FOLLOW_UP, AGENT, text="核实属实", reached=True)
    await move(world, number, Action.REDO, AGENT, reason="里头三盏还黑着", unit="lamps")
    assert any("重新办理" in text for text in await world.said("sms", ME))
    await answer(world, number, SECOND_ANSWER)
    assert "谢谢您的评价“满意”，这件事已办结" in (await world.says("1　2"))[0]

    (matter,) = await matters(world)
    assert (matter.state, matter.redone) == ("closed", 1)
    said = await world.said("sms", ME)
    assert all(text.startswith("【阳光热线】") for text in said)
    assert all(segments(text) <= 2 for text in said), [text for text in said if segments(text) > 2]
    assert not any("http" in text for text in said), "no links by SMS"


async def test_a_hundred_messages_a_minute_are_held_up_with_one_notice(world: World) -> None:
    for n in range(100):
        await world.says(f"投诉 东街{n}号路灯坏了三天，请修好")
    said = await world.said("sms", ME)
    assert sum("太快" in text for text in said) == 1
    assert len(await matters(world)) <= 20


async def test_the_same_matter_by_code_from_another_telephone(world: World) -> None:
    (receipt,) = await world.says("投诉 西河村口路灯坏了三天，请修好")
    number, code = re.search(r"编号(\w+)，查询码(\d{6})", receipt).groups()  # type: ignore[union-attr]
    other = "+12025550109"
    assert "催" in (await world.says(f"催办 {number} {code}", "sms", other))[0]
    assert "已补到" in (await world.says(f"补充 {number} {code} 东街也一样", "sms", other))[0]
    assert "没有查到" in (await world.says(f"补充 {number} 东街也一样", "sms", other))[0]
