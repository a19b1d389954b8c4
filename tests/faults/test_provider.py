"""What a provider may do wrong, and what becomes of the message: the table of ``docs/delivery.md``, row by row."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from adapters.twilio_sms import TwilioChannel
from bot.webhooks import accept
from core.clock import ManualClock
from core.db import Database
from core.errors import Retryable
from core.messages import Lane, Outgoing, Sent
from core.people import refusals
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Message, Outbox
from notify.outbox.states import Reason, State
from tests.contract.cases.twilio import settings, signed
from tests.fakes.twilio import FakeTwilio, Fault
from tests.fakes.twilio_callbacks import status_form

PERSON = "+12025550110"


@dataclass
class Way:
    """Twilio's channel, its stand-in, an outbox and a dispatcher at work."""

    db: Database
    clock: ManualClock
    fake: FakeTwilio
    channel: TwilioChannel
    outbox: Outbox
    dispatcher: Dispatcher
    ids: list[str] = field(default_factory=list)

    async def send(self, address: str = PERSON, lane: Lane = Lane.NORMAL) -> None:
        message = Message(
            "announcement", "twilio", address, {"text": f"第{len(self.ids)}号通知"}, lane=lane, quiet=False
        )
        self.ids.append(await self.db.write(self.outbox.put, message))

    async def row(self) -> OutboxMessage:
        """The first message, once something has happened to it."""
        return (await self.until(lambda row: row.state != State.SENDING and row.attempts > 0))[0]

    async def until(self, seen) -> list[OutboxMessage]:  # type: ignore[no-untyped-def]
        async with asyncio.timeout(20):
            while True:
                rows = await self.db.read(lambda s: list(s.exec(select(OutboxMessage))))
                if all(seen(row) for row in rows):
                    return rows
                await asyncio.sleep(0.02)

    async def receipt(self, status: str, code: int | None) -> None:
        """Twilio reports on the latest message, as its callback would."""
        (record, *_) = reversed(self.fake.state.messages)
        form = status_form(self.fake.state, record, status, code)
        received = await self.channel.receive(signed(self.fake, form))
        await self.db.write(accept, self.clock(), received.events)


@pytest.fixture
async def way(db: Database, clock: ManualClock) -> AsyncIterator[Way]:
    async with FakeTwilio(receipts=False, clock=clock) as fake:
        channel = TwilioChannel(settings(api_base=fake.url, segments_per_second=1000, timeout_seconds=0.5), clock=clock)
        channels = {"twilio": channel}
        outbox = Outbox(channels, clock, "阳光热线")
        dispatcher = Dispatcher(db, channels, clock, outbox=outbox)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield Way(db, clock, fake, channel, outbox, dispatcher)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await channel.aclose()


@pytest.mark.parametrize(
    ("fault", "state", "reason", "wait_s"),
    [
        pytest.param(Fault(status=429, code=20429, retry_after="7"), "queued", Reason.PROVIDER_BUSY, 7, id="429"),
        pytest.param(Fault(status=503), "queued", Reason.PROVIDER_BUSY, 10, id="503"),
        pytest.param(Fault(accept=True, delay_s=2), "uncertain", Reason.UNCERTAIN, None, id="late answer"),
        pytest.param(Fault(accept=True, cut=True), "uncertain", Reason.UNCERTAIN, None, id="cut"),
        pytest.param(Fault(accept=True, body="<html>?"), "uncertain", Reason.UNCERTAIN, None, id="garbage"),
        pytest.param(Fault(status=400, code=21610), "undeliverable", Reason.PROVIDER_STOP, None, id="21610"),
        pytest.param(Fault(status=400, code=21211), "undeliverable", Reason.UNREACHABLE, None, id="21211"),
        pytest.param(Fault(status=400, code=21617), "failed", Reason.REJECTED, None, id="21617"),
        pytest.param(Fault(status=401, code=20003), "queued", Reason.MISCONFIGURED, 300, id="20003"),
    ],
)
async def test_each_answer_leads_to_its_state_and_its_wait(
    way: Way, fault: Fault, state: str, reason: Reason, wait_s: int | None
) -> None:
    way.fake.fail_next(fault)
    await way.send()
    row = await way.row()
    assert (row.state, row.reason) == (state, reason)
    if wait_s is not None:
        assert row.not_before - way.clock() == timedelta(seconds=wait_s)


