"""A database of the version before, with data in every table, becomes one of this version and keeps all of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, func, select, types

from core import schema
from core.db import Database
from core.ids import new_id
from tests.support.postgres import drop_database, make_database

RELEASED = "0001"
"""The schema of version 0.1.0."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database at the schema of the last release."""
    name = f"old_{new_id()}"
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    url = make_database(server, name) if server else f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(url)
    schema.upgrade(database, RELEASED)
    yield database
    database.close()
    if server:
        drop_database(server, name)


VALUES: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
    (types.Boolean, True),
    (types.DateTime, datetime(2026, 11, 21, 8, tzinfo=UTC)),
    (types.Date, date(2026, 11, 21)),
    (types.JSON, {}),
    (types.LargeBinary, b"1"),
    (types.String, "1"),
    (types.Numeric, 1),
    (types.Float, 1.0),
    (types.Integer, 1),
)
"""Something that fits a column; 1 wherever it can be, so that references between tables meet."""


def _value(column: Column[Any]) -> Any:
    return next(value for kind, value in VALUES if isinstance(column.type, kind))


def _fill(connection: Connection, tables: MetaData) -> dict[str, int]:
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), {column.name: _value(column) for column in table.columns})
    return _counts(connection, tables)


def _counts(connection: Connection, tables: MetaData) -> dict[str, int]:
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables.sorted_tables
    }


def test_an_upgrade_keeps_every_row_and_gives_what_the_models_say(old: Database) -> None:
    tables = MetaData()
    with old.engine.begin() as connection:
        tables.reflect(connection)
        before = _fill(connection, tables)
    assert len(before) > 40
    schema.upgrade(old)
    assert schema.current(old) == schema.head() != RELEASED
    assert schema.differences(old) == []
    with old.engine.connect() as connection:
        assert _counts(connection, tables) == before
