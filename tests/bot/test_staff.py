"""Staff in their group and in private: notes, answers shown back and held, two at once, topics."""

import re
from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session, select

from bot.hotline.words import Action
from bot.staff_models import StaffGroup
from core.clock import ManualClock
from core.db import Database
from tests.bot.groups import ANSWER, HOME, IDS, ME, UNIT, Office, lamp, staffed
from tests.bot.office import AGENT, BOSS, HANDLER, SECOND, events, matters, move


@pytest.fixture
async def office(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with staffed(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with staffed(sqlite_db, clock) as made:
        yield made


async def test_a_dispatched_matter_has_a_topic_in_the_units_group_with_buttons(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (card,) = await office.posts(UNIT, thread)
    assert card.text.startswith(f"新派单 {number}｜求助｜西河村口路灯坏了三天，请来修好｜短信，号码已隐去｜答复期限")
    assert [label for _, label in card.options] == ["签收", "申请退单", "申请延期", "答复"]
    assert await office.topics.step() == 0, "each matter has one topic"
    assert ME not in card.text


async def test_signing_by_button_is_said_in_the_topic(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (said,) = await office.presses(HANDLER, "签收", thread)
    assert said.text == "示例丙（城管局）10:00签收。"
    (matter,) = await matters(office.world)
    assert matter.state == "signed"


async def test_words_in_a_topic_are_a_note_and_the_hint_comes_once_a_day(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (hint,) = await office.says(HANDLER, "明早请师傅带梯子去看", thread)
    assert "内部备注，市民看不到" in hint.text
    assert await office.says(HANDLER, "梯子在仓库", thread) == []
    notes = [text for what, text in await events(office.world, number) if what == "note"]
    assert notes == ["明早请师傅带梯子去看", "梯子在仓库"]
    assert len(await office.world.said("sms", ME)) == 1, "the citizen hears nothing of it"


async def test_an_answer_is_shown_back_held_and_taken_back(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    (shown,) = await office.says(HANDLER, f"答复：{ANSWER}", thread)
    assert shown.text.startswith("20秒后以短信发给市民（2条）：\n【阳光热线】")
    assert ANSWER in shown.text
    assert [label for _, label in shown.options] == ["现在发", "撤回", "修改"]
    (undone,) = await office.presses(HANDLER, "撤回", thread)
    assert "没有发给市民" in undone.text
    (row,) = [row for row in await office.world.outgoing("sms", ME) if row.kind == "matter_replied"]
    assert row.state == "cancelled"


async def test_send_now_gives_up_the_rest_of_the_twenty_seconds(small: Office) -> None:
    number = await lamp(small)
    thread = await small.thread(number, UNIT)
    await small.says(HANDLER, f"答复：{ANSWER}", thread)
    await small.presses(HANDLER, "现在发", thread)
    (row,) = [row for row in await small.world.outgoing("sms", ME) if row.kind == "matter_replied"]
    assert row.not_before <= small.world.clock()
    small.world.later(seconds=1)
    (late,) = await small.presses(HANDLER, "撤回", thread)
    assert "撤不回" in late.text


async def test_the_second_of_two_at_once_is_told_and_nothing_is_sent_twice(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    await office.says(HANDLER, f"答复：{ANSWER}", thread)
    (told,) = await office.says(BOSS, f"答复：{ANSWER}再补一句。", thread)
    assert re.match(r"示例丙正在答复这件事，\d+秒后发出。您要补充请等发出后点“追加”，现在不会重复发。", told.text)
    rows = [row for row in await office.world.outgoing("sms", ME) if row.kind == "matter_replied"]
    assert len(rows) == 1


async def test_an_answer_that_says_nothing_is_stopped_and_may_be_forced(small: Office) -> None:
    number = await lamp(small)
    thread = await small.thread(number, UNIT)
    (asked,) = await small.says(HANDLER, "答复：已转相关部门处理", thread)
    assert "市民多半会再来问" in asked.text
    assert [label for _, label in asked.options] == ["改写", "仍然发出，并报督办"]
    (shown,) = await small.presses(HANDLER, "仍然发出，并报督办", thread)
    assert "20秒后" in shown.text
    (matter,) = await matters(small.world)
    assert matter.state == "replied"


async def test_a_complaint_asks_for_its_finding_and_waits_for_a_check(small: Office) -> None:
    number = await lamp(small, "投诉 西河村口路灯坏了三天，请来修好")
    thread = await small.thread(number, UNIT)
    (asked,) = await small.says(HANDLER, f"答复：{ANSWER}", thread)
    assert [label for _, label in asked.options] == ["属实", "部分属实", "不属实", "无法核实"]
    (waits,) = await small.presses(HANDLER, "属实", thread)
    assert "审核" in waits.text
    await move(small.world, number, Action.CHECK, SECOND, ok=True)
    assert [row.kind for row in await small.world.outgoing("sms", ME)][-1] == "matter_replied"


async def test_only_linked_members_are_heard(small: Office) -> None:
    number = await lamp(small)
    thread = await small.thread(number, UNIT)
    assert await small.says("999", f"答复：{ANSWER}", thread) == []
    assert await small.says("999", "我来说两句", thread) == []
    (told,) = await small.presses("999", "签收", thread)
    assert "绑定" in told.text
    (matter,) = await matters(small.world)
    assert matter.state == "dispatched"
    assert "note" not in [what for what, _ in await events(small.world, number)]


async def test_a_citizen_who_is_linked_is_no_member_of_staff(small: Office) -> None:
    number = await lamp(small)
    (said,) = await small.world.says(f"回复 {number} 谢谢你们")
    assert "没有查到" in said


async def test_of_a_report_the_group_sees_number_and_link_and_nothing_else(office: Office) -> None:
    (said,) = await office.world.says("举报 东街五金店老板昨天卖假货")
    found = re.search(r"编号(\w+)", said)
    assert found
    thread = await office.thread(found[1], HOME)
    assert office.chat.threads[thread] == f"{HOME} {found[1]} 保密"
    (card,) = await office.posts(HOME, thread)
    assert "五金" not in card.text
    assert card.options == []
    (refused,) = await office.says(AGENT, f"答复：{ANSWER}", thread, HOME)
    assert "保密件" in refused.text
    assert ANSWER not in refused.text


async def test_what_the_citizen_does_is_told_in_the_topic(small: Office) -> None:
    number = await lamp(small)
    thread = await small.thread(number, UNIT)
    await small.world.says("补充 里头三盏也黑着")
    await small.world.says("催办")
    await small.topics.step()
    told = [post.text for post in await small.posts(UNIT, thread)]
    assert "市民补充：里头三盏也黑着。" in told
    assert "市民第1次催办，请尽快说明进展。" in told
    await small.topics.step()
    assert len(await small.posts(UNIT, thread)) == len(told), "nothing is told twice"


async def test_a_deleted_topic_is_opened_again_and_what_was_lost_is_said_there(office: Office) -> None:
    number = await lamp(office)
    thread = await office.thread(number, UNIT)
    await office.sent()
    office.chat.deleted.add(thread)
    await office.world.says("补充 里头三盏也黑着")
    await office.topics.step()
    await office.sent()
    assert await office.topics.step() == 1
    again = await office.thread(number, UNIT)
    assert again != thread
    said = [post.text for post in await office.posts(UNIT, again)]
    assert any("重新打开" in text for text in said)
    assert "市民补充：里头三盏也黑着。" in said
    (signed,) = await office.presses(HANDLER, "签收", again)
    assert "签收" in signed.text


async def test_the_queue_is_ones_own(small: Office) -> None:
    number = await lamp(small)
    (said,) = await small.world.says("/queue", "chat", IDS[HANDLER])
    assert said.startswith("待办1件：")
    assert number in said
    assert "没有查到" in (await small.world.says("/queue", "chat", "anna"))[0]


async def test_a_return_and_an_extension_are_asked_for_with_reasons(small: Office) -> None:
    number = await lamp(small)
    thread = await small.thread(number, UNIT)
    (how,) = await small.presses(HANDLER, "申请延期", thread)
    assert "延期 天数 理由" in how.text
    await small.presses(HANDLER, "签收", thread)
    (asked,) = await small.says(HANDLER, "延期 5 灯杆要从外地调", thread)
    assert "已申请延期5个工作日" in asked.text
    (refused,) = await small.says(HANDLER, "退单：归乡镇管", thread)
    assert "申请延期" in refused.text
    assert "不能" in refused.text


async def test_in_private_the_answer_may_follow_the_button(small: Office) -> None:
    number = await lamp(small)
    await small.says(HANDLER, "签收", await small.thread(number, UNIT))
    chat = IDS[HANDLER]
    assert "20秒后" in (await small.world.says(f"/reply {number} {ANSWER}", "chat", chat))[0]
    assert "已撤回" in (await small.world.presses("撤回", "chat", chat))[0]


async def test_a_supervisor_says_whose_group_it_is(small: Office) -> None:
    def groups(session: Session) -> int:
        return len(session.exec(select(StaffGroup)).all())

    await small.world.says("/unit 水务局", "chat", "-300", sender=IDS[HANDLER], private=False)
    assert "不归您的岗位" in (await small.world.said("chat", "-300"))[-1]
    await small.world.says("/unit 水务局", "chat", "-300", sender=IDS[BOSS], private=False)
    assert "水务局" in (await small.world.said("chat", "-300"))[-1]
    assert await small.world.db.read(groups) == 2
