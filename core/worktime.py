"""Working time (工作时间) to the microsecond: adding it, measuring it, and "n working days after".

Pure: the hours, the days and every moment are passed in. Moments are aware; what comes out is UTC. Each year is
laid out once as sorted spans with running totals, so every question is a binary search, however long the limit.
All functions raise ValueError for a naive time; no date, known calendar or not, is an error.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil

from core.calendar_days import Days, count_working_days, nth_working_day_after, previous_working_day
from core.office_hours import OfficeHours, utc_spans, wall_to_utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Year:
    """The working spans of a local year in microseconds since 1970; ``upto`` is the work done by each close."""

    opens: list[int]
    closes: list[int]
    upto: list[int]

    @property
    def total(self) -> int:
        return self.upto[-1] if self.upto else 0

    def worked(self, tick: int) -> int:
        """Work done in this year before a moment."""
        place = bisect_right(self.opens, tick) - 1
        if place < 0:
            return 0
        return self.upto[place] - max(0, self.closes[place] - tick)

    def earliest(self, work: int) -> int:
        """The first moment by which this much (more than none) is done."""
        place = bisect_left(self.upto, work)
        return self.closes[place] - (self.upto[place] - work)

    def latest(self, work: int) -> int:
        """The last moment by which no more than this is done."""
        place = bisect_right(self.upto, work)
        return self.closes[place] - (self.upto[place] - work)


def _spans_of(day: date, hours: OfficeHours, days: Days) -> list[tuple[datetime, datetime]]:
    """The working spans of any day, in UTC; none when it is free."""
    if not days.is_workday(day):
        return []
    return list(utc_spans(day, days.own_hours(day) or hours.spans_on(day), hours.zone))


@lru_cache(maxsize=128)
def _year_of(hours: OfficeHours, days: Days, year: int) -> _Year:
    opens: list[int] = []
    closes: list[int] = []
    upto: list[int] = []
    done = 0
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        for begin, end in _spans_of(date.fromordinal(ordinal), hours, days):
            opens.append(_ticks(begin))
            closes.append(_ticks(end))
            done += closes[-1] - opens[-1]
            upto.append(done)
    return _Year(opens, closes, upto)


def _ticks(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("working time needs an aware time")
    return (moment - _EPOCH) // _TICK


def _moment(ticks: int) -> datetime:
    return _EPOCH + ticks * _TICK


def _local_date(moment: datetime, hours: OfficeHours) -> date:
    if moment.tzinfo is None:
        raise ValueError("working time needs an aware time")
    return moment.astimezone(hours.zone).date()


def add_working_time(start: datetime, duration: timedelta, hours: OfficeHours, days: Days) -> datetime:
    """The first moment by which ``duration`` of working time has passed since ``start``.

    Work that fills a span to its end is done at the close, not at the next opening. No duration gives ``start``
    itself; a negative one gives the last moment from which that much work leads up to ``start``.
    """
    work = duration // _TICK
    if work == 0:
        return start.astimezone(UTC)
    number = _local_date(start, hours).year
    year = _year_of(hours, days, number)
    target = year.worked(_ticks(start)) + work
    if work > 0:
        while target > year.total:
            target -= year.total
            number += 1
            year = _year_of(hours, days, number)
        return _moment(year.earliest(target))
    while target < 0:
        number -= 1
        year = _year_of(hours, days, number)
        target += year.total
    return _moment(year.latest(target))


def working_time_between(first: datetime, second: datetime, hours: OfficeHours, days: Days) -> timedelta:
    """Working time from the first moment to the second; negative when the second is earlier."""
    first_year, second_year = _local_date(first, hours).year, _local_date(second, hours).year
    if second_year < first_year:
        return -working_time_between(second, first, hours, days)
    work = _year_of(hours, days, second_year).worked(_ticks(second))
    work -= _year_of(hours, days, first_year).worked(_ticks(first))
    work += sum(_year_of(hours, days, year).total for year in range(first_year, second_year))
    return work * _TICK


def end_of_working_days(start: datetime, n: int, hours: OfficeHours, days: Days) -> datetime:
    """The default reading of "n working days after": close of business (下班) of the n-th one after ``start``.

    The day on which something is received never counts, at whatever hour and on whatever kind of day it came
    (民法典 第二百零一条: a period counted in days begins on the day after), and the last day ends when business
    stops (第二百零三条: 有业务时间的，停止业务活动的时间为截止时间). Holidays in between do not count (行政许可法
    第八十二条: the periods are working days, without statutory holidays). Received on the 23rd, one working day:
    the 24th at close of business. Raises ValueError when n is below 1.
    """
    return close_of_business(nth_working_day_after(_local_date(start, hours), n, days), hours, days)


def add_working_day_lengths(start: datetime, n: int, hours: OfficeHours, days: Days) -> datetime:
    """The other reading, for offices whose rules count hours: n times an ordinary day's length of work from now.

    Received on the 23rd at 10:20, one working day: the 24th at 10:20. Shorter for the office than the default.
    """
    return add_working_time(start, n * hours.ordinary_day, hours, days)


def end_of_calendar_days(start: datetime, n: int, hours: OfficeHours, days: Days | None = None) -> datetime:
    """The midnight that ends the n-th calendar day (自然日) after ``start``, whose own day does not count.

    With ``days``, a last day that is free gives way to the next working day (民法典 第二百零三条).
    """
    last = _local_date(start, hours) + timedelta(days=n)
    if days is not None and not days.is_workday(last):
        last = nth_working_day_after(last, 1, days)
    return wall_to_utc(last + timedelta(days=1), time(0), hours.zone)


def close_of_business(day: date, hours: OfficeHours, days: Days) -> datetime:
    """When business stops on this day, or on the next working day when it is free."""
    spans = _spans_of(day, hours, days)
    while not spans:
        day = nth_working_day_after(day, 1, days)
        spans = _spans_of(day, hours, days)
    return spans[-1][1]


def is_close_of_business(moment: datetime, hours: OfficeHours, days: Days) -> bool:
    """Whether business stops for the day at exactly this moment, so that a text may say 下班前."""
    spans = _spans_of(_local_date(moment - _TICK, hours), hours, days)
    return bool(spans) and spans[-1][1] == moment


def is_open(moment: datetime, hours: OfficeHours, days: Days) -> bool:
    """Whether the office is working at this moment (not at lunch, not at the moment of closing)."""
    return any(begin <= moment < end for begin, end in _spans_of(_local_date(moment, hours), hours, days))


def next_work_moment(moment: datetime, hours: OfficeHours, days: Days) -> datetime:
    """This moment if the office is working, else the next opening."""
    day = _local_date(moment, hours)
    while True:
        for begin, end in _spans_of(day, hours, days):
            if moment < end:
                return max(begin, moment.astimezone(UTC))
        day = nth_working_day_after(day, 1, days)


def same_time_working_days_before(moment: datetime, n: int, hours: OfficeHours, days: Days) -> datetime:
    """The same wall time on the n-th working day before: where a lamp turns yellow."""
    local = moment.astimezone(hours.zone)
    return wall_to_utc(previous_working_day(local.date(), n, days), local.time(), hours.zone)


def working_days_between(first: datetime, second: datetime, hours: OfficeHours, days: Days) -> Fraction:
    """Working days from one moment to another, parts included: a day counts as one however long its hours are.

    For limits given in days, so that a pause over a short day (only the morning worked) gives back a whole day.
    """
    whole = count_working_days(_local_date(first, hours), _local_date(second, hours), days)
    return whole + _part_done(second, hours, days) - _part_done(first, hours, days)


def add_working_days(start: datetime, amount: Fraction, hours: OfficeHours, days: Days) -> datetime:
    """The first moment by which this many working days, parts included, have passed; the inverse of the above.

    Half a day from an opening at 09:00 is the moment at which half of that day's work is done. Raises ValueError
    for a negative amount.
    """
    if amount < 0:
        raise ValueError("working days are added forward")
    if amount == 0:
        return start.astimezone(UTC)
    day = _local_date(start, hours)
    target = amount + _part_done(start, hours, days)
    whole = ceil(target) - 1
    steps = whole if days.is_workday(day) else whole + 1
    if steps:
        day = nth_working_day_after(day, steps, days)
    spans = _spans_of(day, hours, days)
    length = sum((end - begin for begin, end in spans), timedelta())
    work = timedelta(microseconds=ceil((target - whole) * (length // _TICK)))
    return add_working_time(spans[0][0], work, hours, days)


def _part_done(moment: datetime, hours: OfficeHours, days: Days) -> Fraction:
    """The part, 0 to 1, of its own day's work that is done by this moment; 0 on a free day."""
    spans = _spans_of(_local_date(moment, hours), hours, days)
    length = sum((end - begin for begin, end in spans), timedelta())
    if not length:
        return Fraction(0)
    done = sum((min(end, moment) - begin for begin, end in spans if begin < moment), timedelta())
    return Fraction(done // _TICK, length // _TICK)
