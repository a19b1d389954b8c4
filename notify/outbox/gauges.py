"""Reads the outbox for Prometheus: how deep each lane is, how old its oldest message, how late the timers are."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlmodel import Session, SQLModel

from notify.outbox import metrics, models  # noqa: F401 - defines the table used below

_T = SQLModel.metadata.tables["outbox_message"]
Depths = list[tuple[str, int, str, int, float]]
"""Channel, rank, state, how many, and the age of the oldest in seconds (0 where none is due)."""


def depths(session: Session, now: datetime) -> Depths:
    """What waits or is under way, by channel and lane."""
    due = select(_T.c.channel, _T.c.rank, func.count(), func.min(_T.c.not_before))
    waiting = session.execute(due.where(_T.c.state == text("'queued'")).group_by(_T.c.channel, _T.c.rank)).all()
    doubtful = session.execute(
        select(_T.c.channel, _T.c.rank, _T.c.state, func.count())
        .where(text("state IN ('sending', 'uncertain')"))
        .group_by(_T.c.channel, _T.c.rank, _T.c.state)
    ).all()
    found: Depths = [
        (channel, rank, "queued", int(count), max(0.0, (now - oldest).total_seconds()))
        for channel, rank, count, oldest in waiting
    ]
    return found + [(channel, rank, state, int(count), 0.0) for channel, rank, state, count in doubtful]


def show(found: Depths) -> None:
    """Set the gauges; a lane that has become empty shows nothing left."""
    metrics.DEPTH.clear()
    metrics.OLDEST.clear()
    for channel, rank, state, count, age_s in found:
        lane = metrics.LANE_NAMES[rank]
        metrics.DEPTH.labels(channel, lane, state).set(count)
        if state == "queued":
            metrics.OLDEST.labels(channel, lane).set(age_s)
