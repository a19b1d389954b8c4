"""What the passing of time does: lamps, orders, follow-up, closing without a rating, duty."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.hotline import duty
from bot.hotline.due import Due, DueFacts, due_actions
from bot.hotline.duty import MAX_CALLS, Span, uncovered
from bot.hotline.duty_models import DutyShift
from bot.hotline.office import Doer
from bot.hotline.service import Sender
from bot.hotline.words import Action, Kind, State
from core.people import Contact
from tests.bot.hotline.conftest import CITIZEN, Rig

T = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)
ME = Sender("memory", CITIZEN)


def _facts(state: State = State.SIGNED, **more: object) -> DueFacts:
    return DueFacts(**{"state": state, "due_at": T + 3 * DAY, "yellow_at": T + 2 * DAY, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "after_days", "due"),
    [
        (_facts(), 1, []),
        (_facts(), 2, [Due.YELLOW]),
        (_facts(lamp_told="yellow"), 2, []),
        (_facts(lamp_told="yellow"), 3, [Due.RED]),
        (_facts(), 3, [Due.RED]),
        (_facts(lamp_told="red"), 9, []),
        (_facts(State.PAUSED), 9, []),
        (_facts(State.CLOSED), 9, []),
        (_facts(State.REPLIED, follow_up_by=T + DAY, closes_at=T + 7 * DAY), 0, []),
        (_facts(State.REPLIED, follow_up_by=T + DAY, closes_at=T + 7 * DAY), 1, [Due.TRY]),
        (_facts(State.REPLIED, follow_up_by=T + 3 * DAY, closes_at=T + 7 * DAY, tries=1), 2, []),
        (_facts(State.REPLIED, follow_up_by=T + 3 * DAY, closes_at=T + 7 * DAY, tries=1), 3, [Due.TRY]),
        (_facts(State.REPLIED, follow_up_by=T + 5 * DAY, closes_at=T + 7 * DAY, tries=2), 9, [Due.TRY]),
        (_facts(State.REPLIED, follow_up_by=T + 7 * DAY, closes_at=T + 7 * DAY, tries=3), 6, []),
        (_facts(State.REPLIED, follow_up_by=T + 7 * DAY, closes_at=T + 7 * DAY, tries=3), 7, [Due.UNRATED]),
        (_facts(State.REPLIED, follow_up_by=T + DAY, closes_at=T + 7 * DAY, reachable=False), 3, [Due.WAIT]),
        (_facts(State.REPLIED, follow_up_by=T + DAY, closes_at=T + 7 * DAY, reachable=False), 7, [Due.UNRATED]),
        (_facts(State.SUBMITTED, called_at=T), 1, [Due.ESCALATE]),
        (_facts(State.ACCEPTED, called_at=T), 1, []),
    ],
)
def test_what_is_due(facts: DueFacts, after_days: int, due: list[Due]) -> None:
    assert due_actions(facts, T + after_days * DAY) == due


async def test_lamps_are_told_once_and_red_opens_an_order_and_says_sorry_first(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    rig.clock.set(datetime(2026, 12, 11, 9, 59, tzinfo=UTC))
    assert not await rig.db.write(rig.hotline.sweep)
    rig.later(minutes=1)
    assert await rig.db.write(rig.hotline.sweep) == {Due.YELLOW: 1}
    assert not await rig.db.write(rig.hotline.sweep)
    rig.clock.set(datetime(2026, 12, 14, 10, 0, tzinfo=UTC))
    assert await rig.db.write(rig.hotline.sweep) == {Due.RED: 1}
    assert not await rig.db.write(rig.hotline.sweep)
    assert len(await rig.sent("staff_yellow")) == 1
    assert len(await rig.sent("staff_red")) == 3, "handler, leader, supervisor"
    (sorry,) = await rig.sent("matter_overdue")
    assert sorry.text == (
        f"对不起，西河村口路灯坏了三天{opened.number}已过答复期限。现已督办，城管局须在15日下班前答复您并说明原因。"
    )
    seen = await rig.db.read(rig.hotline.show, opened.number, rig.boss)
    assert seen.lamp == "red"
    assert [order["why"] for order in seen.orders] == ["red"]


async def test_a_lamp_keeps_its_colour_during_a_pause(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    await rig.do(opened.number, Action.PAUSE, rig.agent, reason="third_party")
    rig.later(days=60)
    assert not await rig.db.write(rig.hotline.sweep)
    assert (await rig.db.read(rig.hotline.show, opened.number, rig.agent)).lamp == "green"


async def test_after_three_tries_in_seven_days_it_closes_as_unrated(rig: Rig) -> None:
    opened = await rig.answered()
    for _ in range(9 * 24):
        rig.later(hours=1)
        await rig.db.write(rig.hotline.sweep)
    matter = await rig.matter(opened.number)
    assert matter.state == "closed"
    assert len(await rig.sent("matter_follow_up")) == 3
    assert matter.closed_at is not None
    assert matter.replied_at is not None
    assert timedelta(days=7) < matter.closed_at - matter.replied_at < timedelta(days=8)
    assert await rig.sent("staff_alert") == [], "three tries are a contact that was tried"


async def test_what_waits_for_a_rating_never_keeps_the_sweep_from_other_work(lite: Rig) -> None:
    for _ in range(3):
        await lite.answered(reply_to=None)
    lite.later(days=2)
    assert (await lite.db.write(lite.hotline.sweep))[Due.WAIT] == 3
    assert not await lite.db.write(lite.hotline.sweep), "nothing is looked at again until it is due"


async def test_no_more_than_two_status_messages_for_a_matter_in_a_day(rig: Rig) -> None:
    opened = await rig.in_a_unit()
    for n in range(4):
        await rig.do(opened.number, Action.NOTE, rig.agent, text=f"已派人看过，等换线。第{n}次", tell=True)
    assert len(await rig.sent("matter_dispatched", "matter_progress")) == 2
    rig.later(days=1)
    await rig.do(opened.number, Action.NOTE, rig.agent, text="线到了。", tell=True)
    assert len(await rig.sent("matter_dispatched", "matter_progress")) == 3


def test_gaps_between_shifts_are_found() -> None:
    shifts = [Span(T + DAY, T + 2 * DAY), Span(T, T + timedelta(hours=12)), Span(T + 2 * DAY, T + 3 * DAY)]
    assert uncovered(shifts, T, T + 4 * DAY) == [
        Span(T + timedelta(hours=12), T + DAY),
        Span(T + 3 * DAY, T + 4 * DAY),
    ]
    assert uncovered([], T, T + DAY) == [Span(T, T + DAY)]
    assert uncovered([Span(T - DAY, T + 9 * DAY)], T, T + DAY) == []


def _shifts(session: Session, first: str, second: str) -> None:
    for position, person in enumerate((first, second)):
        session.add(DutyShift(person_id=person, starts=T - DAY, ends=T + DAY, position=position))


async def test_an_emergency_calls_who_is_on_duty_then_the_next_after_five_minutes_until_somebody_answers(
    rig: Rig,
) -> None:
    await rig.db.write(_shifts, "person-示例乙", "person-示例丙")
    opened = await rig.open(Kind.HELP, "救命 隔壁着火了 东街12号", emergency="fire")
    called = [row.address for row in await rig.sent("staff_alarm")]
    assert called == ["staff-示例乙"]
    rig.later(minutes=4)
    assert Due.ESCALATE not in await rig.db.write(rig.hotline.sweep)
    rig.later(minutes=1)
    assert (await rig.db.write(rig.hotline.sweep))[Due.ESCALATE] == 1
    called = [row.address for row in await rig.sent("staff_alarm")]
    assert called == ["staff-示例乙", "staff-示例丙"]

    def answer(session: Session) -> None:
        desk = rig.hotline.desk(session)
        matter = rig.hotline.find(session, opened.number, ME)
        duty.answer_alarm(desk, matter, Doer.staff(rig.other))

    await rig.db.write(answer)
    rig.later(minutes=6)
    assert Due.ESCALATE not in await rig.db.write(rig.hotline.sweep)
    assert (await rig.sent("staff_alarm"))[0].text.startswith(f"紧急{opened.number}：救命 隔壁着火了 东街12号。")


async def test_the_ladder_goes_up_to_leaders_and_supervisors_passes_over_who_has_no_address_and_ends(rig: Rig) -> None:
    def silent(session: Session) -> None:
        session.delete(session.exec(select(Contact).where(Contact.person_id == "person-示例乙")).one())

    await rig.db.write(_shifts, "person-示例乙", "person-示例丙")
    await rig.db.write(silent)
    await rig.open(Kind.HELP, "救命 隔壁着火了 东街12号", emergency="fire")
    for _ in range(30):
        rig.later(minutes=5)
        await rig.db.write(rig.hotline.sweep)
    called = [row.address for row in await rig.sent("staff_alarm")]
    assert called[:4] == ["staff-示例丙", "staff-示例己", "staff-示例戊", "staff-示例丙"], "then from the beginning"
    assert len(called) <= MAX_CALLS


async def test_gaps_of_a_roster_in_use_are_told_to_the_leader_once_and_an_unused_one_is_no_news(rig: Rig) -> None:
    def roster(session: Session) -> None:
        for days in (0, 1, 3):
            starts = T + days * DAY
            session.add(DutyShift(unit_id="lamps", person_id="person-示例丙", starts=starts, ends=starts + DAY))

    await rig.db.write(roster)
    for _ in range(2):
        await rig.db.write(rig.hotline.digest)
    (told,) = await rig.sent("staff_duty_gap")
    assert told.address == "staff-示例己", "the leader of those on the roster"
    assert told.text == "城管局14天内有2段没人值班，最近一段11月25日10:00到11月26日10:00。请排好值班表。"


async def test_a_roster_is_loaded_from_a_sheet_with_every_bad_row_named(rig: Rig) -> None:
    def load(session: Session) -> tuple[int, list[str]]:
        from core.people import Person

        person = session.get_one(Person, "person-示例乙")
        person.staff_no = "A1"
        session.add(person)
        session.flush()
        sheet = (
            "工号,单位,开始,结束\n"
            "A1,,2026-11-23 18:00,2026-11-24 09:00\n"
            "\n"
            "A9,,2026-11-23 18:00,2026-11-24 09:00\n"
            "A1,,2026-11-25 18:00,2026-11-24 09:00\n"
        ).encode()
        desk, doer = rig.hotline.desk(session), Doer.staff(rig.boss)
        first = duty.load(desk, sheet, doer)
        assert duty.load(desk, sheet, doer)[0] == 0, "the same sheet again adds nothing"
        return first

    added, bad = await rig.db.write(load)
    assert added == 1
    assert [line.split(":")[0] for line in bad] == ["line 4", "line 5"], "as the file counts, empty lines too"
