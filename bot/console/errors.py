"""What goes wrong in the console, as a page: who is not signed in signs in, everybody else reads what to do next."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from bot.console import sign_in
from bot.console.desk import ChangeFirst, Console, SetUpFirst, problem, words
from bot.pages.forms import StalePage
from bot.pages.taste import taste_of
from core.errors import AppError, TooMany, Unauthenticated
from core.web import SAFE_METHODS

_Handler = Callable[[Request, Any], Awaitable[Response]]
_WORDED = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})
_LIVE = "/console/live"


def install(app: FastAPI, console: Console) -> None:
    """Put the console's pages before the handlers that ``app`` has. Call last."""
    for kind in (AppError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _ours(console, app.exception_handlers[kind]))  # type: ignore[arg-type]


def _ours(console: Console, otherwise: _Handler) -> _Handler:
    async def handle(request: Request, error: Any) -> Response:
        path = request.url.path
        wants_page = "text/html" in request.headers.get("accept", "")
        if not (path == "/console" or path.startswith("/console/")) or not wants_page or path == _LIVE:
            return await otherwise(request, error)
        return answer(console, request, error)

    return handle


def answer(console: Console, request: Request, error: Exception) -> Response:
    """The page for an error."""
    if isinstance(error, Unauthenticated):
        return _sign_in(console, request)
    if isinstance(error, ChangeFirst):
        return RedirectResponse("/console/password", 303)
    if isinstance(error, SetUpFirst):
        return RedirectResponse("/console/second-factor", 303)
    if isinstance(error, StalePage) and (kept := _unsent(request)):
        who = getattr(request.state, "visitor", None)
        return console.render(request, "again.html", {"unsent": kept}, who=who, status=403)
    return _page(console, request, error)


def _sign_in(console: Console, request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in SAFE_METHODS:
        return RedirectResponse(f"{sign_in.PATH}?next={quote(sign_in.inside(here))}", 303)
    say = words().among(taste_of(request).locale)
    kept = _unsent(request)
    fault = say("sign_in.over_kept" if kept else "sign_in.over")
    came_from = request.headers.get("referer", "").partition("/console")
    back = sign_in.inside("/console" + came_from[2]) if came_from[1] else sign_in.HOME
    return sign_in.page(console, request, status=401, next_=back, kept=kept, fault=fault)


def _unsent(request: Request) -> sign_in.Unsent | None:
    form = getattr(request.state, "unsent", None)
    path = request.url.path
    return sign_in.unsent(path, form) if isinstance(form, FormData) and path not in _NEVER_KEPT else None


_NEVER_KEPT = frozenset({"/console/password", "/console/sign-out", "/console/second-factor"})
"""Forms with secrets, and those nobody would want to send later."""


def _page(console: Console, request: Request, error: Exception) -> Response:
    status = _status(error)
    say = words().among(taste_of(request).locale)
    which = str(status) if status in _WORDED else ("500" if status >= 500 else "400")
    values = {
        "status": status,
        "heading": say(f"error.heading_{which}"),
        "text": problem(error, say) if isinstance(error, AppError) and status not in {403, 404} else "",
        "advice": say(f"error.advice_{which}"),
    }
    who = getattr(request.state, "visitor", None)
    response = console.render(request, "error.html", values, who=who, status=status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    return response


def _status(error: Exception) -> int:
    if isinstance(error, AppError):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    return 422 if isinstance(error, RequestValidationError) else 500
