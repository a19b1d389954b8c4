"""``/api/v1/staff/canned``: the replies kept for use again."""

from typing import Annotated

from fastapi import APIRouter
from sqlmodel import Session

from bot.hotline import canned, moves
from bot.hotline.canned import CannedIn, CannedOut
from bot.hotline.service import Hotline
from bot.hotline.words import Kind
from core.auth import Principal
from core.db import Database
from core.people import Role
from core.web import Guard, Page, require

STAFF = (Role.AGENT, Role.HANDLER, Role.SUPERVISOR)


def build_router(hotline: Hotline, db: Database, guard: Guard) -> APIRouter:
    """List, keep, change and remove; what anybody may, their role and unit say."""
    router = APIRouter(prefix="/api/v1/staff/canned", tags=["canned replies"])

    @router.get("")
    async def listed(
        who: Annotated[Principal, require(guard, *STAFF)], kind: Kind | None = None, number: str = ""
    ) -> Page[CannedOut]:
        """What the caller may use; with a matter's ``number`` filled in for it and of its kind only."""

        def found(session: Session) -> list[CannedOut]:
            desk = hotline.desk(session)
            matter = moves.find_for(desk, number, who) if number else None
            return canned.listed(desk, who, kind.value if kind else "", matter)

        return Page(items=await db.read(found))

    @router.post("", status_code=201)
    async def add(body: CannedIn, who: Annotated[Principal, require(guard, *STAFF)]) -> CannedOut:
        """Keep a reply."""

        def kept(session: Session) -> CannedOut:
            desk = hotline.desk(session)
            return canned.shown(desk, who, canned.add(desk, who, body))

        return await db.write(kept)

    @router.put("/{canned_id}")
    async def change(canned_id: str, body: CannedIn, who: Annotated[Principal, require(guard, *STAFF)]) -> CannedOut:
        """Change one."""

        def changed(session: Session) -> CannedOut:
            desk = hotline.desk(session)
            return canned.shown(desk, who, canned.change(desk, who, canned_id, body))

        return await db.write(changed)

    @router.delete("/{canned_id}", status_code=204)
    async def remove(canned_id: str, who: Annotated[Principal, require(guard, *STAFF)]) -> None:
        """Keep it no longer."""

        def removed(session: Session) -> None:
            canned.remove(hotline.desk(session), who, canned_id)

        await db.write(removed)

    return router
