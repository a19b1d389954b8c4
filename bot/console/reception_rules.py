"""The rules of the reception days (接访规则): looked at as a list of days before they hold, laid down, taken back."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, select

from bot.console import reception_form
from bot.console.desk import Console, Visit, problem, problems
from bot.console.flash import Undo
from core.errors import AppError, NotFound
from core.people import Person, Role
from notify.reception import coming
from notify.reception.coming import ComingDay, InForce
from notify.reception.days import Rules
from notify.reception.models import ReceptionRules

PATH = "/console/receptions/rules"
PREVIEWED = 24
"""So many days of the rules are shown before they hold."""


def build_router(console: Console) -> APIRouter:
    """``/console/receptions/rules``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def show(visit: Annotated[Visit, console.needs(Role.SUPERVISOR, Role.ADMIN)]) -> Response:
        held, numbers = await house.db.read(_held, visit)
        return await _page(visit, held.version, reception_form.given(held.rules, numbers), rules=held.rules)

    @router.post("")
    async def lay_down(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        """Look at the days the rules make, or lay them down."""
        version = int(visit.text("version")) if visit.text("version").isdecimal() else 0
        try:
            rules = reception_form.read(visit.given(), await house.db.read(_ids))
            if visit.text("what") == "look":
                return await _page(visit, version, visit.given(), rules=rules, looked=True)
            made = await house.db.write(house.reception.lay_down, version, rules, visit.who)
        except AppError as error:
            return await _page(visit, version, visit.given(), error=error)
        undo = Undo(f"{PATH}/back", {"version": str(made.version), "to": str(version)}) if version else None
        return visit.go(PATH, "reception.rules_kept", undo=undo)

    @router.post("/back")
    async def back(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        """The rules before these hold again."""
        version, to = visit.text("version"), visit.text("to")
        if not (version.isdecimal() and to.isdecimal()):
            raise NotFound("There are no such rules.")

        def work(session: Session) -> None:
            former = session.exec(select(ReceptionRules).where(ReceptionRules.version == int(to))).first()
            if former is None:
                raise NotFound("There are no such rules.")
            house.reception.lay_down(session, int(version), Rules.model_validate(former.body), visit.who)

        await house.db.write(work)
        return visit.go(PATH, "reception.rules_back")

    return router


def _held(session: Session, visit: Visit) -> tuple[InForce, dict[str, str]]:
    numbers = {person: number for number, person in _ids(session).items()}
    return visit.house.reception.rules(session), numbers


def _ids(session: Session) -> dict[str, str]:
    """Persons by staff number."""
    wanted = select(Person.staff_no, Person.id).where(col(Person.active).is_(True), col(Person.staff_no).is_not(None))
    return {str(number): person for number, person in session.exec(wanted)}


async def _page(
    visit: Visit,
    version: int,
    given: dict[str, str],
    *,
    rules: Rules | None = None,
    looked: bool = False,
    error: AppError | None = None,
) -> Response:
    house = visit.house
    reception = house.reception

    def days(session: Session) -> list[ComingDay]:
        work = reception.work(session)
        if rules is None:
            return []
        return coming.between(work, rules, work.today, work.today + timedelta(days=rules.ahead_days))

    planned: list[Any] = await house.db.read(days)
    return visit.render(
        "reception_rules.html",
        status=error.status if error else 200,
        version=version,
        given=given,
        seasons=range(reception_form.seasons_shown(given)),
        planned=planned[:PREVIEWED],
        looked=looked,
        may=visit.who.has(Role.ADMIN),
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
    )
