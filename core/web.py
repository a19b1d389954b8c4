"""What every HTTP route shares: errors rendered in one place, who is asking, sizes, headers, pages of a list."""

import base64
import ipaddress
import logging
import secrets
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Generic, TypeVar

import orjson
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import DataError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import auth, tokens
from core.auth import Principal
from core.clock import Clock
from core.config import Network
from core.db import Database
from core.errors import AppError, BadInput, BadSignature, Forbidden, TooMany, Unauthenticated
from core.people import Role

log = logging.getLogger(__name__)

COOKIE = "sunline"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
T = TypeVar("T")


class ErrorBody(BaseModel):
    """How every error looks."""

    error: str
    detail: str
    fields: dict[str, str] | None = None


class Page(BaseModel, Generic[T]):
    """A part of a list and where the next begins."""

    items: list[T]
    next: str | None = None


def render_error(error: AppError) -> JSONResponse:
    """An AppError as the HTTP answer of CONTRACT: machine name, sentence, fields."""
    body: dict[str, Any] = {"error": error.code, "detail": error.detail}
    if error.fields:
        body["fields"] = error.fields
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, error.status, headers)


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of ``app`` answer in the one form."""

    async def app_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)  # noqa: S101 - narrows the type for the checker
        return render_error(error)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        fields = {
            ".".join(str(part) for part in problem["loc"][1:]) or "body": problem["msg"] for problem in error.errors()
        }
        return render_error(BadInput("Something in the request does not fit; see fields.", fields=fields))

    async def http_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        names = {404: "NotFound", 405: "MethodNotAllowed", 413: "TooLarge"}
        body = {"error": names.get(error.status_code, "HttpError"), "detail": str(error.detail)}
        return JSONResponse(body, error.status_code, dict(error.headers or {}))

    async def out_of_range(_request: Request, _error: Exception) -> Response:
        # A number or date that Python or the database cannot hold, or a NUL that PostgreSQL refuses in a text.
        return render_error(BadInput("A number, date or character in the request is beyond what can be kept."))

    async def forged(_request: Request, _error: Exception) -> Response:
        return JSONResponse({"error": "BadSignature", "detail": "The signature is missing or wrong."}, 403)

    async def unforeseen(_request: Request, _error: Exception) -> Response:
        # The server logs it. This answer is made outside of every middleware, so it brings its own headers.
        body = {"error": "InternalError", "detail": "Something went wrong here; it has been logged."}
        return JSONResponse(body, 500, dict(SecurityHeaders.HEADERS))

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(BadSignature, forged)
    app.add_exception_handler(OverflowError, out_of_range)
    app.add_exception_handler(DataError, out_of_range)
    app.add_exception_handler(Exception, unforeseen)


class Guard:
    """Says who is asking: bearer token, or the browser's cookie with CSRF on everything that changes."""

    def __init__(self, db: Database, clock: Clock, second_factor: Collection[str] = ()) -> None:
        """``second_factor``: the roles that may do nothing by a browser until an authenticator app is set up."""
        self._db = db
        self._clock = clock
        self._second_factor = frozenset(second_factor)

    def wants_second_factor(self, principal: Principal) -> bool:
        """Whether this person has to set up an authenticator app before anything else. Never asked of tokens."""
        return (
            principal.via == "console"
            and not principal.second_factor
            and not self._second_factor.isdisjoint(principal.roles)
        )

    async def principal(self, request: Request) -> Principal:
        """Whoever is asking; raises Unauthenticated when nobody known is, Forbidden for a missing CSRF token."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secret:
            found = await self._db.read(tokens.by_token, self._clock(), secret.strip())
        elif cookie := request.cookies.get(COOKIE):
            now = self._clock()
            found = await self._db.read(auth.by_cookie, now, cookie)
            if found and request.method not in SAFE_METHODS:
                _check_csrf(request, found)
            if found and auth.worth_noting(found, now):
                await self._db.write(auth.touch, now, cookie)
        else:
            found = None
        if found is None:
            raise Unauthenticated("Sign in, or send a valid token as: Authorization: Bearer TOKEN")
        return found

    def needs(self, *roles: Role) -> Callable[[Request], Coroutine[Any, Any, Principal]]:
        """A dependency that lets in only holders of one of these roles (any role when none is named)."""

        async def allowed(request: Request) -> Principal:
            found = await self.principal(request)
            if found.must_change:
                raise Forbidden("Set a password of your own first: POST /api/v1/session/password")
            if self.wants_second_factor(found):
                raise Forbidden("Set up an authenticator app first: POST /api/v1/session/second-factor")
            if roles and not found.has(*roles):
                raise Forbidden(f"This needs one of the roles: {', '.join(roles)}.")
            return found

        allowed.roles = roles  # type: ignore[attr-defined]  # read by the test that lists every route's audience
        return allowed


def _check_csrf(request: Request, principal: Principal) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(given.encode(), principal.csrf.encode()):
        raise Forbidden(f"The page is out of date: load it again. ({CSRF_HEADER} is missing or wrong.)")


def client_address(request: Request, proxies: Sequence[Network]) -> str:
    """The address limits count: the nearest hop that is not one of our own proxies.

    Of IPv6 the first 64 bits: a subscriber has all that begin with them, a limit for each would be none.
    """
    # A proxy may add its hop as a header of its own; the first one alone would be what the caller claims.
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = [part.strip() for part in forwarded.split(",") if part.strip()]
    peer = request.client.host if request.client else ""
    for hop in (peer, *reversed(hops)):
        try:
            address = _plain(ipaddress.ip_address(hop))
        except ValueError:
            return peer
        if not any(address in network for network in proxies):
            return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
    return peer


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address that a listener for both kinds shows as IPv6 is one all the same."""
    return (address.version == 6 and address.ipv4_mapped) or address


def encode_cursor(*key: object) -> str:
    """Where the next page begins, opaque to the caller."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The key inside a cursor; raises BadInput for one we did not make."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"}) from error
    if not isinstance(key, list):
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    return key


class SecurityHeaders:
    """Headers on every answer: no framing, no sniffing, no foreign content."""

    HEADERS = (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        (
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
            "frame-ancestors 'none'; form-action 'self'",
        ),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.HEADERS:
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def require(guard: Guard, *roles: Role) -> Any:
    """``Depends`` on one of these roles, for route signatures."""
    return Depends(guard.needs(*roles))
