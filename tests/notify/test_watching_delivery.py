"""What watches delivery: the auditor, alarms and who is told, countries, caps by prefix, questions to the provider,
a person's contacts in their order, dead numbers that are tried again."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.db import Database
from core.errors import Unreachable
from core.messages import Lane, Progress, Receipt
from core.people import UNREACHABLE_FOR, Contact, Person, address_index, forget_unreachable
from core.ports import Can, Limits
from notify import auditor, timers
from notify.auditor import Auditor
from notify.outbox import caps, fallback, metrics
from notify.outbox.dispatch import Dispatcher
from notify.outbox.fallback import ToPerson, put_to_person
from notify.outbox.models import OutboxMessage
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Outbox
from notify.outbox.states import Reason, State
from tests.notify.outbox_rig import all_rows, dispatching, message, until


@pytest.fixture(autouse=True)
def _no_alarms_from_before() -> Iterator[None]:
    metrics.forget_alarms()
    yield
    metrics.forget_alarms()


def _outbox(clock: ManualClock, *channels: MemoryChannel, rules: DeliveryRules | None = None) -> Outbox:
    return Outbox({channel.name: channel for channel in channels}, clock, "阳光热线", rules)


# --- the auditor -------------------------------------------------------------------------------------------------


async def test_the_auditor_says_that_it_looked_only_when_nothing_was_late(db: Database, clock: ManualClock) -> None:
    auditing = Auditor(db, clock, "p1", "host")
    assert await auditing.look()
    assert await db.read(auditor.last_clean, clock()) == 0
    await db.write(timers.set_timers, [timers.Timer("nobody", "x", clock())])
    clock.advance(timedelta(seconds=59))
    assert await auditing.look(), "59 seconds are not late"
    clock.advance(timedelta(seconds=2))
    assert not await auditing.look()
    assert await db.read(auditor.last_clean, clock()) == 2
    assert [name for name, _ in metrics.untold()] == ["timers"]


async def test_the_auditor_raises_an_alarm_for_an_urgent_message_that_waits(db: Database, clock: ManualClock) -> None:
    outbox = _outbox(clock, MemoryChannel())
    await db.write(outbox.put_many, [message("急", lane=Lane.URGENT), message("不急", lane=Lane.BULK)])
    auditing = Auditor(db, clock, "p1")
    clock.advance(timedelta(minutes=9))
    assert await auditing.look()
    clock.advance(timedelta(minutes=2))
    assert not await auditing.look()
    ((name, sentence),) = metrics.untold()
    assert (name, sentence) == ("outbox-memory", "1 urgent messages wait on memory, the oldest for 660 s")


# --- alarms ------------------------------------------------------------------------------------------------------


async def test_an_alarm_reaches_whoever_is_named_once_in_a_quarter_of_an_hour(db: Database, clock: ManualClock) -> None:
    channel, rules = MemoryChannel(), DeliveryRules(alarm_to="memory:admin")
    outbox = _outbox(clock, channel)
    dispatcher = Dispatcher(db, {"memory": channel}, clock, rules=rules, outbox=outbox)
    for _ in range(3):
        metrics.alarm("timers", "a timer is %d s late", 61)
        await dispatcher.sweep_once()
    (row,) = await db.read(all_rows)
    assert (row.kind, row.address) == ("alarm", "admin")
    assert "a timer is 61 s late" in row.text


async def test_without_anybody_named_an_alarm_is_logged_and_counted(
    db: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    channel = MemoryChannel()
    metrics.alarm("timers", "a timer is %d s late", 61)
    await Dispatcher(db, {"memory": channel}, clock, outbox=_outbox(clock, channel)).sweep_once()
    assert await db.read(all_rows) == []
    assert "alarm timers: a timer is 61 s late" in caplog.text


# --- where messages may go, and how many -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("countries", "number", "state"),
    [
        ("", "+447700900001", State.QUEUED),
        ("GB", "+447700900001", State.QUEUED),
        ("GB", "+12025550101", State.SUPPRESSED),
        ("US", "+12025550101", State.QUEUED),
        ("CA", "+12025550101", State.SUPPRESSED),
        ("GB", "whatsapp:+447700900001", State.QUEUED),
        ("GB", "nobody", State.SUPPRESSED),
    ],
)
async def test_a_metered_message_goes_only_to_countries_that_are_allowed(
    sqlite_db: Database, clock: ManualClock, countries: str, number: str, state: State
) -> None:
    rules = DeliveryRules(countries=frozenset(filter(None, countries.split(","))))
    outbox = _outbox(clock, MemoryChannel(can=(Can.METERED,)), rules=rules)
    await sqlite_db.write(outbox.put, message(address=number))
    (row,) = await sqlite_db.read(all_rows)
    assert (row.state, row.reason) == (state, Reason.COUNTRY if state is State.SUPPRESSED else Reason.NONE)


async def test_too_many_to_numbers_that_begin_alike_end_with_a_reason_and_an_alarm(
    db: Database, clock: ManualClock
) -> None:
    channel, rules = MemoryChannel(can=(Can.METERED,), limits=Limits(text=1600)), DeliveryRules(prefix_cap=3)
    outbox = _outbox(clock, channel, rules=rules)
    alike = [message(f"{n}", address=f"+4477009{n:05d}") for n in range(5)]
    await db.write(outbox.put_many, [*alike, message("other", address="+12025550100")])
    async with dispatching(db, channel, clock, rules):
        rows = await until(db, State.DELIVERED, State.FAILED)
    assert sorted(row.reason for row in rows) == [""] * 4 + [Reason.CAP_PREFIX] * 2
    assert [name for name, _ in metrics.untold()] == [f"cap-{Reason.CAP_PREFIX.value}"]
    clock.advance(timedelta(days=caps.KEPT_DAYS + 1))
    assert await db.write(caps.purge, clock()) > 0


# --- what stays open at the provider ---------------------------------------------------------------------------


class _Asked(MemoryChannel):
    """Accepts, sends no receipts, and can be asked."""

    def __init__(self) -> None:
        super().__init__(can=(Can.RECEIPTS,))
        self.knows: dict[str, Progress] = {}
        self.asked: list[str] = []

    async def status(self, provider_id: str) -> Receipt | None:
        self.asked.append(provider_id)
        progress = self.knows.get(provider_id)
        return Receipt("memory", progress, provider_id) if progress else None


def _sent_without_receipt(session: Session, now: datetime) -> None:
    session.execute(update(OutboxMessage).values(state="sent", changed_at=now))


async def test_messages_without_a_receipt_are_asked_about_after_an_hour_and_again_an_hour_later(
    db: Database, clock: ManualClock
) -> None:
    channel = _Asked()
    outbox = _outbox(clock, channel)
    await db.write(outbox.put_many, [message("a", address="a"), message("b", address="b")])
    dispatcher = Dispatcher(db, {"memory": channel}, clock)
    async with dispatching(db, channel, clock):
        await until(db, State.DELIVERED, State.SENT)
    await db.write(_sent_without_receipt, clock())
    assert await dispatcher.resolver.poll() == 0
    clock.advance(timedelta(minutes=61))
    first = (await db.read(all_rows))[0].provider_id or ""
    channel.knows[first] = Progress.DELIVERED
    assert await dispatcher.resolver.poll() == 1
    assert sorted(row.state for row in await db.read(all_rows)) == ["delivered", "sent"]
    assert await dispatcher.resolver.poll() == 0
    assert len(channel.asked) == 2, "what was asked about without news waits another hour"
    clock.advance(timedelta(minutes=61))
    await dispatcher.resolver.poll()
    assert len(channel.asked) == 3


# --- people ------------------------------------------------------------------------------------------------------


def _person(session: Session, now: datetime) -> str:
    person = Person(name="示例甲", created_at=now)
    session.add(person)
    session.flush()
    for position, channel in enumerate(("chat", "sms", "push")):
        address = f"{channel}-1"
        session.add(
            Contact(person_id=person.id, channel=channel, address=address, position=position,
                    address_index=address_index(channel, address), verified_at=now)
        )  # fmt: skip
    session.flush()
    return person.id


async def test_a_persons_contacts_are_used_in_their_order_until_one_confirms(db: Database, clock: ManualClock) -> None:
    chat, sms, push = (MemoryChannel(name=name) for name in ("chat", "sms", "push"))
    channels = {channel.name: channel for channel in (chat, sms, push)}
    outbox = _outbox(clock, chat, sms, push)
    person_id = await db.write(_person, clock())
    told = ToPerson(person_id, message("签收提醒"), within=timedelta(minutes=5))
    await db.write(put_to_person, clock(), outbox, told)
    chat.fail_next(Unreachable("blocked"))
    await _dispatched(db, clock, channels)
    assert await db.write(fallback.use_next_contacts, clock(), outbox) == 1
    clock.advance(timedelta(minutes=6))
    assert await db.write(fallback.use_next_contacts, clock(), outbox) == 1, "nobody confirmed the second in time"
    await _dispatched(db, clock, channels)
    assert await db.write(fallback.use_next_contacts, clock(), outbox) == 0
    rows = await db.read(all_rows)
    assert [(row.channel, row.position, row.state) for row in rows] == [
        ("chat", 0, "undeliverable"), ("sms", 1, "delivered"), ("push", 2, "delivered"),
    ]  # fmt: skip


async def _dispatched(db: Database, clock: ManualClock, channels: dict[str, MemoryChannel]) -> None:
    task = asyncio.create_task(Dispatcher(db, channels, clock).run())
    try:
        await until(db, State.DELIVERED, State.UNDELIVERABLE)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_dead_number_is_left_alone_for_a_month_and_then_tried_again(db: Database, clock: ManualClock) -> None:
    channel = MemoryChannel()
    outbox = _outbox(clock, channel)
    channel.fail_next(Unreachable("no such number"))
    await db.write(outbox.put, message("1"))
    async with dispatching(db, channel, clock):
        await until(db, State.UNDELIVERABLE)
        await _held_back(db, outbox)
    clock.advance(UNREACHABLE_FOR - timedelta(hours=1))
    assert await db.write(forget_unreachable, clock()) == 0
    clock.advance(timedelta(hours=2))
    assert await db.write(forget_unreachable, clock()) == 1
    await db.write(outbox.put, message("3"))
    assert (await db.read(all_rows))[-1].state == State.QUEUED


async def _held_back(db: Database, outbox: Outbox) -> None:
    """The refusal is noted right after the send; the next message to that number is then held back."""
    async with asyncio.timeout(10):
        while True:
            await db.write(outbox.put, message("2"))
            last = (await db.read(all_rows))[-1]
            if last.state == State.SUPPRESSED:
                assert last.reason == Reason.UNREACHABLE
                return
            await asyncio.sleep(0.02)
