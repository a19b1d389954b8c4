"""What holds messages back: a paused batch, the day's limits, quiet hours."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import update

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Conflict
from core.ports import Can, Limits
from notify.outbox import hands
from notify.outbox.models import OutboxMessage
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Outbox
from tests.notify.outbox_rig import dispatching, message, until_sent


@pytest.fixture
def channel() -> MemoryChannel:
    return MemoryChannel()


@pytest.fixture
def outbox(channel: MemoryChannel, clock: ManualClock) -> Outbox:
    return Outbox({"memory": channel}, clock, "阳光热线")


async def test_a_paused_batch_waits_a_resumed_one_goes_on_and_a_cancelled_one_ends(
    db: Database, outbox: Outbox, channel: MemoryChannel, clock: ManualClock
) -> None:
    await db.write(outbox.put_many, [message(f"{n}", address=f"a{n}", batch="alert") for n in range(50)])
    await db.write(hands.pause_batch, clock(), "alert")
    await db.write(outbox.put, message("other"))
    async with dispatching(db, channel, clock):
        await until_sent(channel, 1)
        assert channel.texts == ["other"]
        await db.write(hands.resume_batch, clock(), "alert")
        await until_sent(channel, 51)
    assert (await db.read(hands.batch_progress, "alert")).by_state == {"delivered": 50}
    await db.write(hands.pause_batch, clock(), "next")
    await db.write(outbox.put_many, [message(f"x{n}", batch="next") for n in range(50)])
    await db.write(hands.cancel_batch, clock(), "next")
    assert (await db.read(hands.batch_progress, "next")).by_state == {"cancelled": 50}
    with pytest.raises(Conflict):
        await db.write(hands.resume_batch, clock(), "next")


async def test_over_the_days_limit_messages_wait_for_tomorrow_and_over_a_numbers_limit_they_end(
    sqlite_db: Database, clock: ManualClock
) -> None:
    channel = MemoryChannel(can=(Can.METERED,), limits=Limits(text=1600))
    for rules, count, expected in (
        (DeliveryRules(daily_cap=3), 5, {"delivered": 3, "queued": 2}),
        (DeliveryRules(address_cap=2), 5, {"delivered": 2, "failed": 3}),
    ):
        key = str(count) + str(rules.daily_cap)
        outbox = Outbox({"memory": channel}, clock, "阳光热线", rules)
        numbers = [f"+1202555010{0 if rules.address_cap else n}" for n in range(count)]
        messages = [message(f"{key}-{n}", address=number, batch=key) for n, number in enumerate(numbers)]
        await sqlite_db.write(outbox.put_many, messages)
        async with dispatching(sqlite_db, channel, clock, rules), asyncio.timeout(20):
            while (await sqlite_db.read(hands.batch_progress, key)).by_state != expected:
                await asyncio.sleep(0.02)
        clock.advance(timedelta(days=1))
        await sqlite_db.write(lambda s: s.execute(update(OutboxMessage).values(state="cancelled")).close())


async def test_quiet_hours_hold_back_alerts_and_let_answers_and_emergencies_pass(
    db: Database, channel: MemoryChannel, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))  # ten at night in Shanghai
    rules = DeliveryRules(quiet=((time(21), time(8)),))
    outbox = Outbox({"memory": channel}, clock, "阳光热线", rules)
    for text, more in (("alert", {}), ("answer", {"kind": "reply"}), ("emergency", {"quiet": False})):
        await db.write(outbox.put, message(text, address=text, **more))
    async with dispatching(db, channel, clock, rules):
        await until_sent(channel, 2)
        assert set(channel.texts) == {"answer", "emergency"}
        clock.set(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))
        await until_sent(channel, 3)


async def test_two_workers_between_them_write_to_a_chat_once_a_second(db: Database, clock: ManualClock) -> None:
    limits = Limits(text=4096, rate=30, rate_per_address=1, rate_per_group=20 / 60, group_mark="-")
    first, second = (MemoryChannel(limits=limits) for _ in range(2))
    outbox = Outbox({"memory": first}, clock, "阳光热线")
    await db.write(outbox.put_many, [message(f"{n}", address="42") for n in range(3)])
    await db.write(outbox.put_many, [message(f"g{n}", address="-42") for n in range(2)])
    async with dispatching(db, first, clock), dispatching(db, second, clock):
        for seconds, chat, group in ((0, 1, 1), (1, 2, 1), (1, 3, 1), (1, 3, 2)):
            clock.advance(timedelta(seconds=seconds))
            async with asyncio.timeout(20):
                while len(texts := first.texts + second.texts) < chat + group:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)  # long enough for both workers to have looked again
            texts = first.texts + second.texts
            assert (len([t for t in texts if t[0] != "g"]), len([t for t in texts if t[0] == "g"])) == (chat, group)
