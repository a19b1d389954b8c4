"""Moves of messages that nobody is in a hurry for. Each is one conditional update, so two workers never share a row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, literal, update
from sqlmodel import Session, SQLModel

from notify.outbox import models  # noqa: F401 - defines the table used below
from notify.outbox.admission import Choice
from notify.outbox.history import history_line
from notify.outbox.states import Reason, State
from notify.outbox.taken import Taken

_T = SQLModel.metadata.tables["outbox_message"]


def give_back(session: Session, now: datetime, started: Sequence[Taken]) -> None:
    """Queue messages again that were started and surely not sent (a graceful stop)."""
    values = change(now, State.QUEUED, Reason.NONE, attempts=_T.c.attempts - 1)
    session.execute(
        update(_T).where(_T.c.id.in_([taken.id for taken in started]), _T.c.state == State.SENDING.value).values(values)
    )


def settle(session: Session, now: datetime, ids: Sequence[str], state: State, reason: Reason) -> int:
    """End queued messages that may not go; returns how many."""
    done = session.execute(
        update(_T).where(_T.c.id.in_(ids), _T.c.state == State.QUEUED.value).values(**change(now, state, reason))
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def postpone(session: Session, ids: Sequence[str], until: datetime, reason: Reason = Reason.NONE) -> None:
    """Let queued messages wait; no attempt was made, so their history does not change."""
    session.execute(
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.state == State.QUEUED.value)
        .values(not_before=until, reason=reason.value)
    )


def hand_to(session: Session, now: datetime, ids: Sequence[str], queue: str) -> int:
    """Let another queue send queued messages, at once if they were waiting to be tried again; returns how many."""
    sooner = case((_T.c.not_before > now, literal(now, _T.c.not_before.type)), else_=_T.c.not_before)
    done = session.execute(
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.state == State.QUEUED.value)
        .values(queue=queue, not_before=sooner, reason=Reason.NONE.value)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def move_aside(session: Session, now: datetime, choice: Choice) -> None:
    """End or put off what one look at a queue found that may not go."""
    if choice.expired:
        settle(session, now, choice.expired, State.FAILED, Reason.EXPIRED)
    for (until, reason), ids in choice.waiting.items():
        postpone(session, ids, until, reason)
    for reason, ids in choice.capped.items():
        settle(session, now, ids, State.FAILED, reason)


def change(now: datetime, state: State, reason: Reason, **more: object) -> dict[str, Any]:
    """The columns of a move, for an UPDATE's VALUES."""
    return {
        "state": state.value,
        "reason": reason.value,
        "changed_at": now,
        "worker": None,
        "lease_until": None,
        "history": _T.c.history + history_line(now, state, reason),
        **more,
    }
