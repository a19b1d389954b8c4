"""How a limit is told, as the dialogues tell it."""

from zoneinfo import ZoneInfo

import pytest

from core.due_words import describe_due
from core.worktime import end_of_working_days, is_close_of_business
from tests.core.worktime_cases import DAYS, HOURS, SHANGHAI, at

NOW = "2026-11-23 10:20"


@pytest.mark.parametrize(
    ("due", "now", "at_close", "hans", "hant", "en"),
    [
        pytest.param("2026-11-24 18:00", NOW, True, "24日下班前", "24日下班前", "close of business on 24 November",
                     id="the next day is named, for an SMS may be read late"),
        pytest.param("2026-11-25 18:00", NOW, True, "25日下班前", "25日下班前", "close of business on 25 November",
                     id="in two days"),
        pytest.param("2026-11-23 18:00", NOW, True, "今天下班前", "今天下班前", "close of business today",
                     id="today"),
        pytest.param("2026-12-01 18:00", "2026-11-30 09:00", True, "12月1日下班前", "12月1日下班前",
                     "close of business on 1 December", id="near, in another month"),
        pytest.param("2027-01-01 18:00", "2026-12-31 09:00", True, "2027年1月1日下班前", "2027年1月1日下班前",
                     "close of business on 1 January 2027", id="near, in another year"),
        pytest.param("2026-12-14 18:00", NOW, True, "12月14日", "12月14日", "14 December", id="three weeks on"),
        pytest.param("2026-11-30 18:00", NOW, True, "11月30日", "11月30日", "30 November",
                     id="a week on, in the same month"),
        pytest.param("2027-01-20 18:00", "2026-12-30 10:00", True, "2027年1月20日", "2027年1月20日",
                     "20 January 2027", id="in another year"),
        pytest.param("2026-11-24 18:00", NOW, False, "明天18:00前", "明天18:00前", "18:00 tomorrow",
                     id="tomorrow by the clock"),
        pytest.param("2026-11-23 15:30", NOW, False, "今天15:30前", "今天15:30前", "15:30 today",
                     id="today by the clock"),
        pytest.param("2026-11-27 14:30", NOW, False, "27日14:30前", "27日14:30前", "14:30 on 27 November",
                     id="this week by the clock"),
        pytest.param("2026-11-24 02:28", "2026-11-24 02:13", False, "今天02:28前", "今天02:28前", "02:28 today",
                     id="at night"),
        pytest.param("2026-11-24 00:00", NOW, False, "今天24:00前", "今天24:00前", "24:00 today",
                     id="midnight ends today"),
        pytest.param("2026-12-09 00:00", NOW, False, "12月8日", "12月8日", "8 December",
                     id="midnight belongs to the day it ends"),
        pytest.param("2027-01-01 00:00", "2026-12-31 10:00", False, "今天24:00前", "今天24:00前", "24:00 today",
                     id="midnight of the year"),
        pytest.param("2026-11-20 18:00", NOW, True, "11月20日", "11月20日", "20 November", id="past"),
        pytest.param("2025-11-24 18:00", NOW, True, "2025年11月24日", "2025年11月24日", "24 November 2025",
                     id="a year past"),
    ],
)  # fmt: skip
def test_limits_are_told_as_the_dialogues_tell_them(
    due: str, now: str, at_close: bool, hans: str, hant: str, en: str
) -> None:
    told = [
        describe_due(at(due), at(now), SHANGHAI, locale, at_close=at_close) for locale in ("zh-Hans", "zh-Hant", "en")
    ]
    assert told == [hans, hant, en]


def test_an_unknown_locale_reads_chinese() -> None:
    assert describe_due(at("2026-12-14 18:00"), at(NOW), SHANGHAI, "fr") == "12月14日"


def test_the_day_is_that_of_the_office() -> None:
    due = at("2026-11-24 07:00")
    now = at("2026-11-23 22:00")
    assert describe_due(due, now, SHANGHAI, "zh-Hans") == "明天07:00前"
    assert describe_due(due, now, ZoneInfo("America/New_York"), "zh-Hans") == "今天18:00前"


@pytest.mark.parametrize(("n", "words"), [(1, "24日下班前"), (2, "25日下班前"), (5, "11月30日"), (15, "12月14日")])
def test_from_receipt_to_words_as_in_the_dialogues(n: int, words: str) -> None:
    due = end_of_working_days(at(NOW), n, HOURS, DAYS)
    at_close = is_close_of_business(due, HOURS, DAYS)
    assert describe_due(due, at(NOW), SHANGHAI, "zh-Hans", at_close=at_close) == words
