"""Reception days over HTTP: the public list and booking; for staff the list of a day, visits, rules."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
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
from notify.reception.schemas import (
    BookedOut,
    BookingIn,
    BookingRow,
    CodeIn,
    DayOut,
    LeaderIn,
    MovedOut,
    MoveIn,
    RulesBody,
    VisitIn,
    VisitOut,
)
from notify.reception.service import Reception

BOOKED_PER_MINUTE = 5
"""Bookings from one address: places are few, nobody needs more at once."""
_NOT_FOUND = "There is no booking with this number and code."


def build_router(reception: Reception, db: Database, clock: Clock, guard: Guard, settings: Settings) -> APIRouter:
    """``/api/v1/reception``."""
    router = APIRouter(prefix="/api/v1/reception", tags=["reception"])
    _add_public(router, reception, db, clock, settings)
    _add_visits(router, reception, db, guard)
    _add_office(router, reception, db, guard)
    return router


def _add_public(router: APIRouter, reception: Reception, db: Database, clock: Clock, settings: Settings) -> None:
    once = Once(db, clock)
    booked_lately = RateLimit(BOOKED_PER_MINUTE, clock)
    codes_lately = RateLimit(settings.limit_lookup, clock)

    @router.get("")
    async def coming() -> Page[DayOut]:
        """The reception days to come with their free places."""
        return Page(items=[DayOut.of(day) for day in await db.read(reception.coming)])

    @router.post("/{day}/bookings", status_code=201, response_model=BookedOut)
    async def book(day: date, body: BookingIn, request: Request) -> Response:
        """Take a place."""
        address = client_address(request, settings.proxies)
        booked_lately.check(address, "That was a lot at once. Please wait a minute.")

        async def work() -> BookedOut:
            return BookedOut.of(await db.write(reception.book, body.booking(day)))

        return await once(request, address, work)

    @router.post("/bookings/{number}/cancel", status_code=204)
    async def cancel(number: str, body: CodeIn, request: Request) -> None:
        """Give a place back; a wrong code and an unknown number are answered alike."""
        codes_lately.check(client_address(request, settings.proxies), "Too many tries. Please try again later.")
        if not await db.write(reception.cancel_by_code, number, body.code):
            raise NotFound(_NOT_FOUND)


def _add_visits(router: APIRouter, reception: Reception, db: Database, guard: Guard) -> None:
    staff = require(guard, Role.AGENT, Role.SUPERVISOR)

    @router.get("/{day}/bookings")
    async def listed(
        day: date, who: Annotated[Principal, require(guard, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)]
    ) -> Page[BookingRow]:
        """Who comes on a day; the look is recorded, and an administrator sees masked names only."""
        masked = not who.has(Role.AGENT, Role.SUPERVISOR)
        rows = await db.write(_listed, reception, day, who, masked)
        return Page(items=rows)

    @router.post("/bookings/{number}/visited", status_code=201)
    async def visited(number: str, body: VisitIn, who: Annotated[Principal, staff]) -> VisitOut:
        """They came: the visit becomes a matter (来访)."""
        matter = await db.write(reception.visited, number, who, kind=body.kind, text=body.text)
        return VisitOut(number=matter.number, code=matter.code)

    @router.post("/bookings/{number}/missed", status_code=204)
    async def missed(number: str, who: Annotated[Principal, staff]) -> None:
        """They did not come."""
        await db.write(reception.missed, number, who)

    @router.post("/bookings/{number}/release", status_code=204)
    async def release(number: str, who: Annotated[Principal, staff]) -> None:
        """Give a place back for somebody who called."""
        await db.write(reception.cancel, number, who)


def _add_office(router: APIRouter, reception: Reception, db: Database, guard: Guard) -> None:
    office = require(guard, Role.ADMIN, Role.SUPERVISOR)

    @router.get("/rules")
    async def rules(_who: Annotated[Principal, office]) -> RulesBody:
        """The rules; version 0 is an example that does not hold yet."""
        return RulesBody.of(await db.read(reception.rules))

    @router.put("/rules")
    async def lay_down(body: RulesBody, who: Annotated[Principal, require(guard, Role.ADMIN)]) -> RulesBody:
        """Lay down rules in place of the version looked at. Days that somebody booked stand as they are."""
        return RulesBody.of(await db.write(reception.lay_down, body.version, body.rules, who))

    @router.put("/{day}/leader", status_code=204)
    async def leader(day: date, body: LeaderIn, who: Annotated[Principal, office]) -> None:
        """Name who receives on this day."""
        await db.write(reception.name_leader, day, body, who)

    @router.post("/{day}/move")
    async def move(day: date, body: MoveIn, who: Annotated[Principal, office]) -> MovedOut:
        """Hold this day on another one; everybody who booked is told."""
        return MovedOut(moved=await db.write(reception.move, day, body.to, who))


def _listed(session: Session, reception: Reception, day: date, who: Principal, masked: bool) -> list[BookingRow]:
    return [BookingRow.of(row, masked=masked) for row in reception.listed(session, day, who)]
