"""The audit trail (审计): filter, export what is seen, prove the chain."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, select

from bot.console.desk import Console, Visit, problem
from bot.console.faq import names_of
from bot.console.listing import ROWS, exported, first_page, further, moment
from core import anchors, audit
from core.audit import AuditEntry
from core.errors import AppError, BadInput
from core.people import Role
from core.sheet_out import CSV, as_csv
from core.web import decode_cursor, encode_cursor

PATH = "/console/audit"
AUDITORS = (Role.AUDITOR, Role.ADMIN)
MAX_EXPORTED = 20_000
"""Rows of one export by the browser; more through ``sunline audit export``."""
COLUMNS = ("n", "at", "actor", "via", "action", "subject", "before", "after", "digest")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: parts of actor, action and subject, and a span of time."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def build_router(console: Console) -> APIRouter:
    """``/console/audit``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house
    auditor = console.needs(*AUDITORS)

    @router.get("")
    async def trail(
        visit: Annotated[Visit, auditor],
        actor: str = "",
        action: str = "",
        subject: str = "",
        since: str = "",
        until: str = "",
        cursor: str = "",
    ) -> Response:
        given = {"actor": actor, "action": action, "subject": subject, "since": since, "until": until}
        fault, wanted = "", Wanted()
        try:
            wanted = _wanted(visit, given)
        except AppError as error:
            fault = problem(error, visit.say)
        before = int(next(iter(decode_cursor(cursor)), 0) or 0) if cursor else 0
        values = await house.db.read(_page, wanted, before)
        rows = values.pop("rows")
        return visit.render(
            "audit.html",
            rows=rows[:ROWS],
            fault=fault,
            next=further(visit.request, encode_cursor(rows[ROWS - 1].id) if len(rows) > ROWS else None),
            first=first_page(visit.request),
            export=exported(visit.request, f"{PATH}/export.csv"),
            chosen=given,
            verdict=None,
            **values,
        )

    @router.get("/export.csv")
    async def export(
        visit: Annotated[Visit, auditor],
        actor: str = "",
        action: str = "",
        subject: str = "",
        since: str = "",
        until: str = "",
    ) -> Response:
        """What is seen, oldest first; the export is itself a line of the trail."""
        wanted = _wanted(visit, {"actor": actor, "action": action, "subject": subject, "since": since, "until": until})

        def work(session: Session) -> bytes:
            rows = list(session.exec(_query(wanted).order_by(col(AuditEntry.id)).limit(MAX_EXPORTED)))
            after = {"rows": len(rows)}
            audit.record(session, house.clock(), visit.who.actor, "audit.export", "audit", after=after)
            return as_csv(COLUMNS, ([_cell(getattr(row, name)) for name in COLUMNS] for row in rows))

        content = await house.db.write(work)
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(content, media_type=CSV, headers=headers)

    @router.post("/verify")
    async def verify(visit: Annotated[Visit, auditor]) -> Response:
        """Walk the chain and compare it with its anchors."""
        verdict = await house.db.read(audit.verify)
        known = anchors.read(house.settings.anchors)
        torn = await house.db.read(anchors.torn, known) if verdict.whole else None
        values = await house.db.read(_page, Wanted(), 0)
        rows: Sequence[AuditEntry] = values.pop("rows")
        return visit.render(
            "audit.html", rows=rows[:ROWS], fault="", next="", first="", export=f"{PATH}/export.csv",
            chosen=dict.fromkeys(("actor", "action", "subject", "since", "until"), ""),
            verdict=verdict, torn=torn, anchored=len(known), **values,
        )  # fmt: skip

    return router


def _wanted(visit: Visit, given: dict[str, str]) -> Wanted:
    zone = visit.house.settings.zone
    since = moment(given["since"], zone, "since")
    until = moment(given["until"], zone, "until")
    if until and len(given["until"].strip()) <= len("2026-01-31"):
        until += timedelta(days=1)
    if since and until and since > until:
        raise BadInput("The span ends before it begins.", fields={"until": "in the past"})
    return Wanted(
        given["actor"].strip()[:80], given["action"].strip()[:60], given["subject"].strip()[:120], since, until
    )


def _query(wanted: Wanted) -> Any:
    query = select(AuditEntry)
    for name in ("action", "subject"):
        if value := getattr(wanted, name):
            query = query.where(col(getattr(AuditEntry, name)).contains(value, autoescape=True))
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.since:
        query = query.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until:
        query = query.where(col(AuditEntry.at) < wanted.until)
    return query


def _page(session: Session, wanted: Wanted, before: int) -> dict[str, Any]:
    query = _query(wanted)
    if before:
        query = query.where(col(AuditEntry.id) < before)
    rows = list(session.exec(query.order_by(col(AuditEntry.id).desc()).limit(ROWS + 1)))
    return {"rows": rows, "names": names_of(session, {row.actor for row in rows})}


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, datetime) else value
