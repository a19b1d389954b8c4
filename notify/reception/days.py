"""Which days are reception days (局长接访日) and who receives. Pure: rules, calendar and absences come in as data.

A rule names days by the day of the month (the 15th) or by the weekday; one that is free moves to the next working
day (节假日顺延). A season replaces the standing rule for its own dates only (the 10th, 15th and 20th in the summer
of one year). Leaders take turns (轮流值班); whoever is away is stood in for, so that no day is dropped.
"""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.calendar_days import Days, previous_working_day, shift_to_workday

LONGEST_CLOSURE = timedelta(days=31)
"""No office is closed for longer in one go; a day farther back cannot move into the days that are looked at."""

DayOfMonth = Annotated[int, Field(ge=1, le=31)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Nth = Annotated[int, Field(ge=1, le=5)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(_Value):
    """Days that come again.

    Attributes:
        days_of_month: the 15th is 15; a day that a month does not have is its last day.
        weekdays: 1 Monday … 7 Sunday.
        weeks: which such weekdays of a month (1 the first … 5 the fifth); empty: every one.
    """

    days_of_month: tuple[DayOfMonth, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    weeks: tuple[Nth, ...] = ()

    def falls_on(self, day: date) -> bool:
        """Whether the pattern names this day, free or not."""
        last = monthrange(day.year, day.month)[1]
        if any(day.day == min(wanted, last) for wanted in self.days_of_month):
            return True
        nth = (day.day - 1) // 7 + 1
        return day.isoweekday() in self.weekdays and (not self.weeks or nth in self.weeks)


class Season(Pattern):
    """An exception with dates: from ``first`` to ``last`` its days hold instead of the standing rule.

    ``dates`` are single days of it. A season that names no day at all means that nobody is received.
    """

    first: date
    last: date
    dates: tuple[date, ...] = ()
    note: str = Field("", max_length=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("a season ends before it begins")
        if any(not self.first <= day <= self.last for day in self.dates):
            raise ValueError("a date outside its season")
        return self

    def falls_on(self, day: date) -> bool:
        """Whether the season names this day, free or not."""
        return day in self.dates or super().falls_on(day)


class Leader(_Value):
    """Who receives: name and post (职务) as they are published; ``person`` links absences (外出), empty for none."""

    name: str = Field(min_length=1, max_length=30)
    post: str = Field("", max_length=30)
    person: str = Field("", max_length=32)

    @property
    def title(self) -> str:
        """As a notice names them: 示例甲副局长."""
        return f"{self.name} {self.post}" if self.name.isascii() and self.post else f"{self.name}{self.post}"


class Slot(_Value):
    """A part of the day, in the office's wall time, and how many it takes."""

    begins: time
    ends: time
    places: int = Field(ge=1, le=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("a slot ends before it begins")
        return self

    @property
    def name(self) -> str:
        """How it is asked for: ``09:00``."""
        return f"{self.begins:%H:%M}"


class Rules(_Value):
    """Everything an office lays down about its reception days.

    Attributes:
        starts_on: the first day these rules hold; turns are counted from here.
        regular: the standing rule.
        seasons: dated exceptions; the first that covers a day decides.
        on_free_day: a day that is free moves to the next working day, or is skipped.
        leaders: who takes turns, in order.
        substitute: who stands in for whoever is away.
        slots: parts of a day with their places.
        place: where; told to whoever books.
        ahead_days: how far ahead days are shown and booked, in calendar days.
        notice_days: working days before the day by which a place must be booked; 0 up to the slot's beginning.
        remind_at: when, on the working day before, those who booked are reminded.
        keep_days: how long names, numbers and topics are kept after the day.
    """

    starts_on: date = Field(ge=date(2000, 1, 1), le=date(2200, 1, 1))
    regular: Pattern = Pattern(days_of_month=(15,))
    seasons: tuple[Season, ...] = Field((), max_length=60)
    on_free_day: Literal["next", "skip"] = "next"
    leaders: tuple[Leader, ...] = Field(min_length=1, max_length=60)
    substitute: Leader | None = None
    slots: tuple[Slot, ...] = Field((Slot(begins=time(9), ends=time(12), places=12),), min_length=1, max_length=24)
    place: str = Field(min_length=1, max_length=60)
    ahead_days: int = Field(60, ge=1, le=400)
    notice_days: int = Field(1, ge=0, le=10)
    remind_at: time = time(10)
    keep_days: int = Field(365, ge=30, le=3660)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(later.begins < earlier.ends for earlier, later in zip(self.slots, self.slots[1:], strict=False)):
            raise ValueError("slots overlap or are not in order")
        if len({leader.name for leader in self.leaders}) != len(self.leaders):
            raise ValueError("a leader is named twice")
        return self

    @property
    def places(self) -> int:
        """Places of a whole day."""
        return sum(slot.places for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Planned:
    """A reception day as the rules have it.

    ``named`` is the day the rule names, ``day`` the one it is held on. ``in_place_of`` is whose turn it was when
    somebody stands in. ``covered`` is False when everybody is away: the day stands, and somebody must be found.
    ``assumed`` says that the official calendar of that year is not known yet, so that the day may still move.
    """

    day: date
    named: date
    leader: Leader
    in_place_of: Leader | None = None
    covered: bool = True
    assumed: bool = False


IsAway = Callable[[Leader, date], bool]


def nobody_away(_leader: Leader, _day: date) -> bool:
    """For plans that look at no absences."""
    return False


def named_days(rules: Rules, first: date, last: date) -> Iterator[date]:
    """The days the rules name from one day to another, both included, whether the office works on them or not."""
    for ordinal in range(max(first, rules.starts_on).toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        season = next((one for one in rules.seasons if one.first <= day <= one.last), None)
        if (season or rules.regular).falls_on(day):
            yield day


def held_days(rules: Rules, first: date, last: date, days: Days) -> dict[date, date]:
    """The days on which people are received, in order, each with the day the rule named.

    Two named days that move to the same working day are one reception day.
    """
    held: dict[date, date] = {}
    for named in named_days(rules, first - LONGEST_CLOSURE, last):
        if rules.on_free_day == "skip" and not days.is_workday(named):
            continue
        day = shift_to_workday(named, days)
        if first <= day <= last:
            held.setdefault(day, named)
    return held


def plan(rules: Rules, first: date, last: date, days: Days, is_away: IsAway = nobody_away) -> list[Planned]:
    """The reception days from one day to another, both included, with who receives."""
    since = sorted(held_days(rules, rules.starts_on, last, days).items())
    begin = bisect_left(since, first, key=lambda pair: pair[0])
    planned = []
    for turn, (day, named) in enumerate(since[begin:], begin):
        leader, in_place_of, covered = who_receives(rules, turn, day, is_away)
        assumed = days.is_assumed(day) or days.is_assumed(named)
        planned.append(Planned(day, named, leader, in_place_of, covered=covered, assumed=assumed))
    return planned


def who_receives(rules: Rules, turn: int, day: date, is_away: IsAway) -> tuple[Leader, Leader | None, bool]:
    """Who receives at a turn, whose turn it was if somebody stands in, and whether that person is there.

    Whoever's turn it is; else the substitute; else the next of the rota who is there. The turns of the others do
    not shift by it. When nobody is there, the day stays with whose turn it is, marked as not covered.
    """
    count = len(rules.leaders)
    own = rules.leaders[turn % count]
    line: list[Leader] = [own]
    if rules.substitute:
        line.append(rules.substitute)
    line += [rules.leaders[(turn + step) % count] for step in range(1, count)]
    there = next((leader for leader in line if not is_away(leader, day)), None)
    if there is None:
        return own, None, False
    return there, None if there is own else own, True


def last_day_to_book(day: date, rules: Rules, days: Days) -> date:
    """The last day on which a place of this reception day may be booked."""
    return previous_working_day(day, rules.notice_days, days) if rules.notice_days else day


def next_free_slot(slots: Sequence[Slot], taken: dict[str, int], wanted: str = "") -> Slot | None:
    """The wanted slot, or the first of all, that has a place left; None when there is none."""
    return next((slot for slot in slots if wanted in {"", slot.name} and taken.get(slot.name, 0) < slot.places), None)
