"""The outbox: what is put in goes out once, and every end is written down."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable
from core.messages import Lane, Progress, Receipt
from core.people import EVERYTHING, set_consent
from core.ports import Can
from notify.outbox import following, receipts, service, taking
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Outbox
from notify.outbox.states import Reason, State
from notify.outbox.taken import Taken
from tests.notify.outbox_rig import all_rows, dispatching, first_with_reason, message, until, until_sent


def _take(session: Session, now: datetime, limit: int = 9, worker: str = "w") -> list[Taken]:
    chosen = taking.due(session, now, "memory", taking.RANKS, limit)[:limit]
    return taking.start(session, now, chosen, worker, timedelta(seconds=9))


@pytest.fixture
def channel() -> MemoryChannel:
    return MemoryChannel()


@pytest.fixture
def outbox(channel: MemoryChannel, clock: ManualClock) -> Outbox:
    return Outbox({"memory": channel}, clock, "阳光热线")


async def test_what_is_put_in_arrives_once_and_the_history_tells_how(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    for n in range(200):
        await db.write(outbox.put, message(f"第{n}条"))
    async with dispatching(db, channel, clock):
        rows = await until(db, State.SENT, State.DELIVERED)
    assert sorted(channel.texts) == sorted(f"第{n}条" for n in range(200))
    assert [line.split()[1] for line in rows[0].history.splitlines()][:2] == ["queued", "sending"]


async def test_the_same_key_twice_is_one_message(db: Database, outbox: Outbox) -> None:
    first = await db.write(outbox.put, message(dedup_key="notice:1:row:7"))
    again = await db.write(outbox.put_many, [message(dedup_key="notice:1:row:7"), message(dedup_key="other")])
    assert again[0] == first
    assert len(await db.read(all_rows)) == 2


async def test_urgent_goes_before_bulk(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [message(f"{n}", lane=Lane.BULK, address=f"a{n}") for n in range(5)])
    await db.write(outbox.put, message("urgent", lane=Lane.URGENT))
    async with dispatching(db, channel, clock):
        await until(db, State.SENT, State.DELIVERED)
    assert channel.texts[0] == "urgent"


async def test_two_workers_never_take_the_same_message(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    await db.write(outbox.put_many, [message(f"{n}") for n in range(100)])
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
    await db.write(outbox.put, message())
    async with dispatching(db, channel, clock):
        row = await first_with_reason(db)
    assert (row.state, row.reason) == (state, reason)
    assert channel.sent == []


async def test_a_busy_provider_gets_it_again_when_it_said(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    channel.fail_next(Retryable("busy", after=timedelta(seconds=7)))
    await db.write(outbox.put, message())
    async with dispatching(db, channel, clock):
        await first_with_reason(db)
        clock.advance(timedelta(seconds=8))
        row = (await until(db, State.SENT, State.DELIVERED))[0]
    assert row.attempts == 2
    assert len(channel.sent) == 1


async def test_somebody_who_opted_out_is_left_alone_with_the_reason(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    await db.write(set_consent, clock(), "memory", "somebody", EVERYTHING, allowed=False, reason="退订")
    await db.write(outbox.put, message())
    await db.write(outbox.put, message(kind="reply"))
    announcement, reply = await db.read(all_rows)
    assert (announcement.state, announcement.reason) == (State.SUPPRESSED, Reason.OPTED_OUT)
    assert reply.state == State.QUEUED, "an answer to somebody's own words is always given"


async def test_after_a_guard_is_raised_no_older_message_starts(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    generation = await db.write(service.raise_guard, "document:7")
    await db.write(outbox.put, message("remind", guard=f"document:7:{generation}"))
    await db.write(service.raise_guard, "document:7")
    assert await db.write(_take, clock()) == []
    row = (await db.read(all_rows))[0]
    assert (row.state, row.reason) == (State.CANCELLED, Reason.GUARD)


async def test_a_message_with_a_live_guard_starts(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    generation = await db.write(service.raise_guard, "document:7")
    await db.write(outbox.put, message("remind", guard=f"document:7:{generation}"))
    assert len(await db.write(_take, clock())) == 1


async def test_what_is_too_old_is_not_sent(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put, message())
    clock.advance(timedelta(days=4))
    async with dispatching(db, channel, clock):
        row = (await until(db, State.FAILED))[0]
    assert row.reason == Reason.EXPIRED
    assert channel.sent == []


async def test_what_a_dead_worker_was_sending_becomes_uncertain_and_the_rest_is_anybodys(
    db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [message("a"), message("b")])
    taken = await db.write(_take, clock(), 1, "dead")
    clock.advance(timedelta(seconds=10))
    assert await db.write(following.sweep, clock()) == 1
    states = {row.id == taken[0].id: row.state for row in await db.read(all_rows)}
    assert states == {True: "uncertain", False: "queued"}


async def _one_uncertain(db: Database, outbox: Outbox, clock: ManualClock, lane: Lane) -> None:
    await db.write(outbox.put, message(lane=lane))
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
    row = (await db.read(all_rows))[0]
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
    assert (await db.read(all_rows))[0].state == State.QUEUED


async def test_receipts_move_a_message_forward_only(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put, message())
    taken = (await db.write(_take, clock()))[0]
    early = Receipt("memory", Progress.DELIVERED, provider_id="P1")
    assert not await db.write(receipts.apply, clock(), early), "nobody knows P1 yet: the receipt is kept"
    by_attempt = Receipt("memory", Progress.SENT, provider_id="P1", attempt=taken.attempt)
    assert await db.write(receipts.apply, clock(), by_attempt)
    await db.write(receipts.apply_early, clock(), ["P1"])
    assert (await db.read(all_rows))[0].state == State.DELIVERED
    assert not await db.write(receipts.apply, clock(), by_attempt)
    assert (await db.read(all_rows))[0].state == State.DELIVERED


async def test_a_person_can_have_a_failed_message_tried_again(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    channel.fail_next(Rejected("no"))
    message_id = await db.write(outbox.put, message())
    async with dispatching(db, channel, clock):
        await until(db, State.FAILED)
        await db.write(service.retry, clock(), message_id)
        await until(db, State.SENT, State.DELIVERED)
    assert len(channel.sent) == 1


async def test_a_graceful_stop_leaves_nothing_in_doubt(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [message(f"{n}", address=f"a{n}") for n in range(300)])
    for stops in range(1, 8):
        async with dispatching(db, channel, clock):
            await until_sent(channel, 40 * stops)
        assert {row.state for row in await db.read(all_rows)} <= {"queued", "delivered"}
    async with dispatching(db, channel, clock):
        await until(db, State.DELIVERED)
    assert sorted(channel.texts) == sorted(f"{n}" for n in range(300)), "each once"
