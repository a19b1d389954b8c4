"""``Idempotency-Key`` for routes: a creating POST is worked out once, its answer given again to a repetition."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from core import idempotency
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, Conflict

HEADER = "Idempotency-Key"
_MAX_KEY = 200

Work = Callable[[], Awaitable[BaseModel]]


class Once:
    """Remembers the answers of creating calls. One for each application."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def __call__(
        self, request: Request, who: str, work: Work, *, status: int = 201, body: bytes | None = None
    ) -> Response:
        """The answer of ``work``, or the kept one when ``who`` sent this key here before with the same body.

        ``body`` is what is compared (default the request's own; for uploads the file, as boundaries differ).
        Without the header the work is simply done. A call that fails frees its key; one whose caller goes away is
        carried to its end. Raises Conflict while the first call runs and BadInput for another body.
        """
        key = request.headers.get(HEADER, "")
        if not key:
            return _answer(status, (await work()).model_dump_json().encode())
        if len(key) > _MAX_KEY:
            raise BadInput(f"An {HEADER} has at most {_MAX_KEY} characters.", fields={HEADER: "too long"})
        parts = (who, request.method, request.url.path, key)
        name = idempotency.fingerprint(*(part.encode() for part in parts))
        same = idempotency.fingerprint(await request.body() if body is None else body)
        try:
            kept = await self._db.write(_begin, self._clock, name, same)
        except IntegrityError as error:
            raise Conflict(f"The first call with this {HEADER} is still running.") from error
        if kept is None:
            kept = await asyncio.shield(self._work_out(name, status, work))
        return _answer(*kept)

    async def _work_out(self, name: str, status: int, work: Work) -> tuple[int, bytes]:
        try:
            made = (await work()).model_dump_json().encode()
        except Exception:
            await self._db.write(idempotency.abandon, name)
            raise
        await self._db.write(idempotency.finish, name, status, made)
        return status, made


def _begin(session: Session, clock: Clock, key: str, request: str) -> tuple[int, bytes] | None:
    return idempotency.begin(session, clock(), key, request)


def _answer(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")
