"""Laws of working time that hold for offices and zones of every kind, and slow counts that must agree with it."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.calendar_days import Days
from core.office_hours import OfficeHours
from core.worktime import (
    add_working_days,
    add_working_time,
    end_of_working_days,
    working_days_between,
    working_time_between,
)
from tests.core.worktime_cases import DAYS, HOURS, KNOWN_UNTIL_2026, at, own_day

MINUTE = timedelta(minutes=1)

OFFICES = [
    (OfficeHours.parse(), DAYS),
    (OfficeHours.parse(seasons={"05-01..09-30": "08:00-12:00, 15:00-18:30"}), DAYS),
    (
        OfficeHours.parse(),
        Days([own_day("2026-11-24", working=True, hours="09:00-12:00")], official=KNOWN_UNTIL_2026),
    ),
    (OfficeHours.parse("Europe/Berlin", "00:00-02:30, 02:40-24:00"), Days(official=None, weekend=frozenset())),
    (
        OfficeHours.parse("America/New_York", "01:15-01:45, 22:00-24:00"),
        Days(official=None, weekend=frozenset({0})),
    ),
    (
        OfficeHours.parse("Australia/Lord_Howe", "00:30-02:15, 08:00-17:00"),
        Days(official=None, weekend=frozenset()),
    ),
    (OfficeHours.parse("America/Havana", "00:00-00:30, 00:45-06:00"), Days(official=None, weekend=frozenset())),
]
offices = st.sampled_from(OFFICES)
moments = st.datetimes(datetime(2003, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
work = st.timedeltas(timedelta(), timedelta(days=60))
Office = tuple[OfficeHours, Days]


@settings(deadline=None)  # the first look at a year lays it out
@given(offices, moments, work)
def test_what_is_added_is_found_between(office: Office, start: datetime, duration: timedelta) -> None:
    end = add_working_time(start, duration, *office)
    assert working_time_between(start, end, *office) == duration
    assert working_time_between(end, start, *office) == -duration
    assert working_time_between(add_working_time(start, -duration, *office), start, *office) == duration


@settings(deadline=None)  # the first look at a year lays it out
@given(offices, moments, moments)
def test_what_lies_between_leads_no_further_than_the_end(office: Office, first: datetime, second: datetime) -> None:
    first, second = sorted((first, second))
    assert first <= add_working_time(first, working_time_between(first, second, *office), *office) <= second


@settings(deadline=None)  # the first look at a year lays it out
@given(offices, moments, st.timedeltas(timedelta(), timedelta(days=9)), work, work)
def test_later_starts_and_longer_work_never_end_earlier(
    office: Office, start: datetime, delay: timedelta, short: timedelta, more: timedelta
) -> None:
    end = add_working_time(start, short, *office)
    assert end <= add_working_time(start + delay, short, *office)
    assert end <= add_working_time(start, short + more, *office)


@settings(deadline=None)  # the first look at a year lays it out
@given(offices, moments, work, work)
def test_work_can_be_added_in_parts(office: Office, start: datetime, one: timedelta, two: timedelta) -> None:
    in_parts = add_working_time(add_working_time(start, one, *office), two, *office)
    assert in_parts == add_working_time(start, one + two, *office)


@settings(deadline=None)  # the first look at a year lays it out
@given(offices, moments, st.fractions(0, 30, max_denominator=96))
def test_parts_of_working_days_are_found_between_to_the_microsecond(
    office: Office, start: datetime, amount: Fraction
) -> None:
    found = working_days_between(start, add_working_days(start, amount, *office), *office)
    assert 0 <= found - amount < Fraction(1, 1_000_000)


@settings(deadline=None)  # the first look at a year lays it out
@given(moments, st.integers(1, 60), st.timedeltas(timedelta(), timedelta(days=9)))
def test_the_end_of_working_days_matches_a_count_on_the_fingers(start: datetime, n: int, delay: timedelta) -> None:
    day, left = start.astimezone(HOURS.zone).date(), n
    while left:
        day += timedelta(days=1)
        left -= DAYS.is_workday(day)
    due = end_of_working_days(start, n, HOURS, DAYS)
    assert due == at(f"{day} 18:00")
    assert due <= end_of_working_days(start + delay, n, HOURS, DAYS)
    assert due < end_of_working_days(start, n + 1, HOURS, DAYS)


EVERY_DAY = Days(official=None, weekend=frozenset())
# Here no break falls into a repeated hour: whether one is taken once or twice is a choice, not a law.
BY_THE_MINUTE = [
    OFFICES[2],
    (OfficeHours.parse("Europe/Berlin", "00:00-04:00, 05:00-24:00"), EVERY_DAY),
    (OfficeHours.parse("America/New_York", "00:30-02:30, 22:00-24:00"), EVERY_DAY),
    OFFICES[5],
    (OfficeHours.parse("America/Havana", "00:00-06:00"), EVERY_DAY),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BY_THE_MINUTE), st.integers(0, 60 * 24 * 365), st.integers(1, 600))
@example(BY_THE_MINUTE[1], 60 * 24 * 87, 300)  # the night the clocks go forward in Berlin
@example(BY_THE_MINUTE[1], 60 * 24 * 297, 300)  # and back
@example(BY_THE_MINUTE[3], 60 * 24 * 93, 600)  # half an hour back on Lord Howe
@example(BY_THE_MINUTE[4], 60 * 24 * 304, 300)  # midnight twice in Havana
def test_work_added_matches_a_count_minute_by_minute(office: Office, begin: int, minutes: int) -> None:
    hours, days = office
    start = moment = datetime(2026, 1, 1, tzinfo=UTC) + begin * MINUTE
    left = minutes
    while left:
        local = moment.astimezone(hours.zone)
        spans = days.own_hours(local.date()) or hours.spans_on(local.date())
        at_work = any(
            span.opens <= local.time() and (not (span.closes.hour or span.closes.minute) or local.time() < span.closes)
            for span in spans
        )
        left -= at_work and days.is_workday(local.date())
        moment += MINUTE
    assert add_working_time(start, minutes * MINUTE, hours, days) == moment
