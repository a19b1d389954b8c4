"""What the delivery benches share: databases, filled outboxes, channels that post to the stand-in, medians."""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlmodel import Session

from adapters.memory import MemoryChannel
from core import crypto, schema
from core.clock import system_clock
from core.db import Database
from core.ids import new_id
from core.messages import Lane, Outgoing, Sent
from core.ports import Channel, Limits
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Message, Outbox
from tests.conftest import SECRET
from tests.support.postgres import PostgresServer, make_database, start_postgres

DURABLE = ("max_connections=200", "jit=off", "shared_buffers=256MB")
"""PostgreSQL as an office runs it: every commit is on the disk."""
WINDOW = 64


class HttpChannel(MemoryChannel):
    """Posts each message to a stand-in with aiohttp: the cheapest honest provider there is."""

    def __init__(self, url: str) -> None:
        super().__init__(name="http", limits=Limits(text=20_000))
        self._url = f"{url}/send"
        self._http: aiohttp.ClientSession | None = None

    async def send(self, message: Outgoing) -> Sent:
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return Sent(await post(self._http, self._url, message.address, message.text))

    async def aclose(self) -> None:
        if self._http is not None:
            await self._http.close()


async def post(http: aiohttp.ClientSession, url: str, address: str, text: str) -> str:
    """One message to the stand-in; its id there. The very request that the bare loop makes."""
    async with http.post(url, json={"to": address, "text": text}) as answer:
        return str((await answer.json())["id"])


@dataclass(frozen=True)
class Speed:
    """Messages a second by the wall clock, and the processor time of one message in this process."""

    per_second: float
    cpu_us: float


@contextlib.contextmanager
def measured(count: int) -> Iterator[Callable[[], Speed]]:
    """Wall and processor time of the block; ask after it."""
    wall, cpu = time.perf_counter(), time.process_time()
    ends: list[float] = []
    yield lambda: Speed(count / (ends[0] - wall), (ends[1] - cpu) / count * 1e6)
    ends += [time.perf_counter(), time.process_time()]


def median(speeds: list[Speed]) -> Speed:
    """The middle of several runs, each figure by itself."""
    return Speed(statistics.median(s.per_second for s in speeds), statistics.median(s.cpu_us for s in speeds))


@contextlib.contextmanager
def databases(kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> Iterator[Callable[[str], str]]:
    """Makes migrated databases: call it with a kind, get an address."""
    crypto.install(crypto.keyring_from(SECRET))
    server: PostgresServer | None = start_postgres(settings=DURABLE) if "postgresql" in kinds else None
    with tempfile.TemporaryDirectory(prefix="sunline-bench-") as folder:

        def make(kind: str) -> str:
            name = f"bench_{new_id()}"
            url = (
                make_database(server.url, name)
                if server and kind != "sqlite"
                else f"sqlite:///{Path(folder)}/{name}.db"
            )
            database = Database(url)
            schema.upgrade(database)
            database.close()
            return url

        try:
            yield make
        finally:
            if server:
                server.close()


def filled(
    db: Database, channel: Channel, count: int, *, lane: Lane = Lane.BULK, address: str = "+447700900{:03d}"
) -> float:
    """Put ``count`` announcements into the outbox; returns the seconds it took."""
    outbox = Outbox({channel.name: channel}, system_clock, "阳光热线")
    started = time.perf_counter()
    for begin in range(0, count, 1000):
        messages = [
            Message(
                kind="announcement", channel=channel.name, address=address.format(n % 1000), lane=lane,
                payload={"text": f"第{n}条：示例镇今天下午两点起停水，预计六点恢复，请提前储水。"},
            )
            for n in range(begin, min(begin + 1000, count))
        ]  # fmt: skip
        db.write_now(outbox.put_many, messages)
    return time.perf_counter() - started


def cell(speed: Speed, base: Speed) -> str:
    """A speed beside its yardstick: messages a second, processor time of one, and both as ratios."""
    return (
        f"{speed.per_second:,.0f}/s ({speed.cpu_us:.0f} µs), {speed.per_second / base.per_second:.2f}"
        f" (processor {base.cpu_us / speed.cpu_us:.2f})"
    )


def row(measure: str, cells: Mapping[str, str], reach: str = "–", met: Iterable[bool] = ()) -> None:
    """A line of the table of figures: a cell for each kind of database, the target, and whether it was reached."""
    verdict = (" met" if all(met) else " **not met**") if met else ""
    found = " | ".join(cells.get(kind, "–") for kind in ("sqlite", "postgresql"))
    print(f"| {measure} | {found} | {reach}{verdict} |", flush=True)


def open_rows(session: Session) -> bool:
    """Whether messages are still to be sent or recorded. Asked often, so it looks at one row of an index and goes past
    the work of an ORM: it is the sending that is measured."""
    connection = session.connection()
    return any(connection.exec_driver_sql(look).first() for look in _OPEN_ROWS)


_OPEN_ROWS = [
    f"SELECT 1 FROM outbox_message WHERE state = '{state}' LIMIT 1"  # noqa: S608 - our own words
    for state in ("queued", "sending")
]


@contextlib.asynccontextmanager
async def dispatching(db: Database, channels: Mapping[str, Channel]) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work for the length of the block."""
    dispatcher = Dispatcher(db, channels, system_clock)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def drain(db: Database, channel: Channel, count: int) -> Speed:
    """Send everything that waits through one dispatcher; ends when the last is recorded."""
    with measured(count) as speed:
        async with dispatching(db, {channel.name: channel}):
            while await db.read(open_rows):
                await asyncio.sleep(0.05)
    return speed()


async def bare(count: int, send: Callable[[int], object], window: int = WINDOW) -> Speed:
    """The yardstick: ``send`` in ``window`` endless loops and nothing else."""
    numbers = iter(range(count))

    async def loop() -> None:
        for number in numbers:
            await send(number)  # type: ignore[misc]

    with measured(count) as speed:
        await asyncio.gather(*(loop() for _ in range(window)))
    return speed()
