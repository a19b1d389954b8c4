"""Lamps (亮灯): green, yellow, red from a term and a ladder. Pure; the ladders are data an office may change."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from core.calendar_days import Days
from core.office_hours import OfficeHours
from core.terms import Measure, Term, due_after_pauses, frozen_at, moment_at_share
from core.worktime import same_time_working_days_before


class Lamp(StrEnum):
    """What a supervisor sees. The done pair stays for good: on time (按时办结), or late (超期办结)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    DONE = "done"
    DONE_LATE = "done_late"


@dataclass(frozen=True, slots=True)
class Ladder:
    """When the lamp turns yellow; it turns red at the limit.

    ``yellow_days_before`` working days before the limit, unless the limit is shorter than ``short_below_days``
    working days or ``yellow_days_before`` is 0: then when ``yellow_share`` of the time has passed.
    """

    yellow_days_before: int
    short_below_days: int
    yellow_share: Fraction

    def __post_init__(self) -> None:
        if self.yellow_days_before < 0 or not 0 < self.yellow_share <= 1:
            raise ValueError("yellow comes 0 or more days before the limit, or at a share between 0 and 1")


MATTERS = Ladder(yellow_days_before=1, short_below_days=2, yellow_share=Fraction(2, 3))
"""Hotline matters (OFFICE, "Lamps of matters")."""

DOCUMENTS = Ladder(yellow_days_before=0, short_below_days=0, yellow_share=Fraction(5, 6))
"""Documents to sign for (PRODUCT 3)."""


@dataclass(frozen=True, slots=True)
class LampTimes:
    """The moments, in UTC, at which a lamp turns."""

    yellow_at: datetime
    red_at: datetime


def lamp_times(term: Term, ladder: Ladder, now: datetime, hours: OfficeHours, days: Days) -> LampTimes:
    """When the lamp turns, with the pauses known at ``now``. Yellow is never before the start nor after red."""
    red_at = due_after_pauses(term, now, hours, days)
    before = ladder.yellow_days_before
    if not before or term.length_days < ladder.short_below_days:
        return LampTimes(moment_at_share(term, ladder.yellow_share, now, hours, days), red_at)
    if term.measure is Measure.ROUND_THE_CLOCK:
        yellow_at = red_at - before * timedelta(days=1)
    else:
        yellow_at = same_time_working_days_before(red_at, before, hours, days)
    return LampTimes(min(red_at, max(term.starts, yellow_at)), red_at)


def lamp(
    term: Term,
    ladder: Ladder,
    now: datetime,
    hours: OfficeHours,
    days: Days,
    *,
    done_at: datetime | None = None,
) -> Lamp:
    """The lamp at ``now``; at the very moment of the limit it is red, while done at that moment is on time.

    During a pause the lamp keeps the colour it had when the pause began.
    """
    moment = frozen_at(term, done_at if done_at is not None else now)
    # What came after that moment (a pause begun later) has no say in it.
    known = replace(term, pauses=tuple(pause for pause in term.pauses if pause.starts <= moment))
    times = lamp_times(known, ladder, moment, hours, days)
    if done_at is not None:
        return Lamp.DONE if moment <= times.red_at else Lamp.DONE_LATE
    if moment >= times.red_at:
        return Lamp.RED
    return Lamp.YELLOW if moment >= times.yellow_at else Lamp.GREEN
