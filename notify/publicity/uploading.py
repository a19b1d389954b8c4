"""An upload from its first byte to its answer, beside the event loop: the file is read in a thread of its own."""

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import AppError
from notify.publicity import importing
from notify.publicity.models import Beneficiary, Notice, NoticeList

if TYPE_CHECKING:
    from notify.publicity.service import Publicity

_DROPPED_AT_ONCE = 5000


class Uploads:
    """Reads lists into notices. One at a time for each notice; several notices at once."""

    def __init__(self, db: Database, clock: Clock, publicity: "Publicity") -> None:
        self._db = db
        self._clock = clock
        self._publicity = publicity
        self._running: set[asyncio.Task[NoticeList]] = set()

    async def run(self, notice_id: str, who: Principal, name: str, data: bytes, version: int = 0) -> NoticeList:
        """Read a file and attach its list; ``state`` of the answer says whether it was taken.

        Goes on to its end when the caller goes away. Raises UploadRunning, IllegalMove, StaleVersion before anything
        is read, BadInput and TooLarge for a file that cannot be read.
        """
        return await self.result(await self.start(notice_id, who, name, data, version))

    async def result(self, task: "asyncio.Task[NoticeList]") -> NoticeList:
        """What came of a started upload. Raises what it raised."""
        return await asyncio.shield(task)

    async def start(
        self, notice_id: str, who: Principal, name: str, data: bytes, version: int = 0
    ) -> "asyncio.Task[NoticeList]":
        """As ``run``, but returns as soon as it is known that it may begin."""
        list_id = await self._db.write(self._publicity.begin_upload, notice_id, who, name, version)
        task = asyncio.create_task(self._carry_out(notice_id, list_id, who, data))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(_seen)
        return task

    async def aclose(self) -> None:
        """Wait for what is being read."""
        if self._running:
            await asyncio.wait(self._running, timeout=30)

    async def _carry_out(self, notice_id: str, list_id: str, who: Principal, data: bytes) -> NoticeList:
        try:
            reading = await self._db.read(_prepare, notice_id, list_id)
            await asyncio.to_thread(importing.read, self._db, self._clock, reading, data)
            found = await self._db.write(self._publicity.finish_upload, reading, who)
        except AppError as error:
            await self._db.write(self._publicity.fail_upload, list_id, error, who)
            await self._drop(list_id)
            raise
        if found.state != importing.DONE:
            await self._drop(list_id)
        return found

    async def _drop(self, list_id: str) -> None:
        """Nothing half-imported stays, in pieces so that nobody waits for long."""
        while await self._db.write(_drop_some, list_id):
            pass


def _prepare(session: Session, notice_id: str, list_id: str) -> importing.Reading:
    notice = session.get(Notice, notice_id)
    audience, previous = (notice.audience, notice.previous_id) if notice else ("", None)
    return importing.prepare(session, notice_id, list_id, audience, previous)


def _drop_some(session: Session, list_id: str) -> int:
    some = select(Beneficiary.id).where(Beneficiary.list_id == list_id).limit(_DROPPED_AT_ONCE)
    return int(getattr(session.execute(delete(Beneficiary).where(col(Beneficiary.id).in_(some))), "rowcount", 0))


def _seen(task: "asyncio.Task[NoticeList]") -> None:
    """What went wrong stands in the upload's row; nobody need be waiting for it."""
    if not task.cancelled():
        task.exception()
