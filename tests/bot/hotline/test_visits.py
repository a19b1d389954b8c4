"""Going there: homes of who cannot come, the old and ill first; checks on site; who sees the address."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.hotline import site_visits, visit_view
from bot.hotline.service import Sender
from bot.hotline.site_visits import BookIn, ReportIn, VisitIn
from bot.hotline.visit_view import VisitOut
from bot.hotline.words import Action, Kind
from bot.hotline.work_models import SiteVisit
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.people import Role
from tests.bot.hotline.conftest import ANSWER, CITIZEN, Rig, staff

GRID = staff("示例己", Role.OFFICIAL, unit="lamps")
WISH = {"home_visit": True, "vulnerable": True, "place": {"address": "东河村五组"}, "for_person": "示例外婆"}


async def _waiting(rig: Rig, who: Principal) -> list[VisitOut]:
    return await rig.db.read(lambda session: visit_view.waiting(rig.hotline.desk(session), who))


async def _book(rig: Rig, visit_id: str, person: str = "person-示例丙", hours: int = 24) -> SiteVisit:
    at = rig.clock() + timedelta(hours=hours)

    def book(session: Session) -> SiteVisit:
        return site_visits.book(rig.hotline.desk(session), rig.agent, visit_id, BookIn(person=person, at=at))

    return await rig.db.write(book)


async def _report(rig: Rig, who: Principal, visit_id: str, **given: object) -> None:
    def report(session: Session) -> None:
        body = ReportIn.model_validate({"note": "已看过", **given})
        site_visits.report(rig.hotline.desk(session), who, visit_id, body)

    await rig.db.write(report)


async def test_the_old_ill_and_disabled_are_first_among_those_who_wish_a_visit(rig: Rig) -> None:
    young = await rig.open(Kind.HELP, "请上门看看水表", home_visit=True)
    rig.later(hours=1)
    old = await rig.open(Kind.HELP, "外婆84岁下不了楼，盼上门认证", **WISH)
    assert [one.number for one in await _waiting(rig, rig.agent)] == [old.number, young.number]


async def test_a_booked_visit_is_told_to_the_citizen_and_to_who_goes(rig: Rig) -> None:
    opened = await rig.open(Kind.HELP, "外婆84岁下不了楼，盼上门认证", **WISH)
    (wished,) = await _waiting(rig, rig.agent)
    await _book(rig, wished.id)
    (told,) = await rig.sent("matter_visit")
    assert "有工作人员上门，来前先打电话给您" in told.text
    (sent,) = await rig.sent("staff_visit")
    assert sent.address == "staff-示例丙"
    view = await rig.db.read(rig.hotline.view, opened.number, Sender("memory", CITIZEN))
    assert view.visit == rig.clock() + timedelta(hours=24)


async def test_only_who_goes_there_sees_where_and_whom_to_call(rig: Rig) -> None:
    await rig.open(Kind.HELP, "外婆84岁下不了楼，盼上门认证", phone="+12025550133", **WISH)
    (wished,) = await _waiting(rig, rig.agent)
    await _book(rig, wished.id)
    (mine,) = await _waiting(rig, rig.handler)
    assert (mine.address, mine.name, mine.phone) == ("东河村五组", "示例外婆", "+12025550133")
    (theirs,) = await _waiting(rig, rig.agent)
    assert (theirs.address, theirs.name, theirs.phone) == (None, None, None)
    assert await _waiting(rig, rig.stranger) == []


async def test_a_cancelled_visit_is_told_and_a_missed_one_brings_the_owner(rig: Rig) -> None:
    opened = await rig.open(Kind.HELP, "盼上门认证", **WISH)
    await rig.do(opened.number, Action.ACCEPT, rig.agent)
    (wished,) = await _waiting(rig, rig.agent)
    await _book(rig, wished.id)

    def cancel(session: Session) -> None:
        site_visits.cancel(rig.hotline.desk(session), rig.agent, wished.id, "师傅病了")

    await rig.db.write(cancel)
    (off,) = await rig.sent("matter_visit_off")
    assert off.text.startswith("对不起，")

    def again(session: Session) -> str:
        return site_visits.ask(rig.hotline.desk(session), rig.agent, VisitIn(number=opened.number)).id

    second = await rig.db.write(again)
    await _book(rig, second)
    await _report(rig, rig.handler, second, note="敲门没人", missed=True)
    assert "上门没见到人：敲门没人" in (await rig.sent("staff_decided"))[-1].text


async def test_a_check_on_site_that_finds_a_fault_brings_a_call(rig: Rig) -> None:
    opened = await rig.in_a_unit(Kind.HELP)

    def ask(session: Session) -> str:
        at = rig.clock() + timedelta(days=1)
        given = VisitIn(number=opened.number, purpose="check", person="person-示例己", at=at)
        return site_visits.ask(rig.hotline.desk(session), rig.agent, given).id

    with pytest.raises(Conflict, match="answered"):
        await rig.db.write(ask)
    await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER)
    visit = await rig.db.write(ask)
    with pytest.raises(BadInput, match="whether"):
        await _report(rig, GRID, visit)
    await _report(rig, GRID, visit, result="faulty", note="里头三盏还黑着")
    assert (await rig.matter(opened.number)).call_by is not None
    assert "现场核查没办好：里头三盏还黑着" in (await rig.sent("staff_decided"))[-1].text
    with pytest.raises(Conflict):
        await _report(rig, GRID, visit, result="sound")


async def test_a_stranger_reports_nothing_and_a_confidential_matter_is_the_hotlines_to_visit(rig: Rig) -> None:
    opened = await rig.in_a_unit(Kind.HELP, confidential=True, home_visit=True)
    (wished,) = await _waiting(rig, rig.agent)
    with pytest.raises(NotFound):
        await _report(rig, rig.stranger, wished.id)

    def ask(session: Session) -> None:
        site_visits.ask(rig.hotline.desk(session), rig.handler, VisitIn(number=opened.number, purpose="check"))

    with pytest.raises(Forbidden):
        await rig.db.write(ask)


async def test_a_visit_nobody_reported_on_is_asked_about_once(rig: Rig) -> None:
    await rig.open(Kind.HELP, "盼上门认证", **WISH)
    (wished,) = await _waiting(rig, rig.agent)
    await _book(rig, wished.id)
    rig.later(days=3)
    for _ in range(3):
        await rig.db.write(rig.hotline.sweep)
    told = [row for row in await rig.sent("staff_decided") if "没有回报" in row.text]
    assert len({row.address for row in told}) == len(told) > 0


async def test_a_time_in_the_past_or_far_ahead_is_refused(lite: Rig) -> None:
    await lite.open(Kind.HELP, "盼上门认证", **WISH)
    (wished,) = await _waiting(lite, lite.agent)
    for hours in (-1, 24 * 90):
        with pytest.raises(BadInput, match="ahead"):
            await _book(lite, wished.id, hours=hours)
    with pytest.raises(BadInput, match="official"):
        await _book(lite, wished.id, person="person-示例戊")
