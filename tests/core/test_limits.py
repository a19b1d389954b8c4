"""Rate limits: as many at once as a minute holds, then evenly, each key by itself, in bounded memory."""

from datetime import timedelta

import pytest

from core import limits
from core.clock import ManualClock
from core.errors import TooMany
from core.limits import RateLimit


def test_a_minute_s_worth_passes_at_once_and_not_one_more(clock: ManualClock) -> None:
    limit = RateLimit(3, clock)
    assert [limit.allow("a") for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize(("seconds", "more"), [(0, 0), (19, 0), (20, 1), (40, 2), (60, 3), (86_400, 3)])
def test_uses_come_back_evenly_and_never_beyond_the_limit(seconds: int, more: int, clock: ManualClock) -> None:
    limit = RateLimit(3, clock)
    while limit.allow("a"):
        pass
    clock.advance(timedelta(seconds=seconds))
    assert sum(limit.allow("a") for _ in range(10)) == more


def test_one_key_does_not_use_up_another_s(clock: ManualClock) -> None:
    limit = RateLimit(1, clock)
    assert limit.allow("a")
    assert limit.allow("b")
    assert not limit.allow("a")


def test_refused_uses_cost_nothing(clock: ManualClock) -> None:
    limit = RateLimit(2, clock)
    assert [limit.allow("a", cost=3), limit.allow("a", cost=2)] == [False, True]


def test_a_clock_that_goes_back_takes_nothing_away(clock: ManualClock) -> None:
    limit = RateLimit(2, clock)
    assert limit.allow("a")
    clock.advance(timedelta(hours=-1))
    assert limit.allow("a")
    assert not limit.allow("a")


def test_looking_whether_anything_is_left_takes_nothing(clock: ManualClock) -> None:
    limit = RateLimit(1, clock)
    assert [limit.spent("a"), limit.spent("a"), limit.allow("a"), limit.spent("a")] == [False, False, True, True]


def test_a_refusal_says_when_to_come_back(clock: ManualClock) -> None:
    limit = RateLimit(6, clock)
    for _ in range(6):
        limit.check("a", "slow down")
    with pytest.raises(TooMany, match="slow down") as caught:
        limit.check("a", "slow down")
    assert caught.value.retry_after == timedelta(seconds=10)


def test_unknown_keys_cannot_fill_the_memory(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MAX_KEYS", 3)
    limit = RateLimit(1, clock)
    for key in "abcde":
        limit.allow(key)
    assert len(limit._buckets) == 3
    assert not limit.allow("e")
    assert limit.allow("a"), "the one unused longest was forgotten"
