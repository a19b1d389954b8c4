"""The office itself over HTTP: its units and its calendar. Its people: ``bot.people_routes``."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from bot.people_routes import after
from core import calendar, units
from core.auth import Principal
from core.calendar import CalendarDay
from core.calendar_days import Days
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.idempotent_route import Once
from core.people import Role, Unit
from core.web import Guard, Page, encode_cursor, require

_LONGEST_SPAN_DAYS = 800


class UnitBody(BaseModel):
    """A unit to be made."""

    name: Annotated[str, Field(min_length=2, max_length=100)]
    parent: Annotated[str | None, Field(description="Id of the unit above it")] = None


class UnitPatch(BaseModel):
    """What shall change of a unit. ``parent`` empty: below none; ``active`` false: closed (nobody may belong to it)."""

    name: Annotated[str | None, Field(max_length=100)] = None
    parent: Annotated[str | None, Field(max_length=32)] = None
    active: bool | None = None


class UnitView(BaseModel):
    """A unit."""

    id: str
    name: str
    parent: str | None
    active: bool


class DayBody(BaseModel):
    """A day the office enters: a holiday, a make-up day, or a working day with other hours (09:00-12:00)."""

    day: date
    working: bool
    note: str = ""
    hours: str = ""


class DayView(DayBody):
    """A day; ``entered`` by the office, else as the official calendar or the plain week has it."""

    entered: bool


def build_router(db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """``/api/v1/units`` and ``/api/v1/calendar/days``."""
    router = APIRouter(prefix="/api/v1", tags=["office"])
    once = Once(db, clock)
    _add_units(router, db, clock, guard, once)
    _add_days(router, db, clock, guard)
    return router


def _add_units(router: APIRouter, db: Database, clock: Clock, guard: Guard, once: Once) -> None:
    @router.get("/units", dependencies=[require(guard)])
    async def list_units(
        q: Annotated[str, Query(max_length=100)] = "",
        active: bool | None = None,
        cursor: Annotated[str, Query(max_length=400)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> Page[UnitView]:
        """Units by name; ``q`` is part of a name."""
        found = await db.read(units.find_units, q, active=active, after=after(cursor), limit=limit + 1)
        following = encode_cursor(found[limit - 1].name, found[limit - 1].id) if len(found) > limit else None
        return Page(items=[_unit(unit) for unit in found[:limit]], next=following)

    @router.post("/units", status_code=201, response_model=UnitView)
    async def add_unit(
        body: UnitBody, request: Request, who: Annotated[Principal, require(guard, Role.ADMIN)]
    ) -> Response:
        """Add a unit."""

        async def work() -> UnitView:
            return _unit(await db.write(units.add_unit, clock(), who.actor, body.name, body.parent or ""))

        return await once(request, who.ref, work)

    @router.patch("/units/{unit}")
    async def change_unit(
        unit: str, body: UnitPatch, who: Annotated[Principal, require(guard, Role.ADMIN)]
    ) -> UnitView:
        """Rename a unit, put it below another, close or open it."""
        return _unit(await db.write(units.change_unit, clock(), who.actor, unit, **body.model_dump()))


def _add_days(router: APIRouter, db: Database, clock: Clock, guard: Guard) -> None:
    @router.get("/calendar/days", dependencies=[require(guard)])
    async def list_days(
        first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]
    ) -> Page[DayView]:
        """Each day of a span: whether the office works, and whether it was entered here."""
        if not 0 <= (last - first).days <= _LONGEST_SPAN_DAYS:
            raise BadInput("Choose a span of up to two years, the earlier day first.", fields={"to": "out of range"})
        return Page(items=await db.read(_days, first, last))

    @router.post("/calendar/days", status_code=201)
    async def set_day(body: DayBody, who: Annotated[Principal, require(guard, Role.ADMIN)]) -> DayView:
        """Enter a day or change it."""
        await db.write(
            calendar.set_day,
            clock(),
            who.actor,
            body.day,
            working=body.working,
            note=body.note,
            hours=body.hours,
        )
        return DayView(**body.model_dump(), entered=True)

    @router.delete("/calendar/days/{day}", status_code=204)
    async def clear_day(day: date, who: Annotated[Principal, require(guard, Role.ADMIN)]) -> None:
        """Take an entered day back."""
        await db.write(calendar.clear_day, clock(), who.actor, day)


def _unit(unit: Unit) -> UnitView:
    return UnitView(id=unit.id, name=unit.name, parent=unit.parent_id, active=unit.active)


def _days(session: Session, first: date, last: date) -> list[DayView]:
    known: Days = calendar.load_days(session)
    entered: dict[date, CalendarDay] = {row.day: row for row in calendar.list_days(session, first, last)}
    views = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        row = entered.get(day)
        views.append(
            DayView(
                day=day,
                working=known.is_workday(day),
                note=row.note if row else "",
                hours=row.hours if row else "",
                entered=row is not None,
            )
        )
    return views
