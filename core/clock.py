"""The time now: aware, UTC, replaceable. Nothing else in the house reads the system's clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told, for simulations and tests."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward (or back, as real clocks do) and return the new time."""
        self._now += by
        return self._now

    def set(self, to: datetime) -> None:
        """Jump to an aware time."""
        self._now = to.astimezone(UTC)


def office_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware time where the office stands."""
    return now.astimezone(zone).date()
