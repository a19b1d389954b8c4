"""What belongs to notices beside their sending, put together: objections, subscriptions, cases, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.effects import Doer
from bot.hotline.office import OfficeFacts
from bot.hotline.service import Hotline
from bot.noticing import Noticing, Parts
from bot.objections import Objections
from bot.subscribing import Subscribing
from core.clock import Clock
from core.ports import Can, Channel
from notify.cases.service import Cases
from notify.outbox.service import Outbox
from notify.publicity import models
from notify.publicity.audience import AreaAudience, SubscriberAudience
from notify.publicity.ports import Audience
from notify.publicity.service import Publicity
from notify.publicity.subscriptions import Subscriptions
from notify.timers import Owner


@dataclass(frozen=True, slots=True)
class NoticeDesk:
    """The services around notices."""

    hotline: Hotline
    outbox: Outbox
    subscriptions: Subscriptions
    cases: Cases
    objections: Objections
    subscribing: Subscribing

    def owners(self) -> dict[str, Owner]:
        """The owners of their timers, for ``notify.timers.Timers``."""
        return self.cases.owners()

    def doer(self, publicity: Publicity, citizens: Doer) -> Noticing:
        """Does what is said about notices; ``citizens`` does 异议 against a matter that was not accepted."""
        parts = Parts(self.hotline, self.objections, publicity, self.subscribing, self.outbox, citizens)
        return Noticing(parts, self.hotline.office.phone)


def notice_desk(hotline: Hotline, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock) -> NoticeDesk:
    """The desk over one outbox."""
    office: OfficeFacts = hotline.office
    # Telephone numbers and chats of an app stay with the person; a chat on a web page ends with the page.
    lasting = {name for name, channel in channels.items() if Can.METERED in channel.can or Can.THREADS in channel.can}
    phone_channel = next((name for name, channel in channels.items() if Can.METERED in channel.can), "")
    subscriptions = Subscriptions(outbox.put, clock, phone_channel, lasting)
    cases = Cases(outbox, channels, clock, office.hours, office.phone)
    return NoticeDesk(
        hotline=hotline,
        outbox=outbox,
        subscriptions=subscriptions,
        cases=cases,
        objections=Objections(hotline, clock),
        subscribing=Subscribing(subscriptions, cases),
    )


def audiences(phone_channel: str) -> dict[str, Audience]:
    """Who hears of notices that go to no list, by the names notices have for them."""
    return {models.SUBSCRIBERS: SubscriberAudience(), models.AREA: AreaAudience(phone_channel)}
