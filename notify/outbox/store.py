"""The conditional updates that move messages. Each is one statement, so two workers never share a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, cast, func, literal, or_, select, update
from sqlmodel import Session, SQLModel

from core.ids import new_id
from notify.outbox import models  # noqa: F401 - defines the tables used below
from notify.outbox.service import RANKS, history_line
from notify.outbox.states import Reason, State, before

_T = SQLModel.metadata.tables["outbox_message"]
_MAX_RANK = max(RANKS.values())


@dataclass(frozen=True, slots=True)
class Taken:
    """A row in a worker's hands, with what sending needs."""

    id: str
    kind: str
    rank: int
    channel: str
    address: str
    sender: str
    thread: str
    locale: str
    text: str
    params: dict[str, Any]
    options: list[list[str]]
    segments: int
    attempts: int
    attempt: str
    expires_at: datetime
    lookups: int
    changed_at: datetime
    reason: str


_FIELDS = [_T.c[name] for name in Taken.__dataclass_fields__]


def _taken(rows: Iterable[Any]) -> list[Taken]:
    return [Taken(*row) for row in rows]


def claim(session: Session, now: datetime, worker: str, channel: str, limit: int, lease: timedelta) -> list[str]:
    """Take up to ``limit`` due messages of a channel, urgent ones first; returns their ids in that order."""
    ids: list[str] = []
    for rank in range(_MAX_RANK + 1):
        if len(ids) >= limit:
            break
        due = (
            select(_T.c.id)
            .where(_T.c.state == State.QUEUED, _T.c.channel == channel, _T.c.rank == rank, _T.c.not_before <= now)
            .order_by(_T.c.not_before, _T.c.id)
            .limit(limit - len(ids))
            .with_for_update(skip_locked=True)
        )
        taken = session.execute(
            update(_T)
            .where(_T.c.id.in_(due.scalar_subquery()), _T.c.state == State.QUEUED)
            .values(state=State.CLAIMED.value, worker=worker, lease_until=now + lease)
            .returning(_T.c.id)
        )
        ids += sorted(taken.scalars())
    return ids


def start(session: Session, now: datetime, ids: Sequence[str], worker: str, lease: timedelta) -> list[Taken]:
    """Move claimed messages to *sending*, in this very statement checking age and guard; returns those that moved.

    After the commit of whatever raised a guard no message of an older generation can pass here: no send starts.
    """
    if not ids:
        return []
    attempt = new_id()
    rows = session.execute(
        update(_T)
        .where(
            _T.c.id.in_(ids),
            _T.c.state == State.CLAIMED,
            _T.c.worker == worker,
            _T.c.expires_at > now,
            _guard_holds(),
        )
        .values(
            state=State.SENDING.value,
            attempts=_T.c.attempts + 1,
            attempt=literal(attempt[:20]).concat(func.substr(_T.c.id, 21, 12, type_=String)),
            lease_until=now + lease,
            changed_at=now,
            history=_T.c.history + history_line(now, State.SENDING),
        )
        .returning(*_FIELDS)
    )
    order = {message_id: place for place, message_id in enumerate(ids)}
    started = sorted(_taken(rows), key=lambda taken: order[taken.id])
    if len(started) < len(ids):
        _stop_those_that_may_not_go(session, now, ids, worker)
    return started


def _guard_holds() -> ColumnElement[bool]:
    """True for rows without a guard and for those whose generation is still the thing's own."""
    guard = SQLModel.metadata.tables["outbox_guard"]
    key = guard.c.name.concat(":").concat(cast(guard.c.generation, String))
    live = select(guard.c.name).where(key == _T.c.guard).exists()
    return or_(_T.c.guard == "", live)


def _stop_those_that_may_not_go(session: Session, now: datetime, ids: Sequence[str], worker: str) -> None:
    left = (_T.c.id.in_(ids), _T.c.state == State.CLAIMED, _T.c.worker == worker)
    ends = (
        (_T.c.expires_at <= now, State.FAILED, Reason.EXPIRED),
        (_T.c.guard != "", State.CANCELLED, Reason.GUARD),
    )
    for condition, state, reason in ends:
        session.execute(update(_T).where(*left, condition).values(**_change(now, state, reason)))


