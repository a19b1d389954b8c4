"""A small office with reception days, for tests: its service, its staff, its rules."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlmodel import Session, select

from adapters.memory import MemoryChannel
from core.auth import Principal
from core.clock import ManualClock
from core.office_hours import OfficeHours
from core.people import Role
from core.ports import Can
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.reception.booking import NewBooking
from notify.reception.days import Leader, Rules, Slot
from notify.reception.office import ReceptionOffice, Visit, VisitMatter
from notify.reception.service import Reception

ADMIN = Principal(ref="a-1", name="示例己", roles=frozenset({Role.ADMIN}), via="console")
AGENT = Principal(ref="a-2", name="示例甲", roles=frozenset({Role.AGENT}), via="console")
BOSS, SECOND = Leader(name="示例庚", post="局长", person="p-boss"), Leader(name="示例辛", post="副局长")
DECEMBER = date(2026, 12, 15)
FIRST, OTHER, THIRD = "+12025550101", "+12025550102", "+12025550103"


def made_rules(**more: Any) -> Rules:
    """The 15th, two leaders in turn, two slots of two places."""
    slots = (Slot(begins=time(9), ends=time(10), places=2), Slot(begins=time(10), ends=time(11), places=2))
    plain = {"starts_on": date(2026, 11, 23), "leaders": (BOSS, SECOND), "slots": slots, "place": "县信访大厅"}
    return Rules(**(plain | more))


@dataclass
class Visits:
    """Stands for the hotline: what was opened."""

    opened: list[tuple[Visit, str]] = field(default_factory=list)

    def __call__(self, _session: Session, visit: Visit, who: Principal) -> VisitMatter:
        self.opened.append((visit, who.ref))
        return VisitMatter(f"T{len(self.opened):08d}", "123456")


def made_reception(clock: ManualClock, visits: Visits) -> Reception:
    """The service over an SMS channel that keeps messages."""
    sms = MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))
    outbox = Outbox({"sms": sms}, clock, "阳光热线")
    return Reception(outbox, clock, ReceptionOffice(OfficeHours.parse(), "12345", "sms"), visits)


def wish(phone: str = FIRST, day: date = DECEMBER, **more: Any) -> NewBooking:
    """Somebody wants to come."""
    return NewBooking(day=day, topic="村口路灯坏了", name="示例壬", phone=phone, **more)


def texts(session: Session) -> list[str]:
    """Everything in the outbox."""
    return [message.text for message in session.exec(select(OutboxMessage).order_by(OutboxMessage.id))]
