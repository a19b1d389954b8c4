"""The citizen pages put together for ``main``: routers and static files."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from bot.knowledge import FaqKnowledge
from bot.pages.static import LOOK
from bot.site import chat, phone
from bot.site.chat import Chat
from bot.site.pages import STATIC, Pages
from bot.site.stream import Hub
from bot.site.suggestions import Answerable, Suggest
from core.clock import Clock
from core.config import Settings
from core.db import Database

if TYPE_CHECKING:
    from bot.house import House


def build_routers(house: "House") -> list[APIRouter]:
    """The routers of a house; the pretend phones only in the demo."""
    hub = Hub(house.db, house.clock)
    suggest = Answerable(FaqKnowledge(house.faq), house.clock, chat.CHANNEL)
    return build_router(house.db, house.clock, house.settings, hub=hub, suggest=suggest, demo=house.demo)


def build_router(
    db: Database,
    clock: Clock,
    settings: Settings,
    *,
    hub: Hub,
    suggest: Suggest,
    demo: bool = False,
) -> list[APIRouter]:
    """The routers out of their parts. Their lifespan ends the streams when the server is told to stop."""
    pages = Pages(settings, clock, demo=demo)
    routers = [chat.build_router(Chat(db, clock, settings, pages, hub, suggest))]
    if demo:
        routers.append(phone.build_router(db, clock, pages, hub))
    return routers


def mount_static(app: FastAPI) -> None:
    """Serve the static files of the citizen pages, and those they share with the console."""
    LOOK.mount(app)
    STATIC.mount(app)
