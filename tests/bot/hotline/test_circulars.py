"""Circulars: periods, places of units by weights in data, and what is issued stays as it was."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session

from bot.hotline import circulars
from bot.hotline.circulars import CircularOut
from bot.hotline.rules import Score, default_rules, read_rules
from bot.hotline.score import ranked, score
from bot.hotline.stats import Figures, Rate
from bot.hotline.words import Action, Kind
from core.errors import BadInput, Conflict, StartupError
from tests.bot.hotline.conftest import ANSWER, Rig
from tests.bot.hotline.rules_text import RULES

NONE = Rate(0, 0)
EMPTY = Figures(0, 0, 0, 0, 0, 0, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, None)
RULE = Score({"on_time": 60, "satisfied": 40}, {"warning": 0.5, "alarm": 1, "red": 1, "faulty": 2}, fewest=3)


def _figures(on_time: tuple[int, int], satisfied: tuple[int, int] = (0, 0), received: int = 10) -> Figures:
    return replace(EMPTY, received=received, on_time=Rate(*on_time), satisfied=Rate(*satisfied))


@pytest.mark.parametrize(
    ("period", "first", "last", "label"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30), "2026年11月"),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), "2028年2月"),
        ("2026q4", date(2026, 10, 1), date(2026, 12, 31), "2026年第四季度"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026年"),
    ],
)
def test_a_period_is_a_month_a_quarter_or_a_year(period: str, first: date, last: date, label: str) -> None:
    assert circulars.span(period) == (first, last, label)


@pytest.mark.parametrize("period", ["", "2026-13", "2026Q5", "26-11", "去年"])
def test_anything_else_is_no_period(period: str) -> None:
    with pytest.raises(BadInput):
        circulars.span(period)


def test_a_score_is_the_weighted_mean_of_the_rates_there_are_less_what_counts_against_it() -> None:
    assert score(_figures((9, 10), (4, 5)), {}, RULE) == 86.0  # 0.9 × 60 + 0.8 × 40
    assert score(_figures((9, 10)), {}, RULE) == 90.0, "nothing was rated: that weight is left out"
    assert score(_figures((9, 10)), {"alarm": 2, "red": 1, "faulty": 1, "warning": 1}, RULE) == 84.5
    assert score(_figures((1, 10)), {"alarm": 50}, RULE) == 0.0
    assert score(EMPTY, {}, RULE) is None


def test_equal_scores_share_a_place_and_few_matters_have_none() -> None:
    figures = {
        "城管局": _figures((9, 10)),
        "水务局": _figures((10, 10)),
        "住建局": _figures((9, 10)),
        "交通局": _figures((1, 1), received=1),
        "民政局": _figures((5, 10)),
    }
    places = [(one.unit, one.place) for one in ranked(figures, {}, RULE)]
    assert places == [("水务局", 1), ("住建局", 2), ("城管局", 2), ("民政局", 4), ("交通局", None)]


def test_the_weights_are_data_and_a_wrong_one_stops_the_start() -> None:
    rules = read_rules(RULES.replace("on_time = 35", "on_time = 70"))
    assert rules.score.weights["on_time"] == 70
    assert default_rules().score.fewest == 3
    with pytest.raises(StartupError, match="politeness"):
        read_rules(RULES.replace("on_time = 35", "politeness = 35"))


async def _made(rig: Rig, period: str) -> CircularOut:
    return await rig.db.read(lambda session: circulars.compute(rig.hotline.desk(session), period))


async def test_a_circular_tells_figures_places_and_what_counts_against_a_unit(rig: Rig) -> None:
    for n in range(3):
        opened = await rig.in_a_unit(Kind.HELP, text=f"西河村{n}组的路灯坏了三天，晚上看不见")
        await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER)
    forced = await rig.in_a_unit(Kind.HELP, text="村口垃圾没人清")
    await rig.do(forced.number, Action.REPLY, rig.handler, text="已转相关部门", force=True)
    made = await _made(rig, "2026-11")
    (line,) = made.units
    assert (line.place, line.warnings, line.figures.received) == (1, 1, 4)
    assert line.score == 82.8, "(15 + 35) of 60, nobody followed up yet; half a point off for the warning"
    assert made.text.startswith("2026年11月阳光热线办理情况通报\n一、总体情况。收到4件，受理4件")
    assert "第1名 " in made.text
    assert "按时办结率100%（4/4）" in made.text


async def test_an_issued_circular_stays_as_it_was_and_is_issued_once(rig: Rig) -> None:
    opened = await rig.in_a_unit(Kind.HELP)

    def issue(session: Session) -> CircularOut:
        return circulars.issue(rig.hotline.desk(session), rig.boss, "2026-11")

    with pytest.raises(BadInput, match="not over"):
        await rig.db.write(issue)
    rig.later(days=14)
    made = await rig.db.write(issue)
    await rig.do(opened.number, Action.REPLY, rig.handler, text=ANSWER)
    (kept,) = await rig.db.read(lambda session: circulars.issued(rig.hotline.desk(session)))
    assert kept.total.answered == 0, "as it was when it was issued"
    assert kept.text == made.text
    (told, *_) = await rig.sent("staff_circular")
    assert told.text.startswith("2026年11月热线通报已印发：收1件")
    with pytest.raises(Conflict):
        await rig.db.write(issue)


async def test_a_faulty_cross_check_and_a_red_lamp_count_against_the_unit(rig: Rig) -> None:
    opened = await rig.in_a_unit(Kind.COMPLAINT)
    rig.later(days=28)
    while any((await rig.db.write(rig.hotline.sweep)).values()):
        pass
    made = await _made(rig, "2026Q4")
    assert [(line.unit != "", line.reds) for line in made.units] == [(True, 1)], opened.number
    assert made.orders == 1
