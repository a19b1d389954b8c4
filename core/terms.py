"""A term (期限): a start, a limit in one of three measures, and the pauses that stopped its clock. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

from core.calendar_days import Days, count_working_days
from core.office_hours import OfficeHours, wall_to_utc
from core.worktime import (
    add_working_days,
    add_working_time,
    end_of_working_days,
    working_days_between,
    working_time_between,
)

_TICK = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_FULL_DAY = timedelta(days=1)
_LIMIT = re.compile(r"\s*(\d+)\s+(working\s+)?(day|hour|minute)s?\s*")


class Measure(StrEnum):
    """What the clock of a limit counts."""

    WORKING_DAYS = "working_days"
    WORKING_TIME = "working_time"
    ROUND_THE_CLOCK = "round_the_clock"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as offices write it; ``amount`` is in working days for WORKING_DAYS, else in minutes."""

    amount: int
    measure: Measure

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError("a limit must be at least one working day or one minute")

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """From data: ``"15 working days"``, ``"4 working hours"``, ``"30 minutes"`` (round the clock).

        Raises ValueError for anything else; plain "days" are refused because nobody can tell which are meant.
        """
        match = _LIMIT.fullmatch(text.lower())
        if match is None:
            raise ValueError(f"not a limit such as '15 working days' or '30 minutes': {text!r}")
        number, working, unit = int(match[1]), bool(match[2]), match[3]
        if unit == "day":
            if not working:
                raise ValueError(f"say 'working days', or hours round the clock: {text!r}")
            return cls(number, Measure.WORKING_DAYS)
        minutes = number * 60 if unit == "hour" else number
        return cls(minutes, Measure.WORKING_TIME if working else Measure.ROUND_THE_CLOCK)

    def __str__(self) -> str:
        unit = {
            Measure.WORKING_DAYS: "working day",
            Measure.WORKING_TIME: "working minute",
            Measure.ROUND_THE_CLOCK: "minute",
        }[self.measure]
        return f"{self.amount} {unit}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from one moment to another (暂停计时); ``ends`` is None while it still does."""

    starts: datetime
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A limit that runs. ``due`` is where it ends without pauses; make one with ``begin`` or ``until``.

    ``counts_from``: pauses before it cost nothing, because the day of receipt is not counted anyway.
    ``length_days``: the limit in working days, as written, for choosing the steps of a lamp.
    """

    starts: datetime
    counts_from: datetime
    due: datetime
    measure: Measure
    length_days: Fraction
    pauses: tuple[Pause, ...] = ()


def begin(start: datetime, limit: Limit, hours: OfficeHours, days: Days, pauses: Iterable[Pause] = ()) -> Term:
    """A term from a limit. Raises ValueError for a naive start."""
    counts_from, minutes = start.astimezone(UTC), limit.amount * _MINUTE
    match limit.measure:
        case Measure.WORKING_DAYS:
            due, length = end_of_working_days(start, limit.amount, hours, days), Fraction(limit.amount)
            tomorrow = start.astimezone(hours.zone).date() + _FULL_DAY
            counts_from = wall_to_utc(tomorrow, time(0), hours.zone)
        case Measure.WORKING_TIME:
            due, length = add_working_time(start, minutes, hours, days), _share(minutes, hours.ordinary_day)
        case Measure.ROUND_THE_CLOCK:
            due, length = counts_from + minutes, _share(minutes, _FULL_DAY)
    return Term(start.astimezone(UTC), counts_from, due, limit.measure, length, tuple(pauses))


def until(
    start: datetime, due: datetime, measure: Measure, hours: OfficeHours, days: Days, pauses: Iterable[Pause] = ()
) -> Term:
    """A term whose end somebody set by hand. An end before the start is allowed: it is overdue at once."""
    first, last = (moment.astimezone(hours.zone).date() + _FULL_DAY for moment in (start, due))
    match measure:
        case Measure.WORKING_DAYS:
            length = Fraction(count_working_days(first, last, days))
        case Measure.WORKING_TIME:
            length = _share(working_time_between(start, due, hours, days), hours.ordinary_day)
        case Measure.ROUND_THE_CLOCK:
            length = _share(due - start, _FULL_DAY)
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    return Term(start, start, due, measure, length, tuple(pauses))


def due_after_pauses(term: Term, now: datetime, hours: OfficeHours, days: Days) -> datetime:
    """When the term ends, each pause having moved the end by exactly what it kept from being counted.

    A pause that begins when the term is already over moves nothing. While one is open, the end moves with ``now``.
    """
    return _delayed(term.due, term, term.counts_from, now, hours, days)


def remaining(term: Term, now: datetime, hours: OfficeHours, days: Days) -> timedelta:
    """Time left: working time, or plain time round the clock. Negative once late; constant during a pause."""
    due = due_after_pauses(term, now, hours, days)
    if term.measure is Measure.ROUND_THE_CLOCK:
        return due - now
    return working_time_between(now, due, hours, days)


def moment_at_share(term: Term, share: Fraction, now: datetime, hours: OfficeHours, days: Days) -> datetime:
    """When this share (0 to 1) of the time between start and end, pauses not counted, has passed."""
    due = due_after_pauses(term, now, hours, days)
    if due <= term.starts:
        return due
    paused = sum(
        (
            _elapsed(term.measure, max(starts, term.starts), min(ends, due), hours, days)
            for starts, ends in _merged(term.pauses, now)
            if starts < due and ends > term.starts
        ),
        Fraction(0),
    )
    active = _elapsed(term.measure, term.starts, due, hours, days) - paused
    moment = _after(term.measure, term.starts, share * active, hours, days)
    return min(due, _delayed(moment, term, term.starts, now, hours, days))


def frozen_at(term: Term, now: datetime) -> datetime:
    """The moment the clock shows: the start of the pause that is running at ``now``, else ``now``."""
    now = now.astimezone(UTC)
    if not any(pause.starts <= now and (pause.ends is None or now < pause.ends) for pause in term.pauses):
        return now
    return next(starts for starts, ends in _merged(term.pauses, now) if starts <= now <= ends)


def _share(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // _TICK, whole // _TICK)


def _delayed(
    moment: datetime, term: Term, counts_from: datetime, now: datetime, hours: OfficeHours, days: Days
) -> datetime:
    for starts, ends in _merged(term.pauses, now):
        if starts >= moment:
            break
        opening = max(starts, counts_from)
        if ends > opening:
            moment = _after(term.measure, moment, _elapsed(term.measure, opening, ends, hours, days), hours, days)
    return moment


def _merged(pauses: Iterable[Pause], now: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses in order and apart, open ones and future ends cut at ``now``; those yet to come are left out."""
    spans: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda pause: pause.starts):
        starts = pause.starts.astimezone(UTC)
        ends = (min(pause.ends, now) if pause.ends is not None else now).astimezone(UTC)
        if spans and starts <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
        elif ends >= starts:
            spans.append((starts, ends))
    return spans


def _elapsed(measure: Measure, first: datetime, second: datetime, hours: OfficeHours, days: Days) -> Fraction:
    """In working days for WORKING_DAYS, in microseconds for the others."""
    match measure:
        case Measure.WORKING_DAYS:
            return working_days_between(first, second, hours, days)
        case Measure.WORKING_TIME:
            return Fraction(working_time_between(first, second, hours, days) // _TICK)
        case Measure.ROUND_THE_CLOCK:
            return Fraction((second - first) // _TICK)


def _after(measure: Measure, moment: datetime, amount: Fraction, hours: OfficeHours, days: Days) -> datetime:
    match measure:
        case Measure.WORKING_DAYS:
            return add_working_days(moment, amount, hours, days)
        case Measure.WORKING_TIME:
            return add_working_time(moment, ceil(amount) * _TICK, hours, days)
        case Measure.ROUND_THE_CLOCK:
            return moment + ceil(amount) * _TICK
