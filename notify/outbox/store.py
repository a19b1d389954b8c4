"""The conditional updates that move messages. Each move is one statement, so two workers never share a row.

A round of the dispatcher is one transaction: record what ended, choose what is due, move it to *sending*. Choosing
and starting are not apart in time, so a worker never holds a message that it does not send at once; the guard and
the age are tested in the very UPDATE, and after the commit of whatever raised a guard nothing older passes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    String,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlmodel import Session, SQLModel

from core.crypto import ring
from notify.outbox import models
from notify.outbox.history import history_line
from notify.outbox.states import Reason, State

_T = SQLModel.metadata.tables["outbox_message"]
_GUARD = SQLModel.metadata.tables["outbox_guard"]
_BATCH = SQLModel.metadata.tables["outbox_batch"]
RANKS = (0, 1, 2)


_SEALED_NOTHING = 35
"""Bytes of an encrypted empty list: version, key id, nonce, two characters and the tag. Nothing else is so short."""


@dataclass(slots=True)
class Taken:
    """A row in a worker's hands, with what sending needs; what is encrypted is opened when asked for."""

    id: str
    kind: str
    rank: int
    channel: str
    via: str
    sealed_address: bytes
    address_index: str
    sender: str
    thread: str
    locale: str
    sealed_text: bytes
    sealed_params: bytes
    sealed_options: bytes
    segments: int
    attempts: int
    expires_at: datetime
    lookups: int
    changed_at: datetime
    reason: str
    guard: str
    quiet: bool
    trial: bool
    doubled: int

    @property
    def attempt(self) -> str:
        """The id of this attempt."""
        return models.attempt_id(self.id, self.attempts)

    @property
    def address(self) -> str:
        """Where it goes."""
        return ring().open(self.sealed_address, "outbox.address").decode()

    @property
    def text(self) -> str:
        """What it says."""
        return ring().open(self.sealed_text, "outbox.text").decode()

    @property
    def params(self) -> dict[str, Any]:
        """The payload it was rendered from."""
        opened: dict[str, Any] = orjson.loads(ring().open(self.sealed_params, "outbox.params"))
        return opened

    @property
    def options(self) -> list[list[str]]:
        """Value and label of each choice."""
        if len(self.sealed_options) == _SEALED_NOTHING:
            return []
        opened: list[list[str]] = orjson.loads(ring().open(self.sealed_options, "outbox.options"))
        return opened


_NAMES = list(Taken.__dataclass_fields__)
_SEALED = {name for name in _NAMES if name.startswith("sealed_")}
_SEALED_AT = [place for place, name in enumerate(_NAMES) if name in _SEALED]
_TIMES_AT = [_NAMES.index("expires_at"), _NAMES.index("changed_at")]
FIELDS = [
    type_coerce(_T.c[name.removeprefix("sealed_")], LargeBinary) if name.startswith("sealed_") else _T.c[name]
    for name in _NAMES
]


def as_taken(rows: Iterable[Any]) -> list[Taken]:
    """Rows of ``FIELDS``."""
    return [Taken(*row) for row in rows]


