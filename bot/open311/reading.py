"""What anyone may read of GeoReport: requests, tokens, pictures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, model_validator
from sqlmodel import Session

from bot.hotline.service import Hotline, owner_of
from bot.open311 import store
from bot.open311.answering import answer
from bot.open311.render import Form
from bot.open311.store import MOST, Wanted
from core import files
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import BadInput, NotFound
from core.messages import File

SPAN = timedelta(days=90)
"""The longest time one list covers, as the standard says."""

Count = Callable[[Request], None]
"""Counts a caller's reads; raises TooMany."""


def _parts(texts: list[str]) -> list[str]:
    """The standard lets a name stand several times or its values after each other with commas."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()][:MOST]


Several = Annotated[list[str], AfterValidator(_parts)]


class During(BaseModel):
    """A span of time; a name without a value counts as not given, as the standard says."""

    start_date: datetime | None = None
    end_date: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value not in ("", [""])}


class Asked(During):
    """What a list of requests may be narrowed by."""

    service_request_id: Several = []
    service_code: Several = []
    status: Annotated[list[Annotated[str, Field(pattern="^(open|closed|,)*$")]], AfterValidator(_parts)] = []
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST)] = MOST

    def wanted(self, now: datetime) -> Wanted:
        """As the store understands it: numbers override all else. Raises BadInput for a span too long."""
        offset = (self.page - 1) * self.page_size
        if self.service_request_id:
            return Wanted(numbers=self.service_request_id, limit=self.page_size, offset=offset)
        begin, end = span(now, self.start_date, self.end_date)
        status = self.status[0] if len(set(self.status)) == 1 else ""
        return Wanted(begin, end, (), self.service_code, status, self.page_size, offset)


def add_reading(
    router: APIRouter,
    hotline: Hotline,
    db: Database,
    clock: Clock,
    settings: Settings,
    count: Count,
) -> None:
    @router.get("/requests.{form}")
    async def request_list(form: Form, request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Requests of at most 90 days, latest first; by numbers whatever their age."""
        count(request)
        wanted = asked.wanted(clock())
        found = await db.read(lambda session: store.found(hotline.desk(session), wanted, settings.url))
        return answer(form, "service_requests", found)

    @router.get("/requests/{number}.{form}")
    async def request_one(number: str, form: Form, request: Request) -> Response:
        """One request by its number."""
        count(request)

        def look(session: Session) -> dict[str, Any]:
            desk = hotline.desk(session)
            matter = store.one(desk, number)
            if matter is None:
                raise NotFound("service_request_id provided was not found.")
            return store.shaped(desk, matter, settings.url)

        return answer(form, "service_requests", [await db.read(look)])

    _add_tokens(router, hotline, db, count)
    _add_media(router, hotline, db, count)


def _add_tokens(router: APIRouter, hotline: Hotline, db: Database, count: Count) -> None:
    @router.get("/tokens/{token}.{form}")
    async def request_of_token(token: str, form: Form, request: Request) -> Response:
        """The number that a token stands for. A request has its number at once here: it is its own token."""
        count(request)
        if await db.read(lambda session: store.one(hotline.desk(session), token)) is None:
            raise NotFound("token provided was not found.")
        return answer(form, "service_requests", [{"service_request_id": token, "token": token}])


def _add_media(router: APIRouter, hotline: Hotline, db: Database, count: Count) -> None:
    @router.get("/media/{number}/{file_id}")
    async def media(number: str, file_id: str, request: Request) -> Response:
        """A picture that was handed in with a request."""
        count(request)

        def look(session: Session) -> File:
            matter = store.one(hotline.desk(session), number)
            if matter is None:
                raise NotFound("There is no such file.")
            return files.load(session, file_id, owner_of(matter))

        found = await db.read(look)
        if found.mime not in files.IMAGES:
            raise NotFound("There is no such file.")
        return Response(found.content, media_type=found.mime, headers={"Cache-Control": "public, max-age=86400"})


def span(now: datetime, begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    begin, end = (one.replace(tzinfo=one.tzinfo or UTC) if one else None for one in (begin, end))
    if begin and end and end < begin:
        raise BadInput("end_date lies before start_date.", fields={"end_date": "before start_date"})
    if begin and not end:
        end = min(now, begin + SPAN) if begin < now else begin
    end = end or now
    begin = begin or end - SPAN
    if end - begin > SPAN:
        raise BadInput("At most 90 days in one call.", fields={"start_date": "more than 90 days before end_date"})
    return begin, end
