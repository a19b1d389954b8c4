"""Everything a running service consists of, put together by ``main`` and handed to pages, commands and loops."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.attachments import Attachments
from bot.handle import Handler
from bot.hotline.service import Hotline
from bot.inbound import Conversations
from bot.notice_desk import NoticeDesk
from bot.topics import Topics
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.entrance import Entrance
from core.ports import Channel
from core.web import Guard
from faq.service import FaqService
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Outbox
from notify.publicity.service import Publicity
from notify.publicity.uploading import Uploads
from notify.reception.service import Reception
from notify.signoff.service import SignOff
from notify.timers import Timers
from notify.webhooks.service import Webhooks


@dataclass(frozen=True, slots=True)
class House:
    """The built service. ``demo`` marks the trial on loopback with its pretend phone network."""

    settings: Settings
    clock: Clock
    db: Database
    channels: Mapping[str, Channel]
    outbox: Outbox
    faq: FaqService
    hotline: Hotline
    signoff: SignOff
    reception: Reception
    publicity: Publicity
    notices: NoticeDesk
    uploads: Uploads
    timers: Timers
    guard: Guard
    entrance: Entrance
    handler: Handler
    conversations: Conversations
    dispatcher: Dispatcher
    attachments: Attachments
    topics: Topics
    webhooks: Webhooks
    demo: bool = False
