"""Choosing what is due and moving it to *sending*: two statements for any number of messages.

A round of the dispatcher is one transaction: record what ended, choose what is due, move it to *sending*. Choosing
and starting are not apart in time, so a worker never holds a message that it does not send at once; the guard is
tested in the very UPDATE, and after the commit of whatever raised a guard nothing older passes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlmodel import Session

from notify.outbox.driver import Done, Order, array, dialect_of, run, stored, together
from notify.outbox.history import history_line
from notify.outbox.states import Reason, State
from notify.outbox.store import settle
from notify.outbox.taken import NAMES, Taken

RANKS = (0, 1, 2)

_CHOSEN = NAMES[: NAMES.index("changed_at")]
_SEALED_AT = [place for place, name in enumerate(_CHOSEN) if name.startswith("sealed_")]
_EXPIRES_AT = _CHOSEN.index("expires_at")
_QUIET_AT, _TRIAL_AT = _CHOSEN.index("quiet"), _CHOSEN.index("trial")


# --- choosing ----------------------------------------------------------------------------------------------------

_DUE_OF_RANK = """SELECT {columns} FROM outbox_message
    WHERE state = 'queued' AND queue = {queue} AND rank = {rank} AND not_before <= {now}
    AND (batch IS NULL OR batch NOT IN (SELECT id FROM outbox_batch WHERE state <> 'running'))
    ORDER BY not_before, id LIMIT {limit}"""


def _due_on_sqlite(ranks: Sequence[int]) -> str:
    """The due rows as a single JSON value.

    SQLite gives up Python's lock at each row, and a busy loop in another thread hands it back only after a while:
    rows fetched one by one cost fifty times what one value costs.
    """
    cells = [_cell_on_sqlite(name) for name in _CHOSEN]
    parts = [_DUE_OF_RANK.format(columns="*", queue=":queue", rank=rank, now=":now", limit=":limit") for rank in ranks]
    rows = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)  # noqa: S608 - only our own words
    return f"SELECT json_group_array(json_array({', '.join(cells)})) FROM ({rows})"  # noqa: S608


def _cell_on_sqlite(name: str) -> str:
    if name.startswith("sealed_"):
        return f"hex({name.removeprefix('sealed_')})"
    return "expires_at || '+00:00'" if name == "expires_at" else name


def _due_on_postgresql(ranks: Sequence[int]) -> str:
    columns = ", ".join(name.removeprefix("sealed_") for name in _CHOSEN)
    parts = [
        _DUE_OF_RANK.format(columns=columns, queue="%(queue)s", rank=rank, now="%(now)s", limit="%(limit)s")
        for rank in ranks
    ]
    return " UNION ALL ".join(
        f"SELECT * FROM ({part} FOR UPDATE SKIP LOCKED) AS of_rank_{place}"  # noqa: S608
        for place, part in enumerate(parts)
    )


_DUE = {
    ranks: {"sqlite": _due_on_sqlite(ranks), "postgresql": _due_on_postgresql(ranks)}
    for ranks in (RANKS, *((rank,) for rank in RANKS))
}


def due(session: Session, now: datetime, queue: str, ranks: tuple[int, ...], limit: int) -> list[Taken]:
    """Messages that may be tried now, ``limit`` of each lane at the most: lane by lane, oldest first.

    On PostgreSQL they are locked, and those another worker holds are left out; so are batches on hold.
    """
    dialect = dialect_of(session)
    return read_due(together(session, [due_order(now, queue, ranks, limit, dialect)])[0], now, dialect)


def due_order(now: datetime, queue: str, ranks: tuple[int, ...], limit: int, dialect: str) -> Order:
    """The statement of ``due``."""
    return _DUE[ranks], {"queue": queue, "now": stored(now, dialect), "limit": limit}


def read_due(found: Done, now: datetime, dialect: str) -> list[Taken]:
    """What the statement of ``due`` found."""
    if dialect == "sqlite":
        return [_from_json(cells, now) for cells in orjson.loads(found.rows[0][0])]
    return [_taken(row, now) for row in found.rows]


def _taken(cells: Iterable[Any], now: datetime) -> Taken:
    whole = [*cells, now]
    return Taken(*whole)


def _from_json(cells: list[Any], now: datetime) -> Taken:
    for place in _SEALED_AT:
        cells[place] = bytes.fromhex(cells[place])
    cells[_EXPIRES_AT] = datetime.fromisoformat(cells[_EXPIRES_AT])
    cells[_QUIET_AT], cells[_TRIAL_AT] = bool(cells[_QUIET_AT]), bool(cells[_TRIAL_AT])
    return _taken(cells, now)


# --- starting ----------------------------------------------------------------------------------------------------

# Found by their keys: asked for plainly, the planner would rather go through everything that is queued.
_START = {
    "sqlite": """UPDATE outbox_message SET state = 'sending', attempts = attempts + 1, lookups = 0, via = :via,
        worker = :worker, lease_until = :lease, changed_at = :now, history = history || :line
        WHERE +state = 'queued' AND id IN (""",
    "postgresql": """UPDATE outbox_message SET state = 'sending', attempts = attempts + 1, lookups = 0, via = %(via)s,
        worker = %(worker)s, lease_until = %(lease)s, changed_at = %(now)s, history = history || %(line)s
        WHERE state || '' = 'queued' AND id """,
}
_START_FREE = {
    "sqlite": _START["sqlite"] + "SELECT value FROM json_each(:ids))",  # noqa: S608
    "postgresql": _START["postgresql"] + "= ANY(%(ids)s)",
}
_HELD_ON_SQLITE = """SELECT value FROM json_each(:ids) UNION ALL SELECT v.value ->> 0 FROM json_each(:guarded) AS v
        JOIN outbox_guard AS g ON g.name = v.value ->> 1 AND g.generation = v.value ->> 2)"""
_HELD_ON_POSTGRESQL = """IN (SELECT unnest(%(ids)s::text[]) UNION ALL SELECT v.id
        FROM unnest(%(guarded)s::text[], %(names)s::text[], %(generations)s::int[]) AS v (id, name, generation)
        JOIN outbox_guard AS g ON g.name = v.name AND g.generation = v.generation)"""
_START_GUARDED = {
    "sqlite": _START["sqlite"] + _HELD_ON_SQLITE,
    "postgresql": _START["postgresql"] + _HELD_ON_POSTGRESQL,
}
_LOCK_GUARDS = {"postgresql": "SELECT 1 FROM outbox_guard WHERE name = ANY(%(names)s) ORDER BY name FOR SHARE"}
_STARTED = {
    "sqlite": """SELECT id FROM outbox_message WHERE id IN (SELECT value FROM json_each(:ids))
        AND +state = 'sending' AND worker = :worker AND changed_at = :now""",
    "postgresql": """SELECT id FROM outbox_message WHERE id = ANY(%(ids)s)
        AND state || '' = 'sending' AND worker = %(worker)s AND changed_at = %(now)s""",
}


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
    dialect = dialect_of(session)
    values = {
        "ids": array([taken.id for taken in chosen if not taken.guard], dialect), "now": stored(now, dialect),
        "worker": worker, "via": via, "lease": stored(now + lease, dialect), "line": history_line(now, State.SENDING),
    }  # fmt: skip
    guarded = [taken for taken in chosen if taken.guard]
    if guarded:
        values |= _guards(session, guarded, dialect)
    moved = together(session, [(_START_GUARDED if guarded else _START_FREE, values)])[0].count
    started = list(chosen) if moved == len(chosen) else _really_started(session, now, chosen, worker, dialect)
    for taken in started:
        taken.attempts, taken.changed_at, taken.via = taken.attempts + 1, now, via
    if len(started) < len(chosen):
        here = {taken.id for taken in started}
        settle(session, now, [taken.id for taken in guarded if taken.id not in here], State.CANCELLED, Reason.GUARD)
    return started


def _guards(session: Session, guarded: Sequence[Taken], dialect: str) -> dict[str, Any]:
    """Parameters for the guards of these messages, which are locked on PostgreSQL."""
    named = [taken.guard.rpartition(":") for taken in guarded]
    pairs = [(name, int(number) if number.isdecimal() else -1) for name, _, number in named]
    ids = [taken.id for taken in guarded]
    if dialect == "sqlite":
        return {"guarded": array([(id_, *pair) for id_, pair in zip(ids, pairs, strict=True)], dialect)}
    names = [name for name, _ in pairs]
    run(session, _LOCK_GUARDS, {"names": sorted(set(names))})
    return {"guarded": ids, "names": names, "generations": [number for _, number in pairs]}


def _really_started(session: Session, now: datetime, chosen: Sequence[Taken], worker: str, dialect: str) -> list[Taken]:
    values = {
        "ids": array([taken.id for taken in chosen], dialect), "worker": worker, "now": stored(now, dialect),
    }  # fmt: skip
    ids = {row[0] for row in run(session, _STARTED, values)}
    return [taken for taken in chosen if taken.id in ids]
