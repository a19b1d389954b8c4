"""Who stands in for a provider or a number that fails: decisions without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from notify.outbox import failover
from notify.outbox.failover import Health, Rules

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _health(errors: int, goods: int = 0, slow: int = 0, rules: Rules | None = None) -> Health:
    health = Health()
    for n in range(max(errors, goods)):
        if n < goods:
            health.note(NOW, 0.1, ok=True, rules=rules or Rules())
        if n < errors:
            health.note(NOW, 0.1, ok=False, rules=rules or Rules())
    for _ in range(slow):
        health.note(NOW, 9, ok=True, rules=rules or Rules())
    return health


@pytest.mark.parametrize(
    ("errors", "goods", "slow", "away"),
    [
        (0, 100, 0, False), (9, 0, 0, False), (10, 0, 0, True), (50, 60, 0, False), (51, 60, 0, True),
        (0, 100, 10, False), (0, 100, 20, True), (0, 10, 5, False),
    ],
)  # fmt: skip
def test_a_provider_is_left_when_it_fails_or_slows_down(errors: int, goods: int, slow: int, away: bool) -> None:
    assert _health(errors, goods, slow).settle(NOW, Rules()) is away


def test_it_is_used_again_after_fifteen_quiet_minutes_and_tried_now_and_then_before() -> None:
    health, rules = _health(10), Rules()
    assert health.settle(NOW, rules)
    assert not health.probe(NOW, rules)
    assert health.probe(NOW + timedelta(minutes=1), rules)
    assert not health.probe(NOW + timedelta(minutes=1, seconds=30), rules)
    assert health.settle(NOW + timedelta(minutes=14, seconds=59), rules)
    assert not health.settle(NOW + timedelta(minutes=15), rules)


@pytest.mark.parametrize(
    ("undelivered", "sends", "watched_minutes", "away"),
    [(9, 5, 15, False), (10, 20, 15, True), (10, 21, 15, False), (40, 0, 14, False), (40, 100, 20, False)],
)
def test_a_number_is_left_when_half_of_what_it_sends_is_not_delivered(
    undelivered: int, sends: int, watched_minutes: int, away: bool
) -> None:
    health, rules = Health(), Rules()
    health.note(NOW - timedelta(minutes=watched_minutes), 0.1, ok=True, rules=rules)
    for _ in range(sends):
        health.note(NOW, 0.1, ok=True, rules=rules)
    health.report(undelivered, NOW)
    assert health.settle(NOW, rules) is away


def test_a_number_whose_receipts_have_been_good_for_fifteen_minutes_is_used_again() -> None:
    health, rules = Health(), Rules()
    health.note(NOW - timedelta(minutes=20), 0.1, ok=True, rules=rules)
    health.report(30, NOW - timedelta(minutes=1))
    assert health.settle(NOW, rules)
    health.report(0, None)
    assert health.settle(NOW + timedelta(minutes=13), rules)
    assert not health.settle(NOW + timedelta(minutes=14), rules)


def test_shares_follow_the_weights_and_an_address_stays_with_its_provider() -> None:
    chosen = [failover.share(f"address {n}", {"a": 3, "b": 1, "c": 0}) for n in range(2000)]
    assert 0.7 < chosen.count("a") / len(chosen) < 0.8
    assert "c" not in chosen
    assert chosen == [failover.share(f"address {n}", {"b": 1, "a": 3}) for n in range(2000)]


@pytest.mark.parametrize(
    ("away", "carrier"),
    [({}, "a"), ({"a": True}, "b"), ({"a": True, "b": True}, "c"), ({"a": True, "b": True, "c": True}, "a")],
)
def test_what_belongs_to_a_failing_provider_goes_to_one_that_is_well(away: dict[str, bool], carrier: str) -> None:
    assert failover.route("a", ("a", "b", "c"), away) == carrier


@pytest.mark.parametrize(
    ("weights", "away", "writes"),
    [
        ({"a": 1, "b": 1, "c": 1}, set(), {"a"}), ({"a": 1, "b": 1, "c": 1}, {"b"}, {"a"}),
        ({"a": 1, "b": 1, "c": 1}, {"a"}, {"b", "c"}), ({"a": 1, "b": 1, "c": 1}, {"a", "b"}, {"c"}),
        ({"a": 1, "b": 1}, {"a", "b"}, {"a"}), ({"a": 1}, {"a"}, {"a"}), ({}, {"a"}, {"a"}), ({"b": 1}, {"a"}, {"b"}),
    ],
)  # fmt: skip
def test_a_number_writes_until_it_fails_then_the_others_of_its_pool_do(
    weights: dict[str, int], away: set[str], writes: set[str]
) -> None:
    assert {failover.stand_in("a", weights, away, f"address {n}") for n in range(100)} == writes


def test_what_a_failing_number_leaves_is_shared_by_weight_and_each_address_keeps_its_stand_in() -> None:
    weights = {"a": 5, "b": 3, "c": 1}
    chosen = [failover.stand_in("a", weights, {"a"}, f"address {n}") for n in range(2000)]
    assert 0.7 < chosen.count("b") / len(chosen) < 0.8
    assert chosen == [failover.stand_in("a", weights, {"a"}, f"address {n}") for n in range(2000)]


@pytest.mark.parametrize(("errors", "slow", "away"), [(2, 0, False), (3, 0, True), (0, 20, True), (0, 19, False)])
def test_a_single_number_is_left_after_three_failures_in_a_row(errors: int, slow: int, away: bool) -> None:
    assert _health(errors, 0, slow).settle(NOW, failover.SENDER_RULES) is away
