"""What people do with messages: look, retry, close; pause, resume and cancel a mass alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.errors import Conflict, NotFound
from core.people import address_index
from core.wake import wake
from notify.outbox.history import history_line
from notify.outbox.models import OutboxBatch, OutboxMessage
from notify.outbox.states import FINAL, Reason, State, before
from notify.outbox.topic import TOPIC

_T = SQLModel.metadata.tables["outbox_message"]
_B = SQLModel.metadata.tables["outbox_batch"]
DEAD = (State.FAILED, State.UNDELIVERABLE, State.UNCERTAIN)
"""States that wait for a person: they may be tried again or closed."""
_CANCELLED_AT_ONCE = 2000


def find(session: Session, message_id: str) -> OutboxMessage:
    """One message; raises NotFound."""
    message = session.get(OutboxMessage, message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return message


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to list: by states, address (with its channel), kind.

    ``own`` is how their keys begin, ``before`` the last id seen.
    """

    states: Sequence[str] = ()
    channel: str = ""
    address: str = ""
    kind: str = ""
    before: str = ""
    own: str = ""


def listing(session: Session, wanted: Filter, limit: int) -> list[OutboxMessage]:
    """The newest messages first."""
    query = select(OutboxMessage)
    if wanted.states:
        query = query.where(col(OutboxMessage.state).in_(wanted.states))
    if wanted.address:
        query = query.where(OutboxMessage.address_index == address_index(wanted.channel, wanted.address))
    if wanted.kind:
        query = query.where(OutboxMessage.kind == wanted.kind)
    if wanted.own:
        query = query.where(col(OutboxMessage.dedup_key).startswith(wanted.own, autoescape=True))
    if wanted.before:
        query = query.where(col(OutboxMessage.id) < wanted.before)
    return list(session.exec(query.order_by(col(OutboxMessage.id).desc()).limit(limit)))


def retry(session: Session, now: datetime, message_id: str, max_age: timedelta = timedelta(hours=24)) -> OutboxMessage:
    """Have a message that ended badly tried again; raises Conflict for one that did not."""
    return _by_hand(
        session, now, message_id, DEAD, State.QUEUED, Reason.RETRIED_BY_HAND, not_before=now, expires_at=now + max_age
    )


def close(session: Session, now: datetime, message_id: str) -> OutboxMessage:
    """Take a message off the list of those that wait for a person; raises Conflict when it is on its way."""
    states = [State(state) for state in before(State.CANCELLED)]
    return _by_hand(session, now, message_id, states, State.CANCELLED, Reason.CLOSED_BY_HAND)


def _by_hand(
    session: Session, now: datetime, message_id: str, states: Sequence[State], target: State, reason: Reason,
    **changes: datetime,
) -> OutboxMessage:  # fmt: skip
    """One conditional update, so that a person and a worker never both move a message."""
    moved = session.execute(
        update(_T)
        .where(_T.c.id == message_id, _T.c.state.in_([state.value for state in states]))
        .values(
            state=target.value, reason=reason.value, changed_at=now, worker=None, lease_until=None,
            history=_T.c.history + history_line(now, target, reason), **changes,
        )
    )  # fmt: skip
    message = find(session, message_id)
    session.refresh(message)
    if not moved.rowcount:  # type: ignore[attr-defined]
        deed = "closed" if target is State.CANCELLED else "tried again"
        raise Conflict(f"A message that is {message.state} cannot be {deed}.")
    wake(session, TOPIC)
    return message


def is_final(message: OutboxMessage) -> bool:
    """Whether nothing more will happen to it by itself."""
    return State(message.state) in FINAL


# --- batches -------------------------------------------------------------------------------------------------


def pause_batch(session: Session, now: datetime, batch: str) -> None:
    """No message of this batch starts after this commit, until it is resumed."""
    _set_batch(session, now, batch, "paused")


def resume_batch(session: Session, now: datetime, batch: str) -> None:
    """Go on; raises Conflict when it was cancelled."""
    _set_batch(session, now, batch, "running")
    wake(session, TOPIC)


def cancel_batch(session: Session, now: datetime, batch: str) -> None:
    """No message of this batch starts after this commit; those waiting are marked soon after (``settle_cancelled``)."""
    _set_batch(session, now, batch, "cancelled")
    settle_cancelled(session, now)


def _set_batch(session: Session, now: datetime, batch: str, state: str) -> None:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_B).values(id=batch, state=state, changed_at=now)
    done = session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"state": state, "changed_at": now}, where=_B.c.state != "cancelled"
        ).returning(_B.c.id)
    )
    if done.first() is None and state != "cancelled":
        raise Conflict("This was cancelled; it cannot go on.")


def settle_cancelled(session: Session, now: datetime) -> int:
    """Mark waiting messages of cancelled batches, some thousand at a time; returns how many."""
    gone = select(OutboxBatch.id).where(OutboxBatch.state == "cancelled")
    some = (
        select(OutboxMessage.id)
        .where(col(OutboxMessage.batch).in_(gone), OutboxMessage.state == State.QUEUED.value)
        .limit(_CANCELLED_AT_ONCE)
    )
    done = session.execute(
        update(_T)
        .where(_T.c.id.in_(some), _T.c.state == State.QUEUED.value)
        .values(
            state=State.CANCELLED.value, reason=Reason.WITHDRAWN.value, changed_at=now,
            history=_T.c.history + history_line(now, State.CANCELLED, Reason.WITHDRAWN),
        )
    )  # fmt: skip
    return int(done.rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a batch stands: messages and segments by state."""

    state: str
    by_state: dict[str, int]
    segments: dict[str, int]


def batch_progress(session: Session, batch: str) -> Progress:
    """For the progress of a mass alert; an unknown batch has nothing in it."""
    rows = session.execute(
        select(_T.c.state, func.count(), func.sum(_T.c.segments)).where(_T.c.batch == batch).group_by(_T.c.state)
    ).all()
    held = session.get(OutboxBatch, batch)
    return Progress(
        held.state if held else "running",
        {row[0]: int(row[1]) for row in rows},
        {row[0]: int(row[2]) for row in rows},
    )
