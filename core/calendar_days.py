"""Which days are working days (工作日), and counting them. Pure; the office's own rows come in as data.

Three sources, the first that knows the day decides: what the office entered; the State Council's yearly
arrangement with its holidays (节假日) and make-up working days (调休), as the ``chinesecalendar`` package carries
it; else the plain week. A year nobody knows yet is therefore never an error, only a warning.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from chinese_calendar import holidays, workdays

from core.office_hours import Spans

# Days off in a complete year under 全国年节及纪念日放假办法 (as in force since 2025-01-01): New Year 1, Spring
# Festival 4, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day 3. Those on a weekend are made up
# on weekdays, so a year with fewer weekdays entered as free is not complete.
STATUTORY_DAYS_OFF = 13
# The arrangement for a year is usually published in the last quarter of the year before it.
WARN_FROM_MONTH = 10
_SATURDAY, _SUNDAY = 5, 6
_YEAR_END = (12, 31)


@dataclass(frozen=True, eq=False)
class OfficialCalendar:
    """A published calendar: weekdays that are free and weekend days that are worked, complete for whole years."""

    days_off: frozenset[date]
    make_up_days: frozenset[date]
    first_year: int
    last_year: int


@cache
def china() -> OfficialCalendar:
    """The State Council's arrangements (国务院办公厅节假日安排), as far as the installed package knows them."""
    return OfficialCalendar(frozenset(holidays), frozenset(workdays), min(holidays).year, max(holidays).year)


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day as the office entered it; ``hours`` replace the usual ones on that day, empty keeps them."""

    day: date
    working: bool
    note: str = ""
    hours: Spans = ()


class Days:
    """The office's working days. Immutable; equal when built from equal rows, so computed years are shared.

    ``official`` is None for an office outside China, which enters its holidays itself; ``weekend`` holds
    weekdays (0 = Monday). Raises ValueError when the weekend leaves no day to work or a day has two rows.
    """

    def __init__(
        self,
        rows: Iterable[DayRow] = (),
        *,
        official: OfficialCalendar | None,
        weekend: frozenset[int] = frozenset({_SATURDAY, _SUNDAY}),
    ) -> None:
        ordered = tuple(sorted(rows, key=lambda row: row.day))
        if weekend >= frozenset(range(7)):
            raise ValueError("a week without any working day")
        self._rows = {row.day: row for row in ordered}
        if len(self._rows) != len(ordered):
            raise ValueError("two rows for one day")
        self._official = official
        self._weekend = weekend
        self._identity = (ordered, official, weekend)
        self._hash = hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Days) and self._identity == other._identity

    def __hash__(self) -> int:
        return self._hash

    def is_workday(self, day: date) -> bool:
        """Whether the office works on this day. Knows an answer for every date."""
        row = self._rows.get(day)
        if row is not None:
            return row.working
        official = self._official
        if official is not None and official.first_year <= day.year <= official.last_year:
            if day in official.make_up_days:
                return True
            if day in official.days_off:
                return False
        return day.weekday() not in self._weekend

    def own_hours(self, day: date) -> Spans:
        """Hours the office entered for this very day; empty when the usual ones hold."""
        row = self._rows.get(day)
        return row.hours if row is not None else ()

    def is_assumed(self, day: date) -> bool:
        """Whether the answer for this day is only a guess from the weekday."""
        return day > self.known_until and day not in self._rows

    @property
    def known_until(self) -> date:
        """The last day of the last year that is known without a gap: published, or entered by the office."""
        if self._official is None:
            return date.max
        year = self._official.last_year
        while self._entered(year + 1):
            year += 1
        return date(year, *_YEAR_END)

    def _entered(self, year: int) -> bool:
        free = [day for day, row in self._rows.items() if not row.working and day.year == year]
        return sum(day.weekday() not in self._weekend for day in free) >= STATUTORY_DAYS_OFF

    def warnings(self, today: date) -> list[str]:
        """Sentences for the operator: from October on when next year is unknown, and as long as this one is."""
        known = self.known_until
        first_unknown = known.year + 1
        if today.year < known.year or (today <= known and today.month < WARN_FROM_MONTH):
            return []
        if today.year < first_unknown:
            years = [first_unknown]
        else:
            years = list(range(first_unknown, today.year + 1))
            years += [today.year + 1] if today.month >= WARN_FROM_MONTH else []
        return [
            f"the official calendar for {year} is not entered yet; weekdays are assumed from {year}-01-01"
            for year in years
            if not self._entered(year)
        ]


@lru_cache(maxsize=256)
def _workdays_of(days: Days, year: int) -> tuple[int, ...]:
    """The working days of a year as ordinals, in order."""
    first, last = date(year, 1, 1).toordinal(), date(year, *_YEAR_END).toordinal()
    return tuple(ordinal for ordinal in range(first, last + 1) if days.is_workday(date.fromordinal(ordinal)))


def nth_working_day_after(day: date, n: int, days: Days) -> date:
    """The n-th working day after this day, which itself never counts. ValueError when n is below 1."""
    if n < 1:
        raise ValueError("counting forward needs at least one working day")
    year = day.year
    listed = _workdays_of(days, year)
    place = bisect_right(listed, day.toordinal()) + n - 1
    while place >= len(listed):
        place -= len(listed)
        year += 1
        listed = _workdays_of(days, year)
    return date.fromordinal(listed[place])


def previous_working_day(day: date, n: int, days: Days) -> date:
    """The n-th working day before this day, which itself never counts. ValueError when n is below 1."""
    if n < 1:
        raise ValueError("counting back needs at least one working day")
    year = day.year
    listed = _workdays_of(days, year)
    place = bisect_left(listed, day.toordinal()) - n
    while place < 0:
        year -= 1
        listed = _workdays_of(days, year)
        place += len(listed)
    return date.fromordinal(listed[place])


def shift_to_workday(day: date, days: Days) -> date:
    """This day if it is a working day, else the next one (a reception day on a holiday, 节假日顺延)."""
    return day if days.is_workday(day) else nth_working_day_after(day, 1, days)


def count_working_days(first: date, end: date, days: Days) -> int:
    """How many working days lie in [first, end), negative when ``end`` is the earlier of the two."""
    if end < first:
        return -count_working_days(end, first, days)
    if first.year == end.year:
        listed = _workdays_of(days, first.year)
        return bisect_left(listed, end.toordinal()) - bisect_left(listed, first.toordinal())
    opening, closing = _workdays_of(days, first.year), _workdays_of(days, end.year)
    between = sum(len(_workdays_of(days, year)) for year in range(first.year + 1, end.year))
    rest_of_first = len(opening) - bisect_left(opening, first.toordinal())
    return rest_of_first + between + bisect_left(closing, end.toordinal())
