"""Places are booked under a lock, given back, visited; rules change and days move without anybody being forgotten."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from core import calendar
from core.absence import Absence
from core.audit import OPERATOR, AuditEntry
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, Conflict, NotFound, StaleVersion
from core.people import Person
from notify.reception import booking
from notify.reception.booking import BookedAlready, NoPlaceLeft, NotOpen, TooLate
from notify.reception.days import Leader, Pattern
from notify.reception.models import ReceptionBooking, ReceptionDay
from notify.reception.service import Reception
from notify.timer_models import TimerRow
from notify.timers import Timers
from tests.notify.reception.office import (
    ADMIN,
    AGENT,
    BOSS,
    DECEMBER,
    FIRST,
    OTHER,
    THIRD,
    Visits,
    made_reception,
    made_rules,
    texts,
    wish,
)


@pytest.fixture
def visits() -> Visits:
    return Visits()


@pytest.fixture
async def reception(db: Database, clock: ManualClock, visits: Visits) -> Reception:
    made = made_reception(clock, visits)
    await db.write(made.lay_down, 0, made_rules(), ADMIN)
    return made


def _rows(session: Session) -> list[ReceptionBooking]:
    return list(session.exec(select(ReceptionBooking).order_by(ReceptionBooking.number)))


def _audited(session: Session) -> list[str]:
    return [entry.action for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]  # type: ignore[arg-type]


async def test_many_who_book_at_once_never_get_more_places_than_there_are(db: Database, reception: Reception) -> None:
    wishes = [wish(f"+1202555{n:04d}") for n in range(100, 112)]
    came = await asyncio.gather(*(db.write(reception.book, one) for one in wishes), return_exceptions=True)
    got = [one for one in came if isinstance(one, booking.Booked)]
    assert len(got) == 4
    assert sorted(one.slot.name for one in got) == ["09:00", "09:00", "10:00", "10:00"]
    assert len({one.number for one in got}) == 4
    assert all(isinstance(one, NoPlaceLeft) for one in came if one not in got)
    (day,) = [day for day in await db.read(reception.coming) if day.day == DECEMBER]
    assert (day.free, [part.free for part in day.parts]) == (0, [0, 0])


async def test_one_person_who_books_a_day_twice_at_once_has_one_place(db: Database, reception: Reception) -> None:
    came = await asyncio.gather(*(db.write(reception.book, wish()) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in came) == ["Booked"] + ["BookedAlready"] * 3


async def test_a_slot_may_be_asked_for(db: Database, reception: Reception) -> None:
    for phone in (FIRST, OTHER):
        assert (await db.write(reception.book, wish(phone, slot="10:00"))).slot.name == "10:00"
    with pytest.raises(NoPlaceLeft):
        await db.write(reception.book, wish(THIRD, slot="10:00"))
    with pytest.raises(BadInput):
        await db.write(reception.book, wish(THIRD, slot="11:00"))


async def test_what_cannot_be_booked_is_refused_by_name(db: Database, reception: Reception, clock: ManualClock) -> None:
    for day in (date(2026, 12, 16), date(2027, 12, 15), date.max, date.min):
        with pytest.raises(NotFound):
            await db.write(reception.book, wish(day=day))
    clock.set(datetime(2026, 12, 14, 15, 59, tzinfo=UTC))
    await db.write(reception.book, wish())
    clock.set(datetime(2026, 12, 14, 16, 1, tzinfo=UTC))
    with pytest.raises(TooLate):
        await db.write(reception.book, wish(OTHER))


async def test_with_number_and_code_a_place_is_given_back_and_the_code_cannot_be_guessed(
    db: Database, reception: Reception
) -> None:
    first, other = await db.write(reception.book, wish()), await db.write(reception.book, wish(OTHER))
    assert not await db.write(reception.cancel_by_code, "Y261215-99", first.code)
    assert await db.write(reception.cancel_by_code, first.number.lower(), first.code)
    with pytest.raises(NotOpen):
        await db.write(reception.cancel_by_code, first.number, first.code)
    wrong = f"{(int(other.code) + 1) % 10**6:06d}"
    for _ in range(10):
        assert not await db.write(reception.cancel_by_code, other.number, wrong)
    assert not await db.write(reception.cancel_by_code, other.number, other.code)
    await db.write(reception.cancel, other.number, AGENT)
    assert [row.state for row in await db.read(_rows)] == ["cancelled", "cancelled"]
    assert (await db.read(reception.coming))[0].free == 4


async def test_somebody_elses_place_cannot_be_given_back(db: Database, reception: Reception) -> None:
    booked = await db.write(reception.book, wish())
    with pytest.raises(NotFound):
        await db.write(reception.cancel_own, booked.number, booking.who_key(OTHER), "sms")


async def test_a_visit_opens_one_matter_and_only_when_the_day_has_come(
    db: Database, reception: Reception, clock: ManualClock, visits: Visits
) -> None:
    booked = await db.write(reception.book, wish())
    with pytest.raises(Conflict):
        await db.write(reception.visited, booked.number, AGENT)
    clock.set(datetime(2026, 12, 15, 1, 10, tzinfo=UTC))
    matter = await db.write(reception.visited, booked.number, AGENT, kind="help", text="路灯和井盖都要修")
    (visit, who) = visits.opened[0]
    assert (visit.kind, visit.text, visit.phone, who) == ("help", "路灯和井盖都要修", FIRST, "a-2")
    for again in (reception.visited, reception.missed):
        with pytest.raises(NotOpen):
            await db.write(again, booked.number, AGENT)
    assert (len(visits.opened), (await db.read(_rows))[0].matter) == (1, matter.number)


async def test_a_failure_to_open_the_matter_leaves_the_visit_unmarked(db: Database, clock: ManualClock) -> None:
    def refuse(*_given: object) -> None:
        raise BadInput("no such kind")

    made = made_reception(clock, refuse)  # type: ignore[arg-type]
    await db.write(made.lay_down, 0, made_rules(), ADMIN)
    booked = await db.write(made.book, wish())
    clock.set(datetime(2026, 12, 15, 1, 10, tzinfo=UTC))
    with pytest.raises(BadInput):
        await db.write(made.visited, booked.number, AGENT)
    assert (await db.read(_rows))[0].state == "booked"


async def test_a_day_that_was_booked_stands_when_the_rules_change(db: Database, reception: Reception) -> None:
    await db.write(reception.book, wish())
    changed = made_rules(regular=Pattern(days_of_month=(20,)), leaders=(Leader(name="示例癸"),), place="新大厅")
    await db.write(reception.lay_down, 1, changed, ADMIN)
    shown = {day.day.isoformat(): (day.planned.leader.name, day.place) for day in await db.read(reception.coming)}
    assert shown == {
        "2026-12-15": ("示例庚", "县信访大厅"),
        "2026-12-21": ("示例癸", "新大厅"),
        "2027-01-20": ("示例癸", "新大厅"),
    }


async def test_rules_changed_meanwhile_are_not_overwritten(db: Database, reception: Reception) -> None:
    with pytest.raises(StaleVersion):
        await db.write(reception.lay_down, 0, made_rules(), ADMIN)
    assert (await db.write(reception.lay_down, 1, made_rules(), ADMIN)).version == 2


async def test_without_rules_there_are_no_days_and_an_example_to_start_from(db: Database, clock: ManualClock) -> None:
    made = made_reception(clock, Visits())
    assert await db.read(made.coming) == []
    assert (await db.read(made.rules)).version == 0
    with pytest.raises(NotFound):
        await db.write(made.book, wish())


async def test_a_leader_who_is_away_is_stood_in_for(db: Database, reception: Reception, clock: ManualClock) -> None:
    def away(session: Session) -> None:
        session.add(Person(id="p-boss", name="示例庚", created_at=clock()))
        session.flush()
        ends = clock() + timedelta(days=30)
        session.add(Absence(person_id="p-boss", starts_at=clock(), ends_at=ends, created_at=clock()))

    await db.write(away)
    planned = (await db.read(reception.coming))[0].planned
    assert (planned.leader.name, planned.in_place_of.name if planned.in_place_of else "") == ("示例辛", "示例庚")


async def test_a_promised_leader_who_goes_away_is_shown_as_missing_until_somebody_is_named(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    def away(session: Session) -> None:
        session.add(Person(id="p-boss", name="示例庚", created_at=clock()))
        session.flush()
        ends = clock() + timedelta(days=30)
        session.add(Absence(person_id="p-boss", starts_at=clock(), ends_at=ends, created_at=clock()))

    await db.write(reception.book, wish())
    await db.write(away)
    assert not (await db.read(reception.coming))[0].planned.covered
    await db.write(reception.name_leader, DECEMBER, Leader(name="示例癸", post="主任"), ADMIN)
    planned = (await db.read(reception.coming))[0].planned
    assert (planned.leader.title, planned.covered) == ("示例癸主任", True)
    assert planned.in_place_of == BOSS


async def test_a_day_that_became_a_holiday_is_moved_with_everybody_who_booked(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    await db.write(reception.book, wish())
    gone = await db.write(reception.book, wish(OTHER))
    await db.write(reception.cancel, gone.number, AGENT)
    await db.write(calendar.set_day, clock(), OPERATOR, DECEMBER, working=False)
    with pytest.raises(BadInput):
        await db.write(reception.move, DECEMBER, date(2026, 12, 19), ADMIN)
    assert await db.write(reception.move, DECEMBER, date(2026, 12, 17), ADMIN) == 1
    assert await db.read(texts) == [
        "【阳光热线】接访改期：12月15日周二改到12月17日周四09:00，在县信访大厅。预约号Y261215-01不变。"
        "来不了请回“取消预约”。"
    ]
    assert [day.day.isoformat() for day in await db.read(reception.coming)][:1] == ["2026-12-17"]
    (timer,) = await db.read(lambda session: list(session.exec(select(TimerRow))))
    assert timer.due_at == datetime(2026, 12, 16, 2, 0, tzinfo=UTC)
    with pytest.raises(BookedAlready):
        await db.write(reception.book, wish(day=date(2026, 12, 17)))
    for day in (DECEMBER, date(2026, 12, 16)):
        with pytest.raises(NotFound):
            await db.write(reception.book, wish(THIRD, day))


async def test_a_day_nobody_booked_moves_too(db: Database, reception: Reception) -> None:
    assert await db.write(reception.move, DECEMBER, date(2026, 12, 17), ADMIN) == 0
    assert [day.day.isoformat() for day in await db.read(reception.coming)] == ["2026-12-17", "2027-01-15"]
    await db.write(reception.book, wish(day=date(2026, 12, 17)))


async def test_a_number_typed_on_the_web_is_reminded_by_sms(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    booked = await db.write(reception.book, wish(locale="en"))
    clock.set(datetime(2026, 12, 14, 2, 0, tzinfo=UTC))
    assert await Timers(db, clock, reception.owners()).fire() == 1
    (said,) = await db.read(texts)
    assert said.startswith("【阳光热线】Reminder: 示例庚局长 receives you on Tue 15 Dec at 09:00")
    assert booked.number in said


async def test_whoever_books_after_the_hour_of_the_reminder_gets_none(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 12, 14, 2, 1, tzinfo=UTC))
    await db.write(reception.book, wish())
    assert await db.read(lambda session: list(session.exec(select(TimerRow)))) == []


async def test_everything_is_in_the_audit_trail_without_personal_data(db: Database, reception: Reception) -> None:
    booked = await db.write(reception.book, wish())
    await db.write(reception.listed, DECEMBER, AGENT)
    await db.write(reception.cancel, booked.number, AGENT)
    assert await db.read(_audited) == ["reception.rules", "reception.book", "reception.list", "reception.cancel"]
    whole = await db.read(lambda session: str([entry.after for entry in session.exec(select(AuditEntry))]))
    assert FIRST not in whole
    assert "路灯" not in whole


async def test_names_and_numbers_are_forgotten_in_time(db: Database, reception: Reception, clock: ManualClock) -> None:
    await db.write(reception.book, wish())
    clock.set(datetime(2027, 12, 14, tzinfo=UTC))
    assert await db.write(reception.forget) == 0
    clock.set(datetime(2027, 12, 17, tzinfo=UTC))
    assert await db.write(reception.forget) == 1
    (row,) = await db.read(_rows)
    assert (row.name, row.phone, row.topic, row.who) == (None, None, None, "")
    assert await db.write(reception.forget) == 0
    assert len(await db.read(lambda session: list(session.exec(select(ReceptionDay))))) == 1
