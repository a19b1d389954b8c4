"""Five minutes without one of two providers, and a day of traffic, with a clock that runs fast."""

import asyncio
import contextlib
import gc
import statistics
import tracemalloc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, func, select

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Retryable
from core.messages import Lane, Outgoing, Progress, Receipt, Sent
from core.ports import Can, Limits
from notify.outbox import caps, receipts
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import EarlyReceipt, OutboxMessage, SegmentCount
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Message, Outbox
from tests.faults.rig import note, sized

pytestmark = pytest.mark.timeout(600)


class _Provider(MemoryChannel):
    """Keeps when each message arrived, and is down when told."""

    def __init__(self, name: str, clock: ManualClock) -> None:
        super().__init__(name=name, can=(Can.METERED, Can.RECEIPTS), limits=Limits(text=1600))
        self._clock = clock
        self.down = False
        self.arrived: dict[str, datetime] = {}

    async def send(self, message: Outgoing) -> Sent:
        if self.down:
            raise Retryable("down")
        self.arrived[message.text] = self._clock()
        return Sent(f"P{message.id}")


@contextlib.asynccontextmanager
async def _working(
    db: Database, clock: ManualClock, channels: dict[str, _Provider], outbox: Outbox, rules: DeliveryRules
) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(db, channels, clock, rules=rules, outbox=outbox)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _urgent(n: int) -> Message:
    return Message(
        "announcement", "one", f"+447700900{n % 1000:03d}", {"text": f"第{n}号"}, lane=Lane.URGENT, quiet=False
    )


async def test_five_minutes_without_one_of_two_providers_urgent_messages_leave_within_a_minute(
    db: Database, clock: ManualClock
) -> None:
    channels = {name: _Provider(name, clock) for name in ("one", "two")}
    rules = DeliveryRules(pools=({"one": 3, "two": 1},))
    outbox = Outbox(channels, clock, "阳光热线", rules)
    said: dict[str, datetime] = {}
    step = timedelta(seconds=sized(2, 1))
    async with _working(db, clock, channels, outbox, rules) as dispatcher:
        for second in range(0, 480, int(step.total_seconds())):
            channels["one"].down = 60 <= second < 360
            said[f"【阳光热线】第{second}号"] = clock()
            await db.write(outbox.put, _urgent(second))
            clock.advance(step)
            await asyncio.sleep(0.01)
        await _until_sent(db, clock, len(said))
        took = _seconds(said, channels)
        assert dispatcher.router.away("one"), "left, and not taken back before fifteen quiet minutes"
        clock.advance(timedelta(minutes=16))
        before = len(channels["one"].arrived)
        await db.write(outbox.put_many, [_urgent(n) for n in range(1000, 1040)])
        await _until_sent(db, clock, len(said) + 40)
        assert 20 <= len(channels["one"].arrived) - before <= 40, "three of four go there again"
    p95 = statistics.quantiles(took, n=20)[-1]
    note("one of two providers away 5 minutes", "SQLite" if db.sqlite else "PostgreSQL", messages=len(said),
         lost=len(said) - len(took), p95_seconds=round(p95, 1), longest_seconds=round(max(took), 1))  # fmt: skip
    assert len(took) == len(said)
    assert p95 <= 60


def _seconds(said: dict[str, datetime], channels: dict[str, _Provider]) -> list[float]:
    return [
        (channel.arrived[text] - at).total_seconds()
        for text, at in said.items()
        for channel in channels.values()
        if text in channel.arrived
    ]


async def _until_sent(db: Database, clock: ManualClock, count: int) -> None:
    async with asyncio.timeout(60):
        while await db.read(_sent) < count:
            clock.advance(timedelta(milliseconds=500))
            await asyncio.sleep(0.01)


def _sent(session: Session) -> int:
    return session.exec(select(func.count()).where(OutboxMessage.state == "sent")).one()


async def test_a_day_of_traffic_leaves_memory_where_it_was_and_tables_are_emptied(
    db: Database, clock: ManualClock
) -> None:
    channel = _Provider("one", clock)
    rules = DeliveryRules(daily_cap=1_000_000, address_cap=100_000)
    outbox = Outbox({"one": channel}, clock, "阳光热线", rules)
    an_hour, held = sized(30, 1000), []
    tracemalloc.start()
    try:
        async with _working(db, clock, {"one": channel}, outbox, rules):
            for hour in range(24):
                await _hour(db, clock, outbox, channel, hour * an_hour, an_hour)
                if hour >= 8:
                    gc.collect()
                    held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    clock.advance(timedelta(days=63))
    await db.write(receipts.purge, clock())
    await db.write(caps.purge, clock())
    left = {table.__tablename__: await db.read(_count, table) for table in (EarlyReceipt, SegmentCount)}
    growth_kb = (statistics.mean(held[-4:]) - statistics.mean(held[:4])) / 1024
    note("24 h of traffic in fast time", "SQLite" if db.sqlite else "PostgreSQL", messages=24 * an_hour,
         memory_growth_kb=round(growth_kb))  # fmt: skip
    assert growth_kb < 1024, "sixteen hours of traffic hold no memory"
    assert left == {"early_receipt": 0, "segment_count": 0}


async def _hour(db: Database, clock: ManualClock, outbox: Outbox, channel: _Provider, begin: int, count: int) -> None:
    """Messages of an hour, a receipt for each, and one in ten for a message that is none of ours."""
    await db.write(outbox.put_many, [_urgent(n) for n in range(begin, begin + count)])
    async with asyncio.timeout(60):
        while await db.read(_open):
            clock.advance(timedelta(milliseconds=100))
            await asyncio.sleep(0.01)
    ids = await db.read(lambda session: session.exec(select(OutboxMessage.provider_id).where(_is_sent())).all())
    strangers = [f"X{begin}-{place}" for place in range(len(ids) // 10)]
    reports = [Receipt("one", Progress.DELIVERED, provider_id or "") for provider_id in [*ids, *strangers]]
    await db.write(lambda session: [receipts.apply(session, clock(), report) for report in reports])
    channel.arrived.clear()
    clock.advance(timedelta(hours=1))


def _is_sent():  # type: ignore[no-untyped-def]
    return OutboxMessage.state == "sent"


def _open(session: Session) -> int:
    return session.exec(select(func.count()).where(OutboxMessage.state.in_(["queued", "sending"]))).one()  # type: ignore[attr-defined]


def _count(session: Session, table: type) -> int:
    return session.exec(select(func.count()).select_from(table)).one()
