"""What the pages for matters and visits are made of; ``routes`` puts it together."""

from dataclasses import dataclass

from bot.hotline.service import Hotline
from bot.ports import Knowledge
from bot.site.pages import Pages
from core.clock import Clock
from core.config import Settings
from core.db import Database
from notify.reception.service import Reception


@dataclass(frozen=True, slots=True)
class Parts:
    """The services behind the pages."""

    db: Database
    clock: Clock
    settings: Settings
    pages: Pages
    hotline: Hotline
    reception: Reception
    knowledge: Knowledge