def _change(now: datetime, state: State, reason: Reason, **more: object) -> dict[str, Any]:
    return {
        "state": state.value,
        "reason": reason.value,
        "changed_at": now,
        "worker": None,
        "lease_until": None,
        "history": _T.c.history + history_line(now, state, reason),
        **more,
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended."""

    id: str
    attempt: str
    state: State
    reason: Reason = Reason.NONE
    not_before: datetime | None = None
    provider_id: str | None = None
    sender: str = ""
    code: str = ""


_RECORD = (
    update(_T)
    .where(
        _T.c.id == bindparam("b_id"),
        _T.c.attempt == bindparam("b_attempt"),
        or_(_T.c.state == State.SENDING.value, _T.c.state == State.UNCERTAIN.value),
    )
    .values(
        state=bindparam("b_state"),
        reason=bindparam("b_reason"),
        changed_at=bindparam("b_now"),
        not_before=func.coalesce(bindparam("b_not_before", type_=_T.c.not_before.type), _T.c.not_before),
        provider_id=func.coalesce(bindparam("b_provider_id", type_=_T.c.provider_id.type), _T.c.provider_id),
        sender=case((bindparam("b_sender") == "", _T.c.sender), else_=bindparam("b_sender")),
        worker=None,
        lease_until=None,
        history=_T.c.history + bindparam("b_line"),
    )
)


def record(session: Session, now: datetime, outcomes: Sequence[Outcome]) -> None:
    """Write down how attempts ended. An attempt that a receipt has already moved on stays where it is."""
    if not outcomes:
        return
    session.connection().execute(
        _RECORD,
        [
            {
                "b_id": outcome.id,
                "b_attempt": outcome.attempt,
                "b_state": outcome.state.value,
                "b_reason": outcome.reason.value,
                "b_now": now,
                "b_not_before": outcome.not_before,
                "b_provider_id": outcome.provider_id,
                "b_sender": outcome.sender,
                "b_line": history_line(now, outcome.state, outcome.reason, outcome.attempt, outcome.code),
            }
            for outcome in outcomes
        ],
    )


def release(session: Session, ids: Sequence[str], worker: str) -> None:
    """Give claimed messages back at once (a graceful stop)."""
    session.execute(
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.state == State.CLAIMED, _T.c.worker == worker)
        .values(state=State.QUEUED.value, worker=None, lease_until=None)
    )


def sweep(session: Session, now: datetime) -> int:
    """Repair what a dead worker left: claimed rows go back, *sending* ones become uncertain. Returns how many."""
    lapsed = (_T.c.lease_until < now,)
    back = session.execute(
        update(_T)
        .where(_T.c.state == State.CLAIMED, *lapsed)
        .values(state=State.QUEUED.value, worker=None, lease_until=None)
    )
    unsure = session.execute(
        update(_T)
        .where(_T.c.state == State.SENDING, *lapsed)
        .values(**_change(now, State.UNCERTAIN, Reason.UNCERTAIN))
    )
    return int(back.rowcount) + int(unsure.rowcount)  # type: ignore[attr-defined]


def uncertain(session: Session, channel: str, before_time: datetime, limit: int) -> list[Taken]:
    """Messages of a channel nobody knows the fate of, that have not been looked at since ``before_time``."""
    rows = session.execute(
        select(*_FIELDS)
        .where(_T.c.state == State.UNCERTAIN, _T.c.channel == channel, _T.c.changed_at < before_time)
        .order_by(_T.c.changed_at)
        .limit(limit)
    )
    return _taken(rows)


def looked_up(session: Session, now: datetime, ids: Sequence[str]) -> None:
    """Note that the provider had no record of these (yet)."""
    session.execute(
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.state == State.UNCERTAIN)
        .values(lookups=_T.c.lookups + 1, changed_at=now)
    )


def advance(
    session: Session, now: datetime, state: State, reason: Reason, *, attempt: str, provider_id: str, code: str
) -> str | None:
    """Move a message forward because a receipt says so; its id, or None when no message matches or may move."""
    condition = _T.c.attempt == attempt if attempt else _T.c.provider_id == provider_id
    values = _change(now, state, reason)
    values["history"] = _T.c.history + history_line(now, state, reason, attempt, code)
    if provider_id:
        values["provider_id"] = provider_id
    moved = session.execute(
        update(_T).where(condition, _T.c.state.in_(before(state))).values(**values).returning(_T.c.id)
    ).first()
    return str(moved.id) if moved else None


def exists(session: Session, *, attempt: str, provider_id: str) -> bool:
    """Whether a receipt speaks of a message we have."""
    condition = _T.c.attempt == attempt if attempt else _T.c.provider_id == provider_id
    return session.execute(select(_T.c.id).where(condition).limit(1)).first() is not None


def next_due(session: Session, channel: str) -> datetime | None:
    """When the next queued message of a channel is due."""
    found: datetime | None = session.execute(
        select(func.min(_T.c.not_before)).where(_T.c.state == State.QUEUED, _T.c.channel == channel)
    ).scalar()
    return found
