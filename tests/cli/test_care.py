"""``sunline audit``, ``keys``, ``backup`` and ``restore``: what an operator does so that a bad day stays small."""

import csv
import json
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, select

from core import anchors, audit, crypto, files
from core.audit import OPERATOR, AuditEntry
from core.clock import system_clock
from core.crypto import Keyring
from core.db import Database
from core.people import Person
from tests.cli.conftest import Operator
from tests.conftest import SECRET
from tests.support.postgres import client_path, drop_database, make_database

PNG = b"\x89PNG\r\n\x1a\n" + bytes(400_000)


def _opened(operator: Operator) -> Database:
    given = operator.settings.get("SUNLINE_DATABASE_URL")
    return Database(given or f"sqlite:///{operator.folder / 'sunline.db'}")


def _run(operator: Operator, statement: str) -> None:
    db = _opened(operator)
    db.write_now(lambda session: session.execute(text(statement)) and None)
    db.close()


def _acts(operator: Operator, count: int) -> None:
    db = _opened(operator)
    for n in range(count):
        db.write_now(audit.record, system_clock(), OPERATOR, "did", f"=thing:{n}", after={"n": n})
    db.write_now(audit.seal)
    db.close()


def test_a_whole_trail_is_counted_and_a_broken_one_is_named(either: Operator) -> None:
    _acts(either, 5)
    done = either.types("audit", "verify")
    assert (done.code, done.out.split()[0]) == (0, "5")
    _run(either, "UPDATE audit_entry SET actor = 'somebody' WHERE n = 3")
    done = either.types("audit", "verify")
    assert done.code == 1
    assert "link 3" in done.err


def test_a_trail_whose_end_was_cut_off_once_verified_and_an_anchor_shows_it(office: Operator) -> None:
    _acts(office, 4)
    assert office.types("audit", "anchor").code == 0
    assert "1 anchors agree" in office.types("audit", "verify").out
    _run(office, "DELETE FROM audit_entry WHERE n = 4")
    done = office.types("audit", "verify")
    assert done.code == 1
    assert "Link 4" in done.err


def test_an_anchor_that_this_service_did_not_write_is_refused(office: Operator) -> None:
    _acts(office, 1)
    office.types("audit", "anchor")
    path = office.folder / "audit.anchors"
    path.write_text(path.read_text().replace(" 1 ", " 2 "))
    done = office.types("audit", "verify")
    assert done.code == 1
    assert "Line 1" in done.err


def test_the_same_head_is_anchored_once(sqlite_db: Database, tmp_path: Path) -> None:
    sqlite_db.write_now(audit.record, system_clock(), OPERATOR, "did", "thing")
    assert sqlite_db.read_now(anchors.head, system_clock()) is None
    sqlite_db.write_now(audit.seal)
    head = sqlite_db.read_now(anchors.head, system_clock())
    assert head is not None
    assert [anchors.append(tmp_path / "a", head), anchors.append(tmp_path / "a", head)] == [True, False]


def test_an_auditor_gets_the_trail_as_a_table_that_runs_nothing_and_as_lines(office: Operator) -> None:
    _acts(office, 2)
    assert office.types("audit", "export", "trail.csv").code == 0
    with (office.folder / "trail.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["n"] for row in rows] == ["1", "2"]
    assert rows[0]["subject"] == "'=thing:0"
    office.types("audit", "export", "trail.jsonl", "--from", "2020-01-01")
    lines = [json.loads(line) for line in (office.folder / "trail.jsonl").read_text("utf-8").splitlines()]
    assert [line["action"] for line in lines] == ["did", "did", "audit.export"], "looking at it is an act as well"
    assert office.types("audit", "export", "trail.pdf").code == 1


def _furnish(operator: Operator) -> str:
    """A person and a file; the id of the file."""
    db = _opened(operator)

    def add(session: Session) -> str:
        session.add(Person(name="示例甲", created_at=system_clock()))
        return files.save(session, system_clock(), "matter:1", "a.png", PNG, "test").id

    file_id = db.write_now(add)
    db.close()
    return file_id


def test_keys_rotate_while_everything_stays_readable_and_the_old_key_can_go(either: Operator) -> None:
    file_id = _furnish(either)
    new = either.types("keys", "new").last
    both = {"SUNLINE_DATA_KEYS": f"{new},secret"}
    assert either.types("keys", "status", **both).code == 1, "the derived key is still needed"
    done = either.types("keys", "rotate", **both)
    assert done.code == 0, done.said
    assert "0 values" in either.types("keys", "rotate", **both).out
    assert either.types("keys", "status", **both).code == 0

    crypto.install(crypto.keyring_from(SECRET, new))
    db = _opened(either)
    try:
        assert db.read_now(lambda session: session.exec(select(Person.name)).one()) == "示例甲"
        assert db.read_now(files.load, file_id, "matter:1").content == PNG
    finally:
        db.close()
        crypto.install(crypto.keyring_from(SECRET))


def test_rotation_without_the_old_key_stops_and_changes_nothing(office: Operator) -> None:
    _furnish(office)
    new = office.types("keys", "new").last
    done = office.types("keys", "rotate", SUNLINE_DATA_KEYS=new)
    assert done.code == 1
    assert "missing key" in done.err
    db = _opened(office)
    assert db.read_now(lambda session: session.exec(select(Person.name)).one()) == "示例甲"
    db.close()


def test_a_ring_knows_which_key_sealed_a_value() -> None:
    old, new = bytes(range(32)), bytes(range(32, 64))
    sealed = Keyring([old], old).seal(b"x", "c")
    ring = Keyring([new, old], old)
    assert not ring.current(sealed)
    assert ring.current(ring.seal(ring.open(sealed, "c"), "c"))


def test_a_backup_is_restored_into_an_empty_database_and_whole(either: Operator, postgres: str) -> None:
    _furnish(either)
    _acts(either, 3)
    path = {"PATH": client_path()}
    done = either.types("backup", "night.bak", **path)
    assert done.code == 0, done.said
    assert (either.folder / "night.bak").stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert either.types("backup", "night.bak", **path).code == 1, "a backup never overwrites another"
    assert "not empty" in either.types("restore", "night.bak", **path).err

    name = f"restored_{either.folder.name[-20:]}"
    on_postgres = "SUNLINE_DATABASE_URL" in either.settings and "postgresql" in either.settings["SUNLINE_DATABASE_URL"]
    url = make_database(postgres, name) if on_postgres else f"sqlite:///{either.folder / 'new.db'}"
    fresh = Operator(either.commands, either.folder, {"SUNLINE_DATABASE_URL": url})
    done = fresh.types("restore", "night.bak", **path)
    assert done.code == 0, done.said
    assert "3 audit links" in done.out
    assert fresh.types("db", "check").code == 0
    db = _opened(fresh)
    assert db.read_now(lambda session: session.exec(select(Person.name)).one()) == "示例甲"
    actions = db.read_now(lambda session: session.exec(select(AuditEntry.action)).all())
    assert "restore" in actions
    db.close()
    if on_postgres:
        drop_database(postgres, name)


def test_what_is_no_backup_is_not_restored(bare: Operator) -> None:
    bare.file("other.bak", "not a database")
    assert "no backup" in bare.types("restore", "other.bak").err
    assert "There is no file" in bare.types("restore", "gone.bak").err
