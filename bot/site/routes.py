"""The citizen pages put together for ``main``: routers and static files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from bot.site import chat, phone
from bot.site.chat import Chat, Suggest
from bot.site.pages import FOLDER, STATIC_PATH, Pages, VersionedFiles, texts
from bot.site.stream import Hub
from core.clock import Clock
from core.config import Settings
from core.db import Database

if TYPE_CHECKING:
    from bot.house import House


async def common_questions(locale: str) -> Sequence[str]:
    """The questions offered at the beginning unless the office offers its own."""
    return texts()(locale, "chat.first").split("|")


def build_routers(house: "House", hub: Hub | None = None, suggest: Suggest = common_questions) -> list[APIRouter]:
    """The routers of a house; the pretend phones only in the demo."""
    hub = hub or Hub(house.db, house.clock)
    return build_router(house.db, house.clock, house.settings, hub=hub, suggest=suggest, demo=house.demo)


def build_router(
    db: Database,
    clock: Clock,
    settings: Settings,
    *,
    hub: Hub,
    suggest: Suggest = common_questions,
    demo: bool = False,
) -> list[APIRouter]:
    """The routers out of their parts. Their lifespan ends the streams when the server is told to stop."""
    pages = Pages(settings, clock, demo=demo)
    routers = [chat.build_router(Chat(db, clock, settings, pages, hub, suggest))]
    if demo:
        routers.append(phone.build_router(db, clock, pages, hub))
    return routers


def static_files() -> VersionedFiles:
    """Styles, scripts and pictures of the citizen pages."""
    return VersionedFiles(directory=FOLDER / "static")


def mount_static(app: FastAPI) -> None:
    """Serve the static files of the citizen pages."""
    app.mount(STATIC_PATH, static_files(), name="site-static")
