"""Proves every minute that nothing is late, and says so when something is.

An auditor that has not run is as bad as one that found something: its heartbeat is written only after a clean
round, and ``/readyz`` shows how long ago that was (the shape of Grafana OnCall's escalation auditor).
"""

import logging
from datetime import datetime, timedelta

from sqlmodel import Session

from core import heartbeat
from core.clock import Clock
from core.db import Database
from core.errors import Unavailable
from notify import timers
from notify.outbox import gauges, metrics

log = logging.getLogger(__name__)

ROLE = "auditor"
EVERY = timedelta(minutes=1)
MESSAGE_LATE = timedelta(minutes=10)
"""GOV.UK Notify promises hand-over within 10 s; an urgent message that is due for 10 minutes is an alarm."""


class Auditor:
    """Looks at timers and urgent messages; ``process`` and ``host`` name who looked."""

    def __init__(self, db: Database, clock: Clock, process: str, host: str = "") -> None:
        self._db = db
        self._clock = clock
        self._process = f"{ROLE}-{process}"[:64]
        self._host = host
        self._started = clock()

    async def look(self) -> bool:
        """One round; True when nothing is late."""
        now = self._clock()
        try:
            late, found = await self._db.read(_look, now)
        except Unavailable:
            metrics.alarm("auditor", "the auditor cannot read the database")
            return False
        metrics.TIMER_LATE.set(late.total_seconds())
        gauges.show(found)
        well = True
        if late > timers.LATE:
            metrics.alarm("timers", "a timer is %d s late", round(late.total_seconds()))
            well = False
        for channel, rank, state, count, age_s in found:
            if rank == 0 and state == "queued" and age_s > MESSAGE_LATE.total_seconds():
                metrics.alarm(
                    f"outbox-{channel}",
                    "%d urgent messages wait on %s, the oldest for %d s",
                    count,
                    channel,
                    round(age_s),
                )
                well = False
        if well:
            await self._db.write(heartbeat.beat, now, self._process, ROLE, self._host, self._started)
        return well


def _look(session: Session, now: datetime) -> tuple[timedelta, gauges.Depths]:
    return timers.lateness(session, now), gauges.depths(session, now)


def last_clean(session: Session, now: datetime) -> float | None:
    """How many seconds ago the auditor last found nothing late; None when it never did."""
    return heartbeat.newest(session, now, ROLE)
