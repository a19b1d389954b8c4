"""The second factor of one's own account: set up an authenticator app, new recovery codes, take it away."""

from typing import Annotated

from fastapi import APIRouter, Response

from bot.console.desk import Console, Visit, problem
from core import second_factor
from core.errors import AppError, BadInput

PATH = "/console/second-factor"
FEW_CODES = 3


def build_router(console: Console) -> APIRouter:
    """``/console/second-factor``."""
    router = APIRouter(include_in_schema=False)
    db, clock = console.house.db, console.house.clock

    @router.get(PATH)
    async def show(visit: Annotated[Visit, console.needs(settled=False)]) -> Response:
        return await _page(visit)

    @router.post(PATH)
    async def act(visit: Annotated[Visit, console.needs(settled=False)]) -> Response:
        """Begin, confirm, renew the recovery codes or remove, as the button pressed says."""
        who, what, code = visit.who, visit.text("what"), visit.text("code")[:40]
        try:
            if what == "begin":
                office = console.house.settings.office_name
                await db.write(second_factor.begin, clock(), who.ref, who.name, office)
                return visit.go(PATH)
            if what == "confirm":
                codes = await db.write(second_factor.confirm, clock(), who.actor, who.ref, code)
                return visit.render("second_factor_codes.html", codes=codes)
            await console.house.entrance.check_code(who.ref, code)
            if what == "renew":
                codes = await db.write(second_factor.new_recovery_codes, clock(), who.actor, who.ref)
                return visit.render("second_factor_codes.html", codes=codes)
            await db.write(second_factor.remove, clock(), who.actor, who.ref)
            return visit.go(PATH, "factor.removed")
        except AppError as error:
            wrong = visit.say("factor.not_right") if isinstance(error, BadInput) else problem(error, visit.say)
            return await _page(visit, wrong=wrong, status=error.status)

    return router


async def _page(visit: Visit, *, wrong: str = "", status: int = 200) -> Response:
    house, who = visit.house, visit.who
    begun = await house.db.read(second_factor.pending, who.ref, who.name, house.settings.office_name)
    left = await house.db.read(second_factor.codes_left, who.ref) if who.second_factor else 0
    must = house.guard.wants_second_factor(who)
    few = left < FEW_CODES
    return visit.render("second_factor.html", status=status, begun=begun, left=left, few=few, must=must, wrong=wrong)
