"""The rig of sign-off: an office with A, B, leader and supervisor on SMS and chat, in fast time."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from adapters.memory import MemoryChannel
from core.audit import Actor
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.office_hours import OfficeHours
from core.people import Contact, Person, Role, Unit, address_index
from core.ports import Can
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.signoff.issuing import Issued, NewDocument, NewRecipient
from notify.signoff.models import Recipient, SignEvent
from notify.signoff.office import SignOffice
from notify.signoff.service import SignOff
from notify.signoff.signing import Signed, Signer
from notify.timers import Timers

PHONES = {"a": "+12025550101", "b": "+12025550102", "leader": "+12025550103", "boss": "+12025550104"}
NAMES = {"a": "示例甲", "b": "示例乙", "leader": "示例丙", "boss": "示例丁", "clerk": "示例戊", "other": "示例己"}


@dataclass
class Rig:
    """One office on one database. ``kinds()`` lists what went where."""

    db: Database
    clock: ManualClock
    sms: MemoryChannel
    chat: MemoryChannel
    signoff: SignOff
    timers: Timers
    clerk: Principal = field(
        default_factory=lambda: Principal("ref-clerk", "示例戊", frozenset({Role.OFFICIAL}), "api", "clerk")
    )
    boss: Principal = field(
        default_factory=lambda: Principal("ref-boss", "示例丁", frozenset({Role.SUPERVISOR}), "api", "boss")
    )

    async def issue(self, number: str = "示发〔2026〕12号", urgency: str = "urgent", **more: Any) -> Issued:
        """A document to the unit with A, B and leader."""
        values: dict[str, Any] = {
            "title": "关于做好防汛值守的通知",
            "non_secret": True,
            "recipients": [NewRecipient("城管局", "a", "b", "leader")],
        } | more
        return await self.db.write(
            self.signoff.issue, NewDocument(number=number, urgency=urgency, **values), self.clerk
        )

    async def sign(self, recipient_id: str, person: str = "a", via: str = "sms") -> Signed:
        """Somebody signs."""
        return await self.db.write(self.signoff.sign, recipient_id, Signer(person, via, Actor(person, via)))

    async def fire(self) -> None:
        """Everything that is due now."""
        while await self.timers.fire():
            pass

    async def tick(self, **by: float) -> None:
        """Time goes by; what falls due at the end of it fires and is sent."""
        self.clock.advance(timedelta(**by))
        await self.fire()
        await self.send()

    async def send(self) -> None:
        """The dispatcher works until nothing is queued; then what came back is followed up."""
        channels = {"sms": self.sms, "chat": self.chat}
        task = asyncio.create_task(Dispatcher(self.db, channels, self.clock).run())
        try:
            async with asyncio.timeout(20):
                while True:
                    while await self.db.read(_under_way, self.clock()):
                        await asyncio.sleep(0.002)
                    if not await self.db.write(self.signoff.watch):
                        break
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def rows(self) -> list[OutboxMessage]:
        """The whole outbox, oldest first."""
        return await self.db.read(
            lambda session: list(session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))))
        )

    async def recipient(self, recipient_id: str) -> Recipient:
        """A recipient as it stands."""
        return await self.db.read(
            lambda session: session.exec(select(Recipient).where(Recipient.id == recipient_id)).one()
        )

    async def events(self) -> list[str]:
        """What was recorded."""
        return await self.db.read(
            lambda session: list(session.exec(select(SignEvent.what).order_by(col(SignEvent.id))))
        )

    def kinds(self) -> list[tuple[str, str]]:
        """(to whom, kind) of everything that left by SMS, and by chat, in order."""
        names = {phone: who for who, phone in PHONES.items()}
        return [(names.get(m.address, m.address), m.kind) for m in self.sms.sent + self.chat.sent]

    def forget(self) -> None:
        """Look only at what leaves from now on."""
        self.sms.sent.clear()
        self.chat.sent.clear()


def _under_way(session: Session, now: datetime) -> bool:
    states = ("queued", "sending")
    found = select(OutboxMessage.id).where(col(OutboxMessage.state).in_(states), OutboxMessage.not_before <= now)
    return session.exec(found.limit(1)).first() is not None


def people(session: Session, clock: ManualClock) -> None:
    """A unit with A (two addresses), B and leader; a supervisor, the issuing clerk, and somebody else."""
    session.add_all([Unit(id="lamps", name="城管局"), Unit(id="water", name="水务局")])
    session.flush()
    for who, roles in (("leader", []), ("b", []), ("a", []), ("boss", ["supervisor"]), ("clerk", []), ("other", [])):
        line = {"deputy_id": "b", "leader_id": "leader"} if who == "a" else {}
        session.add(
            Person(
                id=who,
                staff_no=f"no-{who}",
                name=NAMES[who],
                unit_id="lamps",
                roles=["official", *roles],
                created_at=clock(),
                **line,
            )
        )
        session.flush()
    for who, phone in PHONES.items():
        contact(session, clock, who, "sms", phone)
    contact(session, clock, "a", "chat", "chat-a", position=1)
    contact(session, clock, "clerk", "chat", "chat-clerk")
    contact(session, clock, "other", "sms", "+12025550109")


def contact(
    session: Session, clock: Callable[[], datetime], who: str, channel: str, address: str, position: int = 0
) -> None:
    """A verified address."""
    session.add(
        Contact(
            person_id=who,
            channel=channel,
            address=address,
            address_index=address_index(channel, address),
            position=position,
            verified_at=clock(),
        )
    )
    session.flush()


def make_rig(db: Database, clock: ManualClock) -> Rig:
    """An office of made-up people."""
    db.write_now(people, clock)
    sms = MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))
    chat = MemoryChannel(name="chat", can=(Can.BUTTONS, Can.TWO_WAY))
    channels = {"sms": sms, "chat": chat}
    outbox = Outbox(channels, clock, "阳光热线")
    signoff = SignOff(outbox, channels, clock, SignOffice(OfficeHours.parse(), "12345", phone_channel="sms"))
    timers = Timers(db, clock, signoff.owners())
    return Rig(db, clock, sms, chat, signoff, timers)


@pytest.fixture
def rig(db: Database, clock: ManualClock) -> Rig:
    """An office on each kind of database."""
    return make_rig(db, clock)


@pytest.fixture
def lite(sqlite_db: Database, clock: ManualClock) -> Rig:
    """An office on SQLite, for what does not depend on the kind of database."""
    return make_rig(sqlite_db, clock)
