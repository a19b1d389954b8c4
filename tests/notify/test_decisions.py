"""The pure decisions of delivery, by tables: retry, pace, quiet hours, failover, cost, admission."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.errors import Misconfigured, Rejected, Retryable, SendError, StartupError, Uncertain, Unreachable
from core.messages import Lane
from core.ports import Limits
from notify.outbox import cost, retry
from notify.outbox.admission import choose
from notify.outbox.pacing import Allowance, rate_of
from notify.outbox.quiet_hours import end_of_quiet
from notify.outbox.states import FINAL, MOVES, SENTENCES, Reason, State
from notify.outbox.trial import FAILURES

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
S = timedelta(seconds=1)


# --- retry ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "lane", "attempts", "state", "reason", "wait_s"),
    [
        (Retryable("x"), Lane.URGENT, 1, State.QUEUED, Reason.PROVIDER_BUSY, 5),
        (Retryable("x"), Lane.URGENT, 2, State.QUEUED, Reason.PROVIDER_BUSY, 25),
        (Retryable("x"), Lane.NORMAL, 1, State.QUEUED, Reason.PROVIDER_BUSY, 10),
        (Retryable("x"), Lane.NORMAL, 40, State.QUEUED, Reason.PROVIDER_BUSY, 300),
        (Retryable("x"), Lane.BULK, 1, State.QUEUED, Reason.PROVIDER_BUSY, 60),
        (Retryable("x", after=7 * S), Lane.BULK, 1, State.QUEUED, Reason.PROVIDER_BUSY, 7),
        (Retryable("x"), Lane.URGENT, 30, State.FAILED, Reason.GAVE_UP, None),
        (Retryable("x"), Lane.BULK, 12, State.FAILED, Reason.GAVE_UP, None),
        (Retryable("x", after=timedelta(days=9)), Lane.NORMAL, 1, State.FAILED, Reason.EXPIRED, None),
        (Misconfigured("x"), Lane.URGENT, 1, State.QUEUED, Reason.MISCONFIGURED, 300),
        (Rejected("x"), Lane.URGENT, 1, State.FAILED, Reason.REJECTED, None),
        (Unreachable("x"), Lane.URGENT, 1, State.UNDELIVERABLE, Reason.UNREACHABLE, None),
        (Unreachable("x", opted_out=True), Lane.URGENT, 1, State.UNDELIVERABLE, Reason.PROVIDER_STOP, None),
        (Uncertain("x"), Lane.URGENT, 1, State.UNCERTAIN, Reason.UNCERTAIN, None),
    ],
)
def test_each_outcome_has_one_verdict(
    error: SendError, lane: Lane, attempts: int, state: State, reason: Reason, wait_s: int | None
) -> None:
    verdict = retry.after_failure(error, lane=lane, attempts=attempts, now=NOW, expires_at=NOW + timedelta(days=3))
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.at == (None if wait_s is None else NOW + timedelta(seconds=wait_s))


@pytest.mark.parametrize(
    ("lane", "can_look_up", "lookups", "doubled", "idempotent", "verdict"),
    [
        (Lane.NORMAL, True, 1, 0, False, None),
        (Lane.BULK, True, 2, 0, False, (State.QUEUED, Reason.NEVER_ARRIVED)),
        (Lane.URGENT, False, 1, 0, False, (State.QUEUED, Reason.UNCERTAIN_RESENT)),
        (Lane.URGENT, False, 1, 1, False, (State.UNCERTAIN, Reason.LEFT_UNCERTAIN)),
        (Lane.BULK, False, 1, 0, False, (State.UNCERTAIN, Reason.LEFT_UNCERTAIN)),
        (Lane.BULK, False, 1, 0, True, (State.QUEUED, Reason.NEVER_ARRIVED)),
    ],
)
def test_an_uncertain_message_ends_by_proof_or_by_its_lanes_policy(
    lane: Lane, can_look_up: bool, lookups: int, doubled: int, idempotent: bool, verdict: tuple[State, Reason] | None
) -> None:
    found = retry.after_silence(
        lane=lane, can_look_up=can_look_up, lookups=lookups, doubled=doubled, idempotent=idempotent
    )
    assert (found and (found.state, found.reason)) == verdict


# --- pace ----------------------------------------------------------------------------------------------------


def _admitted(used_s: float, rate: float, sizes: list[int], *, urgent: bool = False) -> int:
    allowance = Allowance(NOW + timedelta(seconds=used_s), NOW, rate, urgent=urgent)
    for count, size in enumerate(sizes):
        if not allowance.admit(size):
            return count
    return len(sizes)


@pytest.mark.parametrize(
    ("used_s", "rate", "urgent", "size", "admitted"),
    [
        (0, 10, False, 1, 8),
        (0, 10, True, 1, 10),
        (-60, 10, False, 1, 8),
        (0.8, 10, False, 1, 0),
        (0.8, 10, True, 1, 2),
        (0, 1, False, 2, 1),
        (2, 1, False, 2, 0),
        (2, 1, True, 2, 0),
        (0.9, 1, True, 2, 1),
        (0, 100, False, 3, 27),
    ],
    ids=str,
)
def test_a_second_of_segments_with_a_fifth_kept_for_urgent(
    used_s: float, rate: float, urgent: bool, size: int, admitted: int
) -> None:
    assert _admitted(used_s, rate, [size] * 50, urgent=urgent) == admitted


def test_over_a_minute_a_sender_never_goes_faster_than_its_rate() -> None:
    used, sent, now = NOW, 0, NOW
    for _ in range(600):
        allowance = Allowance(used, now, 3, urgent=False)
        size = 0
        while allowance.admit(2):
            size += 2
        if size:
            used = allowance.spend(size)
            sent += size
        now += timedelta(seconds=0.1)
    assert 3 * 60 - 6 <= sent <= 3 * 61 + 2


def test_a_group_has_a_pace_of_its_own() -> None:
    limits = Limits(text=4096, rate=30, rate_per_address=1, rate_per_group=20 / 60, group_mark="-")
    assert rate_of("42", limits) == 1
    assert rate_of("-42", limits) == 20 / 60
    assert rate_of("42", Limits(text=4096)) is None


# --- quiet hours -----------------------------------------------------------------------------------------------

NIGHT = (time(21), time(8))
NOON = (time(12), time(14))


@pytest.mark.parametrize(
    ("local", "spans", "until"),
    [
        ("2026-11-23 20:59", [NIGHT], None),
        ("2026-11-23 21:00", [NIGHT], "2026-11-24 08:00"),
        ("2026-11-24 03:00", [NIGHT], "2026-11-24 08:00"),
        ("2026-11-24 08:00", [NIGHT], None),
        ("2026-12-31 23:59", [NIGHT], "2027-01-01 08:00"),
        ("2026-11-23 13:00", [NIGHT, NOON], "2026-11-23 14:00"),
        ("2026-11-23 07:30", [NIGHT, (time(8), time(9))], "2026-11-23 09:00"),
        ("2026-11-23 13:00", [(time(8), time(8))], None),
        ("2026-11-23 13:00", [], None),
    ],
)
def test_quiet_hours_end_when_the_office_says(local: str, spans: list[tuple[time, time]], until: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    end = end_of_quiet(now, spans, SHANGHAI)
    assert (end and end.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")) == until


def test_quiet_hours_follow_the_clock_on_the_wall_when_it_changes() -> None:
    london = ZoneInfo("Europe/London")
    now = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # the night in which the clock goes forward
    assert end_of_quiet(now, [NIGHT], london) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


# --- cost --------------------------------------------------------------------------------------------------------


def test_cost_is_segments_times_the_price_of_the_longest_matching_prefix() -> None:
    prices = cost.parse_prices("+44=0.04, +447700=0.05,+86=0.03")
    found = cost.estimate([("+447700900000", 2), ("+442079460000", 1), ("+12025550100", 4)], prices, 2)
    assert (found.messages, found.segments, found.cost, found.unpriced) == (3, 7, Decimal("0.14"), 4)
    assert found.duration == timedelta(seconds=3.5)


@pytest.mark.parametrize("wrong", ["86=0.1", "+86=x", "+86", "+=1", "+86=inf"])
def test_a_price_that_is_none_stops_the_start(wrong: str) -> None:
    with pytest.raises(StartupError, match="SUNLINE_SMS_PRICES"):
        cost.parse_prices(wrong)


# --- admission ---------------------------------------------------------------------------------------------------


@dataclass
class _Due:
    id: str
    address_index: str
    segments: int = 1
    quiet: bool = False
    expires_at: datetime = NOW + timedelta(hours=1)


def test_each_due_message_goes_or_waits_or_ends_for_a_reason() -> None:
    due = [
        _Due("old", "a", expires_at=NOW), _Due("night", "b", quiet=True), _Due("busy", "c"), _Due("go", "d"),
        _Due("second", "d"), _Due("paced", "e"), _Due("capped", "f"), _Due("tomorrow", "g"), _Due("large", "h", 5),
        _Due("behind", "i"),
    ]  # fmt: skip
    caps = {"capped": (Reason.CAP_ADDRESS, None), "tomorrow": (Reason.CAP, NOW + timedelta(days=1))}
    choice = choose(
        due, NOW, room=5, night_until=NOW + timedelta(hours=9), busy={"c"},
        free_at=lambda index: NOW + S if index == "e" else NOW,
        cap=lambda one: caps.get(one.id, (Reason.NONE, None)), admit=lambda segments: segments < 5,
    )  # fmt: skip
    assert [due[place].id for place in choice.go] == ["go"]
    assert choice.expired == ["old"]
    assert choice.capped == {Reason.CAP_ADDRESS: ["capped"]}
    assert choice.waiting == {
        (NOW + timedelta(hours=9), Reason.QUIET): ["night"],
        (NOW + S, Reason.NONE): ["paced"],
        (NOW + timedelta(days=1), Reason.CAP): ["tomorrow"],
    }


# --- the tables themselves -----------------------------------------------------------------------------------------


def test_every_reason_has_a_sentence_and_every_state_its_moves() -> None:
    assert set(SENTENCES) == set(Reason)
    assert set(MOVES) == set(State)
    assert len({reason.value for reason in Reason}) == len(Reason)


def test_what_is_delivered_stays_delivered() -> None:
    assert MOVES[State.DELIVERED] == frozenset()
    assert State.UNCERTAIN not in FINAL


def test_each_kind_of_failure_has_a_magic_number() -> None:
    kinds = {type(failure()) for failure in FAILURES.values()}
    assert kinds == {Retryable, Rejected, Unreachable, Misconfigured, Uncertain}
