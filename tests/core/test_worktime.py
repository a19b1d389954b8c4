"""Working time to the minute: tables counted by hand."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from _pytest.mark import ParameterSet

from core.calendar_days import DayRow, Days
from core.office_hours import OfficeHours
from core.worktime import (
    add_working_day_lengths,
    add_working_days,
    add_working_time,
    close_of_business,
    end_of_calendar_days,
    end_of_working_days,
    is_close_of_business,
    is_open,
    next_work_moment,
    same_time_working_days_before,
    working_days_between,
    working_time_between,
)
from tests.core.worktime_cases import (
    DAYS,
    END_OF_WORKING_DAYS,
    HOURS,
    KNOWN_UNTIL_2026,
    OTHER_ZONES,
    PLAIN_WEEKDAYS,
    WITH_OWN_DAYS,
    at,
    own_day,
)

MINUTE = timedelta(minutes=1)


def named(cases: list[tuple[Any, ...]]) -> list[ParameterSet]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("received", "n", "last_day"), named(END_OF_WORKING_DAYS))
def test_n_working_days_end_at_the_close_of_the_nth_day_after_receipt(received: str, n: int, last_day: str) -> None:
    assert end_of_working_days(at(received), n, HOURS, DAYS) == at(f"{last_day} 18:00")


@pytest.mark.parametrize(("rows", "received", "n", "due"), named(WITH_OWN_DAYS))
def test_days_the_office_entered_go_before_the_official_calendar(
    rows: list[DayRow], received: str, n: int, due: str
) -> None:
    days = Days(rows, official=KNOWN_UNTIL_2026)
    assert end_of_working_days(at(received), n, HOURS, days) == at(due)


@pytest.mark.parametrize(("zone", "received", "n", "due"), named(OTHER_ZONES))
def test_business_stops_by_the_local_clock_in_every_zone(zone: str, received: str, n: int, due: str) -> None:
    hours = OfficeHours.parse(zone)
    start = at(received, hours.zone)
    assert end_of_working_days(start, n, hours, PLAIN_WEEKDAYS) == datetime.fromisoformat(due)


def test_there_are_at_least_sixty_named_cases() -> None:
    names = [case[0] for case in (*END_OF_WORKING_DAYS, *WITH_OWN_DAYS, *OTHER_ZONES)]
    assert len(names) == len(set(names)) >= 60


def test_the_day_of_receipt_is_the_offices_day_not_that_of_utc() -> None:
    received = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past midnight on the 24th in Shanghai
    assert end_of_working_days(received, 1, HOURS, DAYS) == at("2026-11-25 18:00")


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    named([
        ("inside the morning", "2026-11-23 09:30", 60, "2026-11-23 10:30"),
        ("exactly until lunch", "2026-11-23 09:00", 180, "2026-11-23 12:00"),
        ("one minute past lunch", "2026-11-23 09:00", 181, "2026-11-23 13:01"),
        ("over lunch", "2026-11-23 11:30", 60, "2026-11-23 13:30"),
        ("begun in the lunch break", "2026-11-23 12:15", 30, "2026-11-23 13:30"),
        ("exactly until closing", "2026-11-23 09:00", 480, "2026-11-23 18:00"),
        ("one minute past closing", "2026-11-23 09:00", 481, "2026-11-24 09:01"),
        ("begun at closing", "2026-11-23 18:00", 1, "2026-11-24 09:01"),
        ("begun at night", "2026-11-23 02:00", 15, "2026-11-23 09:15"),
        ("begun on Saturday", "2026-11-28 11:00", 15, "2026-11-30 09:15"),
        ("over a weekend", "2026-11-27 17:50", 20, "2026-11-30 09:10"),
        ("over National Day", "2026-09-30 17:00", 120, "2026-10-08 10:00"),
        ("on a make-up Saturday", "2026-10-09 17:00", 120, "2026-10-10 10:00"),
        ("over the unknown New Year", "2026-12-31 17:00", 120, "2027-01-01 10:00"),
        ("a week of work", "2026-11-23 09:00", 5 * 480, "2026-11-27 18:00"),
        ("nothing, in the lunch break", "2026-11-23 12:15", 0, "2026-11-23 12:15"),
        ("backwards inside the afternoon", "2026-11-23 17:00", -60, "2026-11-23 16:00"),
        ("backwards over lunch", "2026-11-23 13:30", -60, "2026-11-23 11:30"),
        ("backwards exactly to the opening", "2026-11-23 12:00", -180, "2026-11-23 09:00"),
        ("backwards over a night", "2026-11-24 09:30", -60, "2026-11-23 17:30"),
        ("backwards over New Year 2026", "2026-01-04 09:30", -60, "2025-12-31 17:30"),
    ]),
)  # fmt: skip
def test_working_time_is_added_exact_to_the_minute(start: str, minutes: int, end: str) -> None:
    assert add_working_time(at(start), minutes * MINUTE, HOURS, DAYS) == at(end)
    if minutes:
        assert working_time_between(at(start), at(end), HOURS, DAYS) == minutes * MINUTE


def test_the_other_reading_counts_lengths_of_an_ordinary_day() -> None:
    assert add_working_day_lengths(at("2026-11-23 10:20"), 1, HOURS, DAYS) == at("2026-11-24 10:20")
    assert add_working_day_lengths(at("2026-11-23 20:00"), 2, HOURS, DAYS) == at("2026-11-25 18:00")


def test_calendar_days_end_at_midnight_and_give_way_to_a_working_day_when_asked() -> None:
    assert end_of_calendar_days(at("2026-11-23 10:00"), 15, HOURS) == at("2026-12-09 00:00")
    assert end_of_calendar_days(at("2026-11-23 10:00"), 5, HOURS) == at("2026-11-29 00:00")
    assert end_of_calendar_days(at("2026-11-23 10:00"), 5, HOURS, DAYS) == at("2026-12-01 00:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    named([
        ("at work", "2026-11-23 10:00", "2026-11-23 10:00"),
        ("before opening", "2026-11-23 07:00", "2026-11-23 09:00"),
        ("at lunch", "2026-11-23 12:00", "2026-11-23 13:00"),
        ("at closing", "2026-11-23 18:00", "2026-11-24 09:00"),
        ("on Friday night", "2026-11-27 22:00", "2026-11-30 09:00"),
        ("in Spring Festival", "2026-02-17 10:00", "2026-02-24 09:00"),
        ("on a make-up Sunday", "2026-01-04 10:00", "2026-01-04 10:00"),
        ("on New Year's Eve past the known calendar", "2026-12-31 20:00", "2027-01-01 09:00"),
    ]),
)  # fmt: skip
def test_the_next_work_moment_is_now_or_the_next_opening(moment: str, expected: str) -> None:
    assert next_work_moment(at(moment), HOURS, DAYS) == at(expected)
    assert is_open(at(moment), HOURS, DAYS) == (moment == expected)


def test_close_of_business_on_a_free_day_is_that_of_the_next_working_day() -> None:
    assert close_of_business(date(2026, 11, 28), HOURS, DAYS) == at("2026-11-30 18:00")


def test_only_the_last_close_of_a_working_day_is_close_of_business() -> None:
    assert is_close_of_business(at("2026-11-23 18:00"), HOURS, DAYS)
    assert not is_close_of_business(at("2026-11-23 12:00"), HOURS, DAYS)
    assert not is_close_of_business(at("2026-11-28 18:00"), HOURS, DAYS)


def test_an_office_open_until_midnight_closes_at_the_end_of_its_day() -> None:
    hours = OfficeHours.parse(ordinary="09:00-24:00")
    due = end_of_working_days(at("2026-11-23 10:00"), 1, hours, DAYS)
    assert due == at("2026-11-25 00:00")
    assert is_close_of_business(due, hours, DAYS)


def test_one_working_day_before_keeps_the_time_on_the_wall() -> None:
    assert same_time_working_days_before(at("2026-11-30 18:00"), 1, HOURS, DAYS) == at("2026-11-27 18:00")
    berlin = OfficeHours.parse("Europe/Berlin")
    monday = at("2026-03-30 18:00", berlin.zone)
    assert same_time_working_days_before(monday, 1, berlin, PLAIN_WEEKDAYS) == at("2026-03-27 18:00", berlin.zone)


def test_a_season_changes_the_hours_on_its_days_only() -> None:
    hours = OfficeHours.parse(seasons={"06-01..09-30": "08:00-12:00, 15:00-18:30"})
    assert end_of_working_days(at("2026-05-28 10:00"), 1, hours, DAYS) == at("2026-05-29 18:00")
    assert end_of_working_days(at("2026-05-29 10:00"), 1, hours, DAYS) == at("2026-06-01 18:30")
    assert add_working_time(at("2026-05-29 17:30"), 60 * MINUTE, hours, DAYS) == at("2026-06-01 08:30")
    assert end_of_working_days(at("2026-09-30 10:00"), 1, hours, DAYS) == at("2026-10-08 18:00")


def test_a_season_may_run_over_new_year_or_hold_in_one_year_only() -> None:
    winter = OfficeHours.parse(seasons={"2025-11-01..03-31": "10:00-16:00"})
    assert close_of_business(date(2026, 1, 5), winter, DAYS) == at("2026-01-05 16:00")
    assert close_of_business(date(2026, 11, 2), winter, DAYS) == at("2026-11-02 18:00")


def test_a_night_shift_on_the_day_clocks_change_lasts_as_long_as_the_clock_says() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = OfficeHours.parse("Europe/Berlin", "00:00-08:00")
    days = Days(official=None, weekend=frozenset())
    forward, back = at("2026-03-29 00:00", berlin), at("2026-10-25 00:00", berlin)
    assert working_time_between(forward, forward + timedelta(hours=20), hours, days) == timedelta(hours=7)
    assert working_time_between(back, back + timedelta(hours=20), hours, days) == timedelta(hours=9)


@pytest.mark.parametrize(
    "ordinary", ["02:10-02:50, 09:00-10:00", "01:00-02:30, 09:00-10:00", "02:30-03:30, 09:00-10:00"]
)
def test_times_that_a_clock_change_swallowed_begin_or_end_at_the_jump(ordinary: str) -> None:
    hours = OfficeHours.parse("Europe/Berlin", ordinary)
    days = Days(official=None, weekend=frozenset())
    midnight = at("2026-03-29 00:00", hours.zone)
    swallowed = {"02:10": 60, "01:00": 120, "02:30": 90}[ordinary[:5]]
    assert working_time_between(midnight, midnight + timedelta(hours=20), hours, days) == swallowed * MINUTE


@pytest.mark.parametrize("moment", ["9990-06-01 10:00", "0002-06-01 10:00", "3000-02-28 23:59"])
def test_no_year_is_too_far(moment: str) -> None:
    start = at(moment)
    due = end_of_working_days(start, 40, HOURS, DAYS)
    assert add_working_time(start, timedelta(hours=320), HOURS, DAYS) <= due
    assert working_time_between(start, due, HOURS, DAYS) >= timedelta(hours=320)


def test_naive_times_and_senseless_counts_are_refused() -> None:
    naive = datetime(2026, 11, 23, 10)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="aware"):
        add_working_time(naive, MINUTE, HOURS, DAYS)
    with pytest.raises(ValueError, match="aware"):
        end_of_working_days(naive, 1, HOURS, DAYS)
    with pytest.raises(ValueError, match="at least one"):
        end_of_working_days(at("2026-11-23 10:00"), 0, HOURS, DAYS)
    with pytest.raises(ValueError, match="forward"):
        add_working_days(at("2026-11-23 10:00"), Fraction(-1), HOURS, DAYS)


def test_a_short_day_is_a_whole_working_day() -> None:
    days = Days([own_day("2026-11-24", working=True, hours="09:00-12:00")], official=KNOWN_UNTIL_2026)
    assert working_days_between(at("2026-11-23 18:00"), at("2026-11-25 09:00"), HOURS, days) == 1
    assert add_working_days(at("2026-11-23 18:00"), Fraction(1, 3), HOURS, days) == at("2026-11-24 10:00")
    assert add_working_days(at("2026-11-28 10:00"), Fraction(1), HOURS, days) == at("2026-11-30 18:00")
