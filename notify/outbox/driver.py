"""The statements of a round, said to the database driver in its own words.

Every message passes here four times (chosen, started, sent, recorded), so these statements are written once for
each dialect and go past SQLAlchemy's compiler; lists travel as one value (JSON on SQLite, arrays on PostgreSQL), so
that a statement is the same for any number of rows and stays prepared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core.bulk import stored

__all__ = ["Done", "Order", "array", "dialect_of", "run", "stored", "together"]

Statements = Mapping[str, str]
"""The text by dialect: ``:name`` parameters for ``sqlite``, ``%(name)s`` for ``postgresql``."""


def dialect_of(session: Session) -> str:
    """``sqlite`` or ``postgresql``."""
    return session.connection().dialect.name


def run(session: Session, statements: Statements, values: dict[str, Any]) -> CursorResult[Any]:
    """Execute the statement of this session's dialect."""
    connection = session.connection()
    return connection.exec_driver_sql(statements[connection.dialect.name], values)


def array(values: Sequence[Any], dialect: str) -> Any:
    """A list as one value."""
    return orjson.dumps(values).decode() if dialect == "sqlite" else list(values)


Order = tuple[Statements, dict[str, Any]]
"""A statement and its values."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one statement of several did: how many rows it moved or found, and those it returned."""

    count: int
    rows: Sequence[Sequence[Any]]


def together(session: Session, orders: Sequence[Order]) -> list[Done]:
    """Execute statements none of which needs the answer of another; raises what SQLAlchemy raises.

    PostgreSQL gets them in one turn: on a busy machine a turn costs more than what the statement does.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    driver: Any = connection.dialect.dbapi
    inner: Any = connection.connection.driver_connection
    said = [(statements[dialect], values) for statements, values in orders]
    try:
        if dialect == "postgresql" and len(said) > 1:
            with inner.pipeline():
                cursors = [inner.cursor().execute(*one) for one in said]
        else:
            cursors = [inner.cursor().execute(*one) for one in said]
        return [Done(cursor.rowcount, cursor.fetchall() if cursor.description else ()) for cursor in cursors]
    except driver.Error as error:
        raise DBAPIError.instance(
            "a round", (), error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
