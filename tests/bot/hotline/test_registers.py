"""Information requests with their own register and clock; objections; the digest; alert points; cross-checks."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from bot.hotline import alerts, cross_checks, disclosure
from bot.hotline.errors import IllegalMove
from bot.hotline.office import Doer
from bot.hotline.service import Sender
from bot.hotline.words import Action, Grade, Kind
from core.errors import BadInput, Conflict
from tests.bot.hotline.conftest import ANSWER, CITIZEN, Rig

ME = Sender("memory", CITIZEN)
ASKED = "想看2025年耕地地力保护补贴的分配文件"


async def test_a_request_has_its_own_series_and_twenty_working_days(lite: Rig) -> None:
    opened = await lite.open(Kind.INFORMATION_REQUEST, ASKED)
    assert opened.number.startswith("X2611001")
    assert opened.answer_by == datetime(2026, 12, 21, 10, tzinfo=UTC)
    view = await lite.db.read(lite.hotline.view, opened.number, ME)
    assert "urge" not in view.can


async def test_a_correction_is_asked_for_in_time_and_starts_the_clock_anew(lite: Rig) -> None:
    opened = await lite.open(Kind.INFORMATION_REQUEST, ASKED)
    await lite.do(opened.number, Action.ASK, lite.agent, missing=["description", "form"])
    await lite.do(opened.number, Action.PAUSE, lite.agent, reason="correction")
    lite.clock.set(datetime(2026, 12, 7, 2, tzinfo=UTC))
    await lite.db.write(lite.hotline.append, opened.number, ME, "要电子件，文号是示财〔2025〕3号")
    matter = await lite.matter(opened.number)
    assert (matter.state, matter.answer_by) == ("submitted", datetime(2027, 1, 4, 10, tzinfo=UTC))
    with pytest.raises(IllegalMove, match="7 working days"):
        await lite.do(opened.number, Action.PAUSE, lite.agent, reason="correction")
    await lite.do(opened.number, Action.PAUSE, lite.agent, reason="third_party")


async def test_papers_and_the_yearly_report_come_from_the_same_records(lite: Rig) -> None:
    first = await lite.open(Kind.INFORMATION_REQUEST, ASKED)
    await lite.open(Kind.INFORMATION_REQUEST, "想看示例镇2025年决算")
    await lite.do(first.number, Action.ACCEPT, lite.agent)
    await lite.do(
        first.number, Action.REPLY, lite.agent, text=ANSWER, outcome="refused", ground="个人隐私", fee_fen=500
    )
    lite.later(minutes=1)
    await lite.do(first.number, Action.CLOSE, lite.agent)

    def report(session: Session) -> tuple[str, str, disclosure.Yearly]:
        desk = lite.hotline.desk(session)
        matter = lite.hotline.find(session, first.number, ME)
        disclosure.note_aftermath(desk, matter, Doer.staff(lite.agent), "review", "维持")
        with pytest.raises(BadInput):
            disclosure.note_aftermath(desk, matter, Doer.staff(lite.agent), "anger", "")
        papers = [disclosure.paper(desk, matter, name) for name in ("receipt", "reply")]
        return papers[0], papers[1], disclosure.yearly(desk, 2026)

    receipt, answer, yearly = await lite.db.write(report)
    assert f"编号：{first.number}" in receipt
    assert "2026年12月21日前答复" in receipt
    assert "处理结果：不予公开" in answer
    assert (yearly.received, yearly.answered, yearly.open) == (2, 1, 1)
    assert yearly.outcomes["refused"] == 1
    assert (yearly.grounds, yearly.fees_fen) == ({"个人隐私": 1}, 500)
    assert yearly.aftermath == {"review": 1, "litigation": 0}
    assert await lite.sent("matter_replied") == [], "a request is not rated"


async def test_an_open_objection_is_found_by_its_notice_until_it_is_answered(lite: Rig) -> None:
    opened = await lite.open(Kind.COMPLAINT, "我家是4.5亩 去年量过", source="objection", outside_number="notice-7")
    assert await lite.db.read(lite.hotline.open_objections, "notice-7") == [opened.number]
    assert await lite.db.read(lite.hotline.open_objections, "notice-8") == []
    await lite.do(opened.number, Action.ACCEPT, lite.agent)
    await lite.do(opened.number, Action.REPLY, lite.other, text=ANSWER, finding="true")
    assert await lite.db.read(lite.hotline.open_objections, "notice-7") == []


async def test_the_digest_goes_to_supervisors_once_on_a_working_day(lite: Rig) -> None:
    await lite.open()
    assert await lite.db.write(lite.hotline.digest) == 1
    await lite.db.write(lite.hotline.digest)
    (said,) = await lite.sent("staff_digest")
    assert said.text.startswith("今日热线：新收1，在办1，黄灯0，红灯0")
    lite.clock.set(datetime(2026, 11, 28, 2, tzinfo=UTC))
    assert await lite.db.write(lite.hotline.digest) == 0, "Saturday"


async def test_an_identity_looked_at_without_doing_anything_is_an_alert_point(lite: Rig) -> None:
    idle, busy = await lite.open(), await lite.open()
    for one in (idle, busy):
        await lite.db.write(lite.hotline.identity, one.number, lite.agent)
    await lite.do(busy.number, Action.ACCEPT, lite.agent)
    lite.later(days=2)
    for _ in range(2):
        await lite.db.write(lite.hotline.sweep)
    (said,) = await lite.sent("staff_alert")
    assert idle.number in said.text


async def test_the_third_complaint_about_one_place_is_an_alert_point_whose_ladder_is_climbed(lite: Rig) -> None:
    for _ in range(3):
        await lite.open(Kind.COMPLAINT, "垃圾没人管", place={"address": "东街菜场后门"})
    doer = Doer.staff(lite.boss)

    def climb(session: Session) -> list[int]:
        desk = lite.hotline.desk(session)
        (alert,) = alerts.open_alerts(desk)
        steps = [alerts.climb(desk, alert.id, doer, "已电话督促").step for _ in alerts.LADDER]
        alerts.climb(desk, alert.id, doer, "已整改", close=True)
        with pytest.raises(Conflict):
            alerts.climb(desk, alert.id, doer, "")
        return steps

    assert await lite.db.write(climb) == [1, 2, 3, 4]


async def test_closed_matters_are_checked_by_a_unit_that_did_not_handle_them(lite: Rig) -> None:
    opened = await lite.in_a_unit()
    await lite.do(opened.number, Action.REPLY, lite.handler, text=ANSWER, finding="true")
    await lite.do(opened.number, Action.CHECK, lite.other)
    lite.later(minutes=1)
    await lite.db.write(lite.hotline.rate, opened.number, ME, solved=True, grade=Grade.FAIR)

    def drawn(session: Session) -> list[cross_checks.Drawn]:
        desk = lite.hotline.desk(session)
        found = cross_checks.draw(desk, Doer.staff(lite.boss), 5, 30)
        session.flush()
        assert cross_checks.draw(desk, Doer.staff(lite.boss), 5, 30) == []
        cross_checks.judge(desk, found[0].id, lite.stranger, sound=False, note="只修了一盏")
        return found

    (one,) = await lite.db.write(drawn)
    assert (one.number, one.unit) == (opened.number, "水务局")


async def test_nobody_rates_for_a_citizen_without_a_note_of_the_call(lite: Rig) -> None:
    opened = await lite.answered()
    with pytest.raises(BadInput):
        await lite.do(opened.number, Action.FOLLOW_UP, lite.agent, solved=True, grade=5)
    for _ in range(2):
        await lite.do(opened.number, Action.FOLLOW_UP, lite.agent, reached=False)
    assert (await lite.matter(opened.number)).state == "replied"
    await lite.do(opened.number, Action.FOLLOW_UP, lite.agent, solved=True, grade=5, text="10:20 通话，说很满意")
    await lite.do(opened.number, Action.CLOSE, lite.agent)
    assert await lite.sent("staff_alert") == []
