"""Many new rows at once: values that are already in the database's own form, past SQLAlchemy's work for each of them.

For a hundred thousand rows that work is most of the time. PostgreSQL takes them by COPY, SQLite in one prepared
statement. Both join the caller's transaction.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

_COPY_FROM = 20
"""From so many rows on COPY is worth its two extra turns."""


@lru_cache(maxsize=4096)
def stored(moment: datetime, dialect: str) -> Any:
    """A time in the form in which ``core.columns.UTCDateTime`` holds it."""
    if dialect == "sqlite":
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return moment


@lru_cache(maxsize=4096)
def restored(kept: str | datetime) -> datetime:
    """What ``stored`` made, as the database's driver gives it back: an aware time in UTC."""
    moment = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def insert_rows(session: Session, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows. Table and columns are our own names, never somebody's input. Raises what SQLAlchemy raises."""
    if not rows:
        return
    connection = session.connection()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql" and len(rows) >= _COPY_FROM:
        _copy(connection, f"COPY {table} ({names}) FROM STDIN", rows)
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join(mark for _ in columns)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    connection.exec_driver_sql(statement, [tuple(row) for row in rows])


def _copy(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    driver: Any = connection.dialect.dbapi
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(
            statement, (), error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
