"""What every citizen page shares: template, language, type size, protection of forms, times in words."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core import i18n
from core.clock import Clock
from core.config import Settings
from core.crypto import index
from core.errors import Forbidden
from core.i18n import Catalogue
from core.web import CSRF_HEADER

FOLDER = Path(__file__).parent
STATIC_PATH = "/site-static"
LANGUAGE_COOKIE = "sunline_lang"
SIZE_COOKIE = "sunline_size"
REMEMBERED = timedelta(days=365)

NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}
"""Each language by its own name."""


class StalePage(Forbidden):
    """The form was made for another session, or not by us: load the page again."""


class VersionedFiles(StaticFiles):
    """Styles and scripts; their address carries a version, so browsers may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """As the base class, with a lasting cache for versioned addresses."""
        response = super().file_response(*args, **kwargs)
        scope: Scope = args[2] if len(args) > 2 else kwargs["scope"]
        versioned = scope.get("query_string", b"").startswith(b"v=")
        MutableHeaders(raw=response.raw_headers)["Cache-Control"] = (
            "public, max-age=31536000, immutable" if versioned else "no-cache"
        )
        return response


@cache
def texts() -> Catalogue:
    """The pages' texts."""
    return Catalogue.load(files("bot.site") / "texts")


@cache
def _version(name: str) -> str:
    return hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """The address of a static file, different whenever its content is."""
    return f"{STATIC_PATH}/{name}?v={_version(name)}"


@dataclass(frozen=True, slots=True)
class Taste:
    """How this browser wants its pages: language and large type (适老化)."""

    locale: str
    large: bool


def taste_of(request: Request) -> Taste:
    """From the cookies; Chinese in standard type when there are none."""
    locale = request.cookies.get(LANGUAGE_COOKIE, "")
    return Taste(locale if locale in i18n.LOCALES else i18n.DEFAULT, request.cookies.get(SIZE_COOKIE) == "large")


class Pages:
    """Renders templates for a browser."""

    def __init__(self, settings: Settings, clock: Clock, *, demo: bool) -> None:
        self._settings = settings
        self._clock = clock
        self._demo = demo
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = static_url

    @property
    def secure(self) -> bool:
        """Whether cookies may travel over https only."""
        return self._settings.url.startswith("https://")

    def render(self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page in the browser's own taste. Never kept by caches: it may hold a conversation."""
        taste = taste_of(request)
        html = self._environment.get_template(template).render(
            t=self.text(taste.locale),
            locale=taste.locale,
            large=taste.large,
            languages=NAMES,
            office=self._settings.office_name,
            phone=self._settings.office_phone,
            demo=self._demo,
            when=lambda at: when(self._clock(), at, self._settings.zone, self.text(taste.locale)),
            exactly=lambda at: exactly(at, self._settings.zone, self.text(taste.locale)),
            here=request.url.path,
            **values,
        )
        return Response(html, status, {"Cache-Control": "no-store", "Vary": "Cookie"}, "text/html; charset=utf-8")

    def text(self, locale: str) -> Callable[..., str]:
        """The catalogue in one language."""

        def say(key: str, /, **values: object) -> str:
            return texts()(locale, key, **values)

        return say

    def remember(self, response: Response, name: str, value: str) -> None:
        """Keep a taste of this browser. It says nothing about the person."""
        response.set_cookie(
            name, value, max_age=int(REMEMBERED.total_seconds()), samesite="lax", httponly=True, secure=self.secure
        )


def csrf_token(owner: str) -> str:
    """The token of every form: bound to the session, and to none before there is one."""
    return index(owner or "nobody", "site.csrf")


def check_form(request: Request, given: str, owner: str) -> None:
    """Raise StalePage unless the form comes from a page of ours, made for this session.

    Before the first message there is no cookie whose power could be abused; then the browser's own word on where
    the form came from is what counts.
    """
    site = request.headers.get("sec-fetch-site", "")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    foreign = site not in {"", "same-origin", "none"} or (
        not site and origin not in {"", request.headers.get("host", "")}
    )
    token = request.headers.get(CSRF_HEADER) or given
    if foreign or token not in {csrf_token(owner), csrf_token("")} or (owner and token != csrf_token(owner)):
        raise StalePage("The page is out of date. Load it again; nothing was sent.")


def wants_json(request: Request) -> bool:
    """The page's script asks for JSON, a form without script for a page."""
    return "application/json" in request.headers.get("accept", "")


def when(now: datetime, at: datetime, zone: ZoneInfo, say: Callable[..., str]) -> str:
    """A time in words: just now, 3 minutes ago, 10:05, 22 Nov 10:05."""
    minutes = int((now - at) / timedelta(minutes=1))
    if minutes < 1:
        return say("time.now")
    if minutes < 60:
        return say("time.minutes", minutes=minutes)
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    if local.date() == now.astimezone(zone).date():
        return clock
    return say("time.day", month=local.month, day=local.day, clock=clock)


def exactly(at: datetime, zone: ZoneInfo, say: Callable[..., str]) -> str:
    """A time in full, for whoever points at it."""
    local = at.astimezone(zone)
    return say("time.exact", year=local.year, month=local.month, day=local.day, clock=f"{local:%H:%M:%S}")
