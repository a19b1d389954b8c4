"""The citizen pages over SQLite: what they do does not depend on the database; ``test_talk`` runs on both."""

import pytest

from core.clock import ManualClock
from core.db import Database
from tests.bot.site.counter import Counter, make_counter
from tests.bot.site.world import Site


@pytest.fixture
def site(sqlite_db: Database) -> Site:
    """The pages, at the real time."""
    return Site(sqlite_db)


@pytest.fixture
def still_site(sqlite_db: Database, clock: ManualClock) -> Site:
    """The pages on Monday morning; time stands until it is moved, and nothing is answered."""
    return Site(sqlite_db, clock)


@pytest.fixture
def counter(sqlite_db: Database, clock: ManualClock) -> Counter:
    """The pages for matters and reception days, at a still time."""
    return make_counter(sqlite_db, clock)
