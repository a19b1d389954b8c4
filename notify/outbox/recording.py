"""Writing down how attempts ended: one statement for all that ended since the last round."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import bindparam, text, update
from sqlmodel import Session, SQLModel

from notify.outbox import models  # noqa: F401 - defines the table used below
from notify.outbox.history import history_line
from notify.outbox.states import Reason, State

_T = SQLModel.metadata.tables["outbox_message"]


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
