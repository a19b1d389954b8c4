"""The duty roster (值班表): two weeks of shifts, gaps nobody covers, changing who comes, bringing in a sheet."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.console.waiting import Card
from bot.hotline import duty
from bot.hotline.duty_models import DutyShift
from bot.hotline.office import Doer
from bot.house import House
from core import staffing, units
from core.auth import Principal
from core.errors import AppError
from core.people import Person, Role
from core.staffing import Wanted

PATH = "/console/duty"
READERS = (Role.AGENT, Role.HANDLER, Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN)
OFFICE = (Role.SUPERVISOR, Role.ADMIN)


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Gaps of the hotline's own roster within two weeks."""
    if not who.has(*OFFICE):
        return []
    return [Card("duty.card_gaps", len(duty.gaps(session, house.clock())), PATH, tone="yellow")]


def build_router(console: Console) -> APIRouter:
    """``/console/duty``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def roster(visit: Annotated[Visit, console.needs(*READERS)], unit: str = "") -> Response:
        return await _page(visit, unit[:32])

    @router.post("/swap")
    async def swap(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        """Somebody else takes a shift."""
        unit = visit.text("unit")
        try:
            await house.db.write(
                lambda s: duty.swap(
                    house.hotline.desk(s), visit.text("shift"), visit.text("person"), Doer.staff(visit.who)
                )
            )
        except AppError as error:
            return await _page(visit, unit, error=error)
        return visit.go(f"{PATH}?unit={unit}" if unit else PATH, "duty.swapped")

    @router.post("/import")
    async def bring_in(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        """Shifts from a sheet; good lines are kept, bad ones named."""
        try:
            sheet = await visit.chosen_file("file").read()
            added, bad = await house.db.write(lambda s: duty.load(house.hotline.desk(s), sheet, Doer.staff(visit.who)))
        except AppError as error:
            return await _page(visit, "", error=error)
        return await _page(visit, "", report=(added, bad))

    return router


async def _page(
    visit: Visit, unit: str, *, error: AppError | None = None, report: tuple[int, list[str]] | None = None
) -> Response:
    house = visit.house
    now = house.clock()

    def work(session: Session) -> dict[str, Any]:
        unit_id = unit or None
        shifts = duty.shifts(session, now - timedelta(days=1), now + duty.LOOK_AHEAD, unit_id)
        people = staffing.find_people(session, Wanted(), None, 2_000)
        return {
            "rows": [_row(session, shift, now) for shift in shifts],
            "gaps": duty.gaps(session, now, unit_id),
            "on_duty": duty.on_duty(session, now, unit_id),
            "people": [(one.id, f"{one.name} {one.staff_no or ''}".strip()) for one in people],
            "units": [(one.id, one.name) for one in units.find_units(session, active=True)],
        }

    return visit.render(
        "duty.html",
        status=error.status if error else 200,
        unit=unit,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        report=report,
        may=visit.who.has(*OFFICE),
        local=lambda at: f"{at.astimezone(house.settings.zone):%Y-%m-%dT%H:%M}",
        **await house.db.read(work),
    )


def _row(session: Session, shift: DutyShift, now: Any) -> dict[str, Any]:
    person = session.get(Person, shift.person_id)
    running = shift.starts <= now < shift.ends
    return {"shift": shift, "name": person.name if person else "", "running": running}
