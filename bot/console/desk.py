"""What every page of the console is given: who is signed in, rendering, forms, redirects with a sentence.

A page is a route with ``visit: Annotated[Visit, console.needs(Role.AGENT)]``; see docs/develop/console.md.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from bot.console import flash, menu
from bot.console.flash import Flash, Undo
from bot.house import House
from bot.pages.forms import StalePage, foreign
from bot.pages.render import Renderer
from bot.pages.static import StaticFolder
from bot.pages.taste import taste_of
from bot.pages.words import Say, Words, shared
from core import auth
from core.auth import Principal
from core.errors import AppError, BadInput, Forbidden, Unauthenticated
from core.i18n import Catalogue
from core.people import Role
from core.web import COOKIE, CSRF_HEADER, SAFE_METHODS

FOLDER = Path(__file__).parent
STATIC = StaticFolder("/console-static", FOLDER / "static")
FORM_MAX_PARTS = 2_000
"""Fields of one form: a list of a hundred matters has two for each."""


@cache
def words() -> Words:
    """The console's words: every folder under ``texts`` is a catalogue of its own, one for each group of pages."""
    folders = [folder for folder in (files("bot.console") / "texts").iterdir() if folder.is_dir()]
    found = [folder for folder in folders if (folder / "zh-Hans.toml").is_file()]
    return Words(shared(), *(Catalogue.load(folder) for folder in sorted(found, key=lambda one: one.name)))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who signed in."""

    console: "Console"
    request: Request
    who: Principal
    form: FormData = field(default_factory=FormData)

    @property
    def house(self) -> House:
        """The services."""
        return self.console.house

    @property
    def say(self) -> Say:
        """The console's words in this browser's language."""
        return words().among(self.locale)

    @property
    def locale(self) -> str:
        """The language of this browser."""
        return taste_of(self.request).locale

    def text(self, name: str) -> str:
        """A field of the form as text, with plain line ends; empty when it was not sent."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file; None when none was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def chosen_file(self, name: str) -> UploadFile:
        """An uploaded file; raises BadInput when none was chosen."""
        if found := self.file(name):
            return found
        raise BadInput("Choose a file first.", fields={name: "missing"})

    def given(self) -> dict[str, str]:
        """Every text of the form, to show it again beside what is wrong with it."""
        return {name: self.text(name) for name in self.form}

    def render(self, template: str, /, *, status: int = 200, said: Flash | None = None, **values: Any) -> Response:
        """A page. ``said`` is shown on top in place of what the page before wanted to say."""
        return self.console.render(self.request, template, values, who=self.who, status=status, said=said)

    def go(self, path: str, key: str = "", /, tone: str = "ok", undo: Undo | None = None, **values: Any) -> Response:
        """On to another page (POST → redirect → GET), where the text ``key`` is said, with a way back if there is."""
        response = RedirectResponse(path, 303)
        if key:
            flash.put(response, Flash(key, values, tone, undo), secure=self.console.pages.secure)
        return response


