"""``/console/circulars``: a month's, quarter's or year's circular (通报): look at it, issue it, and those issued."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import once
from bot.console.desk import Console, Visit, problem
from bot.hotline import circulars
from bot.hotline.circulars import CircularOut
from bot.hotline.stats_view import per_cent
from bot.pages.words import Say
from core.clock import office_day
from core.errors import AppError
from core.ids import new_id
from core.people import Role

HERE = "/console/circulars"
MONTHS, QUARTERS, YEARS = 13, 5, 3
"""So many periods there are to choose from, the running one among them; older ones open by their address."""
RATES = ("signed", "on_time", "satisfied", "solved")
"""The rates that stand in the table of places; the files have all of them."""


def build_router(console: Console) -> APIRouter:
    """The page and its one button."""
    router = APIRouter(prefix=HERE, include_in_schema=False)
    supervisors = console.needs(Role.SUPERVISOR)

    @router.get("")
    async def show(visit: Annotated[Visit, supervisors], period: str = "") -> Response:
        return await _page(visit, period[:10])

    @router.post("")
    async def issue(visit: Annotated[Visit, supervisors]) -> Response:
        """Issue the circular of a period: kept as it is now, supervisors and leaders told."""
        house, period = visit.house, visit.text("period")[:10]

        def work(session: Session) -> str:
            return circulars.issue(house.hotline.desk(session), visit.who, period).period

        try:
            issued = await house.db.write(once.carry_out, visit, work)
        except AppError as error:
            return await _page(visit, period, error)
        return visit.go(f"{HERE}?period={issued}", "circulars.issued_now", period=issued)

    return router


async def _page(visit: Visit, period: str, error: AppError | None = None) -> Response:
    house = visit.house
    today = office_day(house.clock(), house.settings.zone)
    known = choices(today, visit.say)
    try:
        _, last, _ = circulars.span(period or known[1][0])
    except AppError as fault:
        error, period = error or fault, ""
        _, last, _ = circulars.span(known[1][0])
    chosen = period.strip().upper() or known[1][0]

    def found(session: Session) -> tuple[CircularOut, list[CircularOut]]:
        desk = house.hotline.desk(session)
        rows = circulars.issued(desk)
        kept = next((one for one in rows if one.period == chosen), None)
        return kept or circulars.compute(desk, chosen), rows

    made, issued = await house.db.read(found)
    return visit.render(
        "circulars.html",
        status=error.status if error else 200,
        problem=_said(error, visit.say) if error else "",
        made=made,
        issued=issued,
        periods=known if chosen in dict(known) else [(chosen, chosen), *known],
        over=today > last,
        rates=RATES,
        per_cent=per_cent,
        once=new_id(),
    )


def _said(error: AppError, say: Say) -> str:
    """What is wrong with the period, or with the moment it was to be issued at."""
    if "period" in error.fields:
        return say("circulars.not_over" if error.fields["period"] == "is not over" else "circulars.no_period")
    return say("circulars.twice") if error.code == "Conflict" else problem(error, say)


def choices(today: date, say: Say) -> list[tuple[str, str]]:
    """Periods to choose from and their names: months, quarters, years, each from the running one back. Pure."""
    at = today.year * 12 + today.month - 1
    months = [((at - back) // 12, (at - back) % 12 + 1) for back in range(MONTHS)]
    at = today.year * 4 + (today.month - 1) // 3
    quarters = [((at - back) // 4, (at - back) % 4 + 1) for back in range(QUARTERS)]
    return [
        *((f"{year}-{month:02}", say("circulars.month", year=year, month=month)) for year, month in months),
        *((f"{year}Q{quarter}", say("circulars.quarter", year=year, quarter=quarter)) for year, quarter in quarters),
        *((str(today.year - back), say("circulars.year", year=today.year - back)) for back in range(YEARS)),
    ]
