"""What reception days need to know of their office, and one piece of work: a transaction and its moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from core.auth import Principal
from core.calendar import load_days
from core.calendar_days import Days
from core.clock import office_day
from core.office_hours import OfficeHours, wall_to_utc
from notify.outbox.service import Outbox


@dataclass(frozen=True, slots=True)
class ReceptionOffice:
    """The office: working time and zone, the telephone named in texts, the channel that reaches a bare number."""

    hours: OfficeHours
    phone: str = ""
    phone_channel: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work. Never outlives its transaction."""

    session: Session
    now: datetime
    outbox: Outbox
    office: ReceptionOffice

    @property
    def today(self) -> date:
        """The day it is where the office stands."""
        return office_day(self.now, self.office.hours.zone)

    def days(self) -> Days:
        """The office's days as they are now."""
        return load_days(self.session)

    def moment(self, day: date, at: time) -> datetime:
        """A wall time of the office, in UTC."""
        return wall_to_utc(day, at, self.office.hours.zone)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody came (来访): what whoever opens the matter needs. ``key`` makes it the same matter."""

    key: str
    kind: str
    text: str
    name: str
    phone: str
    channel: str
    address: str
    sender: str
    thread: str
    locale: str


@dataclass(frozen=True, slots=True)
class VisitMatter:
    """The matter a visit became: number and access code, to be read out."""

    number: str
    code: str


OpenVisit = Callable[[Session, Visit, Principal], VisitMatter]
"""Registers a visit as a matter, in the transaction in which it is marked as visited."""