def _due_statement() -> Select[Any]:
    return (
        select(*FIELDS)
        .where(
            _T.c.state == text("'queued'"),
            _T.c.queue == bindparam("queue"),
            _T.c.rank == bindparam("rank"),
            _T.c.not_before <= bindparam("now"),
        )
        .where(or_(_T.c.batch.is_(None), _T.c.batch.not_in(_held_batches())))
        .order_by(_T.c.not_before, _T.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


def _held_batches() -> Select[Any]:
    return select(_BATCH.c.id).where(_BATCH.c.state != "running")


_DUE = _due_statement()


def _as_one_value() -> Any:
    """The due rows as a single JSON value.

    SQLite gives up Python's lock at each row, and a busy loop in another thread hands it back only after a while:
    rows fetched one by one cost fifty times what one value costs.
    """
    rows = _DUE.subquery()
    cells = [func.hex(cell) if name in _SEALED else cell for name, cell in zip(_NAMES, rows.c, strict=True)]
    return select(func.json_group_array(func.json_array(*cells), type_=String))


_DUE_AS_JSON = _as_one_value()


def due(session: Session, now: datetime, queue: str, rank: int, limit: int) -> list[Taken]:
    """Messages of one lane that may be tried now, oldest first, locked on PostgreSQL; batches on hold are left out."""
    values = {"queue": queue, "rank": rank, "now": now, "limit": limit}
    if session.get_bind().dialect.name == "sqlite":
        return [
            _from_json(row) for row in orjson.loads(session.connection().execute(_DUE_AS_JSON, values).scalar_one())
        ]
    return as_taken(session.connection().execute(_DUE, values))


def _from_json(cells: list[Any]) -> Taken:
    for place in _SEALED_AT:
        cells[place] = bytes.fromhex(cells[place])
    for place in _TIMES_AT:
        cells[place] = datetime.fromisoformat(cells[place]).replace(tzinfo=UTC)
    taken = Taken(*cells)
    taken.quiet, taken.trial = bool(taken.quiet), bool(taken.trial)
    return taken


def start(
    session: Session, now: datetime, chosen: Sequence[Taken], worker: str, lease: timedelta, *, via: str = ""
) -> list[Taken]:
    """Move due messages to *sending*; returns those that moved, and cancels those whose guard has gone.

    ``via`` is the channel that will carry them, empty for their own.

    Age was looked at when they were chosen. On PostgreSQL the guards are locked first, so that whoever raises one
    either came before (and the message is cancelled) or waits for this commit (and the message has started).
    """
    if not chosen:
        return []
    guarded = [taken for taken in chosen if taken.guard]
    if guarded:
        names = {taken.guard.rpartition(":")[0] for taken in guarded}
        session.execute(select(_GUARD.c.name).where(_GUARD.c.name.in_(names)).with_for_update(read=True))
    statement = _STARTS[session.get_bind().dialect.name, bool(guarded)]
    values = {
        "ids": orjson.dumps([taken.id for taken in chosen]).decode(), "now": now, "worker": worker, "via": via,
        "lease": now + lease, "line": history_line(now, State.SENDING),
    }  # fmt: skip
    moved = session.connection().execute(statement, values).rowcount
    started = list(chosen) if moved == len(chosen) else _really_started(session, now, chosen, worker)
    for taken in started:
        taken.attempts, taken.changed_at, taken.via = taken.attempts + 1, now, via
    if len(started) < len(chosen):
        here = {taken.id for taken in started}
        settle(session, now, [taken.id for taken in guarded if taken.id not in here], State.CANCELLED, Reason.GUARD)
    return started


def _really_started(session: Session, now: datetime, chosen: Sequence[Taken], worker: str) -> list[Taken]:
    rows = session.execute(
        select(_T.c.id, _T.c.attempts).where(
            _T.c.id.in_([taken.id for taken in chosen]),
            _T.c.state == State.SENDING.value,
            _T.c.worker == worker,
            _T.c.changed_at == now,
        )
    )
    attempts = {row.id: row.attempts for row in rows}
    return [taken for taken in chosen if attempts.get(taken.id) == taken.attempts + 1]


def _start_statement(dialect: str, *, guarded: bool) -> Any:
    wanted: Any = (
        text("SELECT value FROM json_each(:ids)")
        if dialect == "sqlite"
        else text("SELECT json_array_elements_text(CAST(:ids AS json))")
    )
    # The plus: found by its key, never by its state.
    queued = text("+outbox_message.state = 'queued'") if dialect == "sqlite" else _T.c.state == State.QUEUED.value
    conditions: list[Any] = [_T.c.id.in_(wanted), queued]
    if guarded:
        conditions.append(_guard_holds())
    return (
        update(_T)
        .where(*conditions)
        .values(
            state=State.SENDING.value,
            attempts=_T.c.attempts + 1,
            lookups=0,
            via=bindparam("via"),
            worker=bindparam("worker"),
            lease_until=bindparam("lease", type_=_T.c.lease_until.type),
            changed_at=bindparam("now", type_=_T.c.changed_at.type),
            history=_T.c.history + bindparam("line", type_=String),
        )
    )


def _guard_holds() -> ColumnElement[bool]:
    """True for rows without a guard and for those whose generation is still the thing's own."""
    key = _GUARD.c.name.concat(":").concat(cast(_GUARD.c.generation, String))
    live = select(_GUARD.c.name).where(key == _T.c.guard).exists()
    return or_(_T.c.guard == "", live)


_STARTS = {
    (dialect, guarded): _start_statement(dialect, guarded=guarded)
    for dialect in ("sqlite", "postgresql")
    for guarded in (False, True)
}


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
