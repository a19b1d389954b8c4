"""An office on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ids import new_id
from tests.faults.rig import Office, office_at
from tests.support.postgres import drop_database, make_database


@pytest.fixture
def office(tmp_path: Path, db_url: str) -> Iterator[Office]:
    """A fresh office, once on SQLite and once on PostgreSQL."""
    with office_at(tmp_path, db_url) as made:
        yield made


@pytest.fixture
def postgres_office(tmp_path: Path, postgres: str, postgres_template: str) -> Iterator[Office]:
    """A fresh office on PostgreSQL, for what takes several processes."""
    name = f"office_{new_id()}"
    with office_at(tmp_path, make_database(postgres, name, postgres_template)) as made:
        yield made
    drop_database(postgres, name)
