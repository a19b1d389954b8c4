"""``Idempotency-Key`` on every POST that creates: the first answer is kept for 24 hours and given again.

409 while the first is still running, 422 when the same key comes with another body (the rules of Novu's API).
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Column, LargeBinary, delete
from sqlmodel import Field, Session, SQLModel, col

from core.columns import UTCDateTime
from core.crypto import ring
from core.errors import BadInput, Conflict

KEPT_FOR = timedelta(hours=24)
RUNNING_FOR = timedelta(minutes=2)
CONTEXT = "idempotency.body"


class IdempotentCall(SQLModel, table=True):
    """A call that carried a key: running while ``status`` is None."""

    __tablename__ = "idempotent_call"

    key: str = Field(primary_key=True, max_length=64)
    request: str = Field(max_length=64)
    status: int | None = None
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_type=UTCDateTime)


def fingerprint(*parts: bytes) -> str:
    """A digest of everything that makes two calls the same."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def begin(session: Session, now: datetime, key: str, request: str) -> tuple[int, bytes] | None:
    """Claim the key; the kept answer if there is one. Raises Conflict while running, BadInput for another body."""
    known = session.get(IdempotentCall, key)
    if known and now - known.created_at > (KEPT_FOR if known.status else RUNNING_FOR):
        session.delete(known)
        session.flush()
        known = None
    if known is None:
        session.add(IdempotentCall(key=key, request=request, created_at=now))
        session.flush()
        return None
    if known.request != request:
        raise BadInput("This Idempotency-Key was used with another body.", fields={"Idempotency-Key": "reused"})
    if known.status is None:
        raise Conflict("The first call with this Idempotency-Key is still running.")
    return known.status, ring().open(known.body or b"", CONTEXT)


def finish(session: Session, key: str, status: int, body: bytes) -> None:
    """Keep the answer."""
    if call := session.get(IdempotentCall, key):
        call.status, call.body = status, ring().seal(body, CONTEXT)
        session.add(call)


def abandon(session: Session, key: str) -> None:
    """Free the key of a call that failed: it may be tried again."""
    if call := session.get(IdempotentCall, key):
        session.delete(call)


def purge(session: Session, now: datetime) -> int:
    """Drop what is older than 24 hours; returns how many."""
    result = session.execute(delete(IdempotentCall).where(col(IdempotentCall.created_at) < now - KEPT_FOR))
    return int(getattr(result, "rowcount", 0))
