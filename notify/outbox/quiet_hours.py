"""Quiet hours: when alerts, digests and follow-ups wait (PRODUCT 4: 21:00–08:00). Pure.

Hours are wall-clock time of the office. A span may cross midnight; beginning and end alike mean no quiet hours.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[time, time]


def end_of_quiet(now: datetime, spans: Sequence[Span], zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that hold at ``now`` end; None when none hold. Spans that touch count as one."""
    end = _end_of_one(now, spans, zone)
    for _ in spans:
        further = _end_of_one(end, spans, zone) if end else None
        if further is None:
            break
        end = further
    return end


def _end_of_one(now: datetime, spans: Sequence[Span], zone: ZoneInfo) -> datetime | None:
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    for begin, end in spans:
        if begin < end:
            holds, days = begin <= clock < end, 0
        else:
            holds, days = begin != end and (clock >= begin or clock < end), int(clock >= begin)
        if holds:
            day = local.date() + timedelta(days=days)
            return datetime.combine(day, end, zone).astimezone(now.tzinfo)
    return None
