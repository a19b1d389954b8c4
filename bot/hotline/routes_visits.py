"""``/api/v1/staff/visits``: going there, and what came of it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from bot.hotline import site_visits, visit_view
from bot.hotline.models import Matter
from bot.hotline.service import Hotline
from bot.hotline.site_visits import BookIn, ReportIn, VisitIn
from bot.hotline.visit_view import VisitOut
from bot.hotline.work_models import SiteVisit
from core.auth import Principal
from core.db import Database
from core.people import Role
from core.web import Guard, Page, require

STAFF = (Role.AGENT, Role.HANDLER, Role.SUPERVISOR)
GOERS = (*STAFF, Role.OFFICIAL)


class CancelIn(BaseModel):
    """Why nobody goes."""

    why: str = Field("", max_length=500)


def build_router(hotline: Hotline, db: Database, guard: Guard) -> APIRouter:
    """Visits to homes and checks on site; the barrier and whoever goes there decide what is seen."""
    router = APIRouter(prefix="/api/v1/staff/visits", tags=["visits"])
    _add_asking(router, hotline, db, guard)
    _add_going(router, hotline, db, guard)
    return router


def _shown(hotline: Hotline, session: Session, who: Principal, row: SiteVisit) -> VisitOut:
    return visit_view.out(hotline.desk(session), who, row, session.get_one(Matter, row.matter_id))


def _add_asking(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("")
    async def waiting(who: Annotated[Principal, require(guard, *GOERS)], all: bool = False) -> Page[VisitOut]:
        """Visits that wait or are booked, the old, ill and disabled first; ``all`` shows those that are over too."""

        def found(session: Session) -> list[VisitOut]:
            desk = hotline.desk(session)
            rows = visit_view.waiting(desk, who, everything=all)
            visit_view.looked(desk, who, rows)
            return rows

        return Page(items=await db.write(found))

    @router.post("", status_code=201)
    async def ask(body: VisitIn, who: Annotated[Principal, require(guard, *STAFF)]) -> VisitOut:
        """Ask for a visit to a home or a check on site."""

        def asked(session: Session) -> VisitOut:
            return _shown(hotline, session, who, site_visits.ask(hotline.desk(session), who, body))

        return await db.write(asked)


def _add_going(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.post("/{visit_id}/book")
    async def book(visit_id: str, body: BookIn, who: Annotated[Principal, require(guard, *STAFF)]) -> VisitOut:
        """Set who goes and when, or another time."""

        def booked(session: Session) -> VisitOut:
            return _shown(hotline, session, who, site_visits.book(hotline.desk(session), who, visit_id, body))

        return await db.write(booked)

    @router.post("/{visit_id}/cancel")
    async def cancel(visit_id: str, body: CancelIn, who: Annotated[Principal, require(guard, *STAFF)]) -> VisitOut:
        """Nobody goes."""

        def cancelled(session: Session) -> VisitOut:
            return _shown(hotline, session, who, site_visits.cancel(hotline.desk(session), who, visit_id, body.why))

        return await db.write(cancelled)

    @router.post("/{visit_id}/report")
    async def report(visit_id: str, body: ReportIn, who: Annotated[Principal, require(guard, *GOERS)]) -> VisitOut:
        """What came of it."""

        def reported(session: Session) -> VisitOut:
            return _shown(hotline, session, who, site_visits.report(hotline.desk(session), who, visit_id, body))

        return await db.write(reported)
