"""What the office's pages work out without a database: kinds of days, differences, trees, hidden values, finders."""

from datetime import UTC, date, datetime

import pytest

from bot.console.calendar import kind_of, months
from bot.console.faq import changes
from bot.console.faq_preview import Finder, finding
from bot.console.settings import rows, shown
from bot.console.units import tree
from core.calendar import CalendarDay
from core.calendar_days import DayRow, Days, china
from core.config import load_settings
from core.people import Unit
from faq.content import Content
from faq.models import FaqVersion
from faq.review import checked
from tests.conftest import SECRET


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 1, 1), "holiday"),
        (date(2026, 1, 4), "makeup"),
        (date(2026, 1, 10), "weekend"),
        (date(2026, 1, 12), "work"),
    ],
)
def test_a_day_is_shown_as_what_the_official_calendar_makes_it(day: date, kind: str) -> None:
    assert kind_of(day, Days(official=china()), None) == kind


def test_the_offices_own_day_goes_before_the_official_one() -> None:
    day = date(2026, 1, 12)
    row = CalendarDay(day=day, working=False, note="县庆")
    assert kind_of(day, Days([DayRow(day, working=False)], official=china()), row) == "own-free"


def test_a_year_has_every_day_once() -> None:
    cells = [cell for _, weeks in months(2028, Days(official=china()), {}) for week in weeks for cell in week if cell]
    assert len(cells) == 366
    assert [cell["day"] for cell in cells] == sorted({cell["day"] for cell in cells})


def _version(number: int, answer: str) -> FaqVersion:
    content = checked({"question": "怎么办", "answer": answer}).pack()
    return FaqVersion(entry_id="x", version=number, content=content, author="a", at=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_difference_names_the_clauses_that_went_and_came() -> None:
    found = changes(_version(1, "带身份证。到窗口办。"), _version(2, "带身份证。到一楼窗口办。"))
    assert found == [("answer", [("same", "带身份证。"), ("gone", "到窗口办。"), ("new", "到一楼窗口办。")])]


def test_a_first_version_differs_from_nothing() -> None:
    assert changes(None, _version(1, "带身份证。")) == []


def test_units_stand_below_their_parent_and_lost_ones_on_top() -> None:
    units = [
        Unit(id="a", name="局"),
        Unit(id="b", name="科", parent_id="a"),
        Unit(id="c", name="所", parent_id="gone"),
    ]
    assert [(unit.id, depth) for unit, depth in tree(units)] == [("a", 0), ("b", 1), ("c", 0)]


def test_secrets_are_never_shown_and_the_databases_password_is_hidden() -> None:
    settings = load_settings(secret_key=SECRET, database_url="postgresql://sun:very-secret@db/sunline")
    text = str([row["value"] for row in rows(settings)])
    assert SECRET not in text
    assert "very-secret" not in text
    assert shown("data_keys", "") == ""


def _content(**more: object) -> Content:
    return checked({"question": "社保卡丢了怎么补办", "answer": "带身份证到窗口补办。", **more})


def test_whoever_asked_in_like_words_would_find_the_entry_the_missed_first() -> None:
    asked = [
        Finder("社保卡丢了怎么补办呢", 9, missed=False),
        Finder("社保卡丢了补办", 2, missed=True),
        Finder("公园几点关门", 50, missed=True),
    ]
    found = finding(_content(), asked, ["社保卡怎么办", "公园在哪里", "医保怎么交"])
    assert [one.text for one in found] == ["社保卡丢了补办", "社保卡丢了怎么补办呢"]


def test_another_phrasing_brings_other_finders() -> None:
    asked = [Finder("卡不见了咋整", 3, missed=True)]
    assert finding(_content(), asked, []) == []
    assert finding(_content(aliases=["卡不见了咋整"]), asked, []) == asked
