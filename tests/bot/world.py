"""A whole service in a test: real database, knowledge base, outbox, conversations; channels that keep a list."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from adapters.memory import MemoryChannel
from bot import webhooks
from bot.citizens import Citizens
from bot.desk import HotlineDesk
from bot.effects import Doer, Voice
from bot.handle import Handler
from bot.hotline.office import OfficeFacts
from bot.hotline.service import Hotline
from bot.inbound import Conversations
from bot.knowledge import FaqKnowledge
from bot.notice_desk import NoticeDesk, notice_desk
from bot.officials import Officials
from bot.officials_matters import HandledMatters
from bot.receptions import Receptions
from bot.staff import Staff
from bot.visits import visit_opener
from core.clock import ManualClock
from core.config import Settings
from core.db import Database
from core.i18n import Catalogue
from core.ids import new_id
from core.messages import Inbound
from core.office_hours import OfficeHours
from core.people import address_index
from core.ports import Can
from core.text import segments
from faq.bulk import import_file
from faq.live import LiveIndex
from faq.review import OPERATOR_AUTHOR
from faq.service import FaqService
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.publicity.service import Publicity
from notify.reception.office import ReceptionOffice
from notify.reception.service import Reception
from notify.signoff.office import SignOffice
from notify.signoff.service import SignOff
from tests.bot.forum import ForumChannel
from tests.bot.notices import made_publicity

ENTRIES = """id,question,aliases,answer,category,source
sb-014,社会保障卡丢失怎么补办？,社保卡丢了咋补|社保卡不见了怎么办,先打12333挂失，再带身份证到社保卡服务窗口补办，一般当场或几天内领到新卡。工本费以窗口公示为准。,社保,《社会保险法》第五十八条
yb-001,城乡居民医保怎么参保缴费？,医保怎么交钱,每年集中缴费期在手机或银行缴纳，新生儿可以随时参保。,医疗,《社会保险法》第二十五条
yb-002,医保住院费用怎么报销？,看病报销,在定点医院出示医保码，出院时直接结算，只付个人部分。,医疗,《社会保险法》第二十八条
yb-003,异地就医医保怎么备案？,外地看病医保能用吗,先在手机上备案，再到联网的定点医院就医，出院时直接结算。,医疗,《社会保险法》第二十九条
"""


@dataclass
class World:
    """What a test holds in its hands."""

    db: Database
    clock: ManualClock
    channels: dict[str, MemoryChannel]
    faq: FaqService
    conversations: Conversations
    dispatcher: Dispatcher
    hotline: Hotline
    signoff: SignOff
    reception: Reception
    notices: NoticeDesk
    publicity: Publicity

    async def says(self, text: str, channel: str = "sms", address: str = "+12025550101", **more: object) -> list[str]:
        """One message in; everything that is said back to that address."""
        inbound = Inbound(channel, more.pop("provider_id", new_id()), address, text, **more)  # type: ignore[arg-type]
        before = len(await self.said(channel, address))
        await self.db.write(webhooks.accept, self.clock(), [inbound])
        await self.conversations.drain()
        return (await self.said(channel, address))[before:]

    async def presses(self, label: str, channel: str = "chat", address: str = "anna") -> list[str]:
        """Press the button with this label under the latest message that has one."""
        for message in reversed(await self.outgoing(channel, address)):
            for value, shown in message.options:
                if shown == label:
                    return await self.says(label, channel, address, choice=value)
        raise AssertionError(f"no button {label!r}")

    async def outgoing(self, channel: str, address: str) -> list[OutboxMessage]:
        """Everything for an address, oldest first."""

        def read(session: Session) -> list[OutboxMessage]:
            wanted = select(OutboxMessage).where(
                OutboxMessage.channel == channel, OutboxMessage.address_index == address_index(channel, address)
            )
            return list(session.exec(wanted.order_by(col(OutboxMessage.id))))

        return await self.db.read(read)

    async def said(self, channel: str, address: str) -> list[str]:
        """The texts for an address, oldest first."""
        return [message.text for message in await self.outgoing(channel, address)]

    def later(self, **by: float) -> None:
        """Time goes by."""
        self.clock.advance(timedelta(**by))


async def hears(world: World, text: str, address: str = "+12025550101", channel: str = "sms", **more: Any) -> str:
    """One message in, one out; by SMS within two segments."""
    world.later(seconds=5)
    (said,) = await world.says(text, channel, address, **more)
    assert channel != "sms" or segments(said) <= 2, said
    return said.removeprefix("【阳光热线】")


@asynccontextmanager
async def built(
    db: Database, clock: ManualClock, entries: str = ENTRIES, more: Mapping[str, Any] | None = None
) -> AsyncIterator[World]:
    """The service over a database, with a knowledge base of these entries; ``more`` are further channels."""
    channels: dict[str, MemoryChannel] = {
        "sms": MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY)),
        "chat": ForumChannel(),
        **(more or {}),
    }
    settings = Settings(office_name="阳光热线", secret_key="x" * 40)
    await import_file(db, entries.encode(), clock, OPERATOR_AUTHOR, name="entries.csv", publish=True)
    zone = ZoneInfo(settings.timezone)
    live = LiveIndex(db, clock, zone)
    await live.start()
    faq = FaqService(db, live)
    outbox = Outbox(channels, clock, settings.office_name)
    buttons = frozenset(name for name, channel in channels.items() if Can.BUTTONS in channel.can)
    hours = OfficeHours.parse(settings.timezone, settings.office_hours)
    office = OfficeFacts("阳光热线", "12345", hours, button_channels=buttons)
    knowledge = FaqKnowledge(faq)
    texts = Catalogue.load(files("bot") / "texts")
    hotline = Hotline(outbox, clock, office)
    call = next((name for name, channel in channels.items() if Can.SPOKEN in channel.can), "")
    sign_office = SignOffice(office.hours, "12345", phone_channel="sms", call_channel=call, matters=HandledMatters())
    signoff = SignOff(outbox, channels, clock, sign_office)
    reception = Reception(outbox, clock, ReceptionOffice(office.hours, "12345", "sms"), visit_opener(hotline))
    notices = notice_desk(hotline, outbox, channels, clock, signoff)
    publicity = made_publicity(notices, outbox, channels, clock)
    citizens = Citizens(hotline, channels, texts, notices.subscribing)
    doers: dict[str, Doer] = {
        "citizen": citizens,
        "notice": notices.doer(publicity, citizens),
        "staff": Staff(hotline),
        "official": Officials(signoff),
        "reception": Receptions(reception),
    }
    voice = Voice(texts, outbox, knowledge, HotlineDesk(hotline, channels), settings, doers, {call: "sms"})
    handler = Handler(knowledge, settings.office_name)
    conversations = Conversations(db, channels, clock, handler, voice, per_minute=settings.limit_ask)
    try:
        dispatcher = Dispatcher(db, channels, clock)
        yield World(
            db, clock, channels, faq, conversations, dispatcher, hotline, signoff, reception, notices, publicity
        )
    finally:
        live.close()
