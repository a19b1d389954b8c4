"""The database: engines, sessions, and the one place where a transaction commits.

Work on the database is a plain function of a session, run in a thread of its own::

    await db.write(service.accept, number, actor)      # commits once, at the end, or not at all
    await db.read(store.find, number)

So nothing can await the network inside a transaction, and services never commit.

* **SQLite** (WAL, ``synchronous=FULL``): one writer thread per process. It takes all waiting work into one
  transaction, each job in its own savepoint, and commits once (group commit): a job that fails takes only
  itself back. ``BEGIN IMMEDIATE`` keeps two processes from a deadlock between read and write.
* **PostgreSQL**: a fixed pool of connections (no overflow), one thread and one transaction for each job.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from core.errors import StartupError, Unavailable
from core.wake import Bells

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

_BUSY_TIMEOUT_S = 10
_DEADLOCK_TRIES = 3
_TRY_AGAIN = frozenset({"40P01", "40001"})
"""PostgreSQL: deadlock detected, serialization failure. The transaction is gone whole and may simply run again."""
_NOTIFY = "SELECT pg_notify('sunline', topic) FROM unnest(%(topics)s::text[]) AS topic"
_IDLE_S = 1.0
"""A connection that was not used for so long is tried before it is used again; on a busy one that would only cost."""
_GROUP = 128
"""Jobs in one SQLite commit at the most: bounds how long the first of them waits."""


class Database:
    """Engines and threads for one database URL. Close it when done."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = _driver_url(url)
        self.sqlite = self.url.startswith("sqlite")
        self.bells = Bells()
        self._readers = ThreadPoolExecutor(pool, thread_name_prefix="db")
        if self.sqlite:
            _make_folder(self.url)
            self.engine = _sqlite_engine(self.url, pool, "BEGIN")
            self._writer: _SqliteWriter | None = _SqliteWriter(_sqlite_engine(self.url, 1, "BEGIN IMMEDIATE"))
        else:
            self.engine = _postgres_engine(self.url, pool)
            self._writer = None

    async def read(self, work: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(session, …)`` and roll back whatever it may have changed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.read_now(work, *args, **kwargs))

    async def write(self, work: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(session, …)`` and commit; returns only after the commit. Raises what ``work`` raises.

        Once begun it is carried to its end even if the caller is cancelled.
        """
        if self._writer:
            done = await asyncio.wrap_future(self._writer.submit(lambda s: work(s, *args, **kwargs)))
        else:
            loop = asyncio.get_running_loop()
            done = await loop.run_in_executor(
                self._readers, lambda: _one_transaction(self.engine, lambda s: work(s, *args, **kwargs))
            )
        result, topics = done
        self.bells.ring(topics)
        return result

    def read_now(self, work: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As ``read``, in the calling thread (command line, subprocesses)."""
        try:
            with Session(self.engine, autoflush=False) as session:
                return work(session, *args, **kwargs)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise _unavailable(error) from error

    def write_now(self, work: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As ``write``, for callers outside an event loop."""
        if self._writer:
            result, topics = self._writer.submit(lambda s: work(s, *args, **kwargs)).result()
        else:
            result, topics = _one_transaction(self.engine, lambda s: work(s, *args, **kwargs))
        self.bells.ring(topics)
        return result

    def close(self) -> None:
        """Finish what was begun and let go of every connection."""
        if self._writer:
            self._writer.close()
        self._readers.shutdown(wait=True)
        self.engine.dispose()


_Group = list[tuple[Callable[[Session], object], Future[object]]]
"""Jobs of one commit, each with the future that waits for its result."""


class _SqliteWriter:
    """The one thread that writes to SQLite, with group commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[tuple[Callable[[Session], object], Future[object]] | None]
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="db-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Session], T]) -> "Future[tuple[T, set[str]]]":
        future: Future[tuple[T, set[str]]] = Future()
        self._jobs.put((job, future))  # type: ignore[arg-type]
        return future

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, last = [first], False
            while len(group) < _GROUP and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    last = True
                    break
                group.append(job)
            self._commit_together(group)
            if last:
                return

    def _commit_together(self, group: _Group) -> None:
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                finished = _run_group(connection, group)
                if not finished:  # what failed alone had no savepoint of its own
                    transaction.rollback()
        except DBAPIError as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(_unavailable(error))
        else:
            for future, result in finished:
                future.set_result(result)


def _run_group(connection: Connection, group: _Group) -> list[tuple[Future[object], object]]:
    """Do each job; returns the futures and results of those that succeeded, the others have their exception."""
    finished: list[tuple[Future[object], object]] = []
    for job, future in group:
        if not future.set_running_or_notify_cancel():
            continue
        try:
            finished.append((future, _job(connection, job, alone=len(group) == 1)))
        except (OperationalError, InterfaceError):
            raise
        except BaseException as error:
            future.set_exception(error)
    return finished


def _job(connection: Connection, job: Callable[[Session], T], *, alone: bool) -> tuple[T, set[str]]:
    """One job of a group, in a savepoint of its own; one that is alone needs none."""
    mode: Literal["rollback_only", "create_savepoint"] = "rollback_only" if alone else "create_savepoint"
    with Session(connection, join_transaction_mode=mode, expire_on_commit=False, autoflush=False) as session:
        result = job(session)
        topics: set[str] = session.info.get("wake", set())
        session.commit()
        return result, topics


def _one_transaction(engine: Engine, job: Callable[[Session], T]) -> tuple[T, set[str]]:
    """One job, one transaction. PostgreSQL's choice of a victim among two that wait for each other is run again."""
    for _ in range(_DEADLOCK_TRIES):
        try:
            return _try_transaction(engine, job)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN:
                raise _unavailable(error) from error
            failed = error
        except (InterfaceError, PoolTimeout) as error:
            raise _unavailable(error) from error
    raise _unavailable(failed) from failed


def _try_transaction(engine: Engine, job: Callable[[Session], T]) -> tuple[T, set[str]]:
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        result = job(session)
        topics: set[str] = session.info.get("wake", set())
        session.flush()
        if topics:
            session.connection().exec_driver_sql(_NOTIFY, {"topics": list(topics)})
        session.commit()
        return result, topics


def _unavailable(error: DBAPIError | PoolTimeout) -> Unavailable:
    """Disk full, read-only file, server away, no connection free: to be tried again, nothing was half-written."""
    cause = getattr(error, "orig", None) or error
    log.error("database unavailable: %s", type(cause).__name__)
    return Unavailable("The database cannot be used at the moment; nothing was changed. Please try again.")


def _driver_url(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StartupError("SUNLINE_DATABASE_URL is no address of a database, such as sqlite:///FILE.") from None
    if parsed.drivername == "sqlite":
        return url
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    raise StartupError("SUNLINE_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _make_folder(url: str) -> None:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise StartupError("SUNLINE_DATABASE_URL must name a file: a database in memory would forget everything.")
    Path(path).parent.mkdir(parents=True, exist_ok=True)


def _sqlite_engine(url: str, pool: int, begin: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres_engine(url: str, pool: int) -> Engine:
    engine = create_engine(url, pool_size=pool, max_overflow=0, pool_timeout=10, hide_parameters=True)

    @event.listens_for(engine, "checkin")
    def _note(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _try(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used", 0.0) > _IDLE_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
                raise DisconnectionError from error

    return engine
