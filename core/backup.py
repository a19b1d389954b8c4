"""Backups: the whole database into one file and back, tested by restoring.

SQLite is copied by its own online backup, PostgreSQL by ``pg_dump`` and ``pg_restore``: both see one moment while the
service goes on. What is encrypted in the database is encrypted in the file; the keys are not in it.
"""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import inspect, make_url

from core.db import Database
from core.errors import BadInput, Conflict, Unavailable

_SQLITE_HEAD = b"SQLite format 3\x00"
_POSTGRES_HEAD = b"PGDMP"
_LONGEST_S = 6 * 3600


def save(db: Database, target: Path) -> int:
    """Write a backup, readable by its owner only; returns its bytes. Raises Conflict when the file is there already."""
    if target.exists():
        raise Conflict(f"{target} is there already: a backup never overwrites another.")
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    try:
        if db.sqlite:
            _copy(_file_of(db), part)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={part}", db=db)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(db: Database, source: Path) -> None:
    """Fill an empty database from a backup. Raises Conflict when it is not empty, BadInput for another kind of file."""
    if inspect(db.engine).get_table_names():
        raise Conflict("The database is not empty. Restore into a new one, look at it, then let the service use it.")
    _check(source, sqlite=db.sqlite)
    if db.sqlite:
        _copy(source, _file_of(db))
    else:
        _run("pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", str(source), db=db, named=True)


def _check(source: Path, *, sqlite: bool) -> None:
    if not source.is_file():
        raise BadInput(f"There is no file {source}.")
    with source.open("rb") as file:
        head = file.read(len(_SQLITE_HEAD))
    wanted = _SQLITE_HEAD if sqlite else _POSTGRES_HEAD
    if not head.startswith(wanted):
        kind = "SQLite" if sqlite else "PostgreSQL"
        raise BadInput(f"{source.name} is no backup of a {kind} database made by `sunline backup`.")


def _file_of(db: Database) -> Path:
    return Path(make_url(db.url).database or "")


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


def _run(program: str, *arguments: str, db: Database, named: bool = False) -> None:
    """Run one of PostgreSQL's own programs. The password travels in the environment, not in the list of processes."""
    found = shutil.which(program) or _beside_server(program)
    if found is None:
        raise Unavailable(f"{program} is not installed; it comes with the PostgreSQL client programs.")
    address = make_url(db.url).set(drivername="postgresql")
    environment = dict(os.environ)
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    bare = address.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [found, *arguments, f"--dbname={bare}"] if named else [found, *arguments, bare],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"{program} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def _beside_server(program: str) -> str | None:
    """Debian keeps each version's programs in a folder of their own; the newest one reads every older database."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else None
