"""Templates turned into pages in the browser's own language and type size."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.pages.static import LOOK, StaticFolder
from bot.pages.taste import NAMES, taste_of
from bot.pages.times import exactly, when
from bot.pages.words import Say, Words
from core.clock import Clock
from core.config import Settings

SHARED_TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Renders one site's templates; those both sites share are found as well."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        templates: Path,
        words: Words,
        static: StaticFolder,
        demo: bool = False,
    ) -> None:
        self.settings = settings
        self.words = words
        self._clock = clock
        self._demo = demo
        self._environment = Environment(
            loader=FileSystemLoader([templates, SHARED_TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"static": static.url, "look": LOOK.url}

    @property
    def secure(self) -> bool:
        """Whether cookies may travel over https only."""
        return self.settings.url.startswith("https://")

    def say(self, locale: str) -> Say:
        """The words in one language."""
        return self.words.among(locale)

    def render(self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page in the browser's own taste. Never kept by caches: it may hold what only this person may see."""
        taste, zone = taste_of(request), self.settings.zone
        say = self.say(taste.locale)
        html = self._environment.get_template(template).render(
            t=say,
            locale=taste.locale,
            large=taste.large,
            languages=NAMES,
            office=self.settings.office_name,
            phone=self.settings.office_phone,
            demo=self._demo,
            when=lambda at: when(self._clock(), at, zone, say),
            exactly=lambda at: exactly(at, zone, say),
            here=request.url.path,
            **values,
        )
        return Response(html, status, {"Cache-Control": "no-store", "Vary": "Cookie"}, "text/html; charset=utf-8")
