"""The statements of a round, said to the database driver in its own words.

Every message passes here four times (chosen, started, sent, recorded), so these statements are written once for
each dialect and go past SQLAlchemy's compiler; lists travel as one value (JSON on SQLite, arrays on PostgreSQL), so
that a statement is the same for any number of rows and stays prepared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import CursorResult
from sqlmodel import Session

from core.bulk import stored

__all__ = ["array", "dialect_of", "run", "stored"]

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
