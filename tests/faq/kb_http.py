"""The knowledge base behind HTTP, with made-up people of every role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import Session

from core.audit import OPERATOR
from core.clock import ManualClock
from core.config import Settings, load_settings
from core.db import Database
from core.people import Person, Role
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from faq.routes import build_router
from faq.service import FaqService
from tests.faq.kb import opened


def _token(session: Session, clock: ManualClock, name: str, *roles: Role) -> str:
    person = Person(name=name, created_at=clock())
    session.add(person)
    session.flush()
    return create_token(session, clock(), OPERATOR, name, list(roles), person_id=person.id)


class Http:
    """A client for one application, with a token for each role."""

    def __init__(self, client: httpx.AsyncClient, service: FaqService, tokens: dict[str, str]) -> None:
        self.client = client
        self.service = service
        self._tokens = tokens

    async def __call__(self, method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {self._tokens[who]}"} if who else {})
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def ok(self, method: str, path: str, who: str = "", status: int = 200, **more: Any) -> Any:
        answer = await self(method, path, who, **more)
        assert answer.status_code == status, answer.text
        return answer.json()


@asynccontextmanager
async def serving(db: Database, clock: ManualClock, settings: Settings | None = None) -> AsyncIterator[Http]:
    settings = settings or load_settings(limit_ask=10_000)
    roles = {"editor": (Role.EDITOR,), "second": (Role.EDITOR,), "reviewer": (Role.REVIEWER,),
             "both": (Role.EDITOR, Role.REVIEWER), "agent": (Role.AGENT,)}  # fmt: skip
    tokens = {}
    for name, held in roles.items():
        tokens[name] = await db.write(_token, clock, name, *held)
    async with opened(db, clock) as service:
        app = FastAPI()
        install_error_handlers(app)
        app.include_router(build_router(service, db, clock, Guard(db, clock), settings, max_upload=100_000))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Http(client, service, tokens)
