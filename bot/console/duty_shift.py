"""One shift of the duty roster (值班): added, changed and removed by a form, each with a way back."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.console.duty import OFFICE, PATH
from bot.console.flash import Undo
from bot.console.listing import moment
from bot.hotline import duty_editing
from bot.hotline.duty_editing import Shift
from bot.hotline.duty_models import DutyShift
from bot.hotline.office import Doer
from core import staffing, units
from core.errors import AppError, BadInput
from core.staffing import Wanted

_PEOPLE = 2_000


def build_router(console: Console) -> APIRouter:
    """``/console/duty/shifts``."""
    router = APIRouter(prefix=f"{PATH}/shifts", include_in_schema=False)
    house = console.house

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(*OFFICE)], unit: str = "", starts: str = "") -> Response:
        return await _form(visit, "", {"unit": unit[:32], "starts": starts[:16], "position": "0"})

    @router.post("/new")
    async def add(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        def work(session: Session) -> str:
            return duty_editing.add(house.hotline.desk(session), _read(visit), Doer.staff(visit.who)).id

        try:
            made = await house.db.write(work)
        except AppError as error:
            return await _form(visit, "", visit.given(), error=error)
        return visit.go(_back(visit), "duty.added", undo=Undo(f"{PATH}/shifts/{made}", {"what": "remove"}))

    @router.get("/{shift_id}")
    async def one(visit: Annotated[Visit, console.needs(*OFFICE)], shift_id: str) -> Response:
        row = await house.db.read(duty_editing.find, shift_id)
        return await _form(visit, shift_id, _given(row, house.settings.zone))

    @router.post("/{shift_id}")
    async def change(visit: Annotated[Visit, console.needs(*OFFICE)], shift_id: str) -> Response:
        """Other hours, somebody else; or no shift at all."""
        try:
            key, undo, back = await house.db.write(_carry_out, visit, shift_id)
        except BadInput as error:
            return await _form(visit, shift_id, visit.given(), error=error)
        return visit.go(back, key, undo=undo)

    return router


def _carry_out(session: Session, visit: Visit, shift_id: str) -> tuple[str, Undo, str]:
    house, doer = visit.house, Doer.staff(visit.who)
    desk, zone = house.hotline.desk(session), house.settings.zone
    if visit.text("what") == "remove":
        former = _given(duty_editing.find(session, shift_id), zone)
        duty_editing.remove(desk, shift_id, doer)
        return "duty.removed", Undo(f"{PATH}/shifts/new", former), _list(former["unit"])
    former = _given(duty_editing.find(session, shift_id), zone)
    duty_editing.change(desk, shift_id, _read(visit), doer)
    return "duty.changed", Undo(f"{PATH}/shifts/{shift_id}", former), _back(visit)


def _back(visit: Visit) -> str:
    return _list(visit.text("unit"))


def _list(unit: str) -> str:
    return f"{PATH}?unit={unit}" if unit.isalnum() else PATH


def _read(visit: Visit) -> Shift:
    """The form. Raises BadInput naming what is missing or no time."""
    zone, position = visit.house.settings.zone, visit.text("position").strip() or "0"
    starts, ends = (moment(visit.text(name), zone, name) for name in ("starts", "ends"))
    missing = {name: "is needed" for name, at in (("starts", starts), ("ends", ends)) if at is None}
    if not visit.text("person"):
        missing["person"] = "is needed"
    if not position.isdecimal():
        missing["position"] = "does not fit"
    if missing or starts is None or ends is None:
        raise BadInput("Something is missing; see fields.", fields=missing)
    return Shift(visit.text("person"), starts, ends, visit.text("unit"), int(position[:3]))


def _given(row: DutyShift, zone: ZoneInfo) -> dict[str, str]:
    return {
        "person": row.person_id,
        "unit": row.unit_id or "",
        "starts": _local(row.starts, zone),
        "ends": _local(row.ends, zone),
        "position": str(row.position),
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


async def _form(visit: Visit, shift_id: str, given: dict[str, str], *, error: AppError | None = None) -> Response:
    def work(session: Session) -> dict[str, Any]:
        people = staffing.find_people(session, Wanted(), None, _PEOPLE)
        return {
            "people": [(one.id, f"{one.name} {one.staff_no or ''}".strip()) for one in people],
            "units": [(one.id, one.name) for one in units.find_units(session, active=True)],
        }

    return visit.render(
        "duty_shift.html",
        status=error.status if error else 200,
        id=shift_id,
        given=given,
        back=_list(given.get("unit", "")),
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        **await visit.house.db.read(work),
    )
