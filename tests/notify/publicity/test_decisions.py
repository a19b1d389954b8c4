"""Publicity's pure decisions, by tables: moves, periods, cells, checks, texts."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.errors import BadInput
from notify.publicity.checks import Checks, Flag, amount_fits
from notify.publicity.period import Period, over_at, problem, shifted
from notify.publicity.progress import speed_of
from notify.publicity.reading import read_line, read_number
from notify.publicity.rows import Line, bare_number, entry_index, phone_index, yuan
from notify.publicity.states import EDITABLE, MOVES, Move, State, after, next_steps, possible
from notify.publicity.text import AT_ONCE, Facts, Template, row_values, warnings_about
from tests.conftest import MONDAY

FACTS = Facts("耕地地力保护补贴", "标题", "公示〔2026〕1号", date(2026, 11, 23), date(2026, 11, 30), "12345").values()


@pytest.mark.parametrize(
    ("state", "move", "target"),
    [
        (State.DRAFT, Move.SUBMIT, State.IN_REVIEW),
        (State.IN_REVIEW, Move.APPROVE, State.APPROVED),
        (State.APPROVED, Move.PUBLISH, State.SCHEDULED),
        (State.SCHEDULED, Move.SEND, State.SENDING),
        (State.SENDING, Move.PAUSE, State.PAUSED),
        (State.PAUSED, Move.RESUME, State.SENDING),
        (State.PUBLIC, Move.END, State.PERIOD_OVER),
        (State.PERIOD_OVER, Move.FINALISE, State.FINAL),
        (State.PERIOD_OVER, Move.CORRECT, State.CORRECTED),
        (State.DRAFT, Move.PUBLISH, None),
        (State.IN_REVIEW, Move.PUBLISH, None),
        (State.PUBLIC, Move.EDIT, None),
        (State.PUBLIC, Move.FINALISE, None),
        (State.FINAL, Move.CANCEL, None),
        (State.CANCELLED, Move.RESUME, None),
    ],
)
def test_a_move_leads_where_the_table_says(state: State, move: Move, target: State | None) -> None:
    assert after(state, move) is target


def test_nothing_is_sent_that_was_not_approved() -> None:
    """Every way into *sending* comes from *approved* or goes on from it."""
    into = {state for move in MOVES for state, target in MOVES[move].items() if target is State.SENDING}
    assert into == {State.SCHEDULED, State.PAUSED}
    assert {state for move in MOVES for state, target in MOVES[move].items() if target is State.SCHEDULED} == {
        State.APPROVED
    }


def test_an_edit_before_sending_always_leads_back_to_writing() -> None:
    assert {after(state, Move.EDIT) for state in MOVES[Move.EDIT]} <= EDITABLE
    assert after(State.IN_REVIEW, Move.REJECT, correcting=True) is State.CORRECTED


def test_what_is_finished_allows_nothing() -> None:
    assert possible(State.FINAL) == possible(State.CANCELLED) == ()


def test_steps_after_the_period_have_one_order() -> None:
    assert next_steps("") == {"no_objection", "objections_reviewed"}
    assert next_steps("objections_reviewed") == {"reported"}
    assert next_steps("paid") == frozenset()


@pytest.mark.parametrize(
    ("ends_on", "fits"),
    [(date(2026, 11, 30), True), (date(2026, 11, 29), False), (date(2026, 11, 22), False), (date(2028, 1, 1), False)],
)
def test_a_period_is_seven_days_without_the_day_of_posting(ends_on: date, fits: bool) -> None:
    assert (problem(Period(date(2026, 11, 23), ends_on)) is None) is fits


def test_a_period_never_begins_before_the_notice_is_public() -> None:
    planned = Period(date(2026, 11, 23), date(2026, 12, 3))
    assert shifted(planned, date(2026, 11, 25)) == Period(date(2026, 11, 25), date(2026, 12, 5))
    assert shifted(planned, date(2026, 11, 20)) == planned


def test_a_period_is_over_when_its_last_day_is_in_the_office_s_zone() -> None:
    assert over_at(date(2026, 11, 30), ZoneInfo("Asia/Shanghai")).isoformat() == "2026-11-30T16:00:00+00:00"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("３．５", Decimal("3.5")),
        ("1,234.50", Decimal("1234.5")),
        ("１，２３４", Decimal(1234)),
        ("100元/亩", Decimal(100)),
        ("¥350", Decimal(350)),
        ("3.5亩", Decimal("3.5")),
        ("0.30000000000000004", Decimal("0.3")),
        ("", None),
        ("/", None),
        ("三亩", "not_a_number"),
        ("1,23", "not_a_number"),
        ("nan", "not_a_number"),
        ("1e99", "not_a_number"),
        ("-3", "negative"),
    ],
)
def test_a_number_is_read_as_people_type_it(cell: str, value: object) -> None:
    assert read_number(cell) == value


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"name": ""}, [("name", "missing")]),
        ({"name": "示例甲", "phone": "12"}, [("phone", "phone")]),
        ({"name": "示例甲", "amount": "350.005"}, [("amount", "decimals")]),
        ({"name": "示例甲" * 30}, [("name", "too_long")]),
        ({"name": "示例甲 " + "1" * 17 + "X"}, [("name", "identity")]),
        (
            {"name": "示例甲", "quantity": "x", "amount": "y"},
            [("quantity", "not_a_number"), ("amount", "not_a_number")],
        ),
    ],
)
def test_a_bad_line_names_every_cell_that_does_not_fit(cells: dict[str, str], codes: list[tuple[str, str]]) -> None:
    line, problems = read_line(2, cells, {}, ("name",))
    assert line is None
    assert [(problem.column, problem.code) for problem in problems] == codes


def test_a_formula_is_refused_with_its_cell() -> None:
    _, problems = read_line(12, {"name": "示例甲", "amount": "=D12*E12"}, {"amount": "F12"}, ("name",))
    assert [(problem.code, problem.place) for problem in problems] == [("formula", "F12")]


def test_a_good_line_has_a_number_in_full_and_money_in_fen() -> None:
    cells = {"name": " 示例　甲 ", "phone": "＋１ (202) 555-0101", "amount": "345.5"}
    line, problems = read_line(2, cells, {}, ("name",))
    assert problems == []
    assert line is not None
    assert (line.name, line.phone, line.amount_cents) == ("示例 甲", "+12025550101", 34550)
    assert yuan(line.amount_cents) == "345.5"


@pytest.mark.parametrize(
    ("quantity", "rate", "cents", "fits"),
    [
        ("3.5", "100", 35000, True),
        ("3.47", "98.73", 34259, True),
        ("3.47", "98.73", 34300, True),
        ("3.47", "98.73", 34260, True),
        ("3.5", "100", 45000, False),
        ("3.5", "100", None, True),
    ],
)
def test_the_amount_is_area_times_standard_however_it_was_rounded(
    quantity: str, rate: str, cents: int | None, fits: bool
) -> None:
    assert amount_fits(Line(2, "示例甲", "", "", Decimal(quantity), Decimal(rate), cents)) is fits


def test_checks_flag_duplicates_and_phones_of_many_households() -> None:
    checks = Checks()
    for number in range(6):
        assert checks.look(Line(number + 2, f"示例{number}", "+12025550101"), "", "phone") == []
    assert checks.look(Line(9, "示例0", "+12025550101"), "", "phone") == [Flag.DUPLICATE]
    assert checks.duplicates == [(9, 2)]
    assert checks.shared() == {"phone": 7}


def test_a_name_of_an_own_list_counts_only_where_the_place_fits() -> None:
    checks = Checks(on_lists={Flag.DECEASED: {"n": frozenset({"西河村"})}})
    assert checks.look(Line(2, "示例甲", "", "西河村三组"), "n", None) == [Flag.DECEASED]
    assert checks.look(Line(3, "示例甲", "", "东河村"), "n", None) == []


def test_numbers_are_found_however_a_channel_writes_them() -> None:
    assert bare_number("whatsapp:+12025550101") == "+12025550101"
    assert phone_index("whatsapp:+12025550101") == phone_index("+12025550101")
    assert entry_index("示例 甲", "0101") == entry_index("示例甲", "+12025550101")


def row(name: str, amount: str = "350") -> dict[str, str]:
    return row_values(name, amount, "3.5", "100", "西河村")


def test_names_are_masked_and_what_is_common_is_said_once() -> None:
    template = Template("各位：{姓名}{面积}亩{金额}元。不对回“异议”", rows=True)
    assert (
        template.fill(FACTS, [row("示例甲"), row("示例乙", "")])
        == "各位：示*甲3.5亩350元。各位：示*乙3.5亩—元。不对回“异议”"
    )
    assert template.missing(row("示例乙", "")) == ["amount"]
    assert AT_ONCE == 10


@pytest.mark.parametrize("text", ["{bank}", "{name", "name}", "{{name}}", "{}", "{name!r}", "{name.__class__}"])
def test_a_placeholder_nobody_knows_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Template(text, rows=True)


def test_a_notice_without_a_list_may_not_name_a_row() -> None:
    with pytest.raises(BadInput):
        Template("{name}你好", rows=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("见 t.cn/abc", "shortener"),
        ("见 https://example.gov", "link"),
        ("<b>公示</b>", "html"),
        ("圳（zhèn）边", "pinyin"),
        ("20xx年", "unfinished"),
        ("请回身份证号", "secret"),
    ],
)
def test_what_people_would_find_strange_is_warned_of(text: str, code: str) -> None:
    assert warnings_about(text) == [code]
    assert warnings_about("耕地地力保护补贴（第二批）公示，到11月30日") == []


def test_speed_is_what_was_really_sent() -> None:
    now = MONDAY
    assert speed_of([[now.timestamp() - 60, 100]], now, 400) == 5.0
    assert speed_of([[now.timestamp() - 60, 100]], now, 100) is None
    assert speed_of([], now, 100) is None
