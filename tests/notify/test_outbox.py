"""The outbox: what is put in goes out once, and every end is written down."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable
from core.messages import Lane, Progress, Receipt
from core.people import EVERYTHING, set_consent
from core.ports import Can
from notify.outbox import following, receipts, service, store
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from notify.outbox.states import Reason, State
from notify.outbox.store import Taken


def _message(text: str = "你好", **more: object) -> Message:
    values = {"kind": "announcement", "channel": "memory", "address": "somebody", "payload": {"text": text}} | more
    return Message(**values)  # type: ignore[arg-type]


def _all(session: Session) -> list[OutboxMessage]:
    return list(session.exec(select(OutboxMessage).order_by(OutboxMessage.id)))  # type: ignore[arg-type]


def _take(session: Session, now: datetime, limit: int = 9, worker: str = "w") -> list[Taken]:
    chosen = [taken for rank in store.RANKS for taken in store.due(session, now, "memory", rank, limit)][:limit]
    return store.start(session, now, chosen, worker, timedelta(seconds=9))


@pytest.fixture
def channel() -> MemoryChannel:
    return MemoryChannel()


@pytest.fixture
def outbox(channel: MemoryChannel, clock: ManualClock) -> Outbox:
    return Outbox({"memory": channel}, clock, "阳光热线")


@contextlib.asynccontextmanager
async def _dispatching(db: Database, channel: MemoryChannel, clock: ManualClock) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(db, {"memory": channel}, clock)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _first_with_reason(db: Database) -> OutboxMessage:
    async with asyncio.timeout(20):
        while True:
            row = (await db.read(_all))[0]
            if row.reason:
                return row
            await asyncio.sleep(0.01)


async def _until(db: Database, *states: State) -> list[OutboxMessage]:
    async with asyncio.timeout(20):
        while True:
            rows = await db.read(_all)
            if rows and all(row.state in states for row in rows):
                return rows
            await asyncio.sleep(0.01)


async def test_what_is_put_in_arrives_once_and_the_history_tells_how(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    for n in range(200):
        await db.write(outbox.put, _message(f"第{n}条"))
    async with _dispatching(db, channel, clock):
        rows = await _until(db, State.SENT, State.DELIVERED)
    assert sorted(channel.texts) == sorted(f"第{n}条" for n in range(200))
    assert [line.split()[1] for line in rows[0].history.splitlines()][:2] == ["queued", "sending"]


async def test_the_same_key_twice_is_one_message(db: Database, outbox: Outbox) -> None:
    first = await db.write(outbox.put, _message(dedup_key="notice:1:row:7"))
    again = await db.write(outbox.put_many, [_message(dedup_key="notice:1:row:7"), _message(dedup_key="other")])
    assert again[0] == first
    assert len(await db.read(_all)) == 2


async def test_urgent_goes_before_bulk(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [_message(f"{n}", lane=Lane.BULK, address=f"a{n}") for n in range(5)])
    await db.write(outbox.put, _message("urgent", lane=Lane.URGENT))
    async with _dispatching(db, channel, clock):
        await _until(db, State.SENT, State.DELIVERED)
    assert channel.texts[0] == "urgent"


async def test_two_workers_never_take_the_same_message(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    await db.write(outbox.put_many, [_message(f"{n}") for n in range(100)])
    taken = await asyncio.gather(*(db.write(_take, clock(), 40, f"w{w}") for w in range(4)))
    ids = [one.id for part in taken for one in part]
    assert len(ids) == len(set(ids)) == 100


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (Rejected("no"), State.FAILED, Reason.REJECTED),
        (Unreachable("gone"), State.UNDELIVERABLE, Reason.UNREACHABLE),
        (Unreachable("stop", opted_out=True), State.UNDELIVERABLE, Reason.PROVIDER_STOP),
        (Uncertain("cut"), State.UNCERTAIN, Reason.UNCERTAIN),
        (Retryable("busy", after=timedelta(seconds=7)), State.QUEUED, Reason.PROVIDER_BUSY),
        (Misconfigured("token"), State.QUEUED, Reason.MISCONFIGURED),
    ],
)
async def test_each_outcome_leads_to_its_state(
    db: Database,
    outbox: Outbox,
    channel: MemoryChannel,
    clock: ManualClock,
    error: SendError,
    state: State,
    reason: Reason,
) -> None:
    channel.fail_next(error)
    await db.write(outbox.put, _message())
    async with _dispatching(db, channel, clock):
        row = await _first_with_reason(db)
    assert (row.state, row.reason) == (state, reason)
    assert channel.sent == []


async def test_a_busy_provider_gets_it_again_when_it_said(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    channel.fail_next(Retryable("busy", after=timedelta(seconds=7)))
    await db.write(outbox.put, _message())
    async with _dispatching(db, channel, clock):
        await _first_with_reason(db)
        clock.advance(timedelta(seconds=8))
        row = (await _until(db, State.SENT, State.DELIVERED))[0]
    assert row.attempts == 2
    assert len(channel.sent) == 1


async def test_somebody_who_opted_out_is_left_alone_with_the_reason(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    await db.write(set_consent, clock(), "memory", "somebody", EVERYTHING, allowed=False, reason="退订")
    await db.write(outbox.put, _message())
    await db.write(outbox.put, _message(kind="reply"))
    announcement, reply = await db.read(_all)
    assert (announcement.state, announcement.reason) == (State.SUPPRESSED, Reason.OPTED_OUT)
    assert reply.state == State.QUEUED, "an answer to somebody's own words is always given"


async def test_after_a_guard_is_raised_no_older_message_starts(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    generation = await db.write(service.raise_guard, "document:7")
    await db.write(outbox.put, _message("remind", guard=f"document:7:{generation}"))
    await db.write(service.raise_guard, "document:7")
    assert await db.write(_take, clock()) == []
    row = (await db.read(_all))[0]
    assert (row.state, row.reason) == (State.CANCELLED, Reason.GUARD)


async def test_a_message_with_a_live_guard_starts(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    generation = await db.write(service.raise_guard, "document:7")
    await db.write(outbox.put, _message("remind", guard=f"document:7:{generation}"))
    assert len(await db.write(_take, clock())) == 1


async def test_what_is_too_old_is_not_sent(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put, _message())
    clock.advance(timedelta(days=4))
    async with _dispatching(db, channel, clock):
        row = (await _until(db, State.FAILED))[0]
    assert row.reason == Reason.EXPIRED
    assert channel.sent == []


async def test_what_a_dead_worker_was_sending_becomes_uncertain_and_the_rest_is_anybodys(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [_message("a"), _message("b")])
    taken = await db.write(_take, clock(), 1, "dead")
    clock.advance(timedelta(seconds=10))
    assert await db.write(following.sweep, clock()) == 1
    states = {row.id == taken[0].id: row.state for row in await db.read(_all)}
    assert states == {True: "uncertain", False: "queued"}


async def _one_uncertain(db: Database, outbox: Outbox, clock: ManualClock, lane: Lane) -> None:
    await db.write(outbox.put, _message(lane=lane))
    await db.write(_take, clock())
    clock.advance(timedelta(seconds=10))


@pytest.mark.parametrize(("lane", "sent"), [(Lane.URGENT, 1), (Lane.NORMAL, 1), (Lane.BULK, 0)])
async def test_without_look_up_an_uncertain_message_is_sent_once_more_unless_it_is_bulk(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock, lane: Lane, sent: int
) -> None:
    await _one_uncertain(db, outbox, clock, lane)
    dispatcher = Dispatcher(db, {"memory": channel}, clock)
    await dispatcher.sweep_once()
    clock.advance(timedelta(seconds=91))
    await dispatcher.sweep_once()
    row = (await db.read(_all))[0]
    assert row.state == (State.QUEUED if sent else State.UNCERTAIN)


async def test_a_channel_where_twice_is_once_sends_an_uncertain_message_again_at_once(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    channel = MemoryChannel(can=(Can.TWO_WAY, Can.IDEMPOTENT))
    await _one_uncertain(db, outbox, clock, Lane.BULK)
    dispatcher = Dispatcher(db, {"memory": channel}, clock)
    await dispatcher.sweep_once()
    clock.advance(timedelta(seconds=1))
    await dispatcher.sweep_once()
    assert (await db.read(_all))[0].state == State.QUEUED


async def test_receipts_move_a_message_forward_only(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put, _message())
    taken = (await db.write(_take, clock()))[0]
    early = Receipt("memory", Progress.DELIVERED, provider_id="P1")
    assert not await db.write(receipts.apply, clock(), early), "nobody knows P1 yet: the receipt is kept"
    by_attempt = Receipt("memory", Progress.SENT, provider_id="P1", attempt=taken.attempt)
    assert await db.write(receipts.apply, clock(), by_attempt)
    await db.write(receipts.apply_early, clock(), ["P1"])
    assert (await db.read(_all))[0].state == State.DELIVERED
    assert not await db.write(receipts.apply, clock(), by_attempt)
    assert (await db.read(_all))[0].state == State.DELIVERED


async def test_a_person_can_have_a_failed_message_tried_again(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    channel.fail_next(Rejected("no"))
    message_id = await db.write(outbox.put, _message())
    async with _dispatching(db, channel, clock):
        await _until(db, State.FAILED)
        await db.write(service.retry, clock(), message_id)
        await _until(db, State.SENT, State.DELIVERED)
    assert len(channel.sent) == 1