class Console:
    """What the console's pages share."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.pages = Renderer(
            house.settings,
            house.clock,
            templates=FOLDER / "templates",
            words=words(),
            static=STATIC,
            demo=house.demo,
        )

    def needs(self, *roles: Role, settled: bool = True) -> Any:
        """``Depends``: whoever signed in and holds one of these roles (any, when none is named).

        ``settled``: also has a password of their own and, where their role asks for it, an authenticator app.
        """
        return Depends(self.visitor(*roles, settled=settled))

    def visitor(self, *roles: Role, settled: bool = True) -> Callable[[Request], AsyncIterator[Visit]]:
        """As ``needs``, as a dependency of its own. Raises Unauthenticated, Forbidden, StalePage.

        What was uploaded is forgotten when the answer is on its way.
        """

        async def allowed(request: Request) -> AsyncIterator[Visit]:
            form = await _form(request)
            try:
                yield await self._let_in(request, form, roles, settled=settled)
            finally:
                await form.close()

        allowed.roles = roles  # type: ignore[attr-defined]  # read by the test that lists every route's audience
        return allowed

    async def _let_in(self, request: Request, form: FormData, roles: tuple[Role, ...], *, settled: bool) -> Visit:
        who = await self._who(request, form)
        request.state.visitor = who
        if who.must_change and settled:
            raise ChangeFirst("Set a password of your own first.")
        if settled and self.house.guard.wants_second_factor(who):
            raise SetUpFirst("Set up an authenticator app first.")
        if roles and not who.has(*roles):
            raise Forbidden(f"This needs one of the roles: {', '.join(roles)}.")
        return Visit(self, request, who, form)

    async def found(self, request: Request) -> Principal | None:
        """Whoever this browser is signed in as, None for nobody."""
        cookie = request.cookies.get(COOKIE, "")
        return await self.house.db.read(auth.by_cookie, self.house.clock(), cookie) if cookie else None

    async def _who(self, request: Request, form: FormData) -> Principal:
        if request.headers.get("authorization"):
            return await self.house.guard.principal(request)
        cookie, now = request.cookies.get(COOKIE, ""), self.house.clock()
        found = await self.found(request)
        if found is None:
            _keep(request, form)
            raise Unauthenticated("Sign in to go on.")
        request.state.visitor = found
        if request.method not in SAFE_METHODS:
            _check_token(request, form, found)
        if auth.worth_noting(found, now):
            await self.house.db.write(auth.touch, now, cookie)
        return found

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any],
        *,
        who: Principal | None = None,
        status: int = 200,
        said: Flash | None = None,
    ) -> Response:
        """A page of the console, for somebody or (sign-in, errors) for nobody."""
        told = said or flash.take(request)
        known = told if told and told.key in words().keys else None
        say = words().among(taste_of(request).locale)
        response = self.pages.render(
            request,
            template,
            {
                "who": who,
                "roles": sorted(who.roles) if who else [],
                "csrf": who.csrf if who else "",
                "menu": menu.seen_by(who) if who else [],
                "current": menu.current(request.url.path),
                "said": _said(known, say) if known else None,
                "named": lambda group, value: named(say, group, value),
                **values,
            },
            status=status,
        )
        if flash.COOKIE in request.cookies:
            flash.drop(response)
        return response


class ChangeFirst(Forbidden):
    """A one-time password was used: nothing else opens before it is changed."""


class SetUpFirst(Forbidden):
    """This role signs in with an authenticator app: nothing else opens before one is set up."""


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    tone: str
    undo: Undo | None = None


def _said(told: Flash, say: Say) -> _Said | None:
    try:
        return _Said(say(told.key, **told.values), told.tone, told.undo)
    except (KeyError, ValueError, IndexError):
        return None


async def _form(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in SAFE_METHODS or kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return FormData()
    return await request.form(max_fields=FORM_MAX_PARTS)


def _keep(request: Request, form: FormData) -> None:
    """Let the error page show the form again, unless another site made it: nobody shall send that by mistake."""
    if not foreign(request):
        request.state.unsent = form


def _check_token(request: Request, form: FormData, who: Principal) -> None:
    """Raise StalePage unless the form was made by a page of ours for this session."""
    given = request.headers.get(CSRF_HEADER) or form.get("csrf", "")
    right = isinstance(given, str) and secrets.compare_digest(given.encode(), who.csrf.encode())
    if foreign(request) or not right:
        _keep(request, form)
        raise StalePage("The page is out of date. Load it again; nothing was sent.")


def named(say: Say, group: str, value: str) -> str:
    """The word for a value out of an open list (``event.dispatch``), the value itself where there is none."""
    key = f"{group}.{value}"
    return say(key) if key in words().keys else value


def problem(error: AppError, say: Say) -> str:
    """What an error says to whoever sits at the console; its own sentence where we have no better one."""
    key = f"error.code_{error.code}"
    return say(key) if key in words().keys else error.detail


def problems(error: AppError, say: Say) -> dict[str, str]:
    """What is wrong with each field, in words."""
    return {name: _wrong(what, say) for name, what in error.fields.items()}


def _wrong(what: str, say: Say) -> str:
    key = "wrong." + "_".join(what.lower().split())
    return say(key) if key in words().keys else what
