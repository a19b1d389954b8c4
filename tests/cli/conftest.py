"""An office in a folder of its own, and an operator who types commands there."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import Commands, Done


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Where commands are run."""
    with Commands() as commands:
        yield commands


@dataclass
class Operator:
    """Somebody at a shell. ``settings`` are the environment."""

    commands: Commands
    folder: Path
    settings: dict[str, str]

    def types(self, *arguments: str, **settings: str) -> Done:
        """Run a command and see how it ends; a traceback is never an answer."""
        done = self.commands.run(self.folder, *arguments, **(self.settings | settings))
        assert "Traceback" not in done.said, done.said
        return done

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        """Write a file; its name."""
        data = content if isinstance(content, bytes) else content.encode(encoding)
        (self.folder / name).write_bytes(data)
        return name


@pytest.fixture
def bare(commands: Commands, tmp_path: Path) -> Operator:
    """Nothing has been set up yet; the database would be a SQLite file."""
    return Operator(commands, tmp_path, {})


@pytest.fixture
def office(commands: Commands, tmp_path: Path, sqlite_template: Path) -> Operator:
    """A migrated SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "sunline.db")
    return Operator(commands, tmp_path, {})


@pytest.fixture
def either(commands: Commands, tmp_path: Path, db_url: str) -> Operator:
    """A migrated database, of each kind."""
    return Operator(commands, tmp_path, {"SUNLINE_DATABASE_URL": db_url})
