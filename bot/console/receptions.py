"""Reception days (接访日) and who comes: visits become matters, places are given back, a day moves or changes hands."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from core.errors import AppError, BadInput
from core.people import Role
from notify.reception.days import Leader
from notify.reception.schemas import BookingRow

PATH = "/console/receptions"
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
OFFICE = (Role.SUPERVISOR, Role.ADMIN)


def build_router(console: Console) -> APIRouter:
    """``/console/receptions``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def coming(visit: Annotated[Visit, console.needs(*STAFF)]) -> Response:
        def work(session: Session) -> dict[str, Any]:
            return {"days": house.reception.coming(session), "rules": house.reception.rules(session)}

        return visit.render("receptions.html", **await house.db.read(work))

    @router.get("/{day}")
    async def one(visit: Annotated[Visit, console.needs(*STAFF)], day: date) -> Response:
        return await _page(visit, day)

    @router.post("/{day}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*STAFF)], day: date, what: str) -> Response:
        """Came, did not come, give a place back; another leader, another day."""
        try:
            to = await house.db.write(_carry_out, visit, day, what)
        except AppError as error:
            return await _page(visit, day, error=error)
        return visit.go(to, f"reception.done_{what}")

    return router


def _carry_out(session: Session, visit: Visit, day: date, what: str) -> str:
    reception, who, number = visit.house.reception, visit.who, visit.text("number")
    here = f"{PATH}/{day.isoformat()}"
    if what in {"visited", "missed", "release"} and not who.has(Role.AGENT, Role.SUPERVISOR):
        raise BadInput("This is for the hotline's staff.")
    if what in {"leader", "move"} and not who.has(*OFFICE):
        raise BadInput("This is for supervisors.")
    if what == "visited":
        matter = reception.visited(session, number, who, text=visit.text("text"))
        return f"/console/tickets/{matter.number}"
    if what == "missed":
        reception.missed(session, number, who)
    elif what == "release":
        reception.cancel(session, number, who)
    elif what == "leader":
        name, post = visit.text("name").strip(), visit.text("post").strip()
        if not 1 <= len(name) <= 30 or len(post) > 30:
            raise BadInput("Who receives?", fields={"name": "too long" if name else "missing"})
        reception.name_leader(session, day, Leader(name=name, post=post, person=""), who)
    elif what == "move":
        return f"{PATH}/{_moved(session, visit, day).isoformat()}"
    else:
        raise BadInput("There is no such step.")
    return here


def _moved(session: Session, visit: Visit, day: date) -> date:
    try:
        to = date.fromisoformat(visit.text("to"))
    except ValueError as error:
        raise BadInput("This is not a day.", fields={"to": "not a day"}) from error
    visit.house.reception.move(session, day, to, visit.who)
    return to


async def _page(visit: Visit, day: date, *, error: AppError | None = None) -> Response:
    house, who = visit.house, visit.who
    masked = not who.has(Role.AGENT, Role.SUPERVISOR)

    def look(session: Session) -> list[BookingRow]:
        return [BookingRow.of(row, masked=masked) for row in house.reception.listed(session, day, who)]

    rows = await house.db.write(look)
    days = await house.db.read(house.reception.coming)
    return visit.render(
        "reception.html",
        status=error.status if error else 200,
        day=day,
        planned=next((one for one in days if one.day == day), None),
        rows=rows,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        may_note=not masked,
        may_plan=who.has(*OFFICE),
    )
