"""``/api/v1/staff/…`` beside single matters: refusals, calls, alerts, duty."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from bot.hotline import alerts, duty, listing, moves, routes_registers, staff_view
from bot.hotline.office import Doer
from bot.hotline.reply_models import Alert
from bot.hotline.service import Hotline
from bot.hotline.staff_view import Row
from core.auth import Principal
from core.db import Database
from core.people import Role
from core.web import Guard, Page, require

HOTLINE = (Role.AGENT, Role.SUPERVISOR)
DEFAULT_SINCE = timedelta(days=30)


class RefusalOut(BaseModel):
    """A rejection, a return or an answer sent against advice."""

    at: datetime
    number: str
    what: str
    reason: str
    text: str | None
    by: str


class AlertOut(BaseModel):
    """An alert point that was reached; ``step`` counts up the ladder."""

    id: str
    rule: str
    label: str
    level: str
    number: str
    at: datetime
    step: int


class StepIn(BaseModel):
    """What was done about an alert; ``close`` ends it (整改反馈 is in)."""

    text: str = Field("", max_length=1000)
    close: bool = False


class SpanOut(BaseModel):
    """A stretch of time."""

    starts: datetime
    ends: datetime


class ShiftOut(SpanOut):
    """A shift."""

    id: str
    person: str
    unit: str | None
    position: int


class SwapIn(BaseModel):
    """Who takes a shift: a person's id."""

    person: str = Field(max_length=32)


def build_router(hotline: Hotline, db: Database, guard: Guard) -> APIRouter:
    """The lists and tools of agents and supervisors."""
    router = APIRouter(prefix="/api/v1/staff", tags=["staff"])
    _add_lists(router, hotline, db, guard)
    _add_alerts(router, hotline, db, guard)
    _add_duty(router, hotline, db, guard)
    routes_registers.add(router, hotline, db, guard)
    return router


def _add_lists(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("/refusals", dependencies=[require(guard, Role.SUPERVISOR)])
    async def refusals(since: Annotated[datetime | None, Query()] = None) -> Page[RefusalOut]:
        """What was refused (否定报备), latest first; the last 30 days unless said otherwise."""

        def found(session: Session) -> list[listing.Refusal]:
            desk = hotline.desk(session)
            return listing.refusals(desk, since or desk.now - DEFAULT_SINCE)

        rows = await db.read(found)
        return Page(items=[RefusalOut.model_validate(row, from_attributes=True) for row in rows])

    @router.get("/calls", dependencies=[require(guard, *HOTLINE)])
    async def calls() -> Page[Row]:
        """Citizens to be called, the most urgent first."""

        def found(session: Session) -> list[Row]:
            desk = hotline.desk(session)
            return [staff_view.row(desk, matter) for matter in listing.calls(desk)]

        return Page(items=await db.read(found))


def _add_alerts(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    def shown(session: Session, row: Alert) -> AlertOut:
        desk = hotline.desk(session)
        number = moves.number_of(desk, row.matter_id)
        label = desk.rules.alerts[row.rule].label
        return AlertOut(id=row.id, rule=row.rule, label=label, level=row.level, number=number, at=row.at, step=row.step)

    @router.get("/alerts", dependencies=[require(guard, Role.SUPERVISOR)])
    async def open_alerts() -> Page[AlertOut]:
        """Alert points nobody has closed, latest first."""

        def found(session: Session) -> list[AlertOut]:
            return [shown(session, row) for row in alerts.open_alerts(hotline.desk(session))]

        return Page(items=await db.read(found))

    @router.post("/alerts/{alert_id}/step")
    async def step(alert_id: str, body: StepIn, who: Annotated[Principal, require(guard, Role.SUPERVISOR)]) -> AlertOut:
        """The next step of the ladder, or its end."""

        def climb(session: Session) -> AlertOut:
            desk = hotline.desk(session)
            return shown(session, alerts.climb(desk, alert_id, Doer.staff(who), body.text, close=body.close))

        return await db.write(climb)


def _add_duty(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("/duty", dependencies=[require(guard)])
    async def roster(unit: str | None = None) -> Page[ShiftOut]:
        """Who is on duty in the next 14 days."""

        def found(session: Session) -> list[ShiftOut]:
            now = hotline.desk(session).now
            return [_shift(row) for row in duty.shifts(session, now, now + duty.LOOK_AHEAD, unit)]

        return Page(items=await db.read(found))

    @router.get("/duty/gaps", dependencies=[require(guard)])
    async def gaps(unit: str | None = None) -> Page[SpanOut]:
        """When nobody is on duty in the next 14 days."""

        def found(session: Session) -> list[duty.Span]:
            return duty.gaps(session, hotline.desk(session).now, unit)

        return Page(items=[SpanOut(starts=gap.starts, ends=gap.ends) for gap in await db.read(found)])

    @router.post("/duty/{shift_id}/swap")
    async def swap(
        shift_id: str, body: SwapIn, who: Annotated[Principal, require(guard, Role.SUPERVISOR, Role.ADMIN)]
    ) -> ShiftOut:
        """Somebody else takes the shift."""

        def swapped(session: Session) -> ShiftOut:
            return _shift(duty.swap(hotline.desk(session), shift_id, body.person, Doer.staff(who)))

        return await db.write(swapped)

    @router.post("/alarms/{number}", status_code=204)
    async def answer_alarm(
        number: str,
        who: Annotated[Principal, require(guard, Role.OFFICIAL, Role.HANDLER, *HOTLINE)],
    ) -> None:
        """Take an emergency in hand: nobody else is called."""

        def answer(session: Session) -> None:
            desk = hotline.desk(session)
            duty.answer_alarm(desk, moves.find(desk, number), Doer.staff(who))

        await db.write(answer)


def _shift(row: Any) -> ShiftOut:
    return ShiftOut(
        id=row.id, person=row.person_id, unit=row.unit_id, starts=row.starts, ends=row.ends, position=row.position
    )
