"""The citizen pages put together for ``main``: routers and static files."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from bot.knowledge import FaqKnowledge
from bot.pages.static import LOOK
from bot.site import about, chat, follow, follow_files, new, notices, phone, visiting
from bot.site.chat import Chat
from bot.site.notice_parts import NoticeParts
from bot.site.pages import STATIC, Pages
from bot.site.parts import Parts
from bot.site.stream import Hub
from bot.site.suggestions import Answerable, Suggest
from core.clock import Clock
from core.config import Settings
from core.db import Database

if TYPE_CHECKING:
    from bot.house import House


def build_routers(house: "House") -> list[APIRouter]:
    """The routers of a house; the pretend phones only in the demo."""
    hub, knowledge = Hub(house.db, house.clock), FaqKnowledge(house.faq)
    suggest = Answerable(knowledge, house.clock, chat.CHANNEL)
    pages = Pages(house.settings, house.clock, demo=house.demo)
    parts = Parts(house.db, house.clock, house.settings, pages, house.hotline, house.reception, knowledge)
    talking = build_router(house.db, house.clock, house.settings, hub=hub, suggest=suggest, demo=house.demo)
    board = NoticeParts.of(house.notices, house.db, house.clock, pages)
    return [*talking, *build_pages(parts), notices.build_router(board)]


def build_router(
    db: Database,
    clock: Clock,
    settings: Settings,
    *,
    hub: Hub,
    suggest: Suggest,
    demo: bool = False,
) -> list[APIRouter]:
    """The chat and the demo's phones. Their lifespan ends the streams when the server is told to stop."""
    pages = Pages(settings, clock, demo=demo)
    routers = [chat.build_router(Chat(db, clock, settings, pages, hub, suggest))]
    if demo:
        routers.append(phone.build_router(db, clock, pages, hub))
    return routers


def build_pages(parts: Parts) -> list[APIRouter]:
    """The pages for matters and reception days, and those about the site."""
    return [module.build_router(parts) for module in (new, follow_files, follow, visiting, about)]


def mount_static(app: FastAPI) -> None:
    """Serve the static files of the citizen pages, and those they share with the console."""
    LOOK.mount(app)
    STATIC.mount(app)
