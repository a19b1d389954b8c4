"""Notices in conversation: objecting, confirming, a number of somebody else's, subscribing and coming back."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session, select

from bot.hotline.words import Action
from core import people
from core.clock import ManualClock
from core.db import Database
from core.people import Unit
from notify.outbox.service import Message
from notify.publicity.models import Beneficiary, NoticeRecipient
from notify.publicity.objection_models import Objection
from tests.bot.office import AGENT, BOSS, matters, move, staff
from tests.bot.posted import ME, NEIGHBOUR, STRANGER, county, post
from tests.bot.world import World, hears


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with county(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with county(sqlite_db, clock) as made:
        yield made


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


async def test_a_subscriber_in_a_chat_objects_to_the_notice_they_were_told_of(small: World) -> None:
    await small.db.write(post, small.clock)
    told = await small.db.write(lambda s: post(s, small.clock, title="东河村停水通知", kind="alert", rows=()))

    def tell(session: Session) -> None:
        message = Message("notice_alert", "chat", "anna", {"text": "东河村明天停水"})
        id_ = small.notices.outbox.put(session, message)
        session.add(NoticeRecipient(notice_id=told, revision=1, purpose="publicity", row=1, message_id=id_))

    await small.db.write(tell)
    assert (await hears(small, "异议 我们村昨天刚停过", "anna", "chat")).startswith("异议已登记")
    (matter,) = await matters(small)
    assert matter.outside_number == told


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
