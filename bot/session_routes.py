"""Signing in and out, a password of one's own, and the second factor."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from core import auth, second_factor
from core.auth import Principal
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.entrance import Entrance
from core.errors import Forbidden
from core.limits import RateLimit
from core.web import COOKIE, Guard, client_address

_TRIES_PER_MINUTE = 20


class SignIn(BaseModel):
    """Name and password; the code where a second factor is set up (the answer is 401 CodeNeeded until it is given)."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(max_length=40, description="Six digits of the app, or a recovery code")] = ""


class NewPassword(BaseModel):
    """The present password and the one to come."""

    old: Annotated[str, Field(max_length=200)]
    new: Annotated[str, Field(max_length=200)]


class Me(BaseModel):
    """Who is signed in. ``csrf`` goes into the X-CSRF-Token header of everything that changes."""

    name: str
    roles: list[str]
    unit: str | None
    csrf: str
    must_change_password: bool
    second_factor: bool
    must_set_up_second_factor: bool


class CodeIn(BaseModel):
    """A code of the authenticator app, or a recovery code."""

    code: Annotated[str, Field(max_length=40)] = ""


class BegunOut(BaseModel):
    """What an authenticator app needs; ``svg`` is the QR code of ``uri``."""

    secret: str
    uri: str
    svg: str


class RecoveryOut(BaseModel):
    """Recovery codes, shown once; each opens once when the phone is lost."""

    recovery: list[str]


def _me(principal: Principal, guard: Guard) -> Me:
    return Me(
        name=principal.name,
        roles=sorted(principal.roles),
        unit=principal.unit_id,
        csrf=principal.csrf,
        must_change_password=principal.must_change,
        second_factor=principal.second_factor,
        must_set_up_second_factor=guard.wants_second_factor(principal),
    )


def set_cookie(response: Response, cookie: str, settings: Settings) -> None:
    """Hand the browser its session: over https only where the service has it, and out of reach of scripts."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(auth.SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings.url.startswith("https://"),
    )


def build_router(db: Database, clock: Clock, guard: Guard, settings: Settings, entrance: Entrance) -> APIRouter:
    """``/api/v1/session``."""
    router = APIRouter(prefix="/api/v1/session", tags=["session"])
    tries = RateLimit(_TRIES_PER_MINUTE, clock)

    @router.post("")
    async def sign_in(body: SignIn, request: Request, response: Response) -> Me:
        """Sign in; sets the session cookie. Five wrong passwords or codes lock the account for 15 minutes."""
        tries.check(client_address(request, settings.proxies), "Too many tries from this address; wait a minute.")
        former = request.cookies.get(COOKIE, "")
        entered = await entrance.sign_in(body.name, body.password, body.code, former=former)
        set_cookie(response, entered.cookie, settings)
        return _me(entered.principal, guard)

    @router.get("")
    async def who(request: Request) -> Me:
        """Who is signed in."""
        return _me(await guard.principal(request), guard)

    @router.delete("", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        """End this session."""
        await guard.principal(request)
        await db.write(auth.sign_out, request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE)

    @router.post("/password", status_code=204)
    async def change_password(body: NewPassword, request: Request) -> None:
        """Set another password; every session of the account ends, this one too."""
        principal = await guard.principal(request)
        await entrance.change_password(principal.ref, body.old, body.new)

    _add_second_factor(router, db, clock, guard, settings, entrance)
    return router


def _add_second_factor(
    router: APIRouter, db: Database, clock: Clock, guard: Guard, settings: Settings, entrance: Entrance
) -> None:
    async def person(request: Request) -> Principal:
        who = await guard.principal(request)
        if who.via != "console":
            raise Forbidden("A second factor belongs to an account that signs in, not to a token.")
        return who

    @router.post("/second-factor", status_code=201)
    async def begin(request: Request) -> BegunOut:
        """Begin to set up an authenticator app; it counts once confirmed by its first code."""
        who = await person(request)
        begun = await db.write(second_factor.begin, clock(), who.ref, who.name, settings.office_name)
        return BegunOut(**begun._asdict())

    @router.post("/second-factor/confirm")
    async def confirm(body: CodeIn, request: Request) -> RecoveryOut:
        """The first code of the app: from now on signing in asks for one."""
        who = await person(request)
        codes = await db.write(second_factor.confirm, clock(), who.actor, who.ref, body.code)
        return RecoveryOut(recovery=codes)

    @router.post("/second-factor/recovery")
    async def recovery(body: CodeIn, request: Request) -> RecoveryOut:
        """New recovery codes; the former ones end."""
        who = await person(request)
        await entrance.check_code(who.ref, body.code)
        return RecoveryOut(recovery=await db.write(second_factor.new_recovery_codes, clock(), who.actor, who.ref))

    @router.post("/second-factor/remove", status_code=204)
    async def remove(body: CodeIn, request: Request) -> None:
        """Take the app away, for example to set up another phone. Needs a code of it, or a recovery code."""
        who = await person(request)
        await entrance.check_code(who.ref, body.code)
        await db.write(second_factor.remove, clock(), who.actor, who.ref)
