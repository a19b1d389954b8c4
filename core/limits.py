"""Rate limits: a token bucket for each key, in this process's memory.

Limits guard against one address asking too much, not against many; with n processes the worst case is n times the
figure, which is what they are set for. The table is bounded, so unknown keys cannot fill the memory.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import TooMany

_MAX_KEYS = 50_000


class RateLimit:
    """At most ``per_minute`` uses a minute for each key, with as many at once at the start."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def allow(self, key: str, cost: float = 1.0) -> bool:
        """Take ``cost`` uses; False when there are not as many left."""
        now = self._clock()
        left = self._left(key, now)
        allowed = left >= cost
        self._buckets[key] = (left - cost if allowed else left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _MAX_KEYS:
            self._buckets.popitem(last=False)
        return allowed

    def check(self, key: str, detail: str) -> None:
        """Take one use or raise TooMany with this sentence."""
        if not self.allow(key):
            raise TooMany(detail, retry_after=timedelta(seconds=60 / self._per_minute))

    def spent(self, key: str) -> bool:
        """Whether nothing is left, without taking a use."""
        return self._left(key, self._clock()) < 1

    def _left(self, key: str, now: datetime) -> float:
        if (known := self._buckets.get(key)) is None:
            return float(self._per_minute)
        left, since = known
        return min(self._per_minute, left + max(0.0, (now - since).total_seconds()) * self._per_minute / 60)
