"""``/api/v1/webhooks``: which systems are told of changes."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.auth import Principal
from core.db import Database
from core.people import Role
from core.web import Guard, require
from notify.webhooks.models import WebhookEndpoint
from notify.webhooks.service import Webhooks, shown_secret


class WebhookIn(BaseModel):
    """A system to tell. ``events`` are patterns: ``matter.*``, ``document.issue``."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    url: Annotated[str, Field(min_length=8, max_length=2000)]
    events: Annotated[list[str], Field(min_length=1, max_length=50)]


class WebhookOut(BaseModel):
    """A system that is told; its address is not shown again, it may hold a token."""

    id: str
    name: str
    events: list[str]
    created_at: datetime

    @classmethod
    def of(cls, row: WebhookEndpoint) -> "WebhookOut":
        """From its row."""
        return cls(id=row.id, name=row.name, events=row.events, created_at=row.created_at)


class WebhookMade(WebhookOut):
    """A system just added, with the secret its webhooks are signed with: shown once."""

    secret: str


class TestSent(BaseModel):
    """The message whose fate ``/api/v1/messages/{id}`` shows."""

    message: str


def build_router(webhooks: Webhooks, db: Database, guard: Guard) -> APIRouter:
    """Every route of webhooks; administrators only."""
    router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
    admin = require(guard, Role.ADMIN)

    @router.get("")
    async def listed(_who: Principal = admin) -> list[WebhookOut]:
        """Who is told."""
        return [WebhookOut.of(row) for row in await db.read(webhooks.listed)]

    @router.post("", status_code=201)
    async def add(body: WebhookIn, who: Principal = admin) -> WebhookMade:
        """Tell a system of what happens from now on."""

        def work(session: Session) -> dict[str, Any]:
            row = webhooks.add(session, body.name, body.url, body.events, who.actor)
            return WebhookOut.of(row).model_dump()

        return WebhookMade(**await db.write(work), secret=shown_secret(body.url))

    @router.delete("/{endpoint}", status_code=204)
    async def remove(endpoint: str, who: Principal = admin) -> None:
        """Tell it nothing more."""
        await db.write(webhooks.remove, endpoint, who.actor)

    @router.post("/{endpoint}/test", status_code=202)
    async def test(endpoint: str, _who: Principal = admin) -> TestSent:
        """Send a test event."""
        return TestSent(message=await db.write(webhooks.test, endpoint))

    return router
