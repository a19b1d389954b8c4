"""What the hotline needs to know of its office, and the desk at which one piece of work is done."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.hotline.limits import Calendar
from bot.hotline.rules import Rules, default_rules
from core.audit import Actor
from core.auth import Principal
from core.calendar import load_days
from core.due_words import describe_due
from core.office_hours import OfficeHours
from core.worktime import end_of_calendar_days, is_close_of_business
from notify.outbox.service import Outbox


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """The office.

    Attributes:
        name: as it signs.
        phone: the telephone named where a person is needed.
        hours: working time and time zone.
        rules: limits, reasons, words.
        phone_channel: the channel that reaches a bare telephone number; empty when there is none.
        page: address of the page where a matter is followed; empty when there is none.
        link_channels: channels on which a text may carry a link.
        button_channels: channels that show choices as buttons.
    """

    name: str
    phone: str
    hours: OfficeHours
    rules: Rules = field(default_factory=default_rules)
    phone_channel: str = ""
    page: str = ""
    link_channels: frozenset[str] = frozenset()
    button_channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """One piece of work: its transaction, its moment, the office, the way out. Never outlives the transaction."""

    session: Session
    now: datetime
    outbox: Outbox
    office: OfficeFacts
    calendar: Calendar

    @classmethod
    def open(cls, session: Session, now: datetime, outbox: Outbox, office: OfficeFacts) -> "Desk":
        """A desk with the office's days as they are now."""
        return cls(session, now, outbox, office, Calendar(office.hours, load_days(session)))

    @property
    def rules(self) -> Rules:
        """The office's rules."""
        return self.office.rules

    def due_in(self, limit: str) -> datetime:
        """Where one of the office's named limits ends that begins now."""
        return self.calendar.due(self.now, self.rules.limits[limit], self.now)

    def minutes_later(self, minutes: int) -> datetime:
        """So many minutes from now."""
        return self.now + timedelta(minutes=minutes)

    def days_later(self, days: int) -> datetime:
        """The midnight that ends so many calendar days from today."""
        return end_of_calendar_days(self.now, days, self.office.hours)

    def date_words(self, midnight: datetime, locale: str) -> str:
        """The day that a midnight ends, as a date without an hour."""
        day = (midnight - timedelta(seconds=1)).astimezone(self.office.hours.zone)
        return f"{day.day} {day:%B}" if locale == "en" else f"{day.month}月{day.day}日"

    def due_words(self, due: datetime, locale: str) -> str:
        """A limit as a citizen reads it."""
        hours, days = self.office.hours, self.calendar.days
        at_close = is_close_of_business(due, hours, days)
        return describe_due(due, self.now, hours.zone, locale, at_close=at_close)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something to a matter: ``ref`` compares persons, ``actor`` is what the audit trail names."""

    ref: str
    name: str
    actor: Actor
    unit_id: str | None = None

    @classmethod
    def staff(cls, who: Principal) -> "Doer":
        """A member of staff."""
        return cls(who.identity, who.name, who.actor, who.unit_id)


def citizen(via: str) -> Doer:
    """The citizen, by this channel; who that is stands in the matter, not here."""
    return Doer("citizen", "", Actor("citizen", via))


CLOCK = Doer("service", "", Actor("service", "clock"))
"""The passing of time: limits, lamps, closing without a rating."""
