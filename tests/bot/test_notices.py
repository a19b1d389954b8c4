"""Notices in conversation: objecting, confirming, a number of somebody else's, subscribing and coming back."""

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.hotline.words import Action
from core import people
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.i18n import Catalogue
from core.people import Unit
from core.text import segments, sign
from notify.cases.service import NewCase
from notify.publicity import areas
from notify.publicity.models import Beneficiary
from notify.publicity.objection_models import Objection
from tests.bot.office import AGENT, BOSS, matters, move, settle, staff
from tests.bot.posted import ME, NEIGHBOUR, STRANGER, post
from tests.bot.world import World, built

TREE = "county,township,village,group\n示例县,示例镇,西河村,一组\n示例县,示例镇,西河村,二组\n示例县,示例镇,东河村,\n"


async def _open(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        await db.write(settle, made)
        await db.write(areas.import_areas, clock(), OPERATOR, TREE.encode())
        yield made


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async for made in _open(db, clock):
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async for made in _open(sqlite_db, clock):
        yield made


async def hears(world: World, text: str, address: str = ME, channel: str = "sms", **more: Any) -> str:
    """One message in, one out; by SMS within two segments."""
    world.later(seconds=5)
    (said,) = await world.says(text, channel, address, **more)
    assert channel != "sms" or segments(said) <= 2, said
    return said.removeprefix("【阳光热线】")


async def rows(world: World) -> list[Beneficiary]:
    return await world.db.read(lambda s: list(s.exec(select(Beneficiary).order_by(Beneficiary.number))))


# --- objecting


async def test_an_objection_to_one_s_own_entry_is_a_matter_that_names_notice_and_row(world: World) -> None:
    notice = await world.db.write(post, world.clock)
    said = await hears(world, "异议 我家是4.5亩 去年量过")
    (matter,) = await matters(world)
    assert said == (
        f"异议已登记，编号{matter.number}。由上一级部门复核，不经本村，11月30日答复。没有结论，这份名单不会定下来。"
    )
    assert (matter.kind, matter.source, matter.outside_number) == ("complaint", "objection", notice)
    assert matter.extra == {
        "notice": "公示〔2026〕1号", "title": "西河村耕地地力保护补贴", "objection": "area", "row": 1,
    }  # fmt: skip
    assert await world.db.read(world.notices.objections.open_count, notice) == 1


async def test_the_level_above_the_list_s_author_reviews_and_the_author_s_unit_does_not_see_it(small: World) -> None:
    def units(session: Session) -> None:
        session.add(Unit(id="town", name="示例镇政府"))
        session.flush()
        session.add(Unit(id="village", name="西河村委会", parent_id="town"))
        session.flush()

    await small.db.write(units)
    await small.db.write(post, small.clock, unit_id="village")
    assert "由示例镇政府复核" in await hears(small, "异议 金额不对，少了一百元")
    (matter,) = await matters(small)
    assert matter.about_unit_id == "village"
    note = (await small.db.read(small.hotline.show, matter.number, staff(AGENT))).events[-1]
    assert "由示例镇政府复核，不得转给本村" in note["text"]
    assert not note["public"]


async def test_what_is_said_about_a_neighbour_is_a_confidential_report_and_is_asked_for_once_in_full(
    world: World,
) -> None:
    notice = await world.db.write(post, world.clock)
    said = await hears(world, "异议 有人地都荒了还领钱")
    (matter,) = await matters(world)
    assert said.startswith(f"您反映的算举报，编号{matter.number}，查询码")
    assert said.endswith("为您保密，由县级部门核查，不经镇村。请回：哪个组、谁家、大约几亩。不方便说可打12345")
    assert (matter.kind, matter.confidential, matter.text, matter.title) == ("report", True, "", "")
    assert matter.extra is not None
    assert matter.extra["row"] is None, "the reporter's own entry would tell who wrote"
    assert "都记下了" in await hears(world, "二组 第三家 五亩多")
    assert await world.db.read(world.notices.objections.open_count, notice) == 1
    kept = await world.db.read(lambda s: s.exec(select(Objection)).one())
    assert (kept.kind, kept.secret, kept.row_id) == ("others", True, "")


async def test_a_report_that_says_who_and_where_is_not_asked_again(small: World) -> None:
    await small.db.write(post, small.clock)
    said = await hears(small, "异议 二组示例乙家的三亩地撂荒两年了还在领补贴")
    assert said.startswith("您反映的算举报，为您保密，由县级部门核查，不经镇村。编号")
    assert "请回" not in said


async def test_the_result_is_told_in_one_message_that_names_the_objection(world: World) -> None:
    await world.db.write(post, world.clock)
    await hears(world, "异议 我家是4.5亩 去年量过")
    (matter,) = await matters(world)
    await move(world, matter.number, Action.ACCEPT)
    result = "复核为4.5亩，改为450元，更正名单12月1日起重新公示。"
    await move(world, matter.number, Action.REPLY, text=result, finding="true")
    world.later(minutes=1)
    said = (await world.said("sms", ME))[-1]
    assert said.startswith(f"【阳光热线】异议{matter.number}")
    assert result.rstrip("。") in said
    assert "1解决了 2没解决 0找人工" in said
    assert await world.db.read(world.notices.objections.open_count, matter.outside_number) == 0


async def test_without_words_it_is_asked_what_is_wrong_and_the_answer_is_the_objection(small: World) -> None:
    await small.db.write(post, small.clock)
    assert await hears(small, "异议") == (
        "对“西河村耕地地力保护补贴”哪里有异议？请回一条短信说清，如：我家是4.5亩，去年量过。"
    )
    assert (await hears(small, "我家面积是4.5亩")).startswith("异议已登记")
    assert [matter.text for matter in await matters(small)] == ["我家面积是4.5亩"]


async def test_of_several_notices_a_numbered_list_asks_which_and_keeps_the_words(small: World) -> None:
    await small.db.write(post, small.clock)
    second = await small.db.write(post, small.clock, title="农机购置补贴第二批")
    said = await hears(small, "异议 我家少算了")
    assert said == "您说的是哪份公示？请回数字：1农机购置补贴第二批 2西河村耕地地力保护补贴 0找人工"
    await hears(small, "1")
    (matter,) = await matters(small)
    assert (matter.outside_number, matter.text) == (second, "我家少算了")


async def test_who_got_no_notice_chooses_among_the_current_ones_or_hears_the_telephone(small: World) -> None:
    assert "没找到发给您这个号码的公示。请打12345说明" in await hears(small, "异议 名单上没有我", STRANGER)
    await small.db.write(post, small.clock)
    assert "1西河村耕地地力保护补贴" in await hears(small, "异议 名单上没有我", STRANGER)
    await hears(small, "1", STRANGER)
    (matter,) = await matters(small)
    assert matter.extra is not None
    assert (matter.extra["objection"], matter.extra["row"]) == ("missing", None)


async def test_with_a_refused_matter_at_hand_it_is_asked_which_is_meant(small: World) -> None:
    await hears(small, "投诉 西河村口路灯坏了三天，请来修好")
    (lamp,) = await matters(small)
    await move(small, lamp.number, Action.REJECT, reason="litigation")
    assert "复核" in await hears(small, "异议 没有打官司")
    await small.db.write(post, small.clock)


async def test_a_final_notice_takes_no_objection(small: World) -> None:
    await small.db.write(post, small.clock, state="final")
    assert "没找到" in await hears(small, "异议 我家是4.5亩")
    assert await matters(small) == []


async def test_a_message_delivered_twice_is_one_objection(small: World) -> None:
    await small.db.write(post, small.clock)
    for _ in range(2):
        await small.says("异议 我家是4.5亩", "sms", ME, provider_id="same")
    assert len(await matters(small)) == 1


# --- one's own row before it is public


async def test_a_household_confirms_its_row_or_says_what_is_wrong(world: World) -> None:
    await world.db.write(post, world.clock, state="confirming")
    assert await hears(world, "确认") == "已记下：示*甲户，您确认无误。下一步由乡镇审核，再公示。"
    assert "您已确认过" in await hears(world, "确认")
    assert await hears(world, "有误 面积应是2.5亩", NEIGHBOUR) == (
        "已记下您说的“面积应是2.5亩”，由乡镇核实后改正，结果会发给您。"
    )
    found = await rows(world)
    assert [(row.confirmation, row.dispute) for row in found] == [
        ("confirmed", None), ("disputed", "面积应是2.5亩"), ("", None),
    ]  # fmt: skip
    assert await matters(world) == []


async def test_bare_words_are_asked_for_and_several_rows_are_told_apart(small: World) -> None:
    two = (("示例甲", ME, "一组", "1", 100), ("示例丁", ME, "二组", "2", 200))
    await small.db.write(post, small.clock, state="confirming", rows=two)
    assert await hears(small, "有误") == "哪一户有误？请回数字：1示*丁户 2示*甲户 0找人工"
    assert "哪里有误？" in await hears(small, "1")
    assert "由乡镇核实" in await hears(small, "面积少了一亩")
    assert [row.confirmation for row in await rows(small)] == ["", "disputed"]


async def test_once_the_list_is_public_wrong_is_an_objection(small: World) -> None:
    await small.db.write(post, small.clock)
    assert (await hears(small, "有误 面积应是4.5亩")).startswith("异议已登记")


async def test_nothing_to_confirm_is_said_so(small: World) -> None:
    assert "现在没有等您确认的登记" in await hears(small, "确认")


# --- a number that changed hands


async def test_a_number_of_somebody_else_s_is_removed_at_once_and_the_editor_hears_of_it(world: World) -> None:
    await world.db.write(post, world.clock, author=f"p-{BOSS}")
    assert await hears(world, "不是本人") == "打扰了，已把这个号码从名单里去掉，以后不再发。"
    found = await rows(world)
    assert [(row.phone, row.phone_gone) for row in found[:2]] == [(None, "not_me"), (NEIGHBOUR, "")]
    assert "alert" in await world.db.read(people.refusals, "sms", ME)
    (told,) = await world.said("sms", "+12025550154")
    assert "一个号码不是本人，已去掉" in told
    assert ME not in told


# --- subscribing


async def test_a_topic_and_a_village_in_one_message(world: World) -> None:
    assert await hears(world, "订阅 惠农补贴 西河村") == (
        "已订阅西河村惠农补贴，有消息会发给您。不要了回“退订 惠农补贴”。"
    )
    assert "您已订阅西河村惠农补贴" in await hears(world, "订阅惠农补贴西河村")
    assert "已停发西河村惠农补贴" in await hears(world, "退订 惠农补贴 西河村")
    assert await world.db.read(world.notices.subscriptions.own, "sms", ME) == []
    assert await world.db.read(people.refusals, "sms", ME) == frozenset()


async def test_after_stopping_all_coming_back_says_what_comes(world: World) -> None:
    await hears(world, "订阅 惠农补贴 西河村")
    await hears(world, "退订")
    assert await hears(world, "恢复") == (
        "欢迎回来。现会发给您：来件答复、西河村惠农补贴公示。不要某一类，回“退订”加名称，如：退订 惠农补贴"
    )
    assert await world.db.read(people.refusals, "sms", ME) == frozenset()


async def test_leaving_a_topic_holds_its_notices_back_and_subscribing_brings_them_again(small: World) -> None:
    assert "已停发惠农补贴" in await hears(small, "退订 惠农补贴")
    assert await small.db.read(people.refusals, "sms", ME) == {"惠农补贴"}
    await hears(small, "订阅 补贴")
    assert await small.db.read(people.refusals, "sms", ME) == frozenset()
    assert "已停发“广场舞”" in await hears(small, "退订 广场舞")


async def test_without_a_topic_the_list_is_read_out_and_a_place_may_follow(small: World) -> None:
    assert (await hears(small, "订阅")).startswith(
        "您想订阅哪一类？也可直接回：订阅 惠农补贴 西河村。请回数字：1惠农补贴"
    )
    assert await hears(small, "2") == (
        "已订阅停水停电（全县）。只要一个村的回：订阅 停水停电 村名。不要了回“退订 停水停电”。"
    )
    assert "没有叫“广场舞”的" in await hears(small, "订阅 广场舞")
    assert "您想订阅哪一类" in await hears(small, "订阅 东河村", NEIGHBOUR)
    assert "已订阅东河村天气预警" in await hears(small, "3", NEIGHBOUR)


async def test_a_place_nobody_knows_is_asked_for_again_and_one_that_several_bear_is_listed(small: World) -> None:
    await small.db.write(areas.add, small.clock(), OPERATOR, "group", "一组", "东河村")
    assert "没找到“南海村”" in await hears(small, "订阅 天气预警 南海村")
    assert "是哪一个？请回数字：1示例镇东河村一组 2示例镇西河村一组" in await hears(small, "一组")
    assert "已订阅一组天气预警" in await hears(small, "2")
    assert "没找到“南海村”" in await hears(small, "订阅 停电 南海村")
    assert "（全县）" in await hears(small, "1")


async def test_a_number_typed_into_the_page_says_yes_by_one_digit(small: World) -> None:
    def ask(session: Session) -> str:
        topic = small.notices.subscriptions.topic(session, "停电")
        return small.notices.subscriptions.ask(session, ME, topic, None, "zh-Hans")

    await small.db.write(ask)
    assert "请回1" in (await small.said("sms", ME))[-1]
    assert "已订阅停水停电" in await hears(small, "1")
    assert len(await small.db.read(small.notices.subscriptions.own, "sms", ME)) == 1


async def test_a_chat_that_ends_with_its_page_is_told_how_to_subscribe(sqlite_db: Database, clock: ManualClock) -> None:
    from adapters.memory import MemoryChannel

    async with built(sqlite_db, clock, more={"page": MemoryChannel(name="page")}) as made:
        assert "网页聊天关了就收不到了" in await hears(made, "订阅 天气预警", "visitor", "page")


@pytest.mark.parametrize("text", ["订阅号怎么注册", "怎么订阅杂志", "确认收货后多久退款", "有误差怎么办"])
async def test_sentences_that_only_begin_alike_are_questions(small: World, text: str) -> None:
    said = await hears(small, text)
    assert "订阅哪一类" not in said
    assert "等您确认" not in said


@pytest.mark.parametrize(
    ("language", "object_", "subscribe", "objected", "subscribed"),
    [
        ("繁體", "異議 我家是4.5畝", "訂閱 惠農補貼 西河村", "異議已登記", "已訂閱西河村惠農補貼"),
        ("english", "object our area is 4.5 mu", "SUBSCRIBE weather 西河村", "Objection", "You get weather warnings"),
    ],
)
async def test_every_locale_has_its_words(
    small: World, language: str, object_: str, subscribe: str, objected: str, subscribed: str
) -> None:
    await small.db.write(post, small.clock)
    await hears(small, language)
    assert (await hears(small, object_)).startswith(objected)
    assert (await hears(small, subscribe)).startswith(subscribed)


_SAMPLE = {
    "number": "26112103", "code": "483920", "reviewer": "示例县农业农村局", "due": "11月30日", "phone": "12345",
    "title": "西河村耕地地力保护补贴公示第二",
    "what": "示例镇西河村惠农补贴", "topic": "惠农补贴", "place": "南海村南海村",
    "text": "我家是4.5亩去年量过的没有错", "own": "西河村惠农补贴、停水停电", "name": "示*甲", "area": "西河村",
    "quantity": "3.5",
    "ref": "BJ20261123007", "at": "11月23日", "unit": "民政局", "status": "已受理", "note": "请补材料。",
    "lines": "高龄津贴申请 BJ20261123007，已受理",
}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_every_sentence_fits_two_segments(locale: str) -> None:
    texts = Catalogue.load(files("bot") / "texts" / "notice")
    sample = _SAMPLE if locale != "en" else _SAMPLE | {"due": "30 November", "reviewer": "the level above"}
    long = {key: said for key in texts.keys if segments(sign(said := texts(locale, key, **sample), "阳光热线")) > 2}
    assert long == {}


# --- cases of other systems


async def test_looking_shows_the_cases_of_other_systems_and_one_by_its_number(small: World) -> None:
    new = NewCase("BJ-2026-7", "高龄津贴申请", "accepted", "民政局", channel="sms", address=ME, limit="5 working days")
    await small.db.write(small.notices.cases.take, new, staff(AGENT))
    assert re.search("您现在没有|其他系统的办件", await hears(small, "查询"))
    assert await hears(small, "查询 BJ-2026-7") == (
        "高龄津贴申请（BJ-2026-7）：11月23日民政局已受理。最迟11月30日办结。"
    )
    assert "没有查到办件BJ-2026-7" in await hears(small, "查询 BJ-2026-7", NEIGHBOUR)
