"""Work shared: helping units give opinions, leaders check, the merged are told, conduct goes to who supervises."""

import pytest
from sqlmodel import Session

from bot.hotline.duplicates import Likely
from bot.hotline.errors import IllegalMove, PastedRemains
from bot.hotline.intake import ReplyTo
from bot.hotline.pasted import remains
from bot.hotline.words import Action, Finding, Kind
from core.errors import BadInput, Forbidden, NotFound
from core.people import Person, Role
from tests.bot.hotline.conftest import ANSWER, CITIZEN, Rig, staff

LEADER = staff("示例己", Role.OFFICIAL, unit="lamps")
OPINION = "线路归供电所，明天上午断电配合"


async def _with_help(rig: Rig) -> str:
    opened = await rig.open(Kind.HELP, "西河村口路灯坏了三天")
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="lamps", co_units=["water"])
    return opened.number


async def test_an_opinion_of_a_helping_unit_goes_to_the_unit_that_answers(rig: Rig) -> None:
    number = await _with_help(rig)
    await rig.do(number, Action.OPINION, rig.stranger, text=OPINION)
    (told,) = await rig.sent("staff_opinion")
    assert told.address == "staff-示例丙", "the handler of the lead unit"
    assert f"水务局说：{OPINION}。" in told.text
    assert (await rig.matter(number)).state == "dispatched", "the lead unit's state is its own"
    assert not await rig.sent("matter_progress"), "the citizen hears the answer, not the opinions"


async def test_a_helping_unit_does_not_answer_and_the_lead_unit_gives_no_opinion(rig: Rig) -> None:
    number = await _with_help(rig)
    await rig.do(number, Action.SIGN, rig.handler)
    with pytest.raises(IllegalMove, match="opinion"):
        await rig.do(number, Action.REPLY, rig.stranger, text=ANSWER)
    with pytest.raises(IllegalMove, match="answers"):
        await rig.do(number, Action.OPINION, rig.handler, text=OPINION)


async def test_the_leader_of_whoever_wrote_an_answer_checks_it(rig: Rig) -> None:
    opened = await rig.in_a_unit(Kind.COMPLAINT)
    with pytest.raises(NotFound):
        await rig.do(opened.number, Action.CHECK, LEADER, ok=True)
    await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER, finding=Finding.TRUE)
    assert {row.address for row in await rig.sent("staff_check")} == {"staff-示例甲", "staff-示例己"}
    seen = await rig.db.read(rig.hotline.show, opened.number, LEADER)
    assert seen.can == ["check"]
    await rig.do(opened.number, Action.CHECK, LEADER, ok=True)
    assert (await rig.matter(opened.number)).state == "replied"
    with pytest.raises(NotFound):
        await rig.db.read(rig.hotline.show, opened.number, LEADER)


async def test_another_handler_of_the_unit_does_not_check(rig: Rig) -> None:
    colleague = staff("示例庚", Role.HANDLER, unit="lamps")
    opened = await rig.in_a_unit(Kind.COMPLAINT)
    await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER, finding=Finding.TRUE)
    with pytest.raises(Forbidden, match="leader"):
        await rig.do(opened.number, Action.CHECK, colleague, ok=True)
    assert "check" not in (await rig.db.read(rig.hotline.show, opened.number, colleague)).can


async def test_a_complaint_about_conduct_goes_to_who_supervises_and_never_to_the_unit_itself(rig: Rig) -> None:
    def supervising(session: Session) -> None:
        person = session.get_one(Person, "person-示例戊")
        person.unit_id = "water"
        session.add(person)

    await rig.db.write(supervising)
    opened = await rig.open(Kind.COMPLAINT, "城管局窗口的人态度恶劣，问什么都不理")
    assert (await rig.matter(opened.number)).category == "conduct"
    await rig.do(opened.number, Action.ACCEPT, rig.agent, about_unit="城管局")
    with pytest.raises(BadInput, match="never"):
        await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="lamps")
    moved = await rig.do(opened.number, Action.DISPATCH, rig.agent, unit="water")
    assert moved.unit_id == "water"


