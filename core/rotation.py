"""Key rotation: every sealed value under the first data key, while the service goes on working.

Put a new key first in ``SUNLINE_DATA_KEYS``, restart, rotate, then take the old key away. Values are taken in batches
in the order of their primary key and replaced only where nobody changed them meanwhile; so it may run beside the
service, and a run that was interrupted is simply started again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Row, Table, select, tuple_, type_coerce, update
from sqlmodel import Session, SQLModel

from core import files, idempotency
from core.crypto import EncryptedJSON, EncryptedText, ring
from core.schema import import_models

BATCH = 500
"""Rows in one transaction: bounds how long a writer waits for us."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values. ``context`` gives what a row's value was sealed for."""

    table: Table
    column: str
    context: Callable[[Row[Any]], str]

    @property
    def name(self) -> str:
        """As an operator reads it."""
        return f"{self.table.name}.{self.column}"


def places() -> list[Sealed]:
    """Every column that holds sealed values."""
    import_models()
    return [*_columns(), *_own()]


def _columns() -> Iterator[Sealed]:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText | EncryptedJSON):
                yield Sealed(table, column.name, lambda _row, context=column.type.context: context)  # type: ignore[misc]


def _own() -> Iterator[Sealed]:
    """What is sealed by hand, because its context is not the column's."""
    tables = SQLModel.metadata.tables
    yield Sealed(tables["file_chunk"], "data", lambda row: files.chunk_context(row.file_id, row.n))
    yield Sealed(tables["idempotent_call"], "body", lambda _row: idempotency.CONTEXT)


def rotate(session: Session, place: Sealed, after: Sequence[Any] | None) -> tuple[int, Sequence[Any] | None]:
    """Reseal one batch; returns how many values changed and where the next batch begins, None at the end.

    Raises CannotDecrypt when no key on the ring opens a value: nothing of the batch is changed then.
    """
    rows, keys = _batch(session, place, after)
    changed = 0
    for row in rows:
        value = row.sealed_value
        if value is None or ring().current(value):
            continue
        context = place.context(row)
        fresh = ring().seal(ring().open(value, context), context)
        raw = type_coerce(place.table.c[place.column], LargeBinary)
        mine = [key == getattr(row, key.name) for key in keys]
        result = session.execute(
            update(place.table).where(*mine, raw == value).values({place.column: type_coerce(fresh, LargeBinary)})
        )
        changed += int(result.rowcount)  # type: ignore[attr-defined]
    return changed, [getattr(rows[-1], key.name) for key in keys] if len(rows) == BATCH else None


def _batch(session: Session, place: Sealed, after: Sequence[Any] | None) -> tuple[Sequence[Row[Any]], list[Any]]:
    keys = list(place.table.primary_key.columns)
    wanted = select(*keys, type_coerce(place.table.c[place.column], LargeBinary).label("sealed_value"))
    if after is not None:
        wanted = wanted.where(tuple_(*keys) > tuple_(*after))
    return session.execute(wanted.order_by(*keys).limit(BATCH)).all(), keys


def by_key(session: Session, place: Sealed) -> Counter[str]:
    """How many values each key sealed, by the key's id; ``current`` for the first."""
    sealed = type_coerce(place.table.c[place.column], LargeBinary)
    found: Counter[str] = Counter()
    for value in session.scalars(select(sealed).where(sealed.is_not(None)).execution_options(yield_per=BATCH)):
        found["current" if ring().current(value) else bytes(value[1:5]).hex()] += 1
    return found
