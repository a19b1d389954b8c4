"""Subscriptions over HTTP: anyone may ask for one with a number of their own; the office sees how many there are."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import NotFound
from core.idempotent_route import Once
from core.limits import RateLimit
from core.people import Role
from core.web import Guard, Page, client_address, require
from notify.publicity import areas
from notify.publicity.subscriptions import Subscriptions
from notify.publicity.topics import Topic

ASKED_PER_MINUTE = 5
"""Codes asked for from one address."""
_NOT_FOUND = "The code does not fit, or is too old. Ask for a new one."


class SubscribeIn(BaseModel):
    """Who wants to hear of what, and where; ``area`` empty for the whole office."""

    topic: str = Field(min_length=1, max_length=60)
    area: str = Field("", max_length=200)
    phone: str = Field(min_length=5, max_length=30)
    locale: str = Field("zh-Hans", max_length=10)


class AskedOut(BaseModel):
    """What the subscription is confirmed with, beside the code that was sent."""

    id: str
    state: str = "pending"


class CodeIn(BaseModel):
    """The code from the message."""

    code: str = Field(min_length=1, max_length=20)


class CountOut(BaseModel):
    """How many addresses are subscribed."""

    topic: str
    area: str | None
    subscribers: int


class TopicBody(BaseModel):
    """A topic: its id, labels by locale (zh-Hans is needed), other names for it."""

    id: str = Field(min_length=1, max_length=40, pattern=r"^[a-z0-9_-]+$")
    labels: dict[str, str] = Field(max_length=3)
    aliases: list[str] = Field(default_factory=list, max_length=40)
    active: bool = True

    @classmethod
    def of(cls, topic: Topic) -> "TopicBody":
        """From the topic."""
        return cls(id=topic.id, labels=dict(topic.labels), aliases=list(topic.aliases))


def build_router(
    subscriptions: Subscriptions, db: Database, clock: Clock, guard: Guard, settings: Settings
) -> APIRouter:
    """``/api/v1/subscriptions`` and its topics."""
    router = APIRouter(prefix="/api/v1/subscriptions", tags=["subscriptions"])
    once = Once(db, clock)
    asked_lately = RateLimit(ASKED_PER_MINUTE, clock)
    codes_lately = RateLimit(settings.limit_lookup, clock)
    editor = require(guard, Role.ADMIN, Role.EDITOR)

    @router.post("", status_code=202, response_model=AskedOut)
    async def ask(body: SubscribeIn, request: Request) -> Response:
        """Ask for a topic's alerts. The number gets a code and nothing else until it is confirmed."""
        address = client_address(request, settings.proxies)
        asked_lately.check(address, "That was a lot at once. Please wait a minute.")

        def work(session: Session) -> AskedOut:
            topic = subscriptions.topic(session, body.topic)
            area = areas.resolve(session, body.area) if body.area.strip() else None
            return AskedOut(id=subscriptions.ask(session, body.phone, topic, area, body.locale))

        return await once(request, address, lambda: db.write(work), status=202)

    @router.post("/{subscription_id}/confirm", status_code=204)
    async def confirm(subscription_id: str, body: CodeIn, request: Request) -> None:
        """Confirm with the code that was sent."""
        codes_lately.check(client_address(request, settings.proxies), "Too many tries. Please try again later.")
        if not await db.write(subscriptions.confirm, subscription_id, body.code):
            raise NotFound(_NOT_FOUND)

    @router.get("/topics")
    async def topics() -> Page[TopicBody]:
        """What may be subscribed to."""
        return Page(items=[TopicBody.of(topic) for topic in await db.read(subscriptions.topics)])

    @router.post("/topics", status_code=201)
    async def set_topic(body: TopicBody, who: Annotated[Principal, editor]) -> TopicBody:
        """Add a topic, or change one; ``active`` false takes it off the list."""
        made = Topic(body.id, body.labels, tuple(body.aliases))
        await db.write(_put, subscriptions, who, made, body.active)
        return body

    @router.get("")
    async def counts(
        _who: Annotated[Principal, require(guard, Role.ADMIN, Role.EDITOR, Role.REVIEWER)],
    ) -> Page[CountOut]:
        """How many addresses are subscribed, by topic and area; never who."""
        rows: list[dict[str, Any]] = await db.read(subscriptions.counts)
        return Page(items=[CountOut(**row) for row in rows])

    return router


def _put(session: Session, subscriptions: Subscriptions, who: Principal, made: Topic, active: bool) -> None:
    subscriptions.set_topic(session, who, made, active=active)
