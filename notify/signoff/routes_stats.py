"""Figures over HTTP, each as JSON, CSV and workbook: documents signed on time, leaders' instructions and feedback."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.office_hours import wall_to_utc
from core.people import Role
from core.sheet_out import CSV, XLSX, as_csv, as_xlsx
from core.web import Guard, require
from notify.signoff import bulletin, stats

Day = date | AwareDatetime
"""A moment, or a whole day of the office."""
READERS = (Role.SUPERVISOR, Role.OFFICIAL, Role.ADMIN)


def _moment(day: Day, zone: ZoneInfo, *, whole_day: bool = False) -> datetime:
    """A day of the office begins at its midnight; as the end of a span it counts whole. A moment is itself."""
    if isinstance(day, datetime):
        return day.astimezone(UTC)
    return wall_to_utc(day + timedelta(days=1) if whole_day else day, time(0), zone)


def add_stats(router: APIRouter, guard: Guard, db: Database, clock: Clock, zone: ZoneInfo) -> None:
    """Add them."""
    _add_documents(router, guard, db, clock, zone)
    _add_instructions(router, guard, db, clock, zone)


Rows = Sequence[Any]
"""Dataclasses of one kind."""


def _forms(name: str, heads: Sequence[str]) -> dict[str, Callable[[Rows], Any]]:
    """How an address ends → how its rows are given out."""

    def table(rows: Rows) -> list[list[Any]]:
        return [[_cell(getattr(row, head)) for head in heads] for row in rows]

    return {
        "": lambda rows: {"items": [asdict(row) for row in rows], "next": None},
        ".csv": lambda rows: _file(as_csv(heads, table(rows)), CSV, f"{name}.csv"),
        ".xlsx": lambda rows: _file(as_xlsx(name, heads, table(rows)), XLSX, f"{name}.xlsx"),
    }


def _cell(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _file(content: bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _add_documents(router: APIRouter, guard: Guard, db: Database, clock: Clock, zone: ZoneInfo) -> None:
    reader = require(guard, *READERS)

    def add(ending: str, answer: Callable[[Rows], Any]) -> None:
        async def figures(
            since: Annotated[Day | None, Query(alias="from")] = None,
            to: Day | None = None,
            by: Literal["unit", "person", "urgency"] = "unit",
            _who: Principal = reader,
        ) -> Any:
            """Documents signed on time (按时签收率); without a span the last 30 days."""
            now = clock()
            begin = _moment(since, zone) if since else now - timedelta(days=30)
            end = _moment(to, zone, whole_day=True) if to else now + timedelta(seconds=1)
            return answer(await db.read(stats.figures, now, begin, end, by))

        path = f"/stats/documents{ending}"
        router.add_api_route(path, figures, methods=["GET"], name=f"documents{ending}", response_model=None)

    for ending, answer in _forms("documents", stats.HEADS).items():
        add(ending, answer)


def _add_instructions(router: APIRouter, guard: Guard, db: Database, clock: Clock, zone: ZoneInfo) -> None:
    reader = require(guard, *READERS)

    def add(ending: str, answer: Callable[[Rows], Any]) -> None:
        async def instructions(
            since: Annotated[Day | None, Query(alias="from")] = None,
            to: Day | None = None,
            _who: Principal = reader,
        ) -> Any:
            """Leaders' instructions (督查通报), a line for each unit; without a span these two months."""
            now = clock()
            begin, end = bulletin.period_of(now, zone)
            begin = _moment(since, zone) if since else begin
            end = _moment(to, zone, whole_day=True) if to else end
            return answer(await db.read(bulletin.lines, now, begin, end))

        path = f"/stats/instructions{ending}"
        router.add_api_route(path, instructions, methods=["GET"], name=f"instructions{ending}", response_model=None)

    for ending, answer in _forms("instructions", bulletin.HEADS).items():
        add(ending, answer)
