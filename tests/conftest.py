"""What all tests share: keys, a clock that stands still, and every database twice (SQLite and PostgreSQL)."""

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import crypto, schema
from core.clock import ManualClock
from core.db import Database
from core.ids import new_id
from tests.support.postgres import drop_database, make_database, postgres_url

SECRET = "for-tests-only-0123456789-abcdefghij"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Shanghai: no holiday near, as in the product's dialogues."""

for name in [name for name in os.environ if name.startswith(("SUNLINE_", "TELEGRAM_", "TWILIO_"))]:
    del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    """Encrypted columns need a ring."""
    crypto.install(crypto.keyring_from(SECRET))


@pytest.fixture
def clock() -> ManualClock:
    """The time is Monday morning until the test moves it."""
    return ManualClock(MONDAY)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server where databases may be made."""
    with postgres_url() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """Name of a migrated database to copy."""
    name = f"template_{new_id()}"
    database = Database(make_database(postgres, name))
    schema.upgrade(database)
    database.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"test_{new_id()}"
    yield make_database(server, name, template)
    drop_database(server, name)


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A fresh, migrated database, opened."""
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_db(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A fresh SQLite database, for tests whose subject does not depend on the kind."""
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    """Libraries that log each request at INFO say it only when asked."""
    for name in ("aiogram", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
