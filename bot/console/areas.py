"""Areas (区划): the tree one level at a time, adding, renaming, moving, closing, bringing in a sheet."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.console.flash import Undo
from core.errors import AppError, BadInput
from core.people import Role
from notify.publicity import area_changes, areas
from notify.publicity.area_models import LEVELS, Area

PATH = "/console/areas"
OFFICE = (Role.EDITOR, Role.ADMIN)
MAX_FILE = 20_000_000


def build_router(console: Console) -> APIRouter:
    """``/console/areas``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def listed(visit: Annotated[Visit, console.needs(*OFFICE)], q: str = "") -> Response:
        return await _page(visit, "", q=q.strip()[:100])

    @router.post("")
    async def add(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        """One area more, below the one whose page the form stood on."""
        inside = visit.text("parent").strip()
        try:
            added = await house.db.write(_add, visit, inside)
        except AppError as error:
            return await _page(visit, inside, error=error, form="add")
        key, tone = ("areas.added", "ok") if added else ("areas.there_already", "warn")
        return visit.go(_address(inside), key, tone=tone, name=visit.text("name").strip())

    @router.post("/import")
    async def bring_in(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        """Areas from a sheet; good lines are kept, bad ones named."""
        try:
            data = await visit.chosen_file("file").read(MAX_FILE + 1)
            report = await house.db.write(areas.import_areas, house.clock(), visit.who.actor, data)
        except AppError as error:
            return await _page(visit, "", error=error, form="import")
        return await _page(visit, "", report=report)

    @router.get("/{area_id}")
    async def one(visit: Annotated[Visit, console.needs(*OFFICE)], area_id: str) -> Response:
        return await _page(visit, area_id)

    @router.post("/{area_id}")
    async def change(visit: Annotated[Visit, console.needs(*OFFICE)], area_id: str) -> Response:
        """Rename, move, close or open."""
        try:
            key, undo = await house.db.write(_change, visit, area_id)
        except AppError as error:
            return await _page(visit, area_id, error=error, form="change")
        return visit.go(_address(area_id), key, undo=undo)

    return router


def _address(area_id: str) -> str:
    return f"{PATH}/{area_id}" if area_id else PATH


def _add(session: Session, visit: Visit, inside: str) -> bool:
    """Whether it was not there yet; one that was closed is opened."""
    before = {area.id for area, _ in area_changes.below(session, inside or None)}
    now, actor = visit.house.clock(), visit.who.actor
    code = visit.text("code").strip()
    if len(code) > area_changes.MAX_CODE:
        raise BadInput("This code is too long.", fields={"code": "too long"})
    made = areas.add(session, now, actor, visit.text("level"), visit.text("name"), inside, code)
    if not made.active:
        area_changes.set_active(session, now, actor, made.id, active=True)
        return True
    return made.id not in before


def _change(session: Session, visit: Visit, area_id: str) -> tuple[str, Undo]:
    """What is said of it, and the form that takes it back."""
    now, actor, what = visit.house.clock(), visit.who.actor, visit.text("what")
    if what in {"close", "open"}:
        area_changes.set_active(session, now, actor, area_id, active=what == "open")
        back = "close" if what == "open" else "open"
        return f"areas.{what}_done", Undo(_address(area_id), {"what": back})
    area = area_changes.find(session, area_id)
    former = {"name": area.name, "parent": area.parent_id or "", "code": area.code}
    given = {name: visit.text(name) for name in former}
    area_changes.change(session, now, actor, area_id, **given)
    return "areas.changed", Undo(_address(area_id), former)


async def _page(
    visit: Visit,
    area_id: str,
    *,
    q: str = "",
    error: AppError | None = None,
    form: str = "",
    report: areas.AreaReport | None = None,
) -> Response:
    values = await visit.house.db.read(_shown, area_id, q)
    return visit.render(
        "areas.html",
        status=error.status if error else 200,
        q=q,
        form=form,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given() if error else {},
        report=report,
        shown=areas.shown,
        **values,
    )


def _shown(session: Session, area_id: str, q: str) -> dict[str, Any]:
    area = area_changes.find(session, area_id) if area_id else None
    levels = LEVELS[LEVELS.index(area.level) + 1 :] if area else LEVELS
    found: list[tuple[Area, int]] = [(one, 0) for one in areas.search(session, q)] if q else []
    return {
        "area": area,
        "above": area_changes.above(session, area) if area else [],
        "rows": found if q else area_changes.below(session, area_id or None),
        "levels": levels,
        "inside": len(areas.inside(session, area)) - 1 if area else 0,
    }
