"""Working days: where an answer comes from, counting, warnings, and the office's own rows."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from core.audit import OPERATOR, AuditEntry
from core.calendar import clear_day, list_days, load_days, set_day
from core.calendar_days import (
    Days,
    china,
    count_working_days,
    nth_working_day_after,
    previous_working_day,
    shift_to_workday,
)
from core.db import Database
from core.errors import BadInput, NotFound
from core.office_hours import OfficeHours, Season, Week, format_spans, parse_spans
from tests.conftest import MONDAY
from tests.core.worktime_cases import DAYS, KNOWN_UNTIL_2026, PLAIN_WEEKDAYS, own_day

COMPLETE_2027 = [own_day(f"2027-{month:02}-{day:02}", working=False) for month, day in (
    (1, 1), (2, 8), (2, 9), (2, 10), (2, 11), (2, 12), (4, 5), (5, 3), (5, 4), (6, 9), (9, 15),
    (10, 1), (10, 4), (10, 5), (10, 6), (10, 7),
)]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "working"),
    [
        pytest.param("2026-11-23", True, id="an ordinary Monday"),
        pytest.param("2026-11-28", False, id="an ordinary Saturday"),
        pytest.param("2026-10-01", False, id="National Day"),
        pytest.param("2026-10-10", True, id="a make-up Saturday"),
        pytest.param("2026-02-28", True, id="a make-up Saturday in February"),
        pytest.param("2027-01-01", True, id="an unknown New Year's Day is a Friday like any other"),
        pytest.param("2027-01-02", False, id="an unknown Saturday"),
        pytest.param("2003-10-01", True, id="a weekday before the calendar begins"),
        pytest.param("9999-12-31", True, id="the last day there is"),
        pytest.param("0001-01-01", True, id="the first day there is"),
    ],
)
def test_every_day_has_an_answer(day: str, working: bool) -> None:
    assert DAYS.is_workday(date.fromisoformat(day)) is working


def test_what_the_office_entered_wins() -> None:
    days = Days(
        [own_day("2026-10-01", working=True, hours="09:00-12:00"), own_day("2026-10-10", working=False)],
        official=KNOWN_UNTIL_2026,
    )
    assert days.is_workday(date(2026, 10, 1))
    assert format_spans(days.own_hours(date(2026, 10, 1))) == "09:00-12:00"
    assert not days.is_workday(date(2026, 10, 10))


def test_an_office_outside_china_has_its_own_weekend_and_no_chinese_holidays() -> None:
    days = Days(official=None, weekend=frozenset({4, 5}))
    assert days.is_workday(date(2026, 10, 4))
    assert not days.is_workday(date(2026, 10, 2))
    assert days.warnings(date(2030, 12, 1)) == []


def test_days_that_leave_nothing_to_count_are_refused() -> None:
    with pytest.raises(ValueError, match="without any working day"):
        Days(official=None, weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="two rows"):
        Days([own_day("2026-10-01", working=True), own_day("2026-10-01", working=False)], official=None)


def test_only_days_past_the_known_calendar_are_assumed() -> None:
    days = Days([own_day("2027-01-01", working=False)], official=KNOWN_UNTIL_2026)
    assert not days.is_assumed(date(2026, 12, 31))
    assert not days.is_assumed(date(2027, 1, 1))
    assert days.is_assumed(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("today", "years"),
    [
        pytest.param("2026-09-30", [], id="before October nobody can know"),
        pytest.param("2026-10-01", [2027], id="from October on"),
        pytest.param("2026-12-31", [2027], id="on the last known day"),
        pytest.param("2027-01-01", [2027], id="in the unknown year itself"),
        pytest.param("2027-10-01", [2027, 2028], id="and again for the year after"),
        pytest.param("2025-12-31", [], id="a year ahead all is known"),
    ],
)
def test_an_unknown_year_is_warned_of_months_ahead(today: str, years: list[int]) -> None:
    assert DAYS.warnings(date.fromisoformat(today)) == [
        f"the official calendar for {year} is not entered yet; weekdays are assumed from {year}-01-01" for year in years
    ]


def test_a_year_the_office_entered_completely_is_known() -> None:
    days = Days(COMPLETE_2027, official=KNOWN_UNTIL_2026)
    assert days.known_until == date(2027, 12, 31)
    assert days.warnings(date(2026, 12, 1)) == []
    assert days.warnings(date(2027, 11, 1)) != []


def test_a_few_entered_days_do_not_make_a_year_known() -> None:
    days = Days(COMPLETE_2027[:5], official=KNOWN_UNTIL_2026)
    assert days.known_until == date(2026, 12, 31)


def test_the_installed_package_knows_at_least_2026() -> None:
    assert china().first_year <= 2004
    assert china().last_year >= 2026


def test_counting_back_skips_weekends_and_holidays() -> None:
    assert previous_working_day(date(2026, 12, 14), 1, DAYS) == date(2026, 12, 11)
    assert previous_working_day(date(2026, 10, 8), 1, DAYS) == date(2026, 9, 30)
    assert previous_working_day(date(2026, 1, 5), 2, DAYS) == date(2025, 12, 31)
    assert previous_working_day(date(2026, 11, 29), 1, DAYS) == date(2026, 11, 27)
    with pytest.raises(ValueError, match="at least one"):
        previous_working_day(date(2026, 11, 29), 0, DAYS)


@pytest.mark.parametrize(
    ("planned", "held"),
    [
        pytest.param("2026-09-15", "2026-09-15", id="a working day stays"),
        pytest.param("2026-11-15", "2026-11-16", id="a Sunday moves to Monday"),
        pytest.param("2026-02-15", "2026-02-24", id="Spring Festival moves far"),
        pytest.param("2026-08-15", "2026-08-17", id="a Saturday moves to Monday"),
        pytest.param("2026-10-10", "2026-10-10", id="a make-up Saturday stays"),
    ],
)
def test_a_reception_day_on_a_free_day_moves_to_the_next_working_day(planned: str, held: str) -> None:
    assert shift_to_workday(date.fromisoformat(planned), DAYS) == date.fromisoformat(held)


days_of_time = st.dates(date(1999, 1, 1), date(2035, 1, 1))


@settings(deadline=None)  # the first look at a year lays it out
@given(days_of_time, st.integers(1, 600))
def test_counting_forward_back_and_between_agree(day: date, n: int) -> None:
    reached = nth_working_day_after(day, n, DAYS)
    tomorrow, after = day + timedelta(days=1), reached + timedelta(days=1)
    assert DAYS.is_workday(reached)
    assert count_working_days(tomorrow, after, DAYS) == n
    assert count_working_days(after, tomorrow, DAYS) == -n
    assert previous_working_day(after, n, DAYS) == nth_working_day_after(day, 1, DAYS)


def test_a_plain_week_has_five_days() -> None:
    assert count_working_days(date(2026, 1, 5), date(2026, 1, 12), PLAIN_WEEKDAYS) == 5


@pytest.mark.parametrize(
    "text", ["", "9-12", "12:00-09:00", "09:00-12:00, 11:00-18:00", "13:00-18:00, 09:00-12:00", "25:00-26:00"]
)
def test_hours_that_are_no_spans_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|hour"):
        parse_spans(text)


def test_hours_are_read_as_people_type_them() -> None:
    assert format_spans(parse_spans("9:00–12:00，13:00至24:00")) == "09:00-12:00, 13:00-24:00"


def test_a_week_may_name_weekdays_with_other_hours() -> None:
    ordinary, friday = parse_spans("09:00-17:00"), parse_spans("09:00-13:00")
    hours = OfficeHours(OfficeHours.parse().zone, Week(ordinary, ((4, friday),)))
    assert hours.spans_on(date(2026, 11, 27)) == friday
    assert hours.spans_on(date(2026, 11, 28)) == ordinary


def test_seasons_and_weeks_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="not a season"):
        OfficeHours.parse(seasons={"summer": "09:00-12:00"})
    with pytest.raises(ValueError, match="day"):
        Season((2, 30), (3, 1), Week(parse_spans("09:00-12:00")))
    with pytest.raises(ValueError, match="needs hours"):
        Week(())


# The office's own rows.


@pytest.fixture
def calendar_db(db: Database) -> Database:
    """A database in which the table surely exists."""
    SQLModel.metadata.tables["calendar_day"].create(db.engine, checkfirst=True)
    return db


def test_an_entered_day_is_loaded_over_the_official_calendar(calendar_db: Database) -> None:
    day = date(2026, 11, 28)
    assert calendar_db.write_now(set_day, MONDAY, OPERATOR, day, working=True, note=" 补班 ", hours="9:00-12:00")
    days = calendar_db.read_now(load_days)
    assert days.is_workday(day)
    assert days.own_hours(day) == parse_spans("09:00-12:00")
    assert not days.is_workday(date(2026, 10, 1))
    (row,) = calendar_db.read_now(list_days, day, day)
    assert (row.note, row.hours) == ("补班", "09:00-12:00")


def test_entering_the_same_day_again_changes_it_once_and_says_so_in_the_audit(calendar_db: Database) -> None:
    day = date(2026, 11, 24)
    assert calendar_db.write_now(set_day, MONDAY, OPERATOR, day, working=False, note="停电")
    assert not calendar_db.write_now(set_day, MONDAY, OPERATOR, day, working=False, note="停电")
    assert calendar_db.write_now(set_day, MONDAY, OPERATOR, day, working=True, note="停电")
    entries = calendar_db.read_now(_audit_of, day)
    assert [(entry.before or {}).get("working") for entry in entries] == [None, False]
    assert [(entry.after or {}).get("working") for entry in entries] == [False, True]


def test_a_day_taken_back_is_again_what_the_official_calendar_says(calendar_db: Database) -> None:
    day = date(2026, 11, 24)
    calendar_db.write_now(set_day, MONDAY, OPERATOR, day, working=False)
    calendar_db.write_now(clear_day, MONDAY, OPERATOR, day)
    assert calendar_db.read_now(load_days).is_workday(day)
    with pytest.raises(NotFound):
        calendar_db.write_now(clear_day, MONDAY, OPERATOR, day)


@pytest.mark.parametrize(
    ("working", "hours", "note", "field"),
    [
        pytest.param(True, "morning", "", "hours", id="no spans"),
        pytest.param(False, "09:00-12:00", "", "hours", id="hours on a free day"),
        pytest.param(True, "", "x" * 101, "note", id="a note too long"),
        pytest.param(True, ",".join(f"{n:02}:00-{n:02}:30" for n in range(24)), "", "hours", id="too many"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_with_its_field(
    calendar_db: Database, working: bool, hours: str, note: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        calendar_db.write_now(set_day, MONDAY, OPERATOR, date(2026, 11, 24), working=working, hours=hours, note=note)
    assert field in refused.value.fields
    assert calendar_db.read_now(list_days, date.min, date.max) == []


def test_days_loaded_twice_from_equal_rows_are_equal(calendar_db: Database) -> None:
    calendar_db.write_now(set_day, MONDAY, OPERATOR, date(2026, 11, 24), working=False)
    first, second = calendar_db.read_now(load_days), calendar_db.read_now(load_days)
    assert first == second
    assert hash(first) == hash(second)


def _audit_of(session: Session, day: date) -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.subject == day.isoformat())
    return sorted(session.exec(found), key=lambda entry: entry.id or 0)
