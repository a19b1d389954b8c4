"""Terms: limits from data, and pauses that stop the clock and nothing else."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar_days import Days
from core.terms import Limit, Measure, Pause, begin, due_after_pauses, remaining, until
from tests.core.worktime_cases import DAYS, HOURS, KNOWN_UNTIL_2026, at, own_day

MINUTE = timedelta(minutes=1)
MUCH_LATER = at("2027-06-01 10:00")


def pause(starts: str, ends: str | None) -> Pause:
    return Pause(at(starts), at(ends) if ends else None)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("15 working days", Limit(15, Measure.WORKING_DAYS)),
        ("1 working day", Limit(1, Measure.WORKING_DAYS)),
        ("4 Working Hours", Limit(240, Measure.WORKING_TIME)),
        ("30 minutes", Limit(30, Measure.ROUND_THE_CLOCK)),
        ("1 hour", Limit(60, Measure.ROUND_THE_CLOCK)),
    ],
)
def test_limits_are_read_from_data_and_written_back(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize("text", ["", "15", "15 days", "0 minutes", "-1 working days", "soon", "15 working weeks"])
def test_limits_that_could_be_misread_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|working days"):
        Limit.parse(text)


@pytest.mark.parametrize(
    ("limit", "start", "pauses", "due"),
    [
        pytest.param("15 working days", "2026-11-23 16:20", [], "2026-12-14 18:00", id="no pause"),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-11-23 11:00", "2026-11-24 09:00")],
            "2026-12-14 18:00", id="a pause on the day of receipt costs nothing, for that day does not count",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-11-24 10:00", "2026-11-24 15:00")],
            "2026-12-15 14:00", id="four hours of work in between",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-11-25 09:00", "2026-11-27 09:00")],
            "2026-12-16 18:00", id="two whole days",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-11-27 18:00", "2026-11-30 09:00")],
            "2026-12-14 18:00", id="a weekend",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-11-24 12:00", "2026-11-24 13:00")],
            "2026-12-14 18:00", id="a lunch break",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20",
            [("2026-11-25 09:00", "2026-11-26 09:00"), ("2026-12-01 09:00", "2026-12-02 09:00")],
            "2026-12-16 18:00", id="two pauses add up",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20",
            [("2026-11-25 09:00", "2026-11-27 09:00"), ("2026-11-26 09:00", "2026-11-27 09:00")],
            "2026-12-16 18:00", id="two pauses at once count once",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20",
            [("2026-12-15 09:00", "2026-12-16 09:00"), ("2026-11-25 09:00", "2026-11-27 09:00")],
            "2026-12-17 18:00", id="a second pause in the time won by the first, told in any order",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-12-14 18:00", "2026-12-21 09:00")],
            "2026-12-14 18:00", id="a pause begun when all is over",
        ),
        pytest.param(
            "15 working days", "2026-11-23 10:20", [("2026-12-11 09:00", "2026-11-30 09:00")],
            "2026-12-14 18:00", id="a pause that ends before it begins, after a jump of the clock",
        ),
        pytest.param(
            "5 working days", "2026-09-28 10:00", [("2026-09-30 09:00", "2026-10-09 09:00")],
            "2026-10-13 18:00", id="a pause over National Day, due past a make-up Saturday",
        ),
        pytest.param(
            "15 working days", "2026-12-16 10:00", [("2026-12-30 09:00", "2027-01-04 09:00")],
            "2027-01-11 18:00", id="a pause over the unknown New Year",
        ),
        pytest.param(
            "4 working hours", "2026-11-23 16:00", [], "2026-11-24 11:00", id="working hours",
        ),
        pytest.param(
            "4 working hours", "2026-11-23 16:00", [("2026-11-23 17:00", "2026-11-24 10:00")],
            "2026-11-24 14:00", id="working hours, paused over a night",
        ),
        pytest.param("15 minutes", "2026-11-23 02:13", [], "2026-11-23 02:28", id="round the clock, at night"),
        pytest.param(
            "15 minutes", "2026-11-23 02:13", [("2026-11-23 02:20", "2026-11-23 02:25")],
            "2026-11-23 02:33", id="round the clock, paused",
        ),
    ],
)  # fmt: skip
def test_a_pause_moves_the_end_by_what_it_kept_from_counting(
    limit: str, start: str, pauses: list[tuple[str, str]], due: str
) -> None:
    term = begin(at(start), Limit.parse(limit), HOURS, DAYS, [pause(*span) for span in pauses])
    assert due_after_pauses(term, MUCH_LATER, HOURS, DAYS) == at(due)


def test_a_pause_over_a_short_day_gives_back_a_whole_day() -> None:
    days = Days([own_day("2026-11-24", working=True, hours="09:00-12:00")], official=KNOWN_UNTIL_2026)
    paused = [pause("2026-11-24 00:00", "2026-11-25 00:00")]
    term = begin(at("2026-11-23 10:00"), Limit.parse("2 working days"), HOURS, days, paused)
    assert due_after_pauses(term, MUCH_LATER, HOURS, days) == at("2026-11-26 18:00")


def test_an_open_pause_moves_the_end_with_the_time_and_leaves_what_remains() -> None:
    term = begin(at("2026-11-23 10:20"), Limit.parse("2 working days"), HOURS, DAYS, [pause("2026-11-24 09:00", None)])
    for now, due in (
        ("2026-11-24 09:00", "2026-11-25"),
        ("2026-11-26 09:00", "2026-11-27"),
        ("2026-11-28", "2026-12-01"),
    ):
        assert due_after_pauses(term, at(now), HOURS, DAYS) == at(f"{due} 18:00")
        assert remaining(term, at(now), HOURS, DAYS) == timedelta(hours=16)


def test_a_pause_planned_ahead_counts_only_as_far_as_time_has_come() -> None:
    paused = [pause("2026-11-24 09:00", "2026-12-04 09:00"), pause("2026-12-10 09:00", "2026-12-11 09:00")]
    term = begin(at("2026-11-23 10:20"), Limit.parse("2 working days"), HOURS, DAYS, paused)
    assert due_after_pauses(term, at("2026-11-25 09:00"), HOURS, DAYS) == at("2026-11-26 18:00")


def test_what_remains_is_working_time_and_negative_once_late() -> None:
    term = begin(at("2026-11-23 10:20"), Limit.parse("1 working day"), HOURS, DAYS)
    assert remaining(term, at("2026-11-24 17:30"), HOURS, DAYS) == 30 * MINUTE
    assert remaining(term, at("2026-11-24 18:00"), HOURS, DAYS) == timedelta()
    assert remaining(term, at("2026-11-25 09:30"), HOURS, DAYS) == -30 * MINUTE
    night = begin(at("2026-11-23 02:13"), Limit.parse("15 minutes"), HOURS, DAYS)
    assert remaining(night, at("2026-11-23 02:20"), HOURS, DAYS) == 8 * MINUTE


def test_an_end_set_by_hand_is_kept_and_paused_like_any_other() -> None:
    start, due = at("2026-11-23 10:20"), at("2026-11-27 15:00")
    term = until(start, due, Measure.WORKING_DAYS, HOURS, DAYS, [pause("2026-11-25 09:00", "2026-11-26 09:00")])
    assert term.length_days == 4
    assert due_after_pauses(term, MUCH_LATER, HOURS, DAYS) == at("2026-11-30 15:00")
    assert until(start, due, Measure.ROUND_THE_CLOCK, HOURS, DAYS).length_days > 4
    assert until(start, at("2026-11-23 14:20"), Measure.WORKING_TIME, HOURS, DAYS).length_days < 1


spells = st.timedeltas(timedelta(), timedelta(days=20))


@settings(deadline=None)  # the first look at a year lays it out
@given(st.sampled_from(["15 working days", "40 working hours", "3000 minutes"]), spells, spells, spells)
def test_a_pause_never_shortens_a_term_and_a_longer_one_never_ends_it_earlier(
    text: str, wait: timedelta, lasts: timedelta, longer: timedelta
) -> None:
    start = at("2026-11-23 10:20")

    def due(lasting: timedelta) -> object:
        paused = [Pause(start + wait, start + wait + lasting)]
        return due_after_pauses(begin(start, Limit.parse(text), HOURS, DAYS, paused), MUCH_LATER, HOURS, DAYS)

    plain = begin(start, Limit.parse(text), HOURS, DAYS).due
    assert plain <= due(lasts) <= due(lasts + longer)  # type: ignore[operator]
