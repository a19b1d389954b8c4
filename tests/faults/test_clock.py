"""A clock that jumps: nothing is lost, nothing goes twice, nobody waits for an hour that was wrong."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.messages import Outgoing, Sent
from core.ports import Limits
from notify.outbox.clock_jump import JumpWatch
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Message, Outbox
from tests.notify.outbox_rig import all_rows


def _message(n: int, **more: object) -> Message:
    return Message("announcement", "memory", f"a{n}", {"text": f"{n}"}, quiet=False, **more)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def _working(db: Database, clock: ManualClock, channel: MemoryChannel) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(db, {channel.name: channel}, clock)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _all_in(db: Database, *states: str) -> None:
    async with asyncio.timeout(20):
        while {row.state for row in await db.read(all_rows)} - set(states):
            await asyncio.sleep(0.02)


class _Slow(MemoryChannel):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, message: Outgoing) -> Sent:
        self.began.set()
        await self.go.wait()
        return await super().send(message)


async def test_a_clock_put_forward_while_a_message_is_on_its_way_sends_nothing_twice(
    db: Database, clock: ManualClock
) -> None:
    channel = _Slow()
    outbox = Outbox({"memory": channel}, clock, "阳光热线")
    await db.write(outbox.put, _message(1))
    async with _working(db, clock, channel) as dispatcher:
        await channel.began.wait()
        clock.advance(timedelta(hours=1))
        await dispatcher.sweep_once()
        assert [row.state for row in await db.read(all_rows)] == ["uncertain"], "its time is over, by the clock"
        channel.go.set()
        await _all_in(db, "delivered")
    assert channel.texts == ["1"]


@pytest.mark.parametrize("rate", [None, 1.0])
async def test_a_clock_put_back_lets_nobody_wait_for_the_hour_that_was_wrong(
    db: Database, clock: ManualClock, rate: float | None
) -> None:
    channel = MemoryChannel(limits=Limits(text=4096, rate=rate))
    outbox = Outbox({"memory": channel}, clock, "阳光热线")
    async with _working(db, clock, channel) as dispatcher:
        await db.write(outbox.put_many, [_message(n) for n in range(2)])
        await _delivered(db, clock, 2)
        await dispatcher.sweep_once()
        later = clock() + timedelta(minutes=5)
        await db.write(outbox.put, _message(8, at=later))
        await db.write(outbox.put, _message(9, at=clock()))
        clock.advance(timedelta(hours=-1))
        await dispatcher.sweep_once()
        await _delivered(db, clock, 3)
    assert channel.texts[-1] == "9"
    assert [row.not_before for row in await db.read(all_rows) if row.state == "queued"] == [later]


async def _delivered(db: Database, clock: ManualClock, count: int) -> None:
    async with asyncio.timeout(20):
        while sum(row.state == "delivered" for row in await db.read(all_rows)) < count:
            clock.advance(timedelta(seconds=0.2))
            await asyncio.sleep(0.05)


def test_a_jump_is_what_the_clock_moved_beyond_the_time_that_passed(clock: ManualClock) -> None:
    passed = [0.0]
    watch = JumpWatch(clock, lambda: passed[0])
    for moved, steady, expected in ((30, 30, 0), (33, 30, 0), (3630, 30, 3600), (-3570, 30, -3600)):
        clock.advance(timedelta(seconds=moved))
        passed[0] += steady
        assert watch.look() == timedelta(seconds=expected)