@pytest.mark.parametrize("fault", [Fault(accept=True, delay_s=2), Fault(accept=True, cut=True)], ids=["late", "cut"])
async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_again(way: Way, fault: Fault) -> None:
    way.fake.fail_next(fault)
    await way.send()
    await way.row()
    way.clock.advance(timedelta(seconds=61))
    await way.dispatcher.sweep_once()
    row = await way.row()
    assert row.state == State.SENT
    assert row.provider_id
    assert len(way.fake.to(PERSON)) == 1


async def test_what_the_provider_never_got_is_sent_again_after_two_looks_a_minute_apart(way: Way) -> None:
    way.fake.fail_next(Fault(accept=False, cut=True))
    await way.send()
    assert (await way.row()).state == State.UNCERTAIN
    for expected in (State.UNCERTAIN, State.SENT):
        way.clock.advance(timedelta(seconds=61))
        await way.dispatcher.sweep_once()
        await way.until(lambda row, expected=expected: row.state == expected)
    assert len(way.fake.to(PERSON)) == 1
    assert [line.split()[2] for line in (await way.row()).history.splitlines()].count(Reason.NEVER_ARRIVED) == 1


@pytest.mark.parametrize(
    ("code", "state", "reason", "wait_s"),
    [
        (30003, "queued", Reason.PROVIDER_BUSY, 1800),
        (30008, "queued", Reason.PROVIDER_BUSY, 600),
        (30005, "undeliverable", Reason.UNREACHABLE, None),
        (30006, "undeliverable", Reason.UNREACHABLE, None),
        (30007, "failed", Reason.REJECTED, None),
    ],
)
async def test_a_receipt_of_failure_leads_to_its_state_and_its_wait(
    way: Way, code: int, state: str, reason: Reason, wait_s: int | None
) -> None:
    await way.send()
    await way.row()
    await way.receipt("undelivered", code)
    row = await way.row()
    assert (row.state, row.reason) == (state, reason)
    if wait_s is not None:
        assert row.not_before - way.clock() == timedelta(seconds=wait_s)
    await way.receipt("undelivered", code)
    assert (await way.row()).history == row.history, "the same receipt again changes nothing"


async def test_who_opted_out_at_the_provider_is_not_written_to_again(way: Way) -> None:
    way.fake.fail_next(Fault(status=400, code=21610))
    await way.send()
    await way.row()
    await _consent_noted(way)
    await way.send()
    last = (await way.until(lambda row: row.state != State.SENDING))[-1]
    assert (last.state, last.reason) == (State.SUPPRESSED, Reason.PROVIDER_STOP)


async def _consent_noted(way: Way) -> None:
    async with asyncio.timeout(10):
        while not await way.db.read(_refused):
            await asyncio.sleep(0.01)


def _refused(session: Session) -> frozenset[str]:
    return refusals(session, "twilio", PERSON)


class _Shaky(MemoryChannel):
    """A provider that is down until it is not."""

    down = True

    async def send(self, message: Outgoing) -> Sent:
        if self.down:
            raise Retryable("down")
        return await super().send(message)


async def test_while_one_of_two_providers_fails_the_other_carries_everything_and_it_comes_back(
    db: Database, clock: ManualClock
) -> None:
    bad, good = _Shaky(name="one"), MemoryChannel(name="two")
    channels = {"one": bad, "two": good}
    rules = DeliveryRules(pools=({"one": 1, "two": 0},))
    outbox = Outbox(channels, clock, "阳光热线")
    dispatcher = Dispatcher(db, channels, clock, rules=rules, outbox=outbox)
    task = asyncio.create_task(dispatcher.run())
    try:
        for n in range(30):
            await db.write(outbox.put, _urgent(n))
        await _delivered(db, clock, 30)
        assert len(good.sent) == 30
        assert dispatcher.router.away("one")
        bad.down = False
        clock.advance(timedelta(minutes=16))
        for n in range(30, 40):
            await db.write(outbox.put, _urgent(n))
        await _delivered(db, clock, 40)
        assert len(bad.sent) == 10, "after fifteen quiet minutes it is used again"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _urgent(n: int) -> Message:
    return Message("announcement", "one", f"a{n}", {"text": f"{n}"}, lane=Lane.URGENT, quiet=False)


async def _delivered(db: Database, clock: ManualClock, count: int) -> None:
    started = clock()
    async with asyncio.timeout(30):
        while await db.read(_count_delivered) < count:
            clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.1)
    assert clock() - started <= timedelta(seconds=60), "urgent messages leave within a minute all the same"


def _count_delivered(session: Session) -> int:
    return len(session.exec(select(OutboxMessage.id).where(OutboxMessage.state == "delivered")).all())
