"""What the pages of notices are made of; ``routes`` puts it together."""

from dataclasses import dataclass

from bot.notice_desk import NoticeDesk
from bot.notice_words import objection_taker, opinion_taker
from bot.site.pages import Pages
from core.clock import Clock
from core.config import Settings
from core.db import Database
from notify.publicity.public_routes import TakeWords
from notify.publicity.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class NoticeParts:
    """The services behind the pages of notices."""

    db: Database
    clock: Clock
    settings: Settings
    pages: Pages
    objection: TakeWords
    opinion: TakeWords
    subscriptions: Subscriptions

    @classmethod
    def of(cls, desk: NoticeDesk, db: Database, clock: Clock, pages: Pages) -> "NoticeParts":
        """The parts out of the desk of notices."""
        objection, opinion = objection_taker(desk.objections), opinion_taker(desk.hotline, clock)
        return cls(db, clock, pages.settings, pages, objection, opinion, desk.subscriptions)
