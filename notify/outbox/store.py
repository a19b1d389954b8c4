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
from notify.outbox.states import Reason, State, before

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
_FIELDS = [
    type_coerce(_T.c[name.removeprefix("sealed_")], LargeBinary) if name.startswith("sealed_") else _T.c[name]
    for name in _NAMES
]


def _taken(rows: Iterable[Any]) -> list[Taken]:
    return [Taken(*row) for row in rows]


def _due_statement() -> Select[Any]:
    return (
        select(*_FIELDS)
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
    return _taken(session.connection().execute(_DUE, values))


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


@dataclass(slots=True)
class Outcome:
    """How one attempt ended."""

    id: str
    attempts: int
    state: State
    reason: Reason = Reason.NONE
    not_before: datetime | None = None
    provider_id: str | None = None
    sender: str = ""
    code: str = ""
    via: str = ""


_RECORD_TO = """
UPDATE outbox_message SET
    state = v.state, reason = v.reason, changed_at = :now, worker = NULL, lease_until = NULL, via = v.via,
    not_before = coalesce(v.not_before, outbox_message.not_before),
    provider_id = coalesce(v.provider_id, outbox_message.provider_id),
    sender = CASE WHEN v.sender = '' THEN outbox_message.sender ELSE v.sender END,
    history = outbox_message.history || v.line
FROM """
_RECORD_WHERE = """
WHERE outbox_message.id = v.id AND outbox_message.attempts = v.attempts AND """
_STILL_OPEN = {
    "sqlite": "+outbox_message.state IN ('sending', 'uncertain')",  # plus: found by its key, never by its state
    "postgresql": "outbox_message.state IN ('sending', 'uncertain')",
}
_ROWS_SQLITE = """(
    SELECT value->>0 AS id, value->>1 AS attempts, value->>2 AS state, value->>3 AS reason, value->>4 AS via,
        value->>5 AS not_before, value->>6 AS provider_id, value->>7 AS sender, value->>8 AS line
    FROM json_each(:rows)
) AS v"""
_ROWS_POSTGRESQL = """(
    SELECT value->>0 AS id, CAST(value->>1 AS integer) AS attempts, value->>2 AS state, value->>3 AS reason,
        value->>4 AS via, CAST(value->>5 AS timestamptz) AS not_before, value->>6 AS provider_id,
        value->>7 AS sender, value->>8 AS line
    FROM json_array_elements(CAST(:rows AS json))
) AS v"""
_RECORDS = {
    dialect: text(_RECORD_TO + rows + _RECORD_WHERE + _STILL_OPEN[dialect]).bindparams(
        bindparam("now", type_=_T.c.changed_at.type)
    )
    for dialect, rows in (("sqlite", _ROWS_SQLITE), ("postgresql", _ROWS_POSTGRESQL))
}


def record(session: Session, now: datetime, outcomes: Sequence[Outcome]) -> None:
    """Write down how attempts ended. An attempt that a receipt has already moved on stays where it is."""
    if not outcomes:
        return
    dialect = session.get_bind().dialect.name
    lines: dict[tuple[object, ...], str] = {}
    rows = []
    for o in outcomes:
        key = (o.state, o.reason, o.attempts, o.code)
        if (line := lines.get(key)) is None:
            line = lines[key] = history_line(now, o.state, o.reason, o.attempts, o.code)
        at = _as_text(o.not_before, dialect) if o.not_before else None
        rows.append((o.id, o.attempts, o.state, o.reason, o.via, at, o.provider_id, o.sender, line))
    values = {"now": now, "rows": orjson.dumps(rows).decode()}
    if session.connection().execute(_RECORDS[dialect], values).rowcount < len(outcomes):
        _note_ids(session, outcomes)


def _note_ids(session: Session, outcomes: Sequence[Outcome]) -> None:
    """A receipt was faster than our record: what it could not know is added."""
    for outcome in outcomes:
        if outcome.provider_id:
            session.execute(
                update(_T)
                .where(_T.c.id == outcome.id, _T.c.attempts == outcome.attempts, _T.c.provider_id.is_(None))
                .values(provider_id=outcome.provider_id)
            )


def _as_text(moment: datetime, dialect: str) -> str:
    """A time in the form in which the column holds it."""
    if dialect == "sqlite":
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return moment.isoformat()


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
        select(*_FIELDS)
        .where(_T.c.state == text("'uncertain'"), carried_by(channel), _T.c.changed_at <= before_time)
        .where(_T.c.reason != Reason.LEFT_UNCERTAIN.value)
        .order_by(_T.c.changed_at)
        .limit(limit)
    )
    return _taken(rows)


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


def next_due(session: Session, queue: str, ranks: Sequence[int] = RANKS) -> datetime | None:
    """When the next queued message of a queue is due."""
    found = [
        session.execute(
            select(func.min(_T.c.not_before)).where(
                _T.c.state == text("'queued'"), _T.c.queue == queue, _T.c.rank == rank
            )
        ).scalar()
        for rank in ranks
    ]
    return min((at for at in found if at), default=None)
