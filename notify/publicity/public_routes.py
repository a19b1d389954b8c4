"""``/api/v1/notices`` as anyone may call it: the list, one notice, one's own entry, objections, opinions."""

from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.clock import Clock, office_day
from core.config import Settings
from core.db import Database
from core.idempotent_route import Once
from core.limits import RateLimit
from core.web import Page, client_address, decode_cursor, encode_cursor
from notify.publicity import public
from notify.publicity.public import EntryLine, NoticeLine, PublicNotice, Wanted

OBJECTIONS_PER_MINUTE = 5


class ObjectionIn(BaseModel):
    """What somebody objects to, in their words; ``kind`` as in OFFICE: area, amount, name, missing, unpaid, others."""

    text: str = Field(min_length=2, max_length=2000)
    kind: str = Field("", max_length=16)
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=30)
    locale: str = Field("zh-Hans", max_length=10)


class HandedOut(BaseModel):
    """A matter's number and access code; ``reviewer`` is who looks into it."""

    number: str
    code: str
    kind: str = ""
    reviewer: str = ""
    confidential: bool = False


class EntryIn(BaseModel):
    """By what one's own entry is found: the full name and the last four digits of the number on the list."""

    name: str = Field(min_length=1, max_length=60)
    last4: str = Field(min_length=4, max_length=8)


class TakeWords(Protocol):
    """Makes a matter of an objection or an opinion; handed in by ``main``."""

    def __call__(self, session: Session, notice_id: str, given: ObjectionIn, key: str) -> HandedOut:
        """The matter's number and code. Raises NotFound, BadInput."""


def build_router(db: Database, clock: Clock, settings: Settings, objection: TakeWords, opinion: TakeWords) -> APIRouter:
    """The public routes of notices."""
    router = APIRouter(prefix="/api/v1/notices", tags=["notices"])
    _add_reading(router, db, clock, settings)
    for name, take in (("objections", objection), ("opinions", opinion)):
        _add_words(router, db, clock, settings, name, take)
    return router


def _add_reading(router: APIRouter, db: Database, clock: Clock, settings: Settings) -> None:
    lookups = RateLimit(settings.limit_lookup, clock)

    @router.get("")
    async def listed(
        kind: Annotated[str, Query(max_length=12)] = "",
        q: Annotated[str, Query(max_length=60)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Page[NoticeLine]:
        """Public notices, the newest first."""
        before = str(next(iter(decode_cursor(cursor)), "")) if cursor else ""
        today = office_day(clock(), settings.zone)
        items, following = await db.read(public.listed, today, Wanted(kind, q, before), limit)
        return Page(items=items, next=encode_cursor(following) if following else None)

    @router.get("/{notice_id}")
    async def one(
        notice_id: str,
        after: Annotated[int, Query(ge=0)] = 0,
        area: Annotated[str, Query(max_length=120)] = "",
    ) -> PublicNotice:
        """One notice; its list comes in parts of 50, names masked."""
        today = office_day(clock(), settings.zone)
        return await db.read(lambda session: public.one(session, notice_id, today, after=after, area=area))

    @router.post("/{notice_id}/entry")
    async def entry(notice_id: str, body: EntryIn, request: Request) -> Page[EntryLine]:
        """One's own entry; empty when nothing fits. Few tries a minute."""
        lookups.check(client_address(request, settings.proxies), "Too many tries. Please wait a minute.")
        return Page(items=await db.read(public.own_entries, notice_id, body.name, body.last4))


def _add_words(router: APIRouter, db: Database, clock: Clock, settings: Settings, name: str, take: TakeWords) -> None:
    lately, once = RateLimit(OBJECTIONS_PER_MINUTE, clock), Once(db, clock)

    async def hand_in(notice_id: str, body: ObjectionIn, request: Request) -> Response:
        address = client_address(request, settings.proxies)
        lately.check(address, "That was a lot at once. Please wait a minute.")
        return await once(request, address, lambda: db.write(take, notice_id, body, ""))

    hand_in.__doc__ = _DOCS[name]
    register: Callable[..., object] = router.post(
        f"/{{notice_id}}/{name}", status_code=201, response_model=HandedOut, name=name
    )
    register(hand_in)


_DOCS = {
    "objections": "Object to a notice; it becomes a matter that the level above the list's author reviews.",
    "opinions": "An opinion on a consultation; it becomes a suggestion.",
}
