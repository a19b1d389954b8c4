"""The audit trail: who did what, when, from where, before and after. Append-only, hash-chained.

Rows are written in the transaction of the change. A chain head inside every transaction would put the whole
service in a queue, so rows are *sealed* a moment later by one sealer: each gets the next number of the chain and
a hash over its content and its predecessor's hash. ``verify`` finds any edited, removed or inserted row and
counts the tail that is not sealed yet.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import JSON, Column, String, func
from sqlmodel import Field, Session, SQLModel, col, select

from core.columns import BigId, UTCDateTime

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, a token, a person on a channel, or the service itself.

    ``ref`` is an id, never a name or number; ``via`` is the place it came from ("api", "cli", "telegram", …).
    """

    ref: str
    via: str


SERVICE = Actor("service", "service")
OPERATOR = Actor("operator", "cli")


class AuditEntry(SQLModel, table=True):
    """One act. ``n`` and ``digest`` are set when the row is sealed."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UTCDateTime)
    actor: str = Field(max_length=80)
    via: str = Field(max_length=40)
    action: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=120, index=True)
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    n: int | None = Field(default=None, unique=True, sa_type=BigId)
    digest: str | None = Field(default=None, sa_column=Column(String(64)))


def record(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an act beside the change it belongs to. Values hold no personal data in the clear."""
    session.add(
        AuditEntry(
            at=now,
            actor=actor.ref,
            via=actor.via,
            action=action,
            subject=subject,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
        )
    )


def seal(session: Session, limit: int = 1000) -> int:
    """Chain the rows not sealed yet, oldest first; returns how many. Only one sealer may run at a time."""
    head = session.exec(
        select(AuditEntry).where(col(AuditEntry.n).is_not(None)).order_by(col(AuditEntry.n).desc()).limit(1)
    ).first()
    n, digest = (head.n or 0, head.digest or GENESIS) if head else (0, GENESIS)
    waiting = session.exec(
        select(AuditEntry).where(col(AuditEntry.n).is_(None)).order_by(col(AuditEntry.id)).limit(limit)
    ).all()
    for entry in waiting:
        n += 1
        digest = _digest(digest, n, entry)
        entry.n, entry.digest = n, digest
        session.add(entry)
    session.flush()
    return len(waiting)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: rows in the chain, rows waiting to be sealed, and the first broken link."""

    sealed: int
    unsealed: int
    broken_at: int | None = None

    @property
    def whole(self) -> bool:
        """Whether every sealed row is as it was written."""
        return self.broken_at is None


def verify(session: Session) -> Verdict:
    """Walk the chain from its beginning."""
    unsealed = session.exec(select(func.count()).select_from(AuditEntry).where(col(AuditEntry.n).is_(None))).one()
    digest, expected = GENESIS, 1
    rows = session.exec(
        select(AuditEntry)
        .where(col(AuditEntry.n).is_not(None))
        .order_by(col(AuditEntry.n))
        .execution_options(yield_per=1000)
    )
    with contextlib.closing(rows):
        for entry in rows:
            digest = _digest(digest, expected, entry)
            if entry.n != expected or entry.digest != digest:
                return Verdict(expected - 1, unsealed, broken_at=expected)
            expected += 1
    return Verdict(expected - 1, unsealed)


def _digest(previous: str, n: int, entry: AuditEntry) -> str:
    content = orjson.dumps(
        [
            previous, n, entry.at.isoformat(), entry.actor, entry.via,
            entry.action, entry.subject, entry.before, entry.after,
        ],
        option=orjson.OPT_SORT_KEYS,
    )  # fmt: skip
    return hashlib.sha256(content).hexdigest()
