"""``/api/v1/stats/tickets``, ``…/circular``, ``…/information-requests`` as JSON, CSV and XLSX."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel
from sqlmodel import Session

from bot.dialogue.form import kind_word
from bot.hotline import circulars, disclosure, stats, stats_store
from bot.hotline.circulars import CircularOut
from bot.hotline.service import Hotline
from bot.hotline.stats_view import GroupOut, cells, group_out, head, notes
from core import sheet_out
from core.auth import Principal
from core.clock import Clock, office_day
from core.db import Database
from core.people import Role
from core.web import Guard, Page, require

By = Literal["kind", "unit", "source"]
_BY = {"kind": "诉求类型", "unit": "承办单位", "source": "来源"}
STAFF = (Role.AGENT, Role.HANDLER, Role.SUPERVISOR, Role.ADMIN)
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
_FIRST = Query(alias="from", description="First office day; default the first of this month")
_LAST = Query(alias="to", description="Last office day, included; default today")
Period = Annotated[str, Query(max_length=10, description="A month (2026-11), a quarter (2026Q4) or a year (2026)")]


class StatsOut(BaseModel):
    """The figures of a period; the days of receipt, both included."""

    first: date
    last: date
    by: By
    total: GroupOut
    groups: list[GroupOut]


class PeriodIn(BaseModel):
    """Which circular to issue."""

    period: str


def build_router(hotline: Hotline, db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """Figures for agents, supervisors and whoever administers; issued circulars for all who work on matters."""
    router = APIRouter(prefix="/api/v1", tags=["stats"])
    _add_tickets(router, hotline, db, clock, guard)
    _add_circulars(router, hotline, db, guard)
    _add_register(router, hotline, db, guard)
    return router


def _add_tickets(router: APIRouter, hotline: Hotline, db: Database, clock: Clock, guard: Guard) -> None:
    readers = [require(guard, *READERS)]

    async def computed(first: date | None, last: date | None, by: By) -> StatsOut:
        today = office_day(clock(), hotline.office.hours.zone)
        return await db.read(_computed, hotline, first or today.replace(day=1), last or today, by)

    @router.get("/stats/tickets", dependencies=readers)
    async def as_json(
        first: Annotated[date | None, _FIRST] = None, last: Annotated[date | None, _LAST] = None, by: By = "kind"
    ) -> StatsOut:
        """The figures."""
        return await computed(first, last, by)

    @router.get("/stats/tickets.csv", dependencies=readers)
    async def as_csv(
        first: Annotated[date | None, _FIRST] = None, last: Annotated[date | None, _LAST] = None, by: By = "kind"
    ) -> Response:
        """The figures as CSV; beside each rate what it divides, and what that is below the table."""
        shown = await computed(first, last, by)
        return _file(sheet_out.as_csv(head(_BY[by]), _rows(shown)), sheet_out.CSV, "tickets.csv")

    @router.get("/stats/tickets.xlsx", dependencies=readers)
    async def as_xlsx(
        first: Annotated[date | None, _FIRST] = None, last: Annotated[date | None, _LAST] = None, by: By = "kind"
    ) -> Response:
        """The figures as a sheet."""
        shown = await computed(first, last, by)
        content = sheet_out.as_xlsx("tickets", head(_BY[by]), _rows(shown))
        return _file(content, sheet_out.XLSX, "tickets.xlsx")


def _add_circulars(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    readers = [require(guard, *READERS)]

    def compute(session: Session, period: str) -> CircularOut:
        return circulars.compute(hotline.desk(session), period)

    @router.get("/stats/circular", dependencies=readers)
    async def circular(period: Period) -> CircularOut:
        """A month's, quarter's or year's circular: figures, places of the units, and a text ready to be issued."""
        return await db.read(compute, period)

    @router.get("/stats/circular.csv", dependencies=readers)
    async def circular_csv(period: Period) -> Response:
        """The places of the units as CSV."""
        made = await db.read(compute, period)
        content = sheet_out.as_csv(_places_head(), _places(made))
        return _file(content, sheet_out.CSV, f"circular-{made.period}.csv")

    @router.get("/stats/circular.xlsx", dependencies=readers)
    async def circular_xlsx(period: Period) -> Response:
        """The places of the units as a sheet."""
        made = await db.read(compute, period)
        content = sheet_out.as_xlsx(made.period, _places_head(), _places(made))
        return _file(content, sheet_out.XLSX, f"circular-{made.period}.xlsx")

    @router.get("/staff/circulars", dependencies=[require(guard, *STAFF)])
    async def issued() -> Page[CircularOut]:
        """Circulars that were issued, as they were, latest first."""
        return Page(items=await db.read(lambda session: circulars.issued(hotline.desk(session))))

    @router.post("/staff/circulars", status_code=201)
    async def issue(body: PeriodIn, who: Annotated[Principal, require(guard, Role.SUPERVISOR)]) -> CircularOut:
        """Issue one: it is kept as it is now, and supervisors and leaders are told."""
        return await db.write(lambda session: circulars.issue(hotline.desk(session), who, body.period))


def _add_register(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    readers = [require(guard, *READERS)]
    year_given = Annotated[int, Query(ge=2000, le=2100)]

    @router.get("/stats/information-requests", dependencies=readers)
    async def information_requests(year: year_given) -> disclosure.Yearly:
        """The yearly report of information requests, a register of its own."""
        return await db.read(lambda session: disclosure.yearly(hotline.desk(session), year))

    @router.get("/stats/information-requests.csv", dependencies=readers)
    async def register(year: year_given) -> Response:
        """The register of a year, one line for each request; who asked is not in it."""
        rows = await db.read(lambda session: disclosure.register(hotline.desk(session), year))
        content = sheet_out.as_csv(disclosure.REGISTER_HEAD, rows)
        return _file(content, sheet_out.CSV, f"information-requests-{year}.csv")


def _computed(session: Session, hotline: Hotline, first: date, last: date, by: By) -> StatsOut:
    desk = hotline.desk(session)
    found = stats_store.cases(desk, first, last)
    total = group_out("total", stats.figures(stats.rated_kinds(found), desk.now))
    groups = [group_out(key, figures) for key, figures in stats.grouped(found, by, desk.now).items()]
    return StatsOut(first=first, last=last, by=by, total=total, groups=groups)


def _rows(shown: StatsOut) -> Iterator[list[Any]]:
    for group in shown.groups:
        yield cells(kind_word(group.key, "zh-Hans") if shown.by == "kind" else group.key or "（热线直接办理）", group)
    yield cells("合计", shown.total)
    yield from notes()


def _places_head() -> list[str]:
    return ["名次", "得分", *head("承办单位"), "预警", "告警", "红灯", "交叉检查发现问题"]


def _places(made: CircularOut) -> Iterator[list[Any]]:
    for line in made.units:
        against = [line.warnings, line.alarms, line.reds, line.faulty]
        yield [line.place, line.score, *cells(line.unit, line.figures), *against]
    yield [None, None, *cells("合计", made.total)]
    yield from notes()


def _file(content: bytes, mime: str, name: str) -> Response:
    return Response(content, media_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})
