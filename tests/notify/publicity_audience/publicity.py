"""A publicity service for tests that need no conversation."""

from zoneinfo import ZoneInfo

from adapters.memory import MemoryChannel
from core.clock import ManualClock
from core.ports import Can
from notify.outbox.service import Outbox
from notify.publicity.office import PublicityOffice
from notify.publicity.service import Publicity


def made_publicity(clock: ManualClock) -> Publicity:
    """Over an SMS channel that keeps messages."""
    channels = {"sms": MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))}
    office = PublicityOffice("阳光热线", ZoneInfo("Asia/Shanghai"), "sms")
    return Publicity(Outbox(channels, clock, "阳光热线"), channels, clock, office)
