"""``/api/v1/stats/tickets`` as JSON, CSV and XLSX."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from openpyxl import Workbook
from pydantic import BaseModel
from sqlmodel import Session

from bot.hotline import disclosure, stats, stats_store
from bot.hotline.service import Hotline
from core.clock import Clock, office_day
from core.db import Database
from core.people import Role
from core.web import Guard, require

By = Literal["kind", "unit", "source"]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADS = {
    "received": "受理登记", "accepted": "已受理", "rejected": "不予受理", "answered": "已答复", "open": "在办",
    "unrated": "未评价", "response": "响应率", "signed": "签收率", "on_time": "按时办结率", "early": "提前办结率",
    "returned": "退单率", "redone": "重办率", "direct": "直接答复率", "followed_up": "有效回访率",
    "satisfied": "满意率", "satisfied_adjusted": "满意率（剔除后）", "solved": "解决率",
    "solved_adjusted": "解决率（剔除后）", "average_days": "平均办理天数",
}  # fmt: skip


class RateOut(BaseModel):
    """``n`` of ``of``; ``rate`` is null when there is nothing to divide by."""

    n: int
    of: int
    rate: float | None


class GroupOut(BaseModel):
    """The figures of one group."""

    key: str
    received: int
    accepted: int
    rejected: int
    answered: int
    open: int
    unrated: int
    average_days: float | None
    rates: dict[str, RateOut]


class StatsOut(BaseModel):
    """The figures of a period; the days of receipt, both included."""

    first: date
    last: date
    by: By
    total: GroupOut
    groups: list[GroupOut]


def group_out(key: str, figures: stats.Figures) -> GroupOut:
    """A group as the API shows it."""
    plain: dict[str, Any] = {}
    rates: dict[str, RateOut] = {}
    for name in _HEADS:
        value = getattr(figures, name)
        if isinstance(value, stats.Rate):
            rates[name] = RateOut(n=value.n, of=value.of, rate=value.rate)
        else:
            plain[name] = value
    return GroupOut(key=key, rates=rates, **plain)


def build_router(hotline: Hotline, db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """Figures for agents, supervisors and whoever administers."""
    readers = [require(guard, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)]
    router = APIRouter(prefix="/api/v1/stats", tags=["stats"], dependencies=readers)
    first_day = Query(alias="from", description="First office day; default the first of this month")
    last_day = Query(alias="to", description="Last office day, included; default today")

    async def computed(first: date | None, last: date | None, by: By) -> StatsOut:
        today = office_day(clock(), hotline.office.hours.zone)
        return await db.read(_computed, hotline, first or today.replace(day=1), last or today, by)

    @router.get("/tickets")
    async def as_json(
        first: Annotated[date | None, first_day] = None, last: Annotated[date | None, last_day] = None, by: By = "kind"
    ) -> StatsOut:
        """The figures."""
        return await computed(first, last, by)

    @router.get("/tickets.csv")
    async def as_csv(
        first: Annotated[date | None, first_day] = None, last: Annotated[date | None, last_day] = None, by: By = "kind"
    ) -> Response:
        """The figures as CSV; with a byte order mark, because office programs ask for one."""
        text = io.StringIO()
        csv.writer(text).writerows(_rows(await computed(first, last, by)))
        return _file(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "tickets.csv")

    @router.get("/tickets.xlsx")
    async def as_xlsx(
        first: Annotated[date | None, first_day] = None, last: Annotated[date | None, last_day] = None, by: By = "kind"
    ) -> Response:
        """The figures as a sheet."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet("tickets")
        for row in _rows(await computed(first, last, by)):
            sheet.append(row)
        content = io.BytesIO()
        book.save(content)
        return _file(content.getvalue(), _XLSX, "tickets.xlsx")

    @router.get("/information-requests")
    async def information_requests(year: Annotated[int, Query(ge=2000, le=2100)]) -> disclosure.Yearly:
        """The yearly report of information requests, a register of its own."""
        return await db.read(lambda session: disclosure.yearly(hotline.desk(session), year))

    return router


def _computed(session: Session, hotline: Hotline, first: date, last: date, by: By) -> StatsOut:
    desk = hotline.desk(session)
    found = stats_store.cases(desk, first, last)
    total = group_out("total", stats.figures(stats.rated_kinds(found), desk.now))
    groups = [group_out(key, figures) for key, figures in stats.grouped(found, by, desk.now).items()]
    return StatsOut(first=first, last=last, by=by, total=total, groups=groups)


def _rows(shown: StatsOut) -> Iterator[list[Any]]:
    yield [shown.by, *_HEADS.values()]
    for group in (*shown.groups, shown.total):
        rates = {name: rate.rate for name, rate in group.rates.items()}
        yield [_inert(group.key), *(rates.get(name, getattr(group, name, None)) for name in _HEADS)]


def _inert(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _file(content: bytes, mime: str, name: str) -> Response:
    return Response(content, media_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})
