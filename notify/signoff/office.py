"""What sign-off needs to know of its office, and one piece of work: a transaction, its moment, the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.calendar import load_days
from core.calendar_days import Days
from core.due_words import describe_due
from core.office_hours import OfficeHours
from core.ports import Channel
from notify.outbox.service import Outbox
from notify.signoff.matters import Matters, NoMatters
from notify.signoff.models import SignEvent
from notify.signoff.rules import Rules, default_rules

_TODAY = {"zh-Hans": "今天", "zh-Hant": "今天"}


@dataclass(frozen=True, slots=True)
class SignOffice:
    """The office: working time and zone, the telephone named in texts, its rules.

    ``page`` is the public address that one-time links begin with; empty: no links. ``phone_channel`` reaches a bare
    telephone number (codes for verification), ``call_channel`` calls the same numbers; empty: nobody is called.
    ``matters`` knows what officials handle for the hotline.
    """

    hours: OfficeHours
    phone: str = ""
    rules: Rules = field(default_factory=default_rules)
    page: str = ""
    phone_channel: str = ""
    call_channel: str = ""
    matters: Matters = field(default_factory=NoMatters)


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work. Never outlives its transaction."""

    session: Session
    now: datetime
    outbox: Outbox
    channels: Mapping[str, Channel]
    office: SignOffice
    words: dict[tuple[datetime, str], str] = field(default_factory=dict)
    """Limits already put into words: many documents fall due together."""

    def days(self) -> Days:
        """The office's days as they are now."""
        return load_days(self.session)

    def due_words(self, due: datetime, locale: str) -> str:
        """A limit as an official reads it: ``15:30前`` today, else with its day."""
        known = self.words.get((due, locale))
        if known is None:
            words = describe_due(due, self.now, self.office.hours.zone, locale)
            known = words.removeprefix(_TODAY.get(locale, "")).removesuffix(" today")
            self.words[due, locale] = known
        return known

    def clock_words(self, at: datetime) -> str:
        """A moment of today as ``14:52``, another as ``11-23 14:52``."""
        local, today = at.astimezone(self.office.hours.zone), self.now.astimezone(self.office.hours.zone)
        return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%m-%d %H:%M}"

    def event(
        self,
        document_id: str,
        what: str,
        *,
        recipient_id: str | None = None,
        by: str = "",
        via: str = "",
        note: str | None = None,
        **data: Any,
    ) -> None:
        """Add to a document's record."""
        self.session.add(
            SignEvent(
                document_id=document_id,
                recipient_id=recipient_id,
                at=self.now,
                what=what,
                by=by,
                via=via,
                data=data,
                note=note,
            )
        )
