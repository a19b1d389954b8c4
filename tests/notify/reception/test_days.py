"""Which days are reception days, and who receives: tables."""

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from core.calendar_days import DayRow, Days, china
from notify.reception import wording
from notify.reception.days import (
    Leader,
    Pattern,
    Rules,
    Season,
    Slot,
    held_days,
    last_day_to_book,
    next_free_slot,
    plan,
)

CHINA = Days(official=china())
A, B, C = Leader(name="示例甲", post="局长"), Leader(name="示例乙", post="副局长"), Leader(name="示例丙")
SUBSTITUTE = Leader(name="示例丁", post="主任")
THIRD_MONDAY = Pattern(weekdays=(1,), weeks=(3,))
SUMMER = Season(first=date(2026, 7, 1), last=date(2026, 9, 30), days_of_month=(10, 15, 20), note="暑期")


def rules(**more: Any) -> Rules:
    return Rules(**{"starts_on": date(2025, 1, 1), "leaders": (A, B, C), "place": "县信访大厅", **more})


def days_of(made: Rules, first: str, last: str, calendar: Days = CHINA) -> list[str]:
    held = held_days(made, date.fromisoformat(first), date.fromisoformat(last), calendar)
    return [f"{day:%m-%d}" for day in held]


@pytest.mark.parametrize(
    ("about", "more", "first", "last", "expected"),
    [
        ("an ordinary Tuesday", {}, "2026-12-01", "2026-12-31", ["12-15"]),
        ("a Sunday moves to Monday", {}, "2026-11-01", "2026-11-30", ["11-16"]),
        ("a Saturday moves to Monday", {}, "2026-08-01", "2026-08-31", ["08-17"]),
        ("the Spring Festival of 2026 ends with a Tuesday", {}, "2026-02-01", "2026-02-28", ["02-24"]),
        (
            "a Saturday that is worked (调休) stays",
            {"regular": Pattern(days_of_month=(28,))},
            "2026-02-01",
            "2026-02-28",
            ["02-28"],
        ),
        (
            "a Saturday that is worked takes what falls on the holiday before it",
            {"regular": Pattern(days_of_month=(1, 15))},
            "2026-02-10",
            "2026-03-10",
            ["02-24", "03-02"],
        ),
        (
            "New Year's Day moves past the holiday to the Sunday worked for it",
            {"regular": Pattern(days_of_month=(1,))},
            "2026-01-01",
            "2026-01-31",
            ["01-04"],
        ),
        (
            "New Year's Eve is an ordinary day of the old year",
            {"regular": Pattern(days_of_month=(31,))},
            "2025-12-20",
            "2026-01-10",
            ["12-31"],
        ),
        (
            "what moves over New Year is found from the new year alone",
            {"regular": Pattern(days_of_month=(31,)), "starts_on": date(2022, 1, 1)},
            "2023-01-01",
            "2023-01-10",
            ["01-03"],
        ),
        (
            "a year not yet published is read as plain weeks",
            {},
            "2027-01-01",
            "2027-03-31",
            ["01-15", "02-15", "03-15"],
        ),
        (
            "two days of the National Day holiday become one reception day",
            {"regular": Pattern(days_of_month=(1, 5))},
            "2026-10-01",
            "2026-10-31",
            ["10-08"],
        ),
        (
            "the 31st of a short month is its last day",
            {"regular": Pattern(days_of_month=(31,))},
            "2026-04-01",
            "2026-04-30",
            ["04-30"],
        ),
        (
            "every Wednesday",
            {"regular": Pattern(weekdays=(3,))},
            "2026-12-01",
            "2026-12-20",
            ["12-02", "12-09", "12-16"],
        ),
        ("the third Monday", {"regular": THIRD_MONDAY}, "2026-11-01", "2026-12-31", ["11-16", "12-21"]),
        (
            "a free weekday is skipped where the office says so",
            {"regular": Pattern(weekdays=(4,)), "on_free_day": "skip"},
            "2026-09-28",
            "2026-10-16",
            ["10-08", "10-15"],
        ),
        (
            "a season replaces the rule in its own months (20 September 2026 is a Sunday that is worked)",
            {"seasons": (SUMMER,)},
            "2026-06-01",
            "2026-10-31",
            ["06-15", "07-10", "07-15", "07-20", "08-10", "08-17", "08-20", "09-10", "09-15", "09-20", "10-15"],
        ),
        ("a season of one year leaves the next alone", {"seasons": (SUMMER,)}, "2027-07-01", "2027-07-31", ["07-15"]),
        (
            "a season without days: nobody is received",
            {"seasons": (Season(first=date(2026, 12, 1), last=date(2026, 12, 31)),)},
            "2026-11-20",
            "2027-01-20",
            ["01-15"],
        ),
        (
            "single dates of a season",
            {"seasons": (Season(first=date(2026, 12, 1), last=date(2026, 12, 31), dates=(date(2026, 12, 9),)),)},
            "2026-12-01",
            "2026-12-31",
            ["12-09"],
        ),
        ("nothing before the rules begin", {"starts_on": date(2026, 12, 20)}, "2026-11-01", "2027-01-31", ["01-15"]),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else "",
)
def test_the_days_are(about: str, more: dict[str, Any], first: str, last: str, expected: list[str]) -> None:
    assert days_of(rules(**more), first, last) == expected, about


def test_a_day_the_office_entered_as_free_moves_the_reception_on() -> None:
    own = Days([DayRow(date(2026, 12, 15), working=False)], official=china())
    assert days_of(rules(), "2026-12-01", "2026-12-31", own) == ["12-16"]


def planned(made: Rules, first: str, last: str, away: dict[str, list[str]] | None = None) -> list[tuple[str, str, str]]:
    def is_away(leader: Leader, day: date) -> bool:
        return day.isoformat() in (away or {}).get(leader.name, ())

    found = plan(made, date.fromisoformat(first), date.fromisoformat(last), CHINA, is_away)
    return [(f"{one.day:%m-%d}", one.leader.name, one.in_place_of.name if one.in_place_of else "") for one in found]


def test_leaders_take_turns_from_the_first_day_of_the_rules() -> None:
    made = rules(starts_on=date(2026, 9, 1))
    assert planned(made, "2026-09-01", "2026-12-31") == [
        ("09-15", "示例甲", ""),
        ("10-15", "示例乙", ""),
        ("11-16", "示例丙", ""),
        ("12-15", "示例甲", ""),
    ]
    assert planned(made, "2026-11-20", "2026-12-31") == [("12-15", "示例甲", "")]


def test_whoever_is_away_is_stood_in_for_and_the_turns_of_the_others_do_not_shift() -> None:
    made = rules(starts_on=date(2026, 9, 1), substitute=SUBSTITUTE)
    assert planned(made, "2026-09-01", "2026-11-30", {"示例乙": ["2026-10-15"]}) == [
        ("09-15", "示例甲", ""),
        ("10-15", "示例丁", "示例乙"),
        ("11-16", "示例丙", ""),
    ]


def test_without_a_substitute_the_next_of_the_rota_stands_in() -> None:
    made = rules(starts_on=date(2026, 9, 1))
    away = {"示例乙": ["2026-10-15"], "示例丙": ["2026-10-15"]}
    assert planned(made, "2026-10-01", "2026-10-31", away) == [("10-15", "示例甲", "示例乙")]


def test_a_day_is_never_dropped_even_when_everybody_is_away() -> None:
    made = rules(starts_on=date(2026, 9, 1), substitute=SUBSTITUTE)
    (one,) = plan(made, date(2026, 10, 1), date(2026, 10, 31), CHINA, lambda _leader, _day: True)
    assert (one.leader, one.in_place_of, one.covered) == (B, None, False)


def test_a_day_of_a_year_not_yet_published_is_marked_as_assumed() -> None:
    marked = {one.day: one.assumed for one in plan(rules(), date(2026, 12, 1), date(2027, 1, 31), CHINA)}
    assert marked == {date(2026, 12, 15): False, date(2027, 1, 15): True}


def test_places_are_booked_until_some_working_days_before() -> None:
    assert last_day_to_book(date(2026, 11, 16), rules(), CHINA) == date(2026, 11, 13)
    assert last_day_to_book(date(2026, 11, 16), rules(notice_days=3), CHINA) == date(2026, 11, 11)
    assert last_day_to_book(date(2026, 11, 16), rules(notice_days=0), CHINA) == date(2026, 11, 16)


def test_the_first_slot_with_a_place_left_is_given_unless_one_is_asked_for() -> None:
    slots = (Slot(begins=time(9), ends=time(10), places=1), Slot(begins=time(10), ends=time(11), places=2))
    assert next_free_slot(slots, {}) == slots[0]
    assert next_free_slot(slots, {"09:00": 1}) == slots[1]
    assert next_free_slot(slots, {"09:00": 1}, "09:00") is None
    assert next_free_slot(slots, {"09:00": 1, "10:00": 2}) is None


@pytest.mark.parametrize(
    "more",
    [
        {"leaders": ()},
        {"leaders": (A, A)},
        {"regular": {"days_of_month": [32]}},
        {"regular": {"weekdays": [0]}},
        {"slots": [{"begins": "10:00", "ends": "09:00", "places": 1}]},
        {
            "slots": [
                {"begins": "09:00", "ends": "11:00", "places": 1},
                {"begins": "10:00", "ends": "12:00", "places": 1},
            ]
        },
        {"seasons": [{"first": "2026-09-01", "last": "2026-07-01"}]},
        {"seasons": [{"first": "2026-07-01", "last": "2026-07-31", "dates": ["2026-08-01"]}]},
        {"unknown": 1},
    ],
)
def test_rules_that_do_not_fit_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rules(**more)


def test_a_day_is_told_with_its_weekday() -> None:
    day = date(2026, 12, 15)
    assert [wording.day_words(day, locale) for locale in ("zh-Hans", "zh-Hant", "en")] == [
        "12月15日周二", "12月15日週二", "Tue 15 Dec",
    ]  # fmt: skip
    assert wording.label_words(day, "zh-Hans") == "周二12月15日"
