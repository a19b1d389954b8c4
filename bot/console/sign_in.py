"""Signing in and out, a password of one's own, language. What could not be sent because the session had ended is kept.

A form that arrives after the session ended is not lost: it travels through the sign-in page as hidden fields and is
shown again afterwards, to be sent once more by whoever signed in.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from bot.console.desk import Console, Visit, problem, problems, words
from bot.pages.forms import StalePage, check_own
from bot.pages.taste import keep_taste, taste_of
from bot.session_routes import set_cookie
from core import auth
from core.entrance import CodeNeeded, WrongCode
from core.errors import AppError, BadInput, TooMany, Unauthenticated
from core.limits import RateLimit
from core.web import COOKIE, client_address

HOME = "/console"
PATH = "/console/sign-in"
_TRIES_PER_MINUTE = 20
_KEPT_MAX = 200_000
"""Characters of an unsent form that are kept over signing in."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that came too late: where it was going, and its fields."""

    path: str
    fields: list[tuple[str, str]]

    def packed(self) -> str:
        """As the hidden field of the sign-in page."""
        return orjson.dumps([self.path, self.fields]).decode()


def unsent(path: str, form: FormData) -> Unsent | None:
    """What is worth keeping of a form; None when nothing is, or it is too much."""
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"]
    written = any(value.strip() for name, value in fields if name != "version")
    kept = Unsent(path, fields)
    return kept if written and len(kept.packed()) <= _KEPT_MAX else None


def unpacked(text: str) -> Unsent | None:
    """The form inside the hidden field; None for what we did not write."""
    if not text or len(text) > _KEPT_MAX:
        return None
    try:
        path, fields = orjson.loads(text)
        kept = Unsent(str(path), [(str(name), str(value)) for name, value in fields])
    except (ValueError, TypeError):
        return None
    return kept if inside(kept.path) == kept.path else None


def inside(path: str) -> str:
    """A path within the console, the home page for anything else."""
    fits = (path == HOME or path.startswith((HOME + "/", HOME + "?"))) and not path.startswith(PATH)
    return path if fits and "\\" not in path and path.isprintable() else HOME


def page(
    console: Console, request: Request, *, status: int = 200, name: str = "", next_: str = HOME,
    kept: Unsent | None = None, fault: str = "", ask_code: bool = False,
) -> Response:  # fmt: skip
    """The sign-in page."""
    values = {
        "name": name,
        "next": next_,
        "kept": kept.packed() if kept else "",
        "fault": fault,
        "ask_code": ask_code,
    }
    return console.render(request, "sign_in.html", values, status=status)


def build_router(console: Console) -> APIRouter:
    """``/console/sign-in`` and its neighbours."""
    router = APIRouter(prefix="/console", include_in_schema=False)
    tries = RateLimit(_TRIES_PER_MINUTE, console.house.clock)

    @router.get("/sign-in")
    async def ask(request: Request, next: str = HOME) -> Response:
        if await console.found(request):
            return RedirectResponse(inside(next), 303)
        return page(console, request, next_=inside(next))

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await request.form(max_fields=20)
        given = {name: value for name, value in form.items() if isinstance(value, str)}
        return await _enter(console, tries, request, given)

    @router.post("/taste")
    async def taste(request: Request) -> Response:
        """Language and type size of this browser; no harm in a forged one."""
        form = await request.form(max_fields=5)
        response = RedirectResponse(inside(str(form.get("back", HOME))), 303)
        keep_taste(
            response, lang=str(form.get("lang", "")), size=str(form.get("size", "")), secure=console.pages.secure
        )
        return response

    _add_own(router, console)
    return router


async def _enter(console: Console, tries: RateLimit, request: Request, given: dict[str, str]) -> Response:
    say, kept = words().among(taste_of(request).locale), unpacked(given.get("kept", ""))
    shown: dict[str, Any] = {"name": given.get("name", "")[:60], "next_": inside(given.get("next", HOME)), "kept": kept}
    try:
        check_own(request)
        tries.check(client_address(request, console.house.settings.proxies), "Too many tries; wait a minute.")
        entered = await console.house.entrance.sign_in(
            shown["name"].strip(),
            given.get("password", "")[:200],
            given.get("code", "")[:40],
            former=request.cookies.get(COOKIE, ""),
        )
    except (Unauthenticated, TooMany, StalePage) as error:
        fault = "sign_in.wrong" if error.code == "Unauthenticated" else f"error.code_{error.code}"
        ask_code = isinstance(error, CodeNeeded | WrongCode)
        return page(console, request, status=error.status, fault=say(fault), ask_code=ask_code, **shown)
    who = entered.principal
    if kept and not who.must_change:
        values = {"unsent": kept, "who": who}
        response = console.render(request, "again.html", values, who=who)
    else:
        response = RedirectResponse("/console/password" if who.must_change else shown["next_"], 303)
    set_cookie(response, entered.cookie, console.house.settings)
    return response


def _add_own(router: APIRouter, console: Console) -> None:
    @router.post("/sign-out")
    async def sign_out(visit: Annotated[Visit, console.needs(settled=False)]) -> Response:
        await console.house.db.write(auth.sign_out, visit.request.cookies.get(COOKIE, ""))
        response = visit.go(PATH, "sign_in.out")
        response.delete_cookie(COOKIE)
        return response

    @router.get("/password")
    async def password(visit: Annotated[Visit, console.needs(settled=False)]) -> Response:
        return visit.render("password.html", wrong={})

    @router.post("/password")
    async def change(visit: Annotated[Visit, console.needs(settled=False)]) -> Response:
        """Set another password; every session of the account ends, so one signs in again."""
        try:
            if visit.text("new") != visit.text("again"):
                raise BadInput("The two are not alike.", fields={"again": "not alike"})
            await console.house.entrance.change_password(visit.who.ref, visit.text("old"), visit.text("new"))
        except AppError as error:
            wrong = problems(error, visit.say) or {"old": problem(error, visit.say)}
            return visit.render("password.html", status=error.status, wrong=wrong)
        response = visit.go(PATH, "password.done")
        response.delete_cookie(COOKIE)
        return response
