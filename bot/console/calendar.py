"""The office's calendar: a year at a glance with holidays, make-up days (调休) and the days the office entered."""

import calendar as weeks
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from core import calendar
from core.calendar import CalendarDay
from core.calendar_days import Days
from core.clock import office_day
from core.errors import AppError, BadInput
from core.people import Role

PATH = "/console/calendar"
FIRST_YEAR, LAST_YEAR = 2000, 2100
_SATURDAY = 5


def build_router(console: Console) -> APIRouter:
    """``/console/calendar``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house
    reader = console.needs()

    @router.get("")
    async def year(visit: Annotated[Visit, reader], year: int = 0, day: str = "") -> Response:
        return await _page(visit, year, day)

    @router.post("")
    async def enter(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        """Enter a day, change it, or take it back."""
        text = visit.text("day")
        try:
            day = _day(text)
            if visit.text("what") == "clear":
                await house.db.write(calendar.clear_day, house.clock(), visit.who.actor, day)
                return visit.go(f"{PATH}?year={day.year}", "calendar.cleared", day=day.isoformat())
            await house.db.write(
                calendar.set_day, house.clock(), visit.who.actor, day, working=visit.text("working") == "1",
                note=visit.text("note"), hours=visit.text("hours"),
            )  # fmt: skip
        except AppError as error:
            return await _page(visit, int(text[:4]) if text[:4].isdecimal() else 0, text, error=error)
        return visit.go(f"{PATH}?year={day.year}", "calendar.entered", day=day.isoformat())

    return router


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("This is not a day.", fields={"day": "not a day"}) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput("This is not a day of an office.", fields={"day": "not a day"})
    return day


def kind_of(day: date, days: Days, row: CalendarDay | None) -> str:
    """How a day is shown: entered by the office, holiday, make-up day, weekend or plain. Pure."""
    working, weekend = days.is_workday(day), day.weekday() >= _SATURDAY
    if row is not None:
        return "own-work" if working else "own-free"
    if working == weekend:
        return "makeup" if working else "holiday"
    return "weekend" if weekend else "work"


def months(year: int, days: Days, rows: dict[date, CalendarDay]) -> list[tuple[int, list[list[dict[str, Any] | None]]]]:
    """The twelve months as weeks of cells, None where another month's day would stand. Pure."""
    found = []
    for month in range(1, 13):
        cells = [
            [
                {"day": day, "kind": kind_of(day, days, rows.get(day)), "row": rows.get(day)}
                if day.month == month
                else None
                for day in week
            ]
            for week in weeks.Calendar(0).monthdatescalendar(year, month)
        ]
        found.append((month, cells))
    return found


async def _page(visit: Visit, year: int, chosen: str, *, error: AppError | None = None) -> Response:
    house = visit.house
    today = office_day(house.clock(), house.settings.zone)
    year = year if FIRST_YEAR <= year <= LAST_YEAR else today.year

    def work(session: Session) -> dict[str, Any]:
        days = calendar.load_days(session)
        rows = {row.day: row for row in calendar.list_days(session, date(year, 1, 1), date(year, 12, 31))}
        count = sum(days.is_workday(date.fromordinal(n)) for n in _span(year))
        unknown = date(year, 12, 31) > days.known_until
        return {"months": months(year, days, rows), "rows": rows, "count": count, "unknown": unknown,
                "warnings": days.warnings(today)}  # fmt: skip

    values = await house.db.read(work)
    picked = date.fromisoformat(chosen) if _is_day(chosen) else None
    row = values["rows"].get(picked) if picked else None
    given = visit.given() if error else _given(picked, row)
    return visit.render(
        "calendar.html",
        status=error.status if error else 200,
        year=year,
        today=today,
        picked=picked,
        row=row,
        given=given,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        **values,
    )


def _span(year: int) -> range:
    return range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _given(picked: date | None, row: CalendarDay | None) -> dict[str, str]:
    if row is not None:
        return {
            "day": row.day.isoformat(),
            "working": "1" if row.working else "0",
            "note": row.note,
            "hours": row.hours,
        }
    return {"day": picked.isoformat() if picked else "", "working": "0"}
