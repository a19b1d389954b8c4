"""Due moments: one indexed table, one loop that takes what is due and calls its owner by name.

What falls due and what comes of it are one transaction: a batch is locked, its owner writes whatever follows
(states, outbox rows, further timers), the batch is removed, all is committed together. A crash leaves the timers
where they were; two workers never take the same ones. One bad timer does not hold up the others: a batch that
fails is tried again one by one, and a timer that fails alone is put off, longer each time.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from core.bulk import insert_rows, restored, stored
from core.clock import Clock
from core.db import Database
from core.errors import Unavailable
from core.wake import wake
from notify.outbox.driver import array, run
from notify.timer_models import TimerRow

log = logging.getLogger(__name__)

TOPIC = "timers"
BATCH = 1000
POLL_S = 0.5
"""Timers fall due by themselves, nobody rings; half a second keeps well inside the minute that is allowed."""
LATE = timedelta(minutes=1)
"""No timer may be later than this without an alarm (PRODUCT 3)."""
_COLUMNS = ("owner", "ref", "due_at", "planned_at", "data", "failures")
_DUE = {
    "sqlite": "SELECT id, owner, ref, planned_at, data FROM timer WHERE due_at <= :now ORDER BY due_at, id LIMIT :most",
    "postgresql": """
        SELECT id, owner, ref, planned_at, data::text FROM timer WHERE due_at <= %(now)s
        ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED""",
}
_REMOVE = {
    "sqlite": "DELETE FROM timer WHERE id IN (SELECT value FROM json_each(:ids))",
    "postgresql": "DELETE FROM timer WHERE id = ANY(%(ids)s)",
}
"""In the drivers' own words, as in ``notify.outbox.driver``: thousands may fall due in one second."""
_PUT_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Timer:
    """A moment to come, or one that has come: ``planned_at`` is when it was to be."""

    owner: str
    ref: str
    planned_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


Owner = Callable[[Session, datetime, Sequence[Timer]], None]
"""Does what is due, in one transaction; ``Timers`` removes the timers in the same one."""


def set_timers(session: Session, timers: Sequence[Timer]) -> None:
    """Add due moments, in the caller's transaction."""
    if not timers:
        return
    dialect = session.connection().dialect.name
    rows = []
    for timer in timers:
        at = stored(timer.planned_at, dialect)
        rows.append((timer.owner, timer.ref, at, at, orjson.dumps(dict(timer.data)).decode(), 0))
    insert_rows(session, "timer", _COLUMNS, rows)
    wake(session, TOPIC)


def cancel_timers(session: Session, owner: str, ref: str) -> int:
    """Nothing of this thing will be due any more; returns how many there were."""
    gone = session.execute(delete(TimerRow).where(col(TimerRow.owner) == owner, col(TimerRow.ref) == ref))
    return int(getattr(gone, "rowcount", 0))


def lateness(session: Session, now: datetime) -> timedelta:
    """How late the oldest due timer is; zero when nothing is due. What the auditor looks at."""
    oldest: datetime | None = session.execute(select(func.min(col(TimerRow.planned_at)))).scalar()
    return max(timedelta(0), now - oldest) if oldest else timedelta(0)


class Timers:
    """Fires what is due until told to stop. Any number may run on one PostgreSQL."""

    def __init__(self, db: Database, clock: Clock, owners: Mapping[str, Owner]) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners

    async def run(self) -> None:
        """Work until cancelled."""
        with self._db.bells.listening(TOPIC) as bell:
            while True:
                try:
                    fired = await self.fire()
                except Unavailable:
                    fired = 0
                if not fired:
                    await bell.wait(POLL_S)

    async def fire(self) -> int:
        """Fire one batch of what is due; returns how many."""
        try:
            return await self._db.write(self._batch, BATCH)
        except Unavailable:
            raise
        except Exception:
            log.exception("a batch of timers failed; trying them one by one")
            return await self._one_by_one()

    async def _one_by_one(self) -> int:
        fired = 0
        for _ in range(BATCH):
            try:
                if not await self._db.write(self._batch, 1):
                    break
            except Unavailable:
                raise
            except Exception:
                log.exception("a timer failed and is put off")
                await self._db.write(self._put_off)
            fired += 1
        return fired

    def _batch(self, session: Session, limit: int) -> int:
        now = self._clock()
        dialect = session.connection().dialect.name
        due: Sequence[Any] = run(session, _DUE, {"now": stored(now, dialect), "most": limit}).all()
        by_owner: dict[str, list[Timer]] = {}
        for _, owner, ref, planned_at, data in due:
            by_owner.setdefault(owner, []).append(Timer(owner, ref, restored(planned_at), orjson.loads(data)))
        if due:
            run(session, _REMOVE, {"ids": array([row[0] for row in due], dialect)})
        for owner, timers in by_owner.items():
            self._owners[owner](session, now, timers)
        return len(due)

    def _put_off(self, session: Session) -> None:
        """The first due timer is the one that just failed: it was the only one of its batch."""
        now = self._clock()
        row = session.execute(
            select(TimerRow)
            .where(col(TimerRow.due_at) <= now)
            .order_by(col(TimerRow.due_at), col(TimerRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar()
        if row:
            wait = _PUT_OFF[min(row.failures, len(_PUT_OFF) - 1)]
            session.execute(
                update(TimerRow).where(col(TimerRow.id) == row.id).values(due_at=now + wait, failures=row.failures + 1)
            )
