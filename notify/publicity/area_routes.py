"""Areas over HTTP: anyone may read the tree, the office adds to it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, require
from notify.publicity import areas
from notify.publicity.area_models import Area


class AreaIn(BaseModel):
    """An area to add: its level, its name, and what it lies in, by id or name."""

    level: str = Field(max_length=12)
    name: str = Field(min_length=1, max_length=areas.MAX_NAME)
    parent: str = Field("", max_length=200)
    code: str = Field("", max_length=20)


class AreaOut(BaseModel):
    """An area. ``path`` are the names from the widest to its own."""

    id: str
    level: str
    name: str
    code: str
    parent_id: str | None
    path: list[str]

    @classmethod
    def of(cls, area: Area) -> "AreaOut":
        """From its row."""
        kept = area.model_dump(include={"id", "level", "name", "code", "parent_id"})
        return cls(**kept, path=area.path.split("/"))


def build_router(db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """``/api/v1/areas``."""
    router = APIRouter(prefix="/api/v1/areas", tags=["areas"])
    once = Once(db, clock)

    @router.get("")
    async def listed(
        q: Annotated[str, Query(max_length=100)] = "",
        parent: Annotated[str | None, Query(max_length=32)] = None,
        level: Annotated[str, Query(max_length=12)] = "",
    ) -> Page[AreaOut]:
        """The areas; ``q`` finds them by name, ``parent`` gives those right below one."""
        found = await db.read(areas.search, q) if q else await db.read(areas.listed, parent, level)
        return Page(items=[AreaOut.of(area) for area in found])

    @router.post("", status_code=201, response_model=AreaOut)
    async def add(
        body: AreaIn, request: Request, who: Annotated[Principal, require(guard, Role.ADMIN, Role.EDITOR)]
    ) -> Response:
        """Add one area; the one that is there already is the answer as it is."""

        def work(session: Session) -> AreaOut:
            made = areas.add(session, clock(), who.actor, body.level, body.name, body.parent, body.code)
            return AreaOut.of(made)

        return await once(request, who.identity, lambda: db.write(work))

    return router
