"""Photos, voice and papers that people send: noted with the matter, fetched from the channel after the commit.

A file is fetched from the provider's own hosts by the channel itself, limited in size while it travels; what it is,
its first bytes say (``core.files``). A refused file is told to whoever handles the matter by a line of its record.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.attachment_models import PendingFile
from bot.hotline import record
from bot.hotline.models import Matter
from bot.hotline.office import citizen
from bot.hotline.service import Hotline, owner_of
from core import files
from core.clock import Clock
from core.db import Database
from core.errors import AppError, Misconfigured, Rejected, SendError, Unavailable, Unreachable
from core.messages import File, Media
from core.ports import Channel, Fetch
from core.wake import wake

log = logging.getLogger(__name__)

TOPIC = "attachments"
POLL_S = 5.0
MAX_ATTEMPTS = 5
_PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
_BATCH = 20


def queue(
    session: Session,
    now: datetime,
    matter_id: str,
    channel: str,
    media: Sequence[Mapping[str, Any]],
    by: str = "citizen",
) -> None:
    """Note what is to be fetched for a matter, in the transaction that registers it."""
    session.add_all(
        PendingFile(matter_id=matter_id, channel=channel, media=dict(one), by_ref=by, not_before=now, created_at=now)
        for one in media[: files.MAX_FILES]
    )
    session.flush()
    wake(session, TOPIC)


@dataclass(frozen=True, slots=True)
class _Job:
    id: int
    channel: str
    media: Media
    attempts: int


class Attachments:
    """Fetches what is noted until told to stop."""

    def __init__(self, db: Database, channels: Mapping[str, Channel], clock: Clock, hotline: Hotline) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock
        self._hotline = hotline

    async def run(self) -> None:
        """Work until cancelled."""
        with self._db.bells.listening(TOPIC) as bell:
            while True:
                try:
                    busy = await self.step()
                except Unavailable:
                    await asyncio.sleep(POLL_S)
                    continue
                if not busy:
                    await bell.wait(POLL_S)

    async def step(self) -> int:
        """Fetch what is due, one after the other; returns how many there were."""
        jobs = await self._db.write(_claim, self._clock())
        for job in jobs:
            await self._fetch(job)
        return len(jobs)

    async def _fetch(self, job: _Job) -> None:
        channel = self._channels.get(job.channel)
        if not isinstance(channel, Fetch):
            await self._db.write(self._refuse, job.id, "the channel has no files")
            return
        try:
            file = await channel.fetch(job.media, files.MAX_BYTES)
        except AppError as error:
            await self._db.write(self._refuse, job.id, type(error).__name__)
        except (Rejected, Unreachable, Misconfigured) as error:
            await self._db.write(self._refuse, job.id, error.provider_code or type(error).__name__)
        except SendError:
            await self._again(job)
        else:
            await self._db.write(self._keep, job.id, file)

    async def _again(self, job: _Job) -> None:
        if job.attempts + 1 >= MAX_ATTEMPTS:
            await self._db.write(self._refuse, job.id, "could not be fetched")

    def _keep(self, session: Session, pending_id: int, file: File) -> None:
        row = session.get(PendingFile, pending_id)
        if row is None:
            return
        matter = session.get_one(Matter, row.matter_id)
        try:
            with session.begin_nested():
                kept = files.save(session, self._clock(), owner_of(matter), file.name, file.content, row.by_ref)
        except AppError as error:
            self._refuse(session, pending_id, type(error).__name__)
            return
        desk, doer = self._hotline.desk(session), citizen(row.channel)
        record.note(desk, matter, "file", doer, public=True, data={"file": kept.id, "mime": kept.mime})
        session.delete(row)

    def _refuse(self, session: Session, pending_id: int, why: str) -> None:
        row = session.get(PendingFile, pending_id)
        if row is None:
            return
        matter = session.get_one(Matter, row.matter_id)
        desk, doer = self._hotline.desk(session), citizen(row.channel)
        record.note(desk, matter, "file_refused", doer, public=True, data={"why": why[:40]})
        session.delete(row)
        log.info("attachment refused: matter=%s why=%s", matter.number, why)


def _claim(session: Session, now: datetime) -> list[_Job]:
    """What is due; put off at once, so that a worker that dies leaves it for later."""
    due = (
        select(PendingFile)
        .where(col(PendingFile.not_before) <= now)
        .order_by(col(PendingFile.id))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    jobs = []
    for row in session.exec(due).all():
        jobs.append(_Job(row.id or 0, row.channel, Media(**row.media), row.attempts))
        row.not_before = now + _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
        row.attempts += 1
        session.add(row)
    session.flush()
    return jobs
