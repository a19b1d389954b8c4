"""Due moments fire once, in order, together with what they lead to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, func, select

from core.clock import ManualClock
from core.db import Database
from core.people import Unit
from notify.timer_models import TimerRow
from notify.timers import Timer, Timers, cancel_timers, lateness, set_timers


class Recorder:
    """An owner that writes a row for each timer, and fails for some."""

    def __init__(self) -> None:
        self.fired: list[str] = []
        self.bad: set[str] = set()

    def __call__(self, session: Session, now: datetime, timers: Sequence[Timer]) -> None:
        for timer in timers:
            if timer.ref in self.bad:
                raise ZeroDivisionError
            session.add(Unit(name=timer.ref))
            self.fired.append(timer.ref)
        session.flush()


@pytest.fixture
def owner() -> Recorder:
    return Recorder()


@pytest.fixture
def timers(db: Database, clock: ManualClock, owner: Recorder) -> Timers:
    return Timers(db, clock, {"test": owner})


def _at(clock: ManualClock, *refs: str, minutes: float = 5) -> list[Timer]:
    return [Timer("test", ref, clock() + timedelta(minutes=minutes)) for ref in refs]


def _left(session: Session) -> int:
    return session.exec(select(func.count()).select_from(TimerRow)).one()


async def test_nothing_fires_before_its_time_and_everything_once_after(
    db: Database, clock: ManualClock, timers: Timers, owner: Recorder
) -> None:
    await db.write(set_timers, _at(clock, "a", "b"))
    assert await timers.fire() == 0
    clock.advance(timedelta(minutes=5))
    assert await timers.fire() == 2
    assert await timers.fire() == 0
    assert owner.fired == ["a", "b"]
    assert await db.read(_left) == 0


async def test_a_cancelled_thing_is_never_due(
    db: Database, clock: ManualClock, timers: Timers, owner: Recorder
) -> None:
    await db.write(set_timers, _at(clock, "a", "b"))
    assert await db.write(cancel_timers, "test", "a") == 1
    clock.advance(timedelta(minutes=6))
    await timers.fire()
    assert owner.fired == ["b"]


async def test_a_timer_that_fails_holds_up_no_other_and_is_tried_again(
    db: Database, clock: ManualClock, timers: Timers, owner: Recorder
) -> None:
    await db.write(set_timers, _at(clock, "a", "bad", "c"))
    owner.bad = {"bad"}
    clock.advance(timedelta(minutes=6))
    await timers.fire()
    assert sorted(set(owner.fired)) == ["a", "c"]
    assert await db.read(_left) == 1
    owner.bad = set()
    clock.advance(timedelta(seconds=11))
    await timers.fire()
    assert await db.read(_left) == 0


async def test_lateness_is_counted_from_the_moment_it_was_planned(db: Database, clock: ManualClock) -> None:
    assert await db.read(lateness, clock()) == timedelta(0)
    await db.write(set_timers, _at(clock, "a"))
    clock.advance(timedelta(minutes=8))
    assert await db.read(lateness, clock()) == timedelta(minutes=3)
