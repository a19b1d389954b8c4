"""``/console/reports``: the figures an office reports, as charts, tables and files."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from bot.console import charts, report_data
from bot.console.charts import Chart
from bot.console.desk import Console, Visit, problem
from bot.console.report_data import DEFAULT, KEYS, Period
from core.clock import office_day
from core.errors import BadInput, NotFound
from core.people import Role
from core.sheet_out import CSV, as_csv

HERE = "/console/reports"
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, max-age=60",
    "Vary": "Cookie",
}
"""A picture may style itself; it can load and run nothing."""
RATES = ("response", "signed", "on_time", "early", "returned", "redone", "direct", "followed_up", "satisfied", "solved")


def build_router(console: Console) -> APIRouter:
    """The page, the pictures, the files."""
    router = APIRouter(prefix=HERE, include_in_schema=False)
    readers = console.needs(*READERS)
    first_day, last_day = Query(alias="from", max_length=10), Query(alias="to", max_length=10)

    @router.get("")
    async def page(
        visit: Annotated[Visit, readers], first: Annotated[str, first_day] = "", last: Annotated[str, last_day] = ""
    ) -> Response:
        return await _page(visit, first, last)

    @router.get("/{key}.svg")
    async def picture(
        visit: Annotated[Visit, readers],
        key: str,
        first: Annotated[str, first_day] = "",
        last: Annotated[str, last_day] = "",
        dark: bool = False,
    ) -> Response:
        chart = await _chart(visit, key, _period(visit, first, last))
        # In a thread: drawing takes a tenth of a second, in which the loop serves others.
        drawn = await asyncio.to_thread(charts.svg, chart, "", visit.say("reports.no_data"), dark=dark)
        return Response(drawn, media_type="image/svg+xml", headers=_PICTURE)

    @router.get("/{key}.csv")
    async def file(
        visit: Annotated[Visit, readers],
        key: str,
        first: Annotated[str, first_day] = "",
        last: Annotated[str, last_day] = "",
    ) -> Response:
        """The figures of a chart; with a byte order mark, because office programs ask for one."""
        chart = await _chart(visit, key, _period(visit, first, last))
        head, *rows = chart.rows(visit.say(f"reports.head_{key}"))
        headers = {"Content-Disposition": f'attachment; filename="{key}.csv"', "Cache-Control": "private, no-store"}
        return Response(as_csv(head, rows), media_type=CSV, headers=headers)

    return router


async def _page(visit: Visit, first: str, last: str) -> Response:
    fault, status = "", 200
    try:
        period = _period(visit, first, last)
    except BadInput as error:
        period, fault, status = _period(visit, "", ""), problem(error, visit.say), error.status
    house = visit.house

    def found(session: Session) -> tuple[list[Chart], object]:
        drawn = [report_data.chart(session, house, key, period, visit.say) for key in KEYS]
        return drawn, report_data.totals(session, house, period)

    drawn, figures = await house.db.read(found)
    return visit.render(
        "reports.html",
        status=status,
        problem=fault,
        charts=[(one, one.rows(visit.say(f"reports.head_{one.key}"))) for one in drawn],
        figures=figures,
        rates=RATES,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        size=(charts.WIDTH, charts.HEIGHT),
    )


def _period(visit: Visit, first: str, last: str) -> Period:
    """The days asked for; the last 30 without any. Raises BadInput for what is no such period."""
    today = office_day(visit.house.clock(), visit.house.settings.zone)
    try:
        end = date.fromisoformat(last) if last else today
        return Period(date.fromisoformat(first) if first else end - DEFAULT, end)
    except ValueError as error:
        raise BadInput("This is no day.", fields={"from": "does not fit"}) from error


async def _chart(visit: Visit, key: str, period: Period) -> Chart:
    if key not in KEYS:
        raise NotFound("There is no such chart.")
    return await visit.house.db.read(report_data.chart, visit.house, key, period, visit.say)
