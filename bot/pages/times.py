"""Times in words, and in full for whoever points at them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.pages.words import Say


def when(now: datetime, at: datetime, zone: ZoneInfo, say: Say) -> str:
    """A time in words: just now, 3 minutes ago, 10:05, 22 Nov 10:05."""
    minutes = int((now - at) / timedelta(minutes=1))
    if minutes == 0:
        return say("time.now")
    if 0 < minutes < 60:
        return say("time.minutes", minutes=minutes)
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    if local.date() == now.astimezone(zone).date():
        return clock
    if local.year != now.astimezone(zone).year:
        return say("time.day_of_year", year=local.year, month=local.month, day=local.day, clock=clock)
    return say("time.day", month=local.month, day=local.day, clock=clock)


def exactly(at: datetime, zone: ZoneInfo, say: Say) -> str:
    """A time in full."""
    local = at.astimezone(zone)
    return say("time.exact", year=local.year, month=local.month, day=local.day, clock=f"{local:%H:%M:%S}")
