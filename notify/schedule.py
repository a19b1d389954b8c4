"""The few periodic jobs, as data. APScheduler is their clock; the database is the store of everything they do.

Jobs run in one process at a time: whoever holds the lease ``schedule``.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core import leases
from core.db import Database
from core.errors import Unavailable

log = logging.getLogger(__name__)

LEASE = "schedule"
LEASE_LENGTH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again. ``at`` (hour, minute, office time) makes it daily; else ``every``."""

    name: str
    run: Callable[[], Awaitable[object]]
    every: timedelta | None = None
    at: tuple[int, int] | None = None


class Schedule:
    """Runs the jobs while this process holds the lease."""

    def __init__(self, db: Database, holder: str, jobs: Sequence[Job], timezone: str) -> None:
        self._db = db
        self._holder = holder
        self._scheduler = AsyncIOScheduler(
            timezone=timezone, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        )
        for job in jobs:
            trigger = {"hour": job.at[0], "minute": job.at[1]} if job.at else {}
            if job.every:
                self._scheduler.add_job(
                    self._guarded, "interval", args=[job], id=job.name, seconds=job.every.total_seconds()
                )
            else:
                self._scheduler.add_job(self._guarded, "cron", args=[job], id=job.name, **trigger)

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """No more jobs; the lease goes to whoever asks next."""
        self._scheduler.shutdown(wait=False)
        await self._db.write(leases.release, LEASE, self._holder)

    async def _guarded(self, job: Job) -> None:
        try:
            if await self._db.write(leases.acquire, LEASE, self._holder, LEASE_LENGTH):
                await job.run()
        except Unavailable:
            log.warning("job %s put off: database unavailable", job.name)
        except Exception:
            log.exception("job %s failed", job.name)
