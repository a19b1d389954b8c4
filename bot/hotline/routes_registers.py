"""Registers under ``/api/v1/staff``: supervision orders, cross-checks, information requests."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from bot.hotline import cross_checks, disclosure, moves, orders
from bot.hotline.office import Doer
from bot.hotline.service import Hotline
from core.auth import Principal
from core.db import Database
from core.people import Role
from core.web import Guard, Page, require

HOTLINE = (Role.AGENT, Role.SUPERVISOR)


class OrderOut(BaseModel):
    """A supervision order: why (red, supervisor, dissatisfied), what is wanted, until when."""

    id: str
    number: str
    at: datetime
    why: str
    text: str | None
    due: datetime


class FeedbackIn(BaseModel):
    """What came of a supervision order (整改反馈)."""

    text: str = Field(min_length=1, max_length=2000)


class AftermathIn(BaseModel):
    """``what`` is review (复议) or litigation (诉讼)."""

    what: str = Field(max_length=20)
    result: str = Field("", max_length=1000)


class DrawIn(BaseModel):
    """How many closed matters to draw, of the last so many days."""

    count: int = Field(5, ge=1, le=100)
    days: int = Field(90, ge=1, le=400)


class VerdictIn(BaseModel):
    """What the other unit found."""

    sound: bool
    note: str = Field("", max_length=2000)


def add(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    """Add these registers to the staff's router."""
    _add_orders(router, hotline, db, guard)
    _add_information_requests(router, hotline, db, guard)


def _add_orders(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("/orders", dependencies=[require(guard, Role.SUPERVISOR)])
    async def open_orders() -> Page[OrderOut]:
        """Supervision orders that are not done, the most urgent first."""

        def found(session: Session) -> list[OrderOut]:
            desk = hotline.desk(session)
            return [OrderOut(number=number, **row.model_dump()) for row, number in orders.open_orders(desk)]

        return Page(items=await db.read(found))

    @router.post("/orders/{order_id}/feedback", status_code=204)
    async def feedback(
        order_id: str, body: FeedbackIn, who: Annotated[Principal, require(guard, Role.HANDLER, *HOTLINE)]
    ) -> None:
        """What came of a supervision order."""

        def kept(session: Session) -> None:
            orders.feedback(hotline.desk(session), order_id, who, body.text)

        await db.write(kept)

    @router.get("/cross-checks")
    async def waiting(
        who: Annotated[Principal, require(guard, Role.HANDLER, Role.SUPERVISOR)],
    ) -> Page[cross_checks.Drawn]:
        """Checks that wait for the caller's unit; for supervisors all."""
        return Page(items=await db.read(lambda session: cross_checks.waiting(hotline.desk(session), who)))

    @router.post("/cross-checks")
    async def draw(
        body: DrawIn, who: Annotated[Principal, require(guard, Role.SUPERVISOR)]
    ) -> Page[cross_checks.Drawn]:
        """Draw closed matters at random for another unit to look at."""

        def drawn(session: Session) -> list[cross_checks.Drawn]:
            return cross_checks.draw(hotline.desk(session), Doer.staff(who), body.count, body.days)

        return Page(items=await db.write(drawn))

    @router.post("/cross-checks/{check_id}", status_code=204)
    async def verdict(
        check_id: str, body: VerdictIn, who: Annotated[Principal, require(guard, Role.HANDLER, Role.SUPERVISOR)]
    ) -> None:
        """What the other unit found."""

        def kept(session: Session) -> None:
            cross_checks.judge(hotline.desk(session), check_id, who, sound=body.sound, note=body.note)

        await db.write(kept)


def _add_information_requests(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("/information-requests/{number}/papers/{name}")
    async def paper(number: str, name: str, who: Annotated[Principal, require(guard, *HOTLINE)]) -> PlainTextResponse:
        """A paper of an information request: receipt, correction, extension, reply."""

        def written(session: Session) -> str:
            desk = hotline.desk(session)
            return disclosure.paper(desk, moves.find_for(desk, number, who), name)

        return PlainTextResponse(await db.read(written))

    @router.post("/information-requests/{number}/aftermath", status_code=204)
    async def aftermath(number: str, body: AftermathIn, who: Annotated[Principal, require(guard, *HOTLINE)]) -> None:
        """A review or a law suit followed an information request."""

        def kept(session: Session) -> None:
            desk = hotline.desk(session)
            matter = moves.find_for(desk, number, who)
            disclosure.note_aftermath(desk, matter, Doer.staff(who), body.what, body.result)

        await db.write(kept)
