"""The citizens' pages: their templates, words, navigation and static files in the shared machinery of ``bot.pages``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Request, Response

from bot.pages.render import Renderer
from bot.pages.static import StaticFolder
from bot.pages.words import Words, shared
from bot.site.menu import MENU, way_back
from core.clock import Clock
from core.config import Settings
from core.i18n import Catalogue

FOLDER = Path(__file__).parent
STATIC = StaticFolder("/site-static", FOLDER / "static")


def _catalogues() -> list[Catalogue]:
    """The words of every page, and those of each topic, which have a folder of their own."""
    folder = files("bot.site") / "texts"
    topics = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    return [Catalogue.load(folder), *map(Catalogue.load, topics)]


@cache
def texts() -> Words:
    """The pages' own words."""
    return Words(*_catalogues())


@cache
def all_words() -> Words:
    """The pages' words and those they share with the console."""
    return Words(shared(), *_catalogues())


class Pages(Renderer):
    """Renders the citizens' templates."""

    def __init__(self, settings: Settings, clock: Clock, *, demo: bool) -> None:
        super().__init__(settings, clock, templates=FOLDER / "templates", words=all_words(), static=STATIC, demo=demo)

    def render(self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """As the base class, with the navigation; ``back`` is where a change of language returns to."""
        path, query = request.url.path, request.url.query
        more = {"menu": MENU, "back": way_back(f"{path}?{query}" if query and request.method == "GET" else path)}
        return super().render(request, template, {**more, **values}, status=status)
