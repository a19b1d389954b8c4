"""What an office may turn about delivery, gathered from the settings; defaults are those of the documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.config import Settings
from core.errors import StartupError
from notify.outbox.cost import parse_prices

Pool = Mapping[str, int]
"""Channels that may stand in for each other, with their weights."""


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """Limits of delivery.

    Attributes:
        zone: where the office stands: quiet hours and days are counted there.
        quiet: spans of wall-clock time in which messages of quiet kinds wait.
        daily_cap: segments a day on metered channels; 0 is none. So are the two caps that follow.
        prefix_cap: segments a day to numbers that begin alike (their first seven characters).
        address_cap: segments a day to one number.
        countries: region codes that metered messages may go to; empty is any.
        prices: price of a segment by calling code.
        pools: channels that may carry each other's messages.
        alarm_to: "channel:address" of whoever is told of alarms; empty is nobody.
        lookup_pause: how long before an uncertain message is looked up, and between two look-ups.
        receipt_grace: how long an uncertain message waits for a receipt where nobody can be asked.
        lease_margin: added to a channel's time limit before its *sending* rows are taken for abandoned.
        poll_after: when a message that stays *sent* is asked about at the provider (VA Notify: 1 h).
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    quiet: tuple[tuple[time, time], ...] = ()
    daily_cap: int = 0
    prefix_cap: int = 0
    address_cap: int = 0
    countries: frozenset[str] = frozenset()
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    pools: tuple[Pool, ...] = ()
    alarm_to: str = ""
    lookup_pause: timedelta = timedelta(seconds=60)
    receipt_grace: timedelta = timedelta(seconds=90)
    lease_margin: timedelta = timedelta(seconds=30)
    poll_after: timedelta = timedelta(hours=1)

    @classmethod
    def of(cls, settings: Settings) -> "DeliveryRules":
        """The rules as set; raises StartupError naming the setting that is wrong."""
        return cls(
            zone=settings.zone,
            quiet=settings.quiet_spans,
            daily_cap=settings.sms_daily_cap,
            prefix_cap=settings.sms_prefix_cap,
            address_cap=settings.sms_number_cap,
            countries=frozenset(part.strip() for part in settings.sms_countries.split(",") if part.strip()),
            prices=parse_prices(settings.sms_prices),
            pools=parse_pools(settings.failover),
            alarm_to=settings.alarm_to,
            lookup_pause=timedelta(seconds=settings.uncertain_pause),
            receipt_grace=timedelta(seconds=settings.uncertain_pause * 1.5),
            lease_margin=timedelta(seconds=settings.uncertain_pause / 2),
        )


def parse_pools(text: str) -> tuple[Pool, ...]:
    """``"twilio=3,gateway=1;telegram,other"`` as pools; raises StartupError naming the setting."""
    pools = []
    for part in filter(None, map(str.strip, text.split(";"))):
        pool = {}
        for item in filter(None, map(str.strip, part.split(","))):
            name, _, weight = item.partition("=")
            if not (weight or "1").isdecimal():
                raise StartupError("SUNLINE_FAILOVER must look like twilio=3,gateway=1; pools are divided by ;")
            pool[name.strip()] = int(weight or 1)
        pools.append(pool)
    return tuple(pools)
