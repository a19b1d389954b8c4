"""Signing in and out, and setting a password of one's own."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from core import auth
from core.auth import Principal
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import Unauthenticated
from core.limits import RateLimit
from core.web import COOKIE, Guard, client_address

_TRIES_PER_MINUTE = 20


class SignIn(BaseModel):
    """Name and password."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


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


def _me(principal: Principal) -> Me:
    return Me(
        name=principal.name,
        roles=sorted(principal.roles),
        unit=principal.unit_id,
        csrf=principal.csrf,
        must_change_password=principal.must_change,
    )


def build_router(db: Database, clock: Clock, guard: Guard, settings: Settings) -> APIRouter:
    """``/api/v1/session``."""
    router = APIRouter(prefix="/api/v1/session", tags=["session"])
    tries = RateLimit(_TRIES_PER_MINUTE, clock)

    @router.post("")
    async def sign_in(body: SignIn, request: Request, response: Response) -> Me:
        """Sign in; sets the session cookie. Five wrong passwords lock the account for 15 minutes."""
        tries.check(client_address(request, settings.proxies), "Too many tries from this address; wait a minute.")
        found = await db.write(auth.sign_in, clock(), body.name, body.password)
        if found is None:
            raise Unauthenticated("The name or the password is not right.")
        cookie, principal = found
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(auth.SESSION_LENGTH.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=settings.url.startswith("https://"),
        )
        return _me(principal)

    @router.get("")
    async def who(request: Request) -> Me:
        """Who is signed in."""
        return _me(await guard.principal(request))

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
        await db.write(auth.change_password, clock(), principal.ref, body.old, body.new)

    return router
