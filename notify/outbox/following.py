"""What becomes of messages after they were sent: left by dead workers, looked up, spoken of by receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlmodel import Session, SQLModel

from notify.outbox import models
from notify.outbox.history import history_line
from notify.outbox.states import Reason, State, before
from notify.outbox.store import change
from notify.outbox.taken import FIELDS, Taken, as_taken

_T = SQLModel.metadata.tables["outbox_message"]


def sweep(session: Session, now: datetime) -> int:
    """What a dead worker left in *sending* becomes uncertain, never queued again. Returns how many."""
    unsure = session.execute(
        update(_T)
        .where(_T.c.state == State.SENDING.value, _T.c.lease_until < now)
        .values(**change(now, State.UNCERTAIN, Reason.UNCERTAIN))
    )
    return int(unsure.rowcount)  # type: ignore[attr-defined]


def carried_by(channel: str) -> ColumnElement[bool]:
    """Rows whose latest attempt went over this channel."""
    return or_(_T.c.via == channel, (_T.c.via == "") & (_T.c.channel == channel))


def uncertain(session: Session, channel: str, before_time: datetime, limit: int) -> list[Taken]:
    """Messages of a channel nobody knows the fate of, that have not been looked at since ``before_time``."""
    rows = session.execute(
        select(*FIELDS)
        .where(_T.c.state == text("'uncertain'"), carried_by(channel), _T.c.changed_at <= before_time)
        .where(_T.c.reason != Reason.LEFT_UNCERTAIN.value)
        .order_by(_T.c.changed_at)
        .limit(limit)
    )
    return as_taken(rows)


def looked_up(session: Session, now: datetime, ids: Sequence[str]) -> None:
    """Note that the provider had no record of these (yet)."""
    session.execute(
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.state == State.UNCERTAIN.value)
        .values(lookups=_T.c.lookups + 1, changed_at=now)
    )


def advance(
    session: Session, now: datetime, state: State, reason: Reason, *, attempt: str, provider_id: str, code: str
) -> str | None:
    """Move a message forward because a receipt says so; its id, or None when no message matches or may move.

    Only the latest attempt is moved: an older one that failed says nothing about the one that is under way.
    """
    values = change(now, state, reason)
    number = models.attempt_parts(attempt)[1] if attempt else ""
    values["history"] = _T.c.history + history_line(now, state, reason, number or "", code)
    if provider_id:
        values["provider_id"] = provider_id
    moved = session.execute(
        update(_T)
        .where(_spoken_of(attempt, provider_id), _T.c.state.in_(before(state)))
        .values(**values)
        .returning(_T.c.id)
    ).first()
    return str(moved.id) if moved else None


@dataclass(frozen=True, slots=True)
class Spoken:
    """The message a receipt speaks of, as far as a decision about it needs."""

    id: str
    rank: int
    attempts: int
    expires_at: datetime


def spoken_of(session: Session, attempt: str, provider_id: str) -> Spoken | None:
    """The message a receipt speaks of, None when there is none or it has been tried again since."""
    row = session.execute(
        select(_T.c.id, _T.c.rank, _T.c.attempts, _T.c.expires_at).where(_spoken_of(attempt, provider_id)).limit(1)
    ).first()
    return Spoken(*row) if row else None


def requeue(
    session: Session, now: datetime, message_id: str, attempts: int, at: datetime, reason: Reason, code: str
) -> bool:
    """Put a message back that its provider had accepted and then could not deliver; False when it has moved on."""
    open_states = (State.SENDING.value, State.SENT.value, State.UNCERTAIN.value)
    values = change(now, State.QUEUED, reason, not_before=at, provider_id=None)
    values["history"] = _T.c.history + history_line(now, State.QUEUED, reason, attempts, code)
    done = session.execute(
        update(_T).where(_T.c.id == message_id, _T.c.attempts == attempts, _T.c.state.in_(open_states)).values(**values)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def exists(session: Session, *, attempt: str, provider_id: str) -> bool:
    """Whether a receipt speaks of a message we have."""
    return session.execute(select(_T.c.id).where(_spoken_of(attempt, provider_id)).limit(1)).first() is not None


def _spoken_of(attempt: str, provider_id: str) -> ColumnElement[bool]:
    if not attempt:
        return _T.c.provider_id == provider_id
    message_id, number = models.attempt_parts(attempt)
    return (_T.c.id == message_id) & (_T.c.attempts == number)
