"""How fast a sender may go: a virtual clock shared by all workers. Pure.

A sender that may send r segments a second has a point in time up to which its allowance is used (``used_until``).
Each segment moves that point by 1/r s; a point in the past is moved to now first, so unused allowance lapses.
Who is not urgent may move it at most 0.8 s ahead of now, who is urgent a full second: so 20 % of each second
stays for urgent messages, and at least one message, because the last message let through may go beyond.
A message is never divided: one that is larger than what is left passes when anything is left, and the next waits
the longer for it.
"""

from datetime import datetime, timedelta

from core.ports import Limits

AHEAD_S = 1.0
"""A worker leases at most one second of a sender's segments (ARCHITECTURE, "The outbox, exactly")."""
RESERVE = 0.2
"""Share of a second kept for urgent messages."""


def reach(*, urgent: bool) -> timedelta:
    """How far ahead of now the allowance may be used up before a message has to wait."""
    return timedelta(seconds=AHEAD_S if urgent else AHEAD_S * (1 - RESERVE))


class Allowance:
    """What one sender may still send in this moment; ``used_until`` is its point on the virtual clock."""

    def __init__(self, used_until: datetime, now: datetime, rate: float, *, urgent: bool) -> None:
        self._point = self._begin = max(used_until, now)
        self._limit = now + reach(urgent=urgent)
        self._now = now
        self._rate = rate

    def admit(self, segments: int) -> bool:
        """Whether a message of this size may start; takes its segments when it may."""
        if self._point >= self._limit:
            return False
        self._point += timedelta(seconds=segments / self._rate)
        return True

    def spend(self, segments: int) -> datetime:
        """The new point when only this many segments were really sent."""
        self._point = self._begin + timedelta(seconds=segments / self._rate)
        return self._point

    def wait(self) -> timedelta:
        """How long until another message may start; nothing when one may now."""
        return max(timedelta(0), self._point - self._limit + _A_LITTLE) if self._point >= self._limit else timedelta(0)


_A_LITTLE = timedelta(milliseconds=1)


def rate_of(address: str, limits: Limits) -> float | None:
    """Messages a second that this address may get; groups have a pace of their own."""
    in_group = limits.rate_per_group and limits.group_mark and address.startswith(limits.group_mark)
    return limits.rate_per_group if in_group else limits.rate_per_address
