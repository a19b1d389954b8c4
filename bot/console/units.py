"""Units (承办单位): the list as a tree, adding, renaming, moving, closing."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, func, select

from bot.console.desk import Console, Visit, problem, problems
from core import staffing, units
from core.errors import AppError
from core.people import Person, Role, Unit

PATH = "/console/units"


def build_router(console: Console) -> APIRouter:
    """``/console/units``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def listed(visit: Annotated[Visit, console.needs(Role.ADMIN, Role.SUPERVISOR)], q: str = "") -> Response:
        return await _page(visit, q=q.strip()[:100])

    @router.post("")
    async def add(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        name, parent = visit.text("name"), visit.text("parent")
        try:
            await house.db.write(units.add_unit, house.clock(), visit.who.actor, name, parent)
        except AppError as error:
            return await _page(visit, error=error)
        return visit.go(PATH, "units.added", name=name.strip())

    @router.get("/{unit_id}")
    async def one(visit: Annotated[Visit, console.needs(Role.ADMIN)], unit_id: str) -> Response:
        return await _one(visit, unit_id)

    @router.post("/{unit_id}")
    async def change(visit: Annotated[Visit, console.needs(Role.ADMIN)], unit_id: str) -> Response:
        """Rename, move, close or open."""
        active = {"close": False, "open": True}.get(visit.text("what"))
        given: dict[str, Any] = {"active": active}
        if active is None:
            given = {"name": visit.text("name"), "parent": visit.text("parent")}
        try:
            await house.db.write(units.change_unit, house.clock(), visit.who.actor, unit_id, **given)
        except AppError as error:
            return await _one(visit, unit_id, error=error)
        return visit.go(PATH, "units.changed")

    return router


def tree(units: list[Unit]) -> list[tuple[Unit, int]]:
    """Units in the order of a tree, each with its depth. Pure; a unit whose parent is not there stands on top."""
    below: dict[str, list[Unit]] = {}
    known = {unit.id for unit in units}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else "", []).append(unit)

    def walk(parent: str, depth: int) -> list[tuple[Unit, int]]:
        return [pair for unit in below.get(parent, []) for pair in ((unit, depth), *walk(unit.id, depth + 1))]

    return walk("", 0)


def _counted(session: Session) -> dict[str | None, int]:
    rows = session.exec(
        select(Person.unit_id, func.count()).where(col(Person.active).is_(True)).group_by(Person.unit_id)
    )
    return dict(rows.all())


async def _page(visit: Visit, *, q: str = "", error: AppError | None = None) -> Response:
    def work(session: Session) -> dict[str, Any]:
        return {"rows": tree(units.find_units(session, q)), "people": _counted(session), "units": _names(session)}

    return visit.render(
        "units.html",
        status=error.status if error else 200,
        q=q,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given() if error else {},
        **await visit.house.db.read(work),
    )


def _names(session: Session) -> list[tuple[str, str]]:
    return [(unit.id, unit.name) for unit in units.find_units(session, active=True)]


async def _one(visit: Visit, unit_id: str, *, error: AppError | None = None) -> Response:
    def work(session: Session) -> dict[str, Any]:
        unit = units.unit_by_id(session, unit_id)
        people = staffing.find_people(session, staffing.Wanted(unit_id=unit_id), None, 200)
        others = [pair for pair in _names(session) if pair[0] != unit_id]
        return {"unit": unit, "people": people, "units": others}

    return visit.render(
        "unit.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given() if error else {},
        **await visit.house.db.read(work),
    )
