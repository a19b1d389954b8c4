"""When the office is open on a working day: spans of wall time, seasons, and their place in UTC.

Pure data. Which days are working days is ``core.calendar_days``; the arithmetic is ``core.worktime``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–—~～至]\s*(\d{1,2}):(\d{2})\s*")
_SEASON = re.compile(r"\s*(?:(\d{4})-)?(\d{2})-(\d{2})\s*\.\.\s*(\d{2})-(\d{2})\s*")
_DAY_END = (24, 0)
_ANY_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Span:
    """One unbroken stretch of work, in local wall time. ``closes`` of 00:00 is the end of that day (24:00)."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError(f"a span must close after it opens: {self.opens:%H:%M}-{self.closes:%H:%M}")


Spans = tuple[Span, ...]


def parse_spans(text: str) -> Spans:
    """Spans from ``"09:00-12:00, 13:00-18:00"``, in order; the gap between two is the lunch break (午休).

    Raises ValueError with a sentence when a time is wrong, spans overlap, or there is none.
    """
    spans = tuple(_parse_span(part) for part in re.split(r"[,，;；]", text))
    for earlier, later in pairwise(spans):
        if earlier.closes == time(0) or later.opens < earlier.closes:
            raise ValueError(f"spans overlap or are out of order: {text!r}")
    return spans


def _parse_span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not a span of the form 09:00-12:00: {text!r}")
    open_hour, open_minute, close_hour, close_minute = (int(group) for group in match.groups())
    closes = time(0) if (close_hour, close_minute) == _DAY_END else time(close_hour, close_minute)
    return Span(time(open_hour, open_minute), closes)


def format_spans(spans: Spans) -> str:
    """The text that ``parse_spans`` reads back."""
    return ", ".join(
        f"{span.opens:%H:%M}-{'24:00' if span.closes == time(0) else f'{span.closes:%H:%M}'}" for span in spans
    )


@dataclass(frozen=True)
class Week:
    """A week's hours: those of an ordinary working day, and weekdays (0 = Monday) that differ.

    A make-up working day (调休上班) on a weekend keeps the ordinary hours unless its weekday is named.
    """

    ordinary: Spans
    by_weekday: tuple[tuple[int, Spans], ...] = ()

    def __post_init__(self) -> None:
        if not self.ordinary or not all(spans for _, spans in self.by_weekday):
            raise ValueError("a working day needs hours; days without work belong in the calendar, not here")

    def on(self, weekday: int) -> Spans:
        """The spans of a working day that falls on this weekday."""
        return dict(self.by_weekday).get(weekday, self.ordinary)


@dataclass(frozen=True)
class Season:
    """Other hours from one (month, day) to another, both included, every year or in one ``year`` only.

    A season may run over New Year (11-01 to 03-31); its ``year`` is then the one it begins in.
    """

    starts: tuple[int, int]
    ends: tuple[int, int]
    week: Week
    year: int | None = None

    def __post_init__(self) -> None:
        for month, day in (self.starts, self.ends):
            date(_ANY_LEAP_YEAR, month, day)

    def covers(self, day: date) -> bool:
        """Whether this day lies in the season."""
        at = (day.month, day.day)
        if self.starts <= self.ends:
            return self.starts <= at <= self.ends and self.year in {None, day.year}
        if at >= self.starts:
            return self.year in {None, day.year}
        return at <= self.ends and self.year in {None, day.year - 1}


@dataclass(frozen=True)
class OfficeHours:
    """The office's hours and time zone. The first season that covers a day wins over ``week``."""

    zone: ZoneInfo
    week: Week
    seasons: tuple[Season, ...] = ()

    @cached_property
    def _hash(self) -> int:
        return hash((self.zone, self.week, self.seasons))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def parse(
        cls,
        zone: str = "Asia/Shanghai",
        ordinary: str = "09:00-12:00, 13:00-18:00",
        seasons: Mapping[str, str] | None = None,
    ) -> "OfficeHours":
        """Hours from settings; a season's key is ``05-01..09-30`` (every year) or ``2026-05-01..09-30`` (once).

        Raises ValueError for hours or seasons that do not fit, ZoneInfoNotFoundError for an unknown zone.
        """
        parsed = tuple(_parse_season(key, Week(parse_spans(text))) for key, text in (seasons or {}).items())
        return cls(ZoneInfo(zone), Week(parse_spans(ordinary)), parsed)

    def spans_on(self, day: date) -> Spans:
        """The spans of this day if it is a working day without hours of its own."""
        for season in self.seasons:
            if season.covers(day):
                return season.week.on(day.weekday())
        return self.week.on(day.weekday())

    @property
    def ordinary_day(self) -> timedelta:
        """How long an ordinary working day (工作日) is."""
        return sum((_wall_length(span) for span in self.week.ordinary), timedelta())


def _parse_season(key: str, week: Week) -> Season:
    match = _SEASON.fullmatch(key)
    if match is None:
        raise ValueError(f"not a season of the form 05-01..09-30: {key!r}")
    year, *month_days = match.groups()
    start_month, start_day, end_month, end_day = (int(group) for group in month_days)
    return Season((start_month, start_day), (end_month, end_day), week, int(year) if year else None)


def _wall_length(span: Span) -> timedelta:
    day = date(_ANY_LEAP_YEAR, 1, 1)
    end = day + timedelta(days=1) if span.closes == time(0) else day
    return datetime.combine(end, span.closes) - datetime.combine(day, span.opens)


def utc_spans(day: date, spans: Spans, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The day's spans as moments in UTC, in order and apart; spans that a clock change swallowed are left out.

    Work follows the wall clock: a span over a repeated hour is an hour longer. A break inside a repeated hour is
    taken once, in its second round.
    """
    free_from: datetime | None = None
    for span in spans:
        opens = wall_to_utc(day, span.opens, zone)
        if free_from is not None:
            opens = max(opens, free_from)
        if span.closes == time(0):
            closes = wall_to_utc(day + timedelta(days=1), time(0), zone)
        else:
            closes = wall_to_utc(day, span.closes, zone, ending=True)
        if closes > opens:
            yield opens, closes
            free_from = closes


def wall_to_utc(day: date, at: time, zone: ZoneInfo, *, ending: bool = False) -> datetime:
    """The moment, in UTC, at which the wall clock shows this time.

    A time shown twice (clocks set back) is the first of the two, or the second when something ends then.
    A time never shown (clocks set forward) is the moment of the jump.
    """
    first = datetime.combine(day, at, tzinfo=zone)
    second = first.replace(fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return first.astimezone(UTC)
    if before > after:
        return (second if ending else first).astimezone(UTC)
    low, high = second.astimezone(UTC), first.astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
