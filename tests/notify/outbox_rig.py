"""What the outbox tests share: a message, a dispatcher at work, waiting for what it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Message
from notify.outbox.states import State


def message(text: str = "你好", **more: object) -> Message:
    """An announcement for the memory channel, with changes."""
    values = {"kind": "announcement", "channel": "memory", "address": "somebody", "payload": {"text": text}} | more
    return Message(**values)  # type: ignore[arg-type]


def all_rows(session: Session) -> list[OutboxMessage]:
    """The outbox, oldest first."""
    return list(session.exec(select(OutboxMessage).order_by(OutboxMessage.id)))  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def dispatching(
    db: Database, channel: MemoryChannel, clock: ManualClock, rules: DeliveryRules | None = None
) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work while the block runs."""
    dispatcher = Dispatcher(db, {channel.name: channel}, clock, rules=rules)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def first_with_reason(db: Database) -> OutboxMessage:
    """The first message, once it has a reason."""
    async with asyncio.timeout(20):
        while True:
            row = (await db.read(all_rows))[0]
            if row.reason:
                return row
            await asyncio.sleep(0.01)


async def until(db: Database, *states: State) -> list[OutboxMessage]:
    """All messages, once each is in one of these states."""
    async with asyncio.timeout(20):
        while True:
            rows = await db.read(all_rows)
            if rows and all(row.state in states for row in rows):
                return rows
            await asyncio.sleep(0.01)


async def until_sent(channel: MemoryChannel, count: int) -> None:
    """Wait until so many have been handed over."""
    async with asyncio.timeout(20):
        while len(channel.sent) < count:
            await asyncio.sleep(0.01)
