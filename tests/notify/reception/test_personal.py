"""What bookings say about a person is handed out and erased; a place that stands is left."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from notify.reception.models import ReceptionBooking
from notify.reception.service import Reception
from tests.notify.reception.office import ADMIN, DECEMBER, FIRST, OTHER, Visits, made_reception, made_rules, wish


@pytest.fixture
def reception(db: Database, clock: ManualClock) -> Reception:
    """Reception days on the 15th, on each kind of database."""
    made = made_reception(clock, Visits())
    db.write_now(made.lay_down, 0, made_rules(), ADMIN)
    return made


async def test_bookings_are_found_by_telephone_and_by_the_address_they_came_from(
    db: Database, reception: Reception
) -> None:
    paged = await db.write(reception.book, wish())
    told = await db.write(reception.book, wish("", channel="telegram", address="4711"))
    assert [row["number"] for row in await db.read(reception.export_person, "sms", FIRST)] == [paged.number]
    (mine,) = await db.read(reception.export_person, "telegram", "4711")
    assert (mine["number"], mine["topic"]) == (told.number, "村口路灯坏了")
    assert await db.read(reception.export_person, "sms", OTHER) == []


async def test_a_place_that_stands_is_left_and_one_that_is_over_erased(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    booked = await db.write(reception.book, wish())
    assert await db.write(reception.erase_person, "sms", FIRST, OPERATOR) == (0, [booked.number])
    clock.advance(timedelta(days=30))
    assert await db.write(reception.erase_person, "sms", FIRST, OPERATOR) == (1, [])

    def rows(session: Session) -> list[ReceptionBooking]:
        return list(session.exec(select(ReceptionBooking)))

    (row,) = await db.read(rows)
    assert (row.day, row.name, row.phone, row.topic, row.who) == (DECEMBER, None, None, None, "")
    assert await db.read(reception.export_person, "sms", FIRST) == []


async def test_a_cancelled_booking_is_erased_at_once_and_a_dry_run_only_counts(
    db: Database, reception: Reception, clock: ManualClock
) -> None:
    booked = await db.write(reception.book, wish())
    assert await db.write(reception.cancel_by_code, booked.number, booked.code)
    assert await db.write(reception.erase_person, "sms", FIRST, OPERATOR) == (1, [])
    await db.write(reception.book, wish(OTHER))
    clock.advance(timedelta(days=400))
    assert [await db.write(lambda s: reception.forget(s, dry_run=True)) for _ in range(2)] == [1, 1]
    assert await db.write(reception.forget) == 1
