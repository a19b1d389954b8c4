"""The console's pure parts: forms read back, navigation, the sentence after a redirect, charts, periods."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi import Request, Response
from starlette.datastructures import FormData

from bot.console import flash, menu, sign_in, ticket_forms
from bot.console.charts import Chart, Series, svg
from bot.console.flash import Flash
from bot.console.menu import Entry
from bot.console.report_data import Period
from bot.hotline.words import Action, Finding
from core.auth import Principal
from core.errors import BadInput
from core.people import Role

ZONE = ZoneInfo("Asia/Shanghai")


def _who(*roles: Role) -> Principal:
    return Principal("a1", "示例甲", frozenset(roles), "console")


def test_a_form_becomes_what_the_service_takes() -> None:
    form = {"version": "3", "text": " 已换好 ", "finding": "true", "contacted_at": "2026-11-22T09:30", "force": "1"}
    given = ticket_forms.read(form, {"co_units": ["u1", ""]}, ZONE)
    assert (given.version, given.text, given.finding, given.force) == (3, "已换好", Finding.TRUE, True)
    assert given.contacted_at == datetime(2026, 11, 22, 9, 30, tzinfo=ZONE)
    assert given.co_units == ["u1"]


def test_a_check_that_sends_back_is_not_one_that_passes() -> None:
    assert ticket_forms.read({"ok": "0"}, {}, ZONE).ok is False
    assert ticket_forms.read({"ok": "1"}, {}, ZONE).ok is True


def test_a_call_that_reached_nobody_says_so_and_rates_nothing() -> None:
    given = ticket_forms.read({"reached": "0", "solved": "", "grade": ""}, {}, ZONE)
    assert (given.reached, given.solved, given.grade) == (False, None, None)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"days": "many"}, "days"),
        ({"text": "长" * 5000}, "text"),
        ({"finding": "perhaps"}, "finding"),
        ({"contacted_at": "yesterday"}, "contacted_at"),
    ],
)
def test_what_cannot_be_read_is_named(form: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        ticket_forms.read(form, {}, ZONE)
    assert list(refused.value.fields) == [field]


def test_every_move_of_staff_has_a_form_or_a_button() -> None:
    elsewhere = {Action.UNDO, *ticket_forms.ANSWERS}
    citizens = {Action.APPEND, Action.URGE, Action.WITHDRAW, Action.RATE, Action.REOPEN, Action.CONTEST}
    shown = set(ticket_forms.FIELDS) | set(ticket_forms.AT_ONCE) | elsewhere
    assert set(Action) - citizens - shown == set()


def test_the_navigation_shows_what_a_role_may_open() -> None:
    entries = (
        Entry("/console", "menu.home", (), "desk"),
        Entry("/console/board", "board.menu", (Role.SUPERVISOR,), "desk"),
        Entry("/console/faq", "menu.faq", (Role.EDITOR,), "faq"),
    )
    seen = menu.seen_by(_who(Role.EDITOR), entries)
    assert [(group, [one.path for one in found]) for group, found in seen] == [
        ("desk", ["/console"]),
        ("faq", ["/console/faq"]),
    ]
    assert menu.current("/console/board/x", entries) == "/console/board"
    assert menu.current("/console/boards", entries) == ""
    assert menu.current("/console", entries) == "/console"


def test_every_entry_of_the_navigation_belongs_to_a_group_and_stands_once() -> None:
    paths = [entry.path for entry in menu.ENTRIES]
    assert len(paths) == len(set(paths))
    assert {entry.group for entry in menu.ENTRIES} <= set(menu.GROUPS)


def _request(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())], "method": "GET", "path": "/"})


def test_a_sentence_travels_over_a_redirect() -> None:
    response = Response()
    flash.put(response, Flash("tickets.bulk_done", {"what": "派单", "count": 2}), secure=False)
    cookie = response.headers["set-cookie"].partition(";")[0]
    assert flash.take(_request(cookie)) == Flash("tickets.bulk_done", {"what": "派单", "count": 2})


@pytest.mark.parametrize("packed", ["", "nonsense", "W10=", "eyJhIjogMX0=", "x" * 3000])
def test_a_sentence_that_we_did_not_write_is_not_shown(packed: str) -> None:
    assert flash.take(_request(f"{flash.COOKIE}={packed}")) is None


@pytest.mark.parametrize(
    "path",
    ["https://elsewhere.example/console", "//elsewhere.example", "/", "/console/sign-in", "/console\\x", "/consol"],
)
def test_signing_in_leads_nowhere_but_into_the_console(path: str) -> None:
    assert sign_in.inside(path) == "/console"


def test_a_form_that_came_too_late_is_kept_without_its_token() -> None:
    form = FormData([("csrf", "secret"), ("version", "3"), ("text", "写了很久")])
    kept = sign_in.unsent("/console/tickets/26110001/note", form)
    assert kept is not None
    assert "secret" not in kept.packed()
    assert sign_in.unpacked(kept.packed()) == kept
    assert sign_in.unsent("/console/x", FormData([("csrf", "secret"), ("version", "3")])) is None


@pytest.mark.parametrize(
    "text", ["", "[]", '["/elsewhere", []]', '["//evil.example", [["a", "b"]]]', "{}", "x" * 300_000]
)
def test_a_kept_form_that_we_did_not_write_goes_nowhere(text: str) -> None:
    assert sign_in.unpacked(text) is None


def test_a_period_is_shown_by_days_and_a_long_one_by_weeks() -> None:
    assert len(Period(date(2026, 11, 1), date(2026, 11, 30)).steps()) == 30
    weeks = Period(date(2026, 1, 1), date(2026, 3, 31)).steps()
    assert len(weeks) == 13
    assert weeks[-1].last == date(2026, 3, 31)
    with pytest.raises(BadInput):
        Period(date(2026, 2, 1), date(2026, 1, 1))


def test_a_chart_is_a_picture_a_table_and_nothing_from_elsewhere() -> None:
    chart = Chart("x", "across", ["城管局", "<b>"], [Series("率", [0.5, None])], percent=True)
    assert chart.rows("单位") == [["单位", "率"], ["城管局", "50.0%"], ["<b>", "—"]]
    for dark in (False, True):
        picture = svg(chart, "", "没有数据", dark=dark).decode()
        assert picture.startswith("<svg")
        assert "<script" not in picture
        assert "<b>" not in picture
        assert 'href="http' not in picture
        assert 'src="http' not in picture


def test_a_chart_without_figures_says_so() -> None:
    chart = Chart("x", "bar", ["1"], [Series("a", [0])])
    assert chart.empty
    assert "没有数据" in svg(chart, "", "没有数据", dark=False).decode()
