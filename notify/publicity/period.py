"""The period of a notice (公示期): whole days of the office's zone, at least seven without the day of posting. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MIN_DAYS = 7
"""PRODUCT 4: at least seven days, and the day of posting does not count: ``ends_on − starts_on ≥ 7``."""
MAX_DAYS = 366
"""Longer than a year is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the day of posting to the last day on which an objection may be made, both whole days."""

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """Days that count: the day of posting does not."""
        return (self.ends_on - self.starts_on).days


def problem(period: Period) -> tuple[str, str] | None:
    """The field that does not fit and why, None when the period may stand."""
    if period.days < MIN_DAYS:
        least = period.starts_on + timedelta(days=MIN_DAYS)
        return (
            "ends_on",
            f"the period must be at least {MIN_DAYS} days, the day of posting not counted: {least} or later",
        )
    if period.days > MAX_DAYS:
        return "ends_on", f"the period must be at most {MAX_DAYS} days"
    return None


def shifted(period: Period, public_on: date) -> Period:
    """The period when the notice is really public on this day: never earlier, the same length."""
    if period.starts_on >= public_on:
        return period
    return Period(public_on, public_on + (period.ends_on - period.starts_on))


def over_at(ends_on: date, zone: ZoneInfo) -> datetime:
    """When the period is over: the first moment of the day after, in UTC."""
    return datetime.combine(ends_on + timedelta(days=1), time.min, zone).astimezone(UTC)
