"""The hotline's rig: an office with units and people, its service, and a channel that keeps what was said."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from bot.hotline.given import Given
from bot.hotline.intake import NewMatter, Opened, ReplyTo
from bot.hotline.models import Matter
from bot.hotline.office import OfficeFacts
from bot.hotline.service import Hotline
from bot.hotline.words import Action, Kind
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.office_hours import OfficeHours
from core.people import Contact, Person, Role, Unit, address_index
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox

CITIZEN = "+12025550101"
ANSWER = "您好，线路老化已换新，11月26日修好村口路灯，晚上请您看看，不亮随时告诉我们。"


def staff(name: str, *roles: Role, unit: str | None = None) -> Principal:
    """A made-up member of staff."""
    return Principal(
        ref=f"ref-{name}", name=name, roles=frozenset(roles), via="api", person_id=f"person-{name}", unit_id=unit
    )


@dataclass
class Rig:
    """One office on one database."""

    db: Database
    clock: ManualClock
    hotline: Hotline
    agent: Principal = field(default_factory=lambda: staff("示例甲", Role.AGENT))
    other: Principal = field(default_factory=lambda: staff("示例乙", Role.AGENT))
    handler: Principal = field(default_factory=lambda: staff("示例丙", Role.HANDLER, unit="lamps"))
    stranger: Principal = field(default_factory=lambda: staff("示例丁", Role.HANDLER, unit="water"))
    boss: Principal = field(default_factory=lambda: staff("示例戊", Role.SUPERVISOR))

    async def open(self, kind: Kind = Kind.CONSULTATION, text: str = "奶奶的医保在外地怎么报销", **more: Any) -> Opened:
        """A matter that came by the channel of the rig."""
        values: dict[str, Any] = {"source": "sms", "reply_to": ReplyTo("memory", CITIZEN), "tell": False} | more
        return await self.db.write(self.hotline.open, NewMatter(kind=kind, text=text, **values))

    async def matter(self, number: str) -> Matter:
        """The matter as it is in the database."""

        def found(session: Session) -> Matter:
            return session.exec(select(Matter).where(Matter.number == number)).one()

        return await self.db.read(found)

    async def do(self, number: str, action: Action, who: Principal, **given: Any) -> Matter:
        """One action by staff on the matter as it is now."""
        version = (await self.matter(number)).version
        return await self.db.write(self.hotline.perform, number, action, who, Given(version=version, **given))

    async def sent(self, *kinds: str) -> list[OutboxMessage]:
        """What is in the outbox and not cancelled, oldest first; of these kinds only when any are named."""

        def rows(session: Session) -> list[OutboxMessage]:
            found = session.exec(select(OutboxMessage).order_by(OutboxMessage.id))  # type: ignore[arg-type]
            return [row for row in found if row.state != "cancelled" and (not kinds or row.kind in kinds)]

        return await self.db.read(rows)

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**by))

    async def in_a_unit(self, kind: Kind = Kind.COMPLAINT, text: str = "西河村口路灯坏了三天", **more: Any) -> Opened:
        """A matter that 城管局 has signed for."""
        opened = await self.open(kind, text, **more)
        await self.do(opened.number, Action.ACCEPT, self.agent)
        await self.do(opened.number, Action.DISPATCH, self.agent, unit="城管局")
        await self.do(opened.number, Action.SIGN, self.handler)
        return opened

    async def answered(self, kind: Kind = Kind.CONSULTATION, **more: Any) -> Opened:
        """A matter whose answer has left."""
        opened = await self.open(kind, **more)
        await self.do(opened.number, Action.ACCEPT, self.agent)
        finding = {"finding": "true"} if kind in {Kind.COMPLAINT, Kind.REPORT} else {}
        await self.do(opened.number, Action.REPLY, self.other, text=ANSWER, **finding)
        self.later(seconds=21)
        return opened


def people(session: Session, clock: ManualClock) -> None:
    """Two units with a handler each, their leader, agents and a supervisor; all reachable."""
    session.add_all([Unit(id="lamps", name="城管局"), Unit(id="water", name="水务局")])
    session.flush()
    rows = [
        ("示例己", "lamps", ["official"], None),
        ("示例甲", None, ["agent"], None),
        ("示例乙", None, ["agent"], None),
        ("示例丙", "lamps", ["handler"], "person-示例己"),
        ("示例丁", "water", ["handler"], None),
        ("示例戊", None, ["supervisor"], None),
    ]
    for name, unit, roles, leader in rows:
        session.add(
            Person(id=f"person-{name}", name=name, unit_id=unit, roles=roles, leader_id=leader, created_at=clock())
        )
        session.flush()
        session.add(
            Contact(
                person_id=f"person-{name}",
                channel="memory",
                address=f"staff-{name}",
                address_index=address_index("memory", f"staff-{name}"),
                verified_at=clock(),
            )
        )
    session.flush()


@pytest.fixture
def rig(db: Database, clock: ManualClock) -> Rig:
    """An office on each kind of database."""
    return make_rig(db, clock)


@pytest.fixture
def lite(sqlite_db: Database, clock: ManualClock) -> Rig:
    """An office on SQLite, for what does not depend on the kind of database."""
    return make_rig(sqlite_db, clock)


def make_rig(db: Database, clock: ManualClock) -> Rig:
    """An office of made-up people."""
    db.write_now(people, clock)
    channels = {"memory": MemoryChannel(), "paper": MemoryChannel()}
    outbox = Outbox(channels, clock, "阳光热线")
    office = OfficeFacts("阳光热线", "12345", OfficeHours.parse(), phone_channel="paper")
    return Rig(db, clock, Hotline(outbox, clock, office))
