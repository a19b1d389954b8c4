"""Following one's own matters by SMS and chat: look, urge, add, withdraw, rate, take up again, contest."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.hotline.words import Action
from core.clock import ManualClock
from core.db import Database
from core.text import segments
from tests.bot.office import HANDLER, answered, events, matters, move, phone_of, settle
from tests.bot.world import World, built

ME, OTHER = "+12025550101", "+12025550102"
LAMP = "投诉 西河村口路灯坏了三天，老人晚上出门看不见"
RUBBISH = "投诉 东街菜场后门垃圾堆了一个星期，请清走"


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        await db.write(settle, made)
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(sqlite_db, clock) as made:
        await sqlite_db.write(settle, made)
        yield made


async def handed_in(world: World, text: str = LAMP, address: str = ME) -> tuple[str, str]:
    """A matter by SMS: its number and code."""
    (said,) = await world.says(text, "sms", address)
    found = re.search(r"编号(\w+)，查询码(\d{6})", said)
    assert found
    world.later(seconds=20)
    return found[1], found[2]


async def hears(world: World, text: str, address: str = ME) -> str:
    """One SMS in, one out, within two segments."""
    world.later(seconds=20)
    (said,) = await world.says(text, "sms", address)
    assert segments(said) <= 2, said
    return said.removeprefix("【阳光热线】")


# --- looking -------------------------------------------------------------------------------------------------------


async def test_ones_own_matters_are_listed_and_a_number_shows_one(world: World) -> None:
    number, _ = await handed_in(world)
    await handed_in(world, RUBBISH)
    await move(world, number, Action.ACCEPT)
    await move(world, number, Action.DISPATCH, unit="lamps")
    await move(world, number, Action.SIGN, HANDLER)
    listed = await hears(world, "查询")
    assert listed.startswith("您有2件：1")
    assert "城管局办理中，12月14日前答复" in listed
    assert listed.endswith("回数字看详情。")
    place = "1" if "1西河村" in listed else "2"
    shown = await hears(world, place)
    assert f"{number}：23日城管局签收" in shown
    assert "最迟12月14日答复。想快些回“催办”。" in shown
    assert await hears(world, place) == shown, "a list does not shift"


async def test_a_single_matter_is_shown_at_once(small: World) -> None:
    number, _ = await handed_in(small)
    assert number in await hears(small, "查询")


async def test_nobody_with_nothing_open_is_left_without_a_next_step(small: World) -> None:
    assert "查询 编号 查询码" in await hears(small, "查询")
    for word in ("催办", "补充 东街", "撤回", "评价", "重办 又坏了", "回电"):
        assert "没有能" in await hears(small, word)


async def test_a_wrong_code_an_unknown_number_and_anothers_matter_hear_the_same(world: World) -> None:
    number, code = await handed_in(world)
    wrong = "000000" if code != "000000" else "111111"
    said = {
        await hears(world, f"查询 {number} {wrong}", OTHER),
        await hears(world, f"查询 26119999 {code}", OTHER),
        await hears(world, f"查询 {number}", OTHER),
        await hears(world, f"催办 {number}", OTHER),
        await hears(world, f"补充 {number} 我来看看", OTHER),
    }
    (sentence,) = said
    assert sentence.startswith("没有查到。请核对编号和查询码")
    assert number in await hears(world, f"查询 {number} {code}", OTHER), "with the right code from any telephone"


async def test_guessing_codes_is_slowed_down(small: World) -> None:
    number, code = await handed_in(small)
    said = [await hears(small, f"查询 {number} {guess:06d}", OTHER) for guess in range(7)]
    assert "试得太多了" in said[-1]
    assert "试得太多了" in await hears(small, f"查询 {number} {code}", OTHER)


# --- urging, adding, withdrawing -----------------------------------------------------------------------------------


async def test_urging_names_the_unit_and_the_date_and_reaches_the_handler(world: World) -> None:
    number, _ = await handed_in(world)
    await move(world, number, Action.ACCEPT)
    await move(world, number, Action.DISPATCH, unit="lamps")
    said = await hears(world, "催办")
    assert said == "已替您催城管局，要求24日下班前说明进展，我们会转告您。答复期限仍是12月14日。"
    assert any("催办" in text and number in text for text in await world.said("sms", phone_of(HANDLER)))
    assert "今天已催过，城管局" in await hears(world, "催办")


async def test_with_several_open_the_one_to_urge_is_chosen_from_a_list(small: World) -> None:
    await handed_in(small)
    number, _ = await handed_in(small, RUBBISH)
    asked = await hears(small, "催办")
    assert "要催办哪一件？请回数字：1" in asked
    place = next(n for n in "12" if f"{n}东街菜场" in asked)
    assert "已替您催" in await hears(small, place)
    assert "urge" in [what for what, _ in await events(small, number)]


async def test_after_a_matter_was_shown_a_bare_word_means_that_one(small: World) -> None:
    number, _ = await handed_in(small)
    await handed_in(small, RUBBISH)
    await hears(small, f"查询 {number}")
    await hears(small, "催办")
    assert "urge" in [what for what, _ in await events(small, number)]


async def test_an_overdue_matter_is_apologised_for(small: World) -> None:
    number, _ = await handed_in(small)
    await move(small, number, Action.ACCEPT)
    await move(small, number, Action.DISPATCH, unit="lamps")
    small.later(days=30)
    assert "已过答复期限，正在督办" in await hears(small, "查询")
    assert (await hears(small, "催办")).startswith("对不起")


async def test_something_is_added_with_or_without_a_number(world: World) -> None:
    number, _ = await handed_in(world)
    assert number in await hears(world, "补充 里头三盏也黑着")
    assert "请发要补充的内容" in await hears(world, f"补充 {number}")
    assert "已补到" in await hears(world, "东街12号那盏最暗")
    added = [text for what, text in await events(world, number) if what == "append"]
    assert added == ["里头三盏也黑着", "东街12号那盏最暗"]


async def test_withdrawing_is_asked_for_once_more(small: World) -> None:
    number, _ = await handed_in(small)
    assert "确定回1" in await hears(small, "撤回")
    assert (await matters(small))[0].state == "submitted"
    assert "已撤回" in await hears(small, "1")
    assert (await matters(small))[0].state == "withdrawn"
    assert "现在不能撤回" in await hears(small, f"撤回 {number}")


# --- the answer and what is thought of it --------------------------------------------------------------------------


async def test_content_in_two_messages_closes_the_matter(world: World) -> None:
    number, _ = await handed_in(world)
    await answered(world, number)
    assert (await hears(world, "1")).startswith("您对办理满意吗？请回：1非常满意")
    assert await hears(world, "2") == "谢谢您的评价“满意”，这件事已办结。15日内再出问题，回“重办”加原因就行。"
    (matter,) = await matters(world)
    assert matter.state == "closed"


async def test_everything_in_one_message_is_understood(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    assert "对不起，没给您办好。您说的“只修了一盏”已记下" in await hears(small, "2 4 只修了一盏")
    (matter,) = await matters(small)
    assert (matter.state, matter.call_by is not None) == ("followed_up", True)


async def test_discontent_brings_a_call_and_a_date(world: World) -> None:
    number, _ = await handed_in(world)
    await answered(world, number)
    assert (await hears(world, "2")).startswith("记下了。您对办理满意吗？")
    said = await hears(world, "4 只修了一盏 里头三盏还黑着")
    assert said.startswith("对不起，没给您办好。您说的“只修了一盏 里头三盏还黑着”已记下，24日下班前回访员打电话给您")
    rated = [text for what, text in await events(world, number) if what == "rate"]
    assert rated == ["只修了一盏 里头三盏还黑着"]


async def test_an_answer_is_rated_once(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    await hears(small, "1 1")
    assert "评过了" in await hears(small, f"评价 {number} 1 5")


async def test_a_rating_with_its_word_may_come_at_any_time(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    assert f"{number}的问题解决了吗" in await hears(small, "评价")
    assert "谢谢您的评价“非常满意”" in await hears(small, "评价 1 1")


async def test_a_number_nobody_offered_is_asked_again(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    assert "解决了吗" in await hears(small, "7")
    await hears(small, "1")
    assert "1非常满意" in await hears(small, "9")


async def test_a_question_of_policy_after_an_answer_is_no_rating(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    assert "12333" in await hears(small, "社保卡丢了咋补")
    assert "满意吗" in await hears(small, f"评价 {number} 1")


async def test_thanks_reopens_nothing(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    await hears(small, "1 1")
    assert await small.says("谢谢") == []
    (matter,) = await matters(small)
    assert matter.state == "closed"


async def test_within_fifteen_days_it_is_taken_up_again_and_after_them_not(world: World) -> None:
    number, _ = await handed_in(world)
    await answered(world, number)
    await hears(world, "1 2")
    assert "还有什么没办好" in await hears(world, "重办")
    assert "已重新登记" in await hears(world, "又不亮了")
    (matter,) = await matters(world)
    assert matter.state == "reopened"


async def test_after_fifteen_days_it_says_how_it_stands(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    await hears(small, "1 2")
    small.later(days=17)
    assert "现在不能重办" in await hears(small, f"重办 {number} 又不亮了")


async def test_a_rejection_is_contested_with_a_reason(world: World) -> None:
    number, _ = await handed_in(world)
    await move(world, number, Action.REJECT, reason="不属本级")
    assert "不能受理" in (await world.said("sms", ME))[-1]
    assert "异议已记下" in await hears(world, "异议 路灯就在村口，归县里管")
    (matter,) = await matters(world)
    assert (matter.state, matter.contested) == ("submitted", True)


async def test_zero_under_a_question_about_a_matter_reaches_its_people(small: World) -> None:
    number, _ = await handed_in(small)
    await answered(small, number)
    said = await hears(small, "0")
    assert "已转人工" in said
    assert len(await matters(small)) == 2
    assert number in (await matters(small))[-1].text


async def test_in_a_chat_ones_matters_are_buttons(small: World) -> None:
    await small.says(LAMP, "chat", "anna")
    small.later(seconds=20)
    await small.says(RUBBISH, "chat", "anna")
    await small.says("/status", "chat", "anna")
    last = (await small.outgoing("chat", "anna"))[-1]
    labels = [label for _, label in last.options]
    assert len(labels) == 3
    (shown,) = await small.presses(labels[0])
    assert "登记" in shown
