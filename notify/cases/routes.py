"""``/api/v1/cases``: other systems report their cases and what becomes of them; staff see the lamps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.idempotent_route import Once
from core.people import Role
from core.ports import Channel
from core.web import Guard, Page, require
from notify.cases.service import Cases, CaseView, NewCase
from notify.routes import address_of


class CaseIn(BaseModel):
    """A case to follow.

    ``to`` is the applicant's number in E.164 or ``channel:address``; empty: nobody is told. The limit is ``limit``
    ("20 working days", "48 hours") from ``received_at`` or the moment ``due_at``. ``responsible`` is a person's id or
    staff number: warned when the lamp turns.
    """

    ref: str = Field(min_length=1, max_length=60, pattern=r"^[\w.\-/]+$")
    title: str = Field(min_length=1, max_length=60)
    status: str = Field("received", min_length=1, max_length=40)
    to: str = Field("", max_length=300)
    applicant: str = Field("", max_length=60)
    unit: str = Field("", max_length=60)
    note: str = Field("", max_length=200)
    locale: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    responsible: str = Field("", max_length=40)
    received_at: AwareDatetime | None = None
    limit: str = Field("", max_length=40)
    due_at: AwareDatetime | None = None


class StatusIn(BaseModel):
    """A new status, with words for the applicant."""

    status: str = Field(min_length=1, max_length=40)
    note: str = Field("", max_length=200)


class CaseEventOut(BaseModel):
    """One status of a case."""

    at: datetime
    status: str
    note: str | None
    told: bool


class CaseOut(BaseModel):
    """A case with its lamp; who applied is not shown."""

    ref: str
    source: str
    title: str
    unit: str
    status: str
    note: str | None
    lamp: str | None
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    events: list[CaseEventOut]

    @classmethod
    def of(cls, view: CaseView) -> "CaseOut":
        """From its row."""
        kept = view.case.model_dump(include=set(cls.model_fields) - {"lamp", "events"})
        events = [
            CaseEventOut(at=event.at, status=event.status, note=event.note, told=bool(event.outbox_id))
            for event in view.events
        ]
        return cls(**kept, lamp=view.lamp.value if view.lamp else None, events=events)


def build_router(cases: Cases, db: Database, clock: Clock, guard: Guard, channels: Mapping[str, Channel]) -> APIRouter:
    """Every route of cases."""
    router = APIRouter(prefix="/api/v1/cases", tags=["cases"])
    once = Once(db, clock)
    reporter = require(guard, Role.SENDER, Role.AGENT)
    reader = require(guard, Role.SENDER, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
    watcher = require(guard, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)

    @router.post("", status_code=201, response_model=CaseOut)
    async def take(body: CaseIn, request: Request, who: Annotated[Principal, reporter]) -> Response:
        """Register a case; its applicant is told."""

        def work(session: Session) -> CaseOut:
            channel, address = address_of(body.to, channels) if body.to else ("", "")
            new = NewCase(**body.model_dump(exclude={"to"}), channel=channel, address=address)
            return _seen(session, cases, cases.take(session, new, who).ref, who)

        return await once(request, who.identity, lambda: db.write(work))

    @router.post("/{ref:path}/status")
    async def status(ref: str, body: StatusIn, who: Annotated[Principal, reporter]) -> CaseOut:
        """Report a status; the same one again changes nothing and tells nobody."""

        def work(session: Session) -> CaseOut:
            return _seen(session, cases, cases.report(session, ref, body.status, body.note, who).ref, who)

        return await db.write(work)

    @router.get("")
    async def listed(
        _who: Annotated[Principal, watcher],
        lamp: Annotated[str, Query(max_length=12)] = "",
        all_: Annotated[bool, Query(alias="all")] = False,
    ) -> Page[CaseOut]:
        """Cases by what is left of their limit; ``lamp`` yellow or red."""
        found = await db.read(lambda session: cases.listed(session, lamp, open_only=not all_))
        return Page(items=[CaseOut.of(view) for view in found])

    @router.get("/{ref:path}")
    async def one(ref: str, who: Annotated[Principal, reader]) -> CaseOut:
        """One case with its record; a system sees its own."""
        return CaseOut.of(await db.read(cases.view, ref, who))

    return router


def _seen(session: Session, cases: Cases, ref: str, who: Principal) -> CaseOut:
    return CaseOut.of(cases.view(session, ref, who))
