"""Errors as pages: people get a sentence and a way on where programs get JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from bot.site.pages import Pages
from core.clock import Clock
from core.config import Settings
from core.errors import AppError, TooMany

_MACHINES = ("/api/", "/hooks/", "/open311/", "/metrics", "/healthz", "/readyz")
"""Paths whose callers are programs; they always get JSON."""
_WORDED = frozenset({404, 413, 429, 500})
_Handler = Callable[[Request, Any], Awaitable[Response]]


def install(app: FastAPI, settings: Settings, clock: Clock, *, demo: bool = False) -> None:
    """Add pages to the handlers that ``app`` has. Call after ``core.web.install_error_handlers``."""
    pages = Pages(settings, clock, demo=demo)
    for kind in (AppError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _for_both(pages, app.exception_handlers[kind]))  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _failed(pages))


def refused(settings: Settings, clock: Clock) -> Callable[[Scope, AppError], Response | None]:
    """For ``core.web.BodyLimit``: a page that says how much may be sent at once; None where a program asks."""
    pages = Pages(settings, clock, demo=False)

    def made(scope: Scope, error: AppError) -> Response | None:
        request = Request(scope)
        return page(pages, request, error.status) if for_a_person(request) else None

    return made


def for_a_person(request: Request) -> bool:
    """Whether a browser asks for something to look at."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_MACHINES)


def _for_both(pages: Pages, otherwise: _Handler) -> _Handler:
    async def handle(request: Request, error: Any) -> Response:
        if not for_a_person(request):
            return await otherwise(request, error)
        response = page(pages, request, _status(error))
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
        return response

    return handle


def _status(error: Exception) -> int:
    if isinstance(error, AppError):
        return error.status
    return error.status_code if isinstance(error, HTTPException) else 422


def _failed(pages: Pages) -> _Handler:
    """What nobody foresaw. The server logs it; the person hears that it was not their fault."""

    async def handle(request: Request, _error: Any) -> Response:
        if for_a_person(request):
            return page(pages, request, 500)
        body = b'{"error": "InternalError", "detail": "Something went wrong here; it has been logged."}'
        return Response(body, 500, media_type="application/json")

    return handle


def page(pages: Pages, request: Request, status: int) -> Response:
    """The error page for a status."""
    which = str(status) if status in _WORDED else ("500" if status >= 500 else "other")
    values = {"heading": f"error.heading_{which}", "text": f"error.text_{which}"}
    return pages.render(request, "error.html", values, status=status)
