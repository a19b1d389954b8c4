"""Several numbers of one channel: when one fails, messages bound to none go from another, and come back later."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.twilio_sms import TwilioChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Rejected, Retryable, StartupError, Unreachable
from core.messages import Progress, Receipt
from notify.outbox import receipts
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.outbox.states import State
from tests.contract.cases.twilio import settings
from tests.fakes.twilio import NUMBER, SECOND_NUMBER, FakeTwilio
from tests.notify.outbox_rig import all_rows, dispatching, message, until

ON_THE_WAY = (State.SENT, State.DELIVERED)
QUEUE, OTHER_QUEUE = f"twilio/{NUMBER}", f"twilio/{SECOND_NUMBER}"


@pytest.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(clock=clock, receipts=False) as fake:
        yield fake


@pytest.fixture
async def channel(fake: FakeTwilio, clock: ManualClock) -> AsyncIterator[TwilioChannel]:
    numbers = {"TWILIO_FROM": f"{NUMBER}=3,{SECOND_NUMBER}"}
    channel = TwilioChannel(settings(api_base=fake.url, segments_per_second=1000, **numbers), clock=clock)
    yield channel
    await channel.aclose()


@pytest.fixture
def outbox(channel: TwilioChannel, clock: ManualClock) -> Outbox:
    return Outbox({"twilio": channel}, clock, "阳光热线")


def _usually_from(channel: TwilioChannel, number: str, count: int) -> list[str]:
    people = (f"+447700900{n:03}" for n in range(1000))
    return [person for person in people if channel.sender_for(person) == number][:count]


def _failing(fake: FakeTwilio) -> None:
    fake.state.numbers = (SECOND_NUMBER,)


async def _settled(db: Database, ids: set[str]) -> list[OutboxMessage]:
    """These messages, once they are on their way."""
    async with asyncio.timeout(20):
        while True:
            rows = [row for row in await db.read(all_rows) if row.id in ids]
            if all(row.state in ON_THE_WAY for row in rows):
                return rows
            await asyncio.sleep(0.01)


async def test_messages_of_a_failing_number_go_from_another_and_answers_keep_theirs(
    db: Database, outbox: Outbox, channel: TwilioChannel, fake: FakeTwilio, clock: ManualClock
) -> None:
    *people, writer = _usually_from(channel, NUMBER, 9)
    _failing(fake)
    free = [message(f"停水通知{n}", channel="twilio", address=person) for n, person in enumerate(people)]
    ids = set(await db.write(outbox.put_many, free))
    bound = await db.write(outbox.put, message("答复", channel="twilio", address=writer, sender=NUMBER))
    async with dispatching(db, channel, clock):
        rows = await _settled(db, ids)
        assert {(row.sender, row.queue) for row in rows} == {(SECOND_NUMBER, OTHER_QUEUE)}
        assert [len(fake.to(person)) for person in people] == [1] * len(people)
        answer = next(row for row in await db.read(all_rows) if row.id == bound)
        assert (answer.state, answer.sender, answer.queue) == (State.QUEUED, NUMBER, QUEUE)
        fake.state.numbers = (NUMBER, SECOND_NUMBER)
        clock.advance(timedelta(minutes=6))
        answer = (await _settled(db, {bound}))[0]
    assert [record.sender for record in fake.to(writer)] == [NUMBER] == [answer.sender]


async def test_a_number_is_used_again_after_fifteen_quiet_minutes(
    db: Database, outbox: Outbox, channel: TwilioChannel, fake: FakeTwilio, clock: ManualClock
) -> None:
    people = _usually_from(channel, NUMBER, 5)
    _failing(fake)
    async with dispatching(db, channel, clock):
        await db.write(
            outbox.put_many, [message(f"通知{n}", channel="twilio", address=person) for n, person in enumerate(people)]
        )
        await until(db, *ON_THE_WAY)
        fake.state.numbers = (NUMBER, SECOND_NUMBER)
        clock.advance(timedelta(minutes=15))
        await db.write(outbox.put, message("路灯已修好", channel="twilio", address=people[0]))
        await until(db, *ON_THE_WAY)
    assert [record.sender for record in fake.to(people[0])] == [SECOND_NUMBER, NUMBER]


async def test_when_every_number_fails_nothing_moves_to_and_fro(
    db: Database, outbox: Outbox, channel: TwilioChannel, fake: FakeTwilio, clock: ManualClock
) -> None:
    people = _usually_from(channel, NUMBER, 4) + _usually_from(channel, SECOND_NUMBER, 4)
    fake.state.numbers = ("+12025550109",)
    await db.write(
        outbox.put_many, [message(f"通知{n}", channel="twilio", address=person) for n, person in enumerate(people)]
    )
    async with dispatching(db, channel, clock) as dispatcher:
        async with asyncio.timeout(20):
            while not all(dispatcher.router.senders.away(queue) for queue in (QUEUE, OTHER_QUEUE)):
                await asyncio.sleep(0.01)
        fake.state.numbers = (NUMBER, SECOND_NUMBER)
        clock.advance(timedelta(minutes=6))
        await until(db, *ON_THE_WAY)
    assert [len(fake.to(person)) for person in people] == [1] * len(people)


@pytest.mark.parametrize(
    ("outcome", "away"),
    [
        (None, True),
        (Rejected("filtered"), True),
        (Retryable("handset off", after=timedelta(minutes=30)), True),
        (Unreachable("no number"), False),
    ],
)
async def test_receipts_of_what_was_not_delivered_count_for_the_number(
    db: Database, outbox: Outbox, channel: TwilioChannel, clock: ManualClock, outcome: Exception | None, away: bool
) -> None:
    people = _usually_from(channel, NUMBER, 12)
    async with dispatching(db, channel, clock) as dispatcher:
        for n, person in enumerate(people):
            await db.write(outbox.put, message(f"通知{n}", channel="twilio", address=person))
        await until(db, State.SENT)
        clock.advance(timedelta(minutes=16))
        for row in await db.read(all_rows):
            gone = Receipt("twilio", Progress.UNDELIVERED, row.provider_id or "", row.attempt, "30007", outcome)
            await db.write(receipts.apply, clock(), gone)
        clock.advance(timedelta(minutes=1))
        await dispatcher.sweep_once()
        await db.write(dispatcher.router.senders.hand_over, clock(), QUEUE)
        assert dispatcher.router.senders.away(QUEUE) is away
        assert not dispatcher.router.senders.away(OTHER_QUEUE)


def test_whatsapp_numbers_stand_in_for_whatsapp_only(channel: TwilioChannel) -> None:
    assert channel.senders_for("+447700900001") == {NUMBER: 3, SECOND_NUMBER: 1}
    assert channel.senders_for("whatsapp:+447700900001") == {f"whatsapp:{NUMBER}": 3, f"whatsapp:{SECOND_NUMBER}": 1}


def test_a_weight_that_is_none_stops_the_start(fake: FakeTwilio, clock: ManualClock) -> None:
    with pytest.raises(StartupError, match="TWILIO_FROM"):
        TwilioChannel(settings(api_base=fake.url, TWILIO_FROM=f"{NUMBER}=0"), clock=clock)
