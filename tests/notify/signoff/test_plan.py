"""The plan of a document, by tables: which step falls when, on which clock, to whom."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar_days import DayRow, Days, china
from core.errors import BadInput
from core.lamps import DOCUMENTS, Lamp, lamp
from core.office_hours import OfficeHours
from core.terms import Limit, begin
from notify.signoff.plan import OverdueRule, Planned, Step, To, as_one, make_plan, to_fire
from notify.signoff.rules import default_rules
from notify.signoff.signing import late_minutes
from notify.signoff.store import lamp_of
from notify.signoff.wording import code_of, plain_number, short_number, short_title

HOURS = OfficeHours.parse()
DAYS = Days((), official=china())
ZONE = ZoneInfo("Asia/Shanghai")
RULES = default_rules()
OVERDUE = OverdueRule(RULES.overdue_every, RULES.overdue_times)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def _times(issued: str, limit: str, due: str | None = None) -> list[str]:
    plan = make_plan(_local(issued), Limit.parse(limit), OVERDUE, HOURS, DAYS, due_at=_local(due) if due else None)
    return [f"{step.at.astimezone(ZONE):%m-%d %H:%M}" for step in plan.steps]


@pytest.mark.parametrize(
    ("issued", "limit", "expected"),
    [
        # Monday morning, each urgency round the clock.
        ("2026-11-23 10:00", "1 hour", ["11-23 10:00", "11-23 10:30", "11-23 10:50", "11-23 11:00", "11-23 11:30"]),
        ("2026-11-23 10:00", "4 hours", ["11-23 10:00", "11-23 12:00", "11-23 13:20", "11-23 14:00", "11-23 14:30"]),
        ("2026-11-23 10:00", "6 hours", ["11-23 10:00", "11-23 13:00", "11-23 15:00", "11-23 16:00", "11-23 16:30"]),
        # Into the night, and over the end of the year.
        ("2026-11-23 23:30", "1 hour", ["11-23 23:30", "11-24 00:00", "11-24 00:20", "11-24 00:30", "11-24 01:00"]),
        ("2026-12-31 22:00", "4 hours", ["12-31 22:00", "01-01 00:00", "01-01 01:20", "01-01 02:00", "01-01 02:30"]),
        # Working time: lunch from 12 to 13, closing at 18, New Year's Day is free (a Friday), so is the weekend.
        (
            "2026-11-23 10:00",
            "6 working hours",
            ["11-23 10:00", "11-23 14:00", "11-23 16:00", "11-23 17:00", "11-23 17:30"],
        ),
        (
            "2026-11-23 17:30",
            "1 working hour",
            ["11-23 17:30", "11-23 18:00", "11-24 09:20", "11-24 09:30", "11-24 10:00"],
        ),
        ("2026-12-31 17:00", "4 working hours", None),
    ],
)
def test_steps_fall_at_once_at_half_at_five_sixths_at_the_limit_and_every_half_hour(
    issued: str, limit: str, expected: list[str] | None
) -> None:
    times = _times(issued, limit)
    assert len(times) == 10
    if expected:
        assert times[: len(expected)] == expected
    else:
        assert times[3] > "01-01", "the year has changed"
        assert times[1:4] != sorted(set(times[:1])), "the holiday lies between"


def test_working_time_over_new_year_goes_on_after_the_holiday() -> None:
    days = Days([DayRow(datetime(2027, 1, d, tzinfo=UTC).date(), working=False) for d in (1, 2, 3)], official=china())
    plan = make_plan(_local("2026-12-31 17:00"), Limit.parse("4 working hours"), OVERDUE, HOURS, days)
    assert f"{plan.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}" == "2027-01-04 12:00"


def test_the_roles_of_each_step_are_frozen() -> None:
    plan = make_plan(_local("2026-11-23 10:00"), Limit.parse("1 hour"), OVERDUE, HOURS, DAYS)
    assert [step.to for step in plan.steps[:3]] == [(To.A,)] * 3
    assert plan.steps[3].to == (To.A, To.B, To.LEADER, To.SUPERVISOR)
    assert {step.to for step in plan.steps[4:]} == {(To.A, To.B, To.LEADER)}
    assert [step.n for step in plan.steps[4:]] == [1, 2, 3, 4, 5, 6]
    assert [Planned.from_json(step.to_json()) for step in plan.steps] == list(plan.steps)


def test_an_explicit_due_time_goes_before_the_urgency() -> None:
    assert _times("2026-11-23 10:00", "1 hour", due="2026-11-23 16:00")[:4] == [
        "11-23 10:00", "11-23 13:00", "11-23 15:00", "11-23 16:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes_late", "first", "steps_at_once"),
    [
        (0, Step.ISSUED, 1),
        (31, Step.HALF, 2),
        (55, Step.YELLOW, 3),
        (61, Step.LIMIT, 4),
        (95, Step.OVERDUE, 5),
        (999, Step.OVERDUE, 10),
    ],
)
def test_steps_already_past_go_out_at_once_as_one(minutes_late: int, first: Step, steps_at_once: int) -> None:
    issued = _local("2026-11-23 10:00")
    plan = make_plan(issued, Limit.parse("1 hour"), OVERDUE, HOURS, DAYS)
    now = issued + timedelta(minutes=minutes_late)
    when = to_fire(plan.steps, now)
    at, places = when[0]
    assert (at, len(places)) == (now, steps_at_once)
    one = as_one([plan.steps[place] for place in places])
    assert one.step is first
    assert (To.SUPERVISOR in one.to) is (minutes_late >= 60)
    assert len(when) == 1 + 10 - steps_at_once


@given(
    minute=st.integers(0, 60 * 24 * 365),
    length=st.integers(1, 2000),
    working=st.booleans(),
)
def test_a_plan_is_in_order_and_turns_the_lamp_where_the_lamp_turns(minute: int, length: int, working: bool) -> None:
    issued = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=minute)
    limit = Limit.parse(f"{length} {'working ' if working else ''}minutes")
    plan = make_plan(issued, limit, OVERDUE, HOURS, DAYS)
    moments = [step.at for step in plan.steps]
    assert moments == sorted(moments)
    term = begin(issued, limit, HOURS, DAYS)
    assert lamp(term, DOCUMENTS, plan.due_at, HOURS, DAYS) is Lamp.RED
    assert plan.steps[3].at == plan.due_at
    assert lamp_of("open", plan.due_at, plan.yellow_at, plan.due_at, None) is Lamp.RED


@pytest.mark.parametrize(
    ("signed", "late"), [("16:00", None), ("16:00:01", 1), ("16:08", 8), ("16:08:59", 8), ("15:00", None)]
)
def test_late_is_counted_in_whole_minutes_and_the_very_moment_is_in_time(signed: str, late: int | None) -> None:
    assert late_minutes(_local("2026-11-23 16:00"), _local(f"2026-11-23 {signed}")) == late


@pytest.mark.parametrize(
    ("name", "urgency"),
    [("urgent", "urgent"), ("特急", "urgent"), ("加急", "important"), ("平件", "normal"), ("Important", "important")],
)
def test_urgencies_have_other_names(name: str, urgency: str) -> None:
    assert RULES.urgency(name).name == urgency


@pytest.mark.parametrize("title", ["关于机密文件的通知", "内部通报", "工作秘密清单", "【秘密】示例"])
def test_titles_that_say_secret_are_refused(title: str) -> None:
    with pytest.raises(BadInput):
        RULES.check_title(title)


@pytest.mark.parametrize(
    ("number", "code", "short"),
    [
        ("示发〔2026〕12号", "12", "〔2026〕12号"),
        ("示府办发[2026]007号", "7", "[2026]007号"),
        ("A-15", "15", "A-15"),
        ("无号", "", "无号"),
    ],
)
def test_codes_and_short_numbers(number: str, code: str, short: str) -> None:
    assert (code_of(number), short_number(number)) == (code, short)


@pytest.mark.parametrize("typed", ["示发〔2026〕12号", "示发[2026]12号", "示发（2026）12號", " 示发【2026】 12号"])
def test_a_number_is_known_however_its_brackets_are_typed(typed: str) -> None:
    assert plain_number(typed) == "示发〔2026〕12号"


@pytest.mark.parametrize(
    ("title", "short"),
    [("关于做好防汛值守的通知", "防汛值守"), ("关于秸秆禁烧的通知", "秸秆禁烧"), ("停电", "停电")],
)
def test_titles_in_lists_say_what_they_are_about(title: str, short: str) -> None:
    assert short_title(title) == short
