"""The database away, full or read-only: a clear answer, nothing half-written, and it goes on by itself."""

import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Unavailable
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from tests.faults.rig import Office, note, office_at, sized
from tests.support.postgres import make_database, start_postgres
from tests.support.service import Service, until

pytestmark = pytest.mark.timeout(600)


def test_while_postgresql_is_away_it_answers_503_and_afterwards_nothing_is_missing(tmp_path: Path) -> None:
    server = start_postgres(settings=("max_connections=100", "jit=off"))  # durable: what it said is written is written
    try:
        with office_at(tmp_path, make_database(server.url, "away")) as office:
            _away(office, server.stop, server.start)
    finally:
        server.close()


def _away(office: Office, stop, start) -> None:  # type: ignore[no-untyped-def]
    total, away_s = sized(600, 5000), sized(4, 30)
    office.fill(total)
    folder = office.folder / "serve"
    folder.mkdir()
    serve = Service(folder, "serve", "--no-with-worker", **office.settings).start()
    worker = office.worker()
    try:
        until(lambda: len(office.received()) > total // 10, 60)
        stop("immediate")
        answer = httpx.get(f"{serve.url}/readyz", timeout=30)
        assert (answer.status_code, answer.json()["database"]) == (503, "unavailable")
        assert httpx.post(f"{serve.url}/api/v1/ask", json={"text": "医保"}, timeout=30).status_code == 503
        time.sleep(away_s)
        start()
        office.db.engine.dispose()
        office.settled(180)
        assert worker.running
        assert serve.running
        until(serve.answers, 30)
    finally:
        worker.stop()
        serve.stop()
    received = office.received()
    note("database away", "PostgreSQL", messages=total, seconds=away_s, lost=total - len(received),
         twice=sum(n > 1 for n in received.values()))  # fmt: skip
    assert len(received) == total
    assert set(received.values()) == {1}


def _messages(begin: int) -> list[Message]:
    return [Message("announcement", "memory", f"a{n}", {"text": "长" * 500}) for n in range(begin, begin + 200)]


async def test_a_full_disk_refuses_clearly_writes_nothing_by_halves_and_recovers(
    sqlite_db: Database, clock: ManualClock
) -> None:
    outbox = Outbox({"memory": MemoryChannel()}, clock, "阳光热线")
    await sqlite_db.write(lambda session: session.execute(text("PRAGMA max_page_count = 1")).close())
    with pytest.raises(Unavailable):
        await sqlite_db.write(outbox.put_many, _messages(0))
    assert await sqlite_db.read(_count) == 0
    await sqlite_db.write(lambda session: session.execute(text("PRAGMA max_page_count = 1000000")).close())
    await sqlite_db.write(outbox.put_many, _messages(200))
    assert await sqlite_db.read(_count) == 200


async def test_a_read_only_file_refuses_clearly_and_can_still_be_read(sqlite_db: Database, clock: ManualClock) -> None:
    outbox = Outbox({"memory": MemoryChannel()}, clock, "阳光热线")
    await sqlite_db.write(outbox.put_many, _messages(0))
    path = sqlite_db.url.removeprefix("sqlite:///")
    frozen = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with pytest.raises(Unavailable):
            await frozen.write(outbox.put_many, _messages(200))
    finally:
        frozen.close()
    assert await sqlite_db.read(_count) == 200


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(OutboxMessage)).one()
