"""What belongs to notices beside their sending, put together: objections, subscriptions, cases, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from bot.effects import Doer
from bot.hotline.office import OfficeFacts
from bot.hotline.service import Hotline
from bot.notice_words import objection_taker, opinion_taker
from bot.noticing import Noticing, Parts
from bot.objections import Objections
from bot.subscribing import Subscribing
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.ports import Can, Channel
from core.web import Guard
from notify.cases import routes as case_routes
from notify.cases.service import Cases
from notify.outbox.service import Outbox
from notify.publicity import (
    area_routes,
    board_routes,
    consult_routes,
    models,
    public_routes,
    register_routes,
    subscription_routes,
)
from notify.publicity.audience import AreaAudience, SubscriberAudience
from notify.publicity.ports import Audience
from notify.publicity.register import Deadlines, Register
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
    register: Register
    channels: Mapping[str, Channel]

    def routers(
        self, publicity: Publicity, db: Database, clock: Clock, guard: Guard, settings: Settings
    ) -> list[APIRouter]:
        """What other programs call: areas, public notices, subscriptions, cases, posters, registers."""
        objection, opinion = objection_taker(self.objections), opinion_taker(self.hotline, clock)
        return [
            board_routes.build_router(publicity, db, clock, guard, settings.poster_font),
            consult_routes.build_router(db, clock, guard, self.objections.opinions),
            register_routes.build_router(self.register, db, clock, guard),
            area_routes.build_router(db, clock, guard),
            public_routes.build_router(db, clock, settings, objection, opinion),
            subscription_routes.build_router(self.subscriptions, db, clock, guard, settings),
            case_routes.build_router(self.cases, db, clock, guard, self.channels),
        ]

    def owners(self) -> dict[str, Owner]:
        """The owners of their timers, for ``notify.timers.Timers``."""
        return self.cases.owners()

    def doer(self, publicity: Publicity, citizens: Doer) -> Noticing:
        """Does what is said about notices; ``citizens`` does 异议 against a matter that was not accepted."""
        parts = Parts(self.hotline, self.objections, publicity, self.subscribing, self.outbox, citizens)
        return Noticing(parts, self.hotline.office.phone)


def notice_desk(
    hotline: Hotline, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, deadlines: Deadlines
) -> NoticeDesk:
    """The desk over one outbox; ``deadlines`` reminds whoever has to publish something."""
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
        register=Register(clock, office.hours, deadlines),
        channels=channels,
    )


def audiences(phone_channel: str) -> dict[str, Audience]:
    """Who hears of notices that go to no list, by the names notices have for them."""
    return {models.SUBSCRIBERS: SubscriberAudience(), models.AREA: AreaAudience(phone_channel)}
