"""An office on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.rig import Office, office_at


@pytest.fixture
def office(tmp_path: Path, db_url: str) -> Iterator[Office]:
    """A fresh office, once on SQLite and once on PostgreSQL."""
    with office_at(tmp_path, db_url) as made:
        yield made