async def test_conduct_is_not_dispatched_to_a_unit_that_supervises_nobody(lite: Rig) -> None:
    def supervising(session: Session) -> None:
        person = session.get_one(Person, "person-示例戊")
        person.unit_id = "water"
        session.add(person)

    await lite.db.write(supervising)
    opened = await lite.open(Kind.COMPLAINT, "窗口推诿扯皮跑了五趟")
    await lite.do(opened.number, Action.ACCEPT, lite.agent)
    with pytest.raises(BadInput, match="水务局"):
        await lite.do(opened.number, Action.DISPATCH, lite.agent, unit="lamps")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>您好，已修好</p>", "<p>"),
        ("您好，&nbsp;已修好", "&nbsp;"),
        ("示例镇（shì lì）已修好路灯", "（shì lì）"),
        ("20xx年11月已修好", "20xx年"),
        ("已于xx月xx日修好", "xx月xx日"),
        ("您好，11月26日已修好，长度<3米的也换了", ""),
        ("请打12345（转3），或发邮件(email)", ""),
        ("2026年11月26日已修好（见附图）", ""),
    ],
)
def test_what_is_left_over_from_pasting_is_found_and_ordinary_text_is_not(text: str, left: str) -> None:
    assert remains(text) == left


async def test_a_pasted_answer_is_shown_back_once_and_may_be_forced(lite: Rig) -> None:
    opened = await lite.in_a_unit(Kind.HELP)
    with pytest.raises(PastedRemains, match="20xx年"):
        await lite.do(opened.number, Action.REPLY, lite.handler, text=f"20xx年{ANSWER}")
    await lite.do(opened.number, Action.REPLY, lite.handler, text=f"20xx年{ANSWER}", force=True)
    assert not await lite.sent("staff_alert"), "untidy is no brush-off"


async def test_who_was_merged_hears_of_more_time_of_being_late_and_of_a_rejection(rig: Rig) -> None:
    first = await rig.in_a_unit(Kind.HELP)
    other = await rig.open(Kind.HELP, "村口路灯不亮", reply_to=ReplyTo("memory", "+12025550102"))
    await rig.do(other.number, Action.MERGE, rig.agent, into=first.number)
    await rig.do(first.number, Action.EXTEND, rig.handler, days=3, reason="灯杆要从外地调")
    await rig.do(first.number, Action.GRANT, rig.boss)
    assert {row.address for row in await rig.sent("matter_extended")} == {CITIZEN, "+12025550102"}
    rig.later(days=30)
    while any((await rig.db.write(rig.hotline.sweep)).values()):
        pass
    assert {row.address for row in await rig.sent("matter_overdue")} == {CITIZEN, "+12025550102"}


async def test_one_who_withdraws_does_not_take_the_answer_from_those_merged_with_theirs(rig: Rig) -> None:
    from bot.hotline.service import Sender

    first = await rig.in_a_unit(Kind.HELP)
    other = await rig.open(Kind.HELP, "村口路灯不亮", reply_to=ReplyTo("memory", "+12025550102"))
    await rig.do(other.number, Action.MERGE, rig.agent, into=first.number)
    seen = await rig.db.write(rig.hotline.withdraw, first.number, Sender("memory", CITIZEN))
    assert seen.state == "withdrawn", "for whoever withdrew it is over"
    await rig.do(first.number, Action.REPLY, rig.handler, text=ANSWER)
    answered = [*await rig.sent("matter_answered"), *await rig.sent("matter_replied")]
    assert {row.address for row in answered} == {"+12025550102"}


async def test_the_same_person_is_known_whatever_way_they_came(rig: Rig) -> None:
    text = "西河村口路灯坏了三天，晚上看不见"
    by_sms = await rig.open(Kind.HELP, text)
    by_form = await rig.open(Kind.HELP, "路灯坏了，西河村口，请来修", source="web", reply_to=None, phone=CITIZEN)
    found: list[Likely] = await rig.db.read(rig.hotline.duplicates, by_form.number, rig.agent)
    assert [(one.number, one.why) for one in found] == [(by_sms.number, "sender")]
