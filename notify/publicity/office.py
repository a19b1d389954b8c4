"""What publicity needs to know of its office, and one piece of work: a transaction and its moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core.clock import office_day
from core.ports import Channel
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Outbox
from notify.publicity.ports import Audience, OpenObjections, no_objections


@dataclass(frozen=True, slots=True)
class PublicityOffice:
    """The office: its name (the signature), zone, the channel that reaches a bare number and what a segment costs.

    ``audiences`` by their names in ``models.AUDIENCES``; ``open_objections`` keeps a notice from becoming final.
    """

    name: str
    zone: ZoneInfo
    phone_channel: str = ""
    rules: DeliveryRules = field(default_factory=DeliveryRules)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    open_objections: OpenObjections = no_objections

    @property
    def prices(self) -> Mapping[str, Decimal]:
        """Price of a segment by calling code."""
        return self.rules.prices


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work. Never outlives its transaction."""

    session: Session
    now: datetime
    outbox: Outbox
    office: PublicityOffice
    channels: Mapping[str, Channel]

    @property
    def today(self) -> date:
        """The day it is where the office stands."""
        return office_day(self.now, self.office.zone)
