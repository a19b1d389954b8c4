"""Whole lives of matters, as the dialogues tell them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.hotline.errors import BrushOffAnswer, IllegalMove, UrgedAlready
from bot.hotline.given import Given
from bot.hotline.service import Sender
from bot.hotline.words import Action, Grade, Kind
from core.errors import BadInput, Forbidden, NotFound, SamePerson, StaleVersion
from core.people import Role
from tests.bot.hotline.conftest import ANSWER, CITIZEN, Rig, staff

ME = Sender("memory", CITIZEN)


async def test_a_complaint_goes_from_a_message_to_closed_with_a_rating(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    matter = await rig.matter(opened.number)
    assert matter.answer_by == datetime(2026, 12, 14, 10, tzinfo=UTC), "15 working days after the 23rd, 18:00"
    (told,) = await rig.sent("matter_dispatched", "matter_accepted")
    assert told.text == (
        f"编号{opened.number}已受理，由城管局办理，最迟12月14日答复您。看进度回“查询”，补情况回“补充”加内容。"
    )
    await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER, finding="true", done="换线")
    assert (await rig.matter(opened.number)).state == "signed", "a handler's answer to a complaint is checked first"
    assert await rig.sent("matter_replied") == []
    await rig.do(opened.number, Action.CHECK, rig.other, ok=True)
    (answer,) = await rig.sent("matter_replied")
    assert answer.text == (
        f"西河村口路灯坏了三天{opened.number}城管局答复：{ANSWER}问题解决了吗？回1解决了 2没解决 0找人工"
    )
    rig.later(minutes=1)
    view = await rig.db.write(
        rig.hotline.rate, opened.number, ME, solved=True, grade=Grade.from_list(2), comment="修得快"
    )
    assert view.state == "closed"
    assert [event.what for event in view.events] == ["submitted", "accept", "dispatch", "sign", "reply", "rate"]
    assert view.lamp == "done"
    assert view.can == ["reopen"]


async def test_dissatisfied_brings_a_call_a_redo_and_after_the_second_time_a_supervisor(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    number = opened.number

    async def round_of(text: str) -> None:
        await rig.do(number, Action.REPLY, rig.handler, text=text, finding="true")
        await rig.do(number, Action.CHECK, rig.other)
        rig.later(minutes=1)
        await rig.db.write(
            rig.hotline.rate, number, ME, solved=False, grade=Grade.DISSATISFIED, comment="里头三盏还黑着"
        )

    await round_of(ANSWER)
    matter = await rig.matter(number)
    assert (matter.state, matter.call_by is not None) == ("followed_up", True)
    assert len(await rig.sent("staff_call")) == 1
    await rig.do(number, Action.REDO, rig.agent, reason="核实属实", unit="城管局")
    matter = await rig.matter(number)
    assert matter.state == "dispatched"
    assert matter.answer_by == datetime(2026, 12, 14, 10, tzinfo=UTC)
    (redo,) = await rig.sent("matter_redo")
    assert "已退回城管局重新办理，最迟12月14日答复" in redo.text
    await rig.do(number, Action.SIGN, rig.handler)
    await round_of(ANSWER + "三盏都换了。")
    with pytest.raises(IllegalMove, match="supervisor decides"):
        await rig.do(number, Action.REDO, rig.agent, reason="再办一次")
    assert len(await rig.sent("staff_supervised")) == 2, "handler and leader"
    await rig.do(number, Action.CLOSE, rig.boss, text="解释办结")
    assert (await rig.matter(number)).state == "closed"


async def test_what_a_citizen_rates_counts_once_for_each_answer(rig: Rig) -> None:
    opened = await rig.answered()
    await rig.db.write(rig.hotline.rate, opened.number, ME, solved=True, grade=Grade.FAIR)
    with pytest.raises(Exception, match="rated already"):
        await rig.db.write(rig.hotline.rate, opened.number, ME, solved=True, grade=Grade.VERY_SATISFIED)


async def test_a_reply_can_be_taken_back_for_twenty_seconds_and_not_longer(rig: Rig) -> None:
    opened = await rig.open()
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.REPLY, rig.agent, text=ANSWER)
    seen = await rig.db.read(rig.hotline.view, opened.number, ME)
    assert ANSWER not in seen.model_dump_json(), "the citizen reads nothing of an answer that may be taken back"
    assert "reply" not in [event.what for event in seen.events]
    rig.later(seconds=19)
    await rig.do(opened.number, Action.UNDO, rig.agent)
    assert (await rig.matter(opened.number)).state == "accepted"
    assert await rig.sent("matter_replied") == []
    await rig.do(opened.number, Action.REPLY, rig.agent, text=ANSWER)
    rig.later(seconds=20)
    with pytest.raises(IllegalMove, match="has left"):
        await rig.do(opened.number, Action.UNDO, rig.agent)


async def test_by_sms_one_message_signs_and_answers_and_a_refused_answer_leaves_it_unsigned(rig: Rig) -> None:
    opened = await rig.open(Kind.HELP, "老人下不了楼盼上门认证")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="城管局")
    with pytest.raises(BrushOffAnswer):
        await rig.db.write(rig.hotline.reply, opened.number, rig.handler, Given(text="好的"), sign=True)
    assert (await rig.matter(opened.number)).state == "dispatched"
    await rig.db.write(rig.hotline.reply, opened.number, rig.handler, Given(text=ANSWER), sign=True)
    assert (await rig.matter(opened.number)).state == "replied"


async def test_a_return_is_asked_for_refused_or_granted_and_the_third_dispatch_is_designated(rig: Rig) -> None:
    opened = await rig.open(Kind.HELP, "老人下不了楼盼上门认证")
    number = opened.number
    due = opened.answer_by
    await rig.do(number, Action.ACCEPT, rig.agent)
    for _ in range(2):
        await rig.do(number, Action.DISPATCH, rig.agent, unit="城管局")
        await rig.do(number, Action.RETURN, rig.handler, reason="不归我们")
        await rig.do(number, Action.GRANT, rig.boss)
    with pytest.raises(IllegalMove, match="designates"):
        await rig.do(number, Action.DISPATCH, rig.agent, unit="水务局")
    await rig.do(number, Action.DESIGNATE, rig.boss, unit="水务局")
    with pytest.raises(IllegalMove, match="cannot return"):
        await rig.do(number, Action.RETURN, rig.stranger, reason="也不归我们")
    assert (await rig.matter(number)).answer_by == due, "the citizen's clock never restarts"
    assert [row.text for row in await rig.sent("staff_alert")] == [
        f"告警 第二次退单：{number}老人下不了楼盼上门认证，城管局。"
    ]


async def test_a_return_not_asked_for_within_a_working_day_is_taken_on(rig: Rig) -> None:
    opened = await rig.open(Kind.HELP, "老人下不了楼盼上门认证")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="城管局")
    rig.later(days=2)
    with pytest.raises(IllegalMove, match="taken it on"):
        await rig.do(opened.number, Action.RETURN, rig.handler, reason="不归我们")


async def test_an_extension_is_granted_once_and_the_citizen_is_told_the_new_date(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    await rig.do(opened.number, Action.EXTEND, rig.handler, days=7, reason="灯杆要从外地调")
    await rig.do(opened.number, Action.GRANT, rig.boss)
    matter = await rig.matter(opened.number)
    assert matter.answer_by == datetime(2026, 12, 23, 10, tzinfo=UTC)
    (told,) = await rig.sent("matter_extended")
    assert "改为最迟12月23日答复您。原因：灯杆要从外地调。" in told.text
    with pytest.raises(IllegalMove, match="once"):
        await rig.do(opened.number, Action.EXTEND, rig.handler, days=1, reason="再延")
    other = await rig.in_a_unit(text="东街菜场后门垃圾没人管")
    with pytest.raises(BadInput):
        await rig.do(other.number, Action.EXTEND, rig.handler, days=8, reason="太忙")


async def test_the_clock_stands_still_while_waiting_and_runs_on_when_the_citizen_answers(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    before = (await rig.matter(opened.number)).answer_by
    rig.later(days=1)
    await rig.do(opened.number, Action.PAUSE, rig.agent, reason="waiting for citizen")
    assert (await rig.matter(opened.number)).state == "paused"
    rig.later(days=2)
    await rig.db.write(rig.hotline.append, opened.number, ME, "是村口东边那盏")
    matter = await rig.matter(opened.number)
    assert matter.state == "signed"
    assert matter.answer_by - before == timedelta(days=2)


async def test_a_limit_across_the_new_year_counts_weekdays_until_the_calendar_is_published(rig: Rig) -> None:
    rig.clock.set(datetime(2026, 12, 28, 2, tzinfo=UTC))
    opened = await rig.open(Kind.HELP, "外婆高龄津贴认证能不能上门")
    assert opened.answer_by == datetime(2027, 1, 4, 10, tzinfo=UTC)


async def test_urging_is_once_a_day_and_says_who_answers_until_when(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    urged = await rig.db.write(rig.hotline.urge, opened.number, ME)
    assert (urged.unit_id, urged.count) == ("lamps", 1)
    assert urged.progress_by == datetime(2026, 11, 24, 10, tzinfo=UTC)
    with pytest.raises(UrgedAlready):
        await rig.db.write(rig.hotline.urge, opened.number, ME)
    rig.later(days=1)
    await rig.db.write(rig.hotline.urge, opened.number, ME)
    assert len(await rig.sent("staff_urged")) == 2


async def test_withdrawing_ends_a_complaint_but_of_a_report_only_the_answer(rig: Rig) -> None:
    complaint = await rig.open(Kind.COMPLAINT, "广场舞太吵了")
    report = await rig.open(Kind.REPORT, "有人骗领补贴")
    assert (await rig.db.write(rig.hotline.withdraw, complaint.number, ME)).state == "withdrawn"
    assert (await rig.db.write(rig.hotline.withdraw, report.number, ME)).state == "withdrawn"
    assert (await rig.matter(report.number)).state == "submitted", "the inquiry goes on"
    await rig.do(report.number, Action.ACCEPT, rig.agent)
    await rig.do(report.number, Action.REPLY, rig.other, text=ANSWER, finding="true")
    assert await rig.sent("matter_replied", "matter_private") == []


async def test_a_rejection_says_why_and_where_to_go_and_is_contested_once(rig: Rig) -> None:
    opened = await rig.open(Kind.COMPLAINT, "法院判得不公")
    await rig.do(opened.number, Action.REJECT, rig.agent, reason="诉讼仲裁复议")
    (told,) = await rig.sent("matter_rejected")
    assert "这件事已进入诉讼、仲裁或行政复议程序。请向受理的法院（12368）" in told.text
    assert "不同意可在12月8日前回“异议”加原因。" in told.text
    await rig.db.write(rig.hotline.contest, opened.number, ME, "不是同一件事")
    await rig.do(opened.number, Action.REJECT, rig.agent, reason="jurisdiction")
    with pytest.raises(IllegalMove, match="once"):
        await rig.db.write(rig.hotline.contest, opened.number, ME, "还是不服")


async def test_a_closed_matter_is_taken_up_again_for_fifteen_calendar_days(rig: Rig) -> None:
    opened = await rig.answered()
    await rig.db.write(rig.hotline.rate, opened.number, ME, solved=True, grade=Grade.SATISFIED)
    rig.clock.set(datetime(2026, 12, 8, 15, 59, tzinfo=UTC))
    view = await rig.db.write(rig.hotline.reopen, opened.number, ME, "又坏了")
    assert view.state == "reopened"
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    late = await rig.answered()
    await rig.db.write(rig.hotline.rate, late.number, ME, solved=True, grade=Grade.SATISFIED)
    rig.clock.advance(timedelta(days=16))
    with pytest.raises(IllegalMove):
        await rig.db.write(rig.hotline.reopen, late.number, ME, "又坏了")


async def test_everyone_merged_is_told_the_answer(rig: Rig) -> None:
    first = await rig.in_a_unit()
    second = await rig.open(Kind.COMPLAINT, "西河村的路灯不亮", reply_to=None, phone="+12025550144")
    third = await rig.open(Kind.COMPLAINT, "村口路灯黑了", reply_to=None)
    for one in (second, third):
        await rig.do(one.number, Action.MERGE, rig.agent, into=first.number)
    await rig.do(first.number, Action.REPLY, rig.handler, text=ANSWER, finding="true")
    await rig.do(first.number, Action.CHECK, rig.other)
    rig.later(minutes=1)
    answered = {row.address for row in await rig.sent("matter_replied", "matter_answered")}
    assert answered == {CITIZEN, "+12025550144"}
    assert all(ANSWER in row.text for row in await rig.sent("matter_answered"))
    with pytest.raises(IllegalMove):
        await rig.do(second.number, Action.REPLY, rig.agent, text=ANSWER, finding="true")


async def test_an_answer_that_says_nothing_is_shown_back_and_listed_when_forced(rig: Rig) -> None:
    opened = await rig.open()
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    for text in ("已转相关部门处理", "请百度", "好的"):
        with pytest.raises(BrushOffAnswer):
            await rig.do(opened.number, Action.REPLY, rig.agent, text=text)
    await rig.do(opened.number, Action.REPLY, rig.agent, text="已转相关部门处理", force=True)
    assert len(await rig.sent("staff_alert")) == 1


async def test_complaints_need_a_finding_and_whoever_accepted_one_never_handles_it(rig: Rig) -> None:
    opened = await rig.open(Kind.REPORT, "有人骗领补贴")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    with pytest.raises(SamePerson):
        await rig.do(opened.number, Action.REPLY, rig.agent, text=ANSWER, finding="true")
    with pytest.raises(BadInput):
        await rig.do(opened.number, Action.REPLY, rig.other, text=ANSWER)


async def test_an_owner_hands_over_and_stays_responsible_until_it_is_taken(rig: Rig) -> None:
    opened = await rig.open()
    await rig.do(opened.number, Action.CLAIM, rig.agent)
    with pytest.raises(IllegalMove):
        await rig.do(opened.number, Action.CLAIM, rig.other)
    await rig.do(opened.number, Action.HAND_OVER, rig.agent, to=rig.other.identity)
    assert (await rig.matter(opened.number)).owner_name == "示例甲"
    await rig.do(opened.number, Action.TAKE_OVER, rig.other)
    assert (await rig.matter(opened.number)).owner_name == "示例乙"


async def test_an_old_version_is_refused_with_the_present_one(rig: Rig) -> None:
    opened = await rig.open()
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    with pytest.raises(StaleVersion) as refused:
        await rig.db.write(rig.hotline.perform, opened.number, Action.REJECT, rig.other, Given(version=1, reason="x"))
    assert refused.value.fields == {"state": "accepted", "version": "2"}


async def test_roles_are_held_to(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    with pytest.raises(Forbidden):
        await rig.do(opened.number, Action.SUPERVISE, rig.agent)
    with pytest.raises(Forbidden):
        await rig.do(opened.number, Action.MERGE, rig.handler, into=opened.number)
    with pytest.raises(NotFound):
        await rig.do(opened.number, Action.NOTE, rig.stranger, text="不是我们的")
    with pytest.raises(NotFound):
        await rig.do(opened.number, Action.NOTE, staff("示例庚", Role.EDITOR), text="好奇")
    assert await rig.db.read(rig.hotline.own, Sender("memory", "somebody else")) == []
