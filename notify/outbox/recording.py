"""Writing down how attempts ended: one statement for all that ended alike since the last round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import update
from sqlmodel import Session, SQLModel

from notify.outbox import models  # noqa: F401 - defines the table used below
from notify.outbox.driver import Done, Order, dialect_of, stored, together
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


# Most attempts end alike, so they are written together and only the provider's ids differ. Found by their keys,
# never by their state: that is what the plus and the empty text are for.
_RECORD = {
    "sqlite": """UPDATE outbox_message SET state = :state, reason = :reason, changed_at = :now, worker = NULL,
        lease_until = NULL, via = :via, not_before = coalesce(:not_before, not_before),
        provider_id = coalesce(v.value, provider_id), sender = coalesce(:sender, sender), history = history || :line
        FROM json_each(:ids) AS v
        WHERE outbox_message.id = v.key AND attempts = :attempts AND +state IN ('sending', 'uncertain')""",
    "postgresql": """UPDATE outbox_message AS m SET state = %(state)s, reason = %(reason)s, changed_at = %(now)s,
        worker = NULL, lease_until = NULL, via = %(via)s,
        not_before = coalesce(%(not_before)s::timestamptz, m.not_before),
        provider_id = coalesce(v.provider_id, m.provider_id), sender = coalesce(%(sender)s::text, m.sender),
        history = m.history || %(line)s
        FROM unnest(%(ids)s::text[], %(provider_ids)s::text[]) AS v (id, provider_id)
        WHERE m.id = v.id AND m.attempts = %(attempts)s AND m.state || '' IN ('sending', 'uncertain')""",
}


def record(session: Session, now: datetime, outcomes: Sequence[Outcome]) -> None:
    """Write down how attempts ended. An attempt that a receipt has already moved on stays where it is."""
    if outcomes:
        check(session, outcomes, together(session, orders(now, outcomes, dialect_of(session))))


def orders(now: datetime, outcomes: Sequence[Outcome], dialect: str) -> list[Order]:
    """The statements that write down how attempts ended; ``check`` looks at what they did."""
    alike: dict[tuple[Any, ...], dict[str, str | None]] = {}
    for o in outcomes:
        key = (o.state, o.reason, o.attempts, o.code, o.via, o.sender, o.not_before)
        alike.setdefault(key, {})[o.id] = o.provider_id
    return [_order(now, key, ids, dialect) for key, ids in alike.items()]


def check(session: Session, outcomes: Sequence[Outcome], done: Iterable[Done]) -> None:
    """Complete what a receipt moved on before it was recorded."""
    if sum(one.count for one in done) < len(outcomes):
        _note_ids(session, outcomes)


def _order(now: datetime, key: tuple[Any, ...], ids: Mapping[str, str | None], dialect: str) -> Order:
    state, reason, attempts, code, via, sender, not_before = key
    values = {
        "state": state.value, "reason": reason.value, "attempts": attempts, "via": via, "sender": sender or None,
        "now": stored(now, dialect), "not_before": stored(not_before, dialect) if not_before else None,
        "line": history_line(now, state, reason, attempts, code),
    }  # fmt: skip
    if dialect == "sqlite":
        values["ids"] = orjson.dumps(ids).decode()
    else:
        values |= {"ids": list(ids), "provider_ids": list(ids.values())}
    return _RECORD, values


def _note_ids(session: Session, outcomes: Sequence[Outcome]) -> None:
    """A receipt was faster than our record: what it could not know is added."""
    for outcome in outcomes:
        if outcome.provider_id:
            session.execute(
                update(_T)
                .where(_T.c.id == outcome.id, _T.c.attempts == outcome.attempts, _T.c.provider_id.is_(None))
                .values(provider_id=outcome.provider_id)
            )
