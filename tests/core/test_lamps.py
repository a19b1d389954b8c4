"""Lamps: when they turn, and that a pause keeps their colour."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lamps import DOCUMENTS, MATTERS, Ladder, Lamp, lamp, lamp_times
from core.terms import Limit, Measure, Pause, begin, until
from tests.core.worktime_cases import DAYS, HOURS, at

SECOND = timedelta(seconds=1)
MUCH_LATER = at("2027-06-01 10:00")


@pytest.mark.parametrize(
    ("ladder", "limit", "start", "yellow", "red"),
    [
        pytest.param(MATTERS, "15 working days", "2026-11-23 16:20", "2026-12-11 18:00", "2026-12-14 18:00",
                     id="a complaint: one working day before, over a weekend"),
        pytest.param(MATTERS, "5 working days", "2026-11-23 10:20", "2026-11-27 18:00", "2026-11-30 18:00",
                     id="help"),
        pytest.param(MATTERS, "2 working days", "2026-11-23 10:20", "2026-11-24 18:00", "2026-11-25 18:00",
                     id="two working days are not under two"),
        pytest.param(MATTERS, "1 working day", "2026-11-23 10:20", "2026-11-24 13:06:40", "2026-11-24 18:00",
                     id="one working day: two thirds of what is left of the first day and the second"),
        pytest.param(MATTERS, "1 working day", "2026-11-23 18:30", "2026-11-24 15:20", "2026-11-24 18:00",
                     id="one working day, received after closing: two thirds of the next day"),
        pytest.param(MATTERS, "1 working day", "2026-09-30 18:30", "2026-10-08 15:20", "2026-10-08 18:00",
                     id="one working day over National Day"),
        pytest.param(MATTERS, "2 working days", "2026-02-13 10:00", "2026-02-14 18:00", "2026-02-24 18:00",
                     id="yellow before Spring Festival, red after it"),
        pytest.param(MATTERS, "15 working days", "2026-12-14 10:00", "2027-01-01 18:00", "2027-01-04 18:00",
                     id="across the unknown New Year"),
        pytest.param(MATTERS, "15 minutes", "2026-11-23 02:13", "2026-11-23 02:23", "2026-11-23 02:28",
                     id="life and property at night"),
        pytest.param(MATTERS, "30 minutes", "2026-11-28 23:50", "2026-11-29 00:10", "2026-11-29 00:20",
                     id="water and power over midnight"),
        pytest.param(MATTERS, "8 working hours", "2026-11-23 09:00", "2026-11-23 15:20", "2026-11-23 18:00",
                     id="working hours under two days"),
        pytest.param(MATTERS, "72 hours", "2026-11-23 09:00", "2026-11-25 09:00", "2026-11-26 09:00",
                     id="a long limit round the clock: a day before"),
        pytest.param(DOCUMENTS, "1 hour", "2026-11-23 14:30", "2026-11-23 15:20", "2026-11-23 15:30",
                     id="an urgent document"),
        pytest.param(DOCUMENTS, "4 hours", "2026-11-23 14:40", "2026-11-23 18:00", "2026-11-23 18:40",
                     id="an important document"),
        pytest.param(DOCUMENTS, "6 hours", "2026-11-23 20:00", "2026-11-24 01:00", "2026-11-24 02:00",
                     id="a normal document runs through the night"),
        pytest.param(DOCUMENTS, "4 working hours", "2026-11-23 16:00", "2026-11-24 10:20", "2026-11-24 11:00",
                     id="a document by working time"),
    ],
)  # fmt: skip
def test_lamps_turn_at_the_moments_of_their_ladder(
    ladder: Ladder, limit: str, start: str, yellow: str, red: str
) -> None:
    term = begin(at(start), Limit.parse(limit), HOURS, DAYS)
    times = lamp_times(term, ladder, at(start), HOURS, DAYS)
    assert (times.yellow_at, times.red_at) == (at(yellow), at(red))
    for moment, colour in (
        (times.yellow_at - SECOND, Lamp.GREEN),
        (times.yellow_at, Lamp.YELLOW),
        (times.red_at - SECOND, Lamp.YELLOW),
        (times.red_at, Lamp.RED),
        (MUCH_LATER, Lamp.RED),
    ):
        assert lamp(term, ladder, moment, HOURS, DAYS) is colour


def test_done_at_the_limit_is_on_time_and_after_it_late_forever() -> None:
    term = begin(at("2026-11-23 10:20"), Limit.parse("2 working days"), HOURS, DAYS)
    limit = at("2026-11-25 18:00")
    assert lamp(term, MATTERS, MUCH_LATER, HOURS, DAYS, done_at=limit) is Lamp.DONE
    assert lamp(term, MATTERS, MUCH_LATER, HOURS, DAYS, done_at=limit + SECOND) is Lamp.DONE_LATE


def test_a_pause_after_the_work_was_done_does_not_excuse_it() -> None:
    paused = [Pause(at("2026-11-24 09:00"), at("2026-11-27 09:00"))]
    term = begin(at("2026-11-23 10:20"), Limit.parse("1 working day"), HOURS, DAYS, paused)
    assert lamp(term, MATTERS, MUCH_LATER, HOURS, DAYS, done_at=at("2026-11-27 17:00")) is Lamp.DONE
    late = begin(
        at("2026-11-23 10:20"), Limit.parse("1 working day"), HOURS, DAYS, [Pause(at("2026-11-26 09:00"), None)]
    )
    assert lamp(late, MATTERS, MUCH_LATER, HOURS, DAYS, done_at=at("2026-11-25 09:00")) is Lamp.DONE_LATE


@pytest.mark.parametrize(
    ("paused_at", "colour"),
    [
        ("2026-11-24 09:00", Lamp.GREEN),
        ("2026-11-26 18:00", Lamp.GREEN),
        ("2026-11-27 18:00", Lamp.YELLOW),
        ("2026-11-30 17:59", Lamp.YELLOW),
        ("2026-11-30 18:00", Lamp.RED),
    ],
)
def test_a_running_pause_keeps_the_colour_it_began_with(paused_at: str, colour: Lamp) -> None:
    term = begin(at("2026-11-23 10:20"), Limit.parse("5 working days"), HOURS, DAYS, [Pause(at(paused_at))])
    for days_later in (0, 1, 3, 10, 200):
        assert lamp(term, MATTERS, at(paused_at) + timedelta(days=days_later), HOURS, DAYS) is colour


def test_after_a_pause_yellow_and_red_come_later_by_it() -> None:
    paused = [Pause(at("2026-11-24 09:00"), at("2026-11-26 09:00"))]
    term = begin(at("2026-11-23 10:20"), Limit.parse("5 working days"), HOURS, DAYS, paused)
    times = lamp_times(term, MATTERS, MUCH_LATER, HOURS, DAYS)
    assert (times.yellow_at, times.red_at) == (at("2026-12-01 18:00"), at("2026-12-02 18:00"))


def test_a_pause_moves_a_share_by_its_length() -> None:
    paused = [Pause(at("2026-11-23 02:15"), at("2026-11-23 02:45"))]
    term = begin(at("2026-11-23 02:13"), Limit.parse("15 minutes"), HOURS, DAYS, paused)
    times = lamp_times(term, MATTERS, MUCH_LATER, HOURS, DAYS)
    assert (times.yellow_at, times.red_at) == (at("2026-11-23 02:53"), at("2026-11-23 02:58"))


def test_an_end_set_by_hand_has_lamps_too_even_one_already_past() -> None:
    start = at("2026-11-23 14:00")
    soon = until(start, at("2026-11-23 15:00"), Measure.ROUND_THE_CLOCK, HOURS, DAYS)
    assert lamp_times(soon, DOCUMENTS, start, HOURS, DAYS).yellow_at == at("2026-11-23 14:50")
    for measure in Measure:
        past = until(start, at("2026-11-20 15:00"), measure, HOURS, DAYS)
        assert lamp(past, DOCUMENTS, start, HOURS, DAYS) is Lamp.RED
        assert lamp(past, MATTERS, start, HOURS, DAYS) is Lamp.RED


def test_yellow_is_never_before_the_start() -> None:
    ladder = Ladder(yellow_days_before=10, short_below_days=0, yellow_share=Fraction(1, 2))
    start = at("2026-11-23 10:20")
    term = begin(start, Limit.parse("5 working days"), HOURS, DAYS)
    assert lamp_times(term, ladder, start, HOURS, DAYS).yellow_at == start


@pytest.mark.parametrize(("before", "share"), [(-1, Fraction(1, 2)), (0, Fraction(0)), (0, Fraction(3, 2))])
def test_ladders_that_make_no_sense_are_refused(before: int, share: Fraction) -> None:
    with pytest.raises(ValueError, match="yellow"):
        Ladder(before, 2, share)


@settings(deadline=None)  # the first look at a year lays it out
@given(
    st.sampled_from([MATTERS, DOCUMENTS]),
    st.sampled_from(["1 working day", "2 working days", "15 working days", "4 working hours", "15 minutes"]),
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.lists(st.tuples(*[st.timedeltas(timedelta(), timedelta(days=9))] * 2), max_size=3),
)
def test_start_yellow_and_red_are_always_in_order(
    ladder: Ladder, text: str, shift: timedelta, spans: list[tuple[timedelta, timedelta]]
) -> None:
    start = at("2026-01-01 00:00") + shift
    paused = [Pause(start + wait, start + wait + lasts) for wait, lasts in spans]
    term = begin(start, Limit.parse(text), HOURS, DAYS, paused)
    times = lamp_times(term, ladder, MUCH_LATER + timedelta(days=400), HOURS, DAYS)
    assert start <= times.yellow_at <= times.red_at
    assert term.due <= times.red_at
