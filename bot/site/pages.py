"""The citizens' pages: their templates, words and static files in the shared machinery of ``bot.pages``."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from bot.pages.render import Renderer
from bot.pages.static import StaticFolder
from bot.pages.words import Words, shared
from core.clock import Clock
from core.config import Settings
from core.i18n import Catalogue

FOLDER = Path(__file__).parent
STATIC = StaticFolder("/site-static", FOLDER / "static")


@cache
def texts() -> Catalogue:
    """The pages' texts."""
    return Catalogue.load(files("bot.site") / "texts")


class Pages(Renderer):
    """Renders the citizens' templates."""

    def __init__(self, settings: Settings, clock: Clock, *, demo: bool) -> None:
        super().__init__(
            settings,
            clock,
            templates=FOLDER / "templates",
            words=Words(shared(), texts()),
            static=STATIC,
            demo=demo,
        )
