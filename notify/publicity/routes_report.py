"""Reports over HTTP: who was reached by one notice, and the figures of a time; JSON, CSV, XLSX."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.office_hours import wall_to_utc
from core.people import Role
from core.web import Guard, require
from notify.publicity import reports
from notify.publicity.routes_list import attached, table
from notify.publicity.service import Publicity

Day = date | AwareDatetime
By = Literal["programme", "area", "kind", "unit", "channel"]
Form = Literal["csv", "xlsx"]


def add_reports(
    router: APIRouter, notices: APIRouter, guard: Guard, db: Database, clock: Clock, publicity: Publicity
) -> None:
    """``…/notices/{id}/report`` and ``/stats/notices``, each also ``.csv`` and ``.xlsx``."""
    either = require(guard, Role.EDITOR, Role.REVIEWER)
    reader = require(guard, Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)

    @notices.get("/{notice_id}/report")
    async def report(notice_id: str, _who: Principal = either) -> dict[str, Any]:
        """Reached and not reached, with the reasons, by village and channel; objections that are open."""
        lines = await db.read(publicity.report, notice_id)
        waiting = await db.read(publicity.open_objections, notice_id)
        reasons = sorted({why for line in lines for why in line.reasons})
        return {
            "items": lines, "next": None, "open_objections": waiting,
            "reasons": {why: reports.sentence(why) for why in reasons},
        }  # fmt: skip

    @notices.get("/{notice_id}/report.{form}", response_model=None)
    async def report_file(notice_id: str, form: Form, _who: Principal = either) -> Any:
        """The same as a file."""
        lines = await db.read(publicity.report, notice_id)
        return attached(table(form, "report", reports.REPORT_HEAD, reports.report_rows(lines)), form, "notice-report")

    async def figures(since: Day | None, until: Day | None, by: str) -> list[reports.Figures]:
        now = clock()
        begin = _moment(since, publicity) if since else now - timedelta(days=30)
        end = _moment(until, publicity, whole_day=True) if until else now + timedelta(seconds=1)
        return await db.read(publicity.figures, begin, end, by)

    @router.get("/stats/notices")
    async def stats(
        since: Annotated[Day | None, Query(alias="from")] = None,
        to: Day | None = None,
        by: By = "programme",
        _who: Principal = reader,
    ) -> dict[str, Any]:
        """Notices and their recipients: published, final, households and amount, reached and not."""
        return {"items": await figures(since, to, by), "next": None}

    @router.get("/stats/notices.{form}", response_model=None)
    async def stats_file(
        form: Form,
        since: Annotated[Day | None, Query(alias="from")] = None,
        to: Day | None = None,
        by: By = "programme",
        _who: Principal = reader,
    ) -> Any:
        """The same as a file."""
        lines = reports.figure_rows(await figures(since, to, by))
        return attached(table(form, "notices", reports.HEAD, lines), form, "notices")


def _moment(day: Day, publicity: Publicity, *, whole_day: bool = False) -> datetime:
    """A day of the office as its first moment, or the first after it."""
    if isinstance(day, datetime):
        return day.astimezone(UTC)
    try:
        return wall_to_utc(day + timedelta(days=int(whole_day)), time.min, publicity.office.zone)
    except (OverflowError, ValueError) as error:
        raise BadInput("This day is out of range.", fields={"from": "out of range"}) from error
