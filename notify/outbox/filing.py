"""New rows into the outbox: what is personal is sealed, times take the database's form, and they go in together."""

from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session

from core.bulk import insert_rows, stored
from core.crypto import Keyring, ring

_TIMES = ("confirm_by", "not_before", "expires_at", "created_at", "changed_at")


def file(session: Session, rows: list[dict[str, Any]]) -> None:
    """Add rows as ``Composer.row`` makes them; it takes them over."""
    dialect = session.connection().dialect.name
    keys = ring()
    times: dict[datetime | None, Any] = {None: None}
    nothing = keys.seal(b"[]", "outbox.options")
    for row in rows:
        _seal(row, keys, nothing)
        for name in _TIMES:
            moment: datetime | None = row[name]
            if moment is not None and moment not in times:
                times[moment] = stored(moment, dialect)
            row[name] = times[moment]
    insert_rows(session, "outbox_message", list(rows[0]), [tuple(row.values()) for row in rows])


def _seal(row: dict[str, Any], keys: Keyring, nothing: bytes) -> None:
    row["address"] = keys.seal(row["address"].encode(), "outbox.address")
    row["text"] = keys.seal(row["text"].encode(), "outbox.text")
    row["params"] = keys.seal(orjson.dumps(row["params"]), "outbox.params")
    row["options"] = keys.seal(orjson.dumps(row["options"]), "outbox.options") if row["options"] else nothing
