"""The publication register over HTTP: the public finds what is public by 文号, the office keeps the rest."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from core import sheet_out
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from notify.publicity import register
from notify.publicity.register import Filter, Register
from notify.publicity.register_models import RegisterEntry

_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class EntryBody(BaseModel):
    """What may be written about a piece of information; see ``register_models``."""

    number: str = Field("", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    topic: str = Field("", max_length=60)
    issue: int = Field(0, ge=0, le=9999)
    summary: str = Field("", max_length=5000)
    attribute: Literal["open", "on_request", "closed"]
    reason: str = Field("", max_length=200)
    scope: str = Field("", max_length=60)
    form: str = Field("", max_length=60)
    cycle: Literal["lasting", "periodic", "as_needed"] = "as_needed"
    cycle_days: int = Field(0, ge=0, le=3660)
    unit: str = Field("", max_length=100)


class EntryIn(EntryBody):
    """A new entry; ``editor`` is reminded of its limit, ``formed_at`` is when the information was made."""

    editor: str = Field("", max_length=40)
    formed_at: AwareDatetime | None = None


class PublishIn(BaseModel):
    """Where it can be read: an address or a place."""

    where: str = Field(min_length=1, max_length=200)


class PublicEntry(BaseModel):
    """What the public sees of an entry."""

    id: str
    number: str
    title: str
    topic: str
    issue: int
    summary: str
    scope: str
    form: str
    cycle: str
    unit: str
    formed_at: datetime
    published_at: datetime | None
    published_where: str


class StaffEntry(PublicEntry):
    """An entry as the office keeps it."""

    attribute: str
    reason: str
    cycle_days: int
    editor_id: str | None
    due_at: datetime
    statutory_by: datetime
    approver_name: str
    approved_at: datetime | None
    review_on: date | None
    state: str


def build_router(entries: Register, db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """Every route of the register."""
    router = APIRouter(prefix="/api/v1", tags=["register"])
    _add_public(router, entries, db)
    _add_keeping(router, entries, db, clock, guard)
    _add_looking(router, entries, db, guard)
    return router


def _add_public(router: APIRouter, entries: Register, db: Database) -> None:
    @router.get("/register")
    async def public(
        q: Annotated[str, Query(max_length=60)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Page[PublicEntry]:
        """What is public, by 文号, title or topic; the latest first."""
        before = str(next(iter(decode_cursor(cursor)), "")) if cursor else ""
        rows = await db.read(entries.public, q, before, limit + 1)
        items = [PublicEntry(**row.model_dump(include=set(PublicEntry.model_fields))) for row in rows[:limit]]
        return Page(items=items, next=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None)


def _add_keeping(router: APIRouter, entries: Register, db: Database, clock: Clock, guard: Guard) -> None:
    once = Once(db, clock)
    editor, reviewer = require(guard, Role.EDITOR), require(guard, Role.REVIEWER)

    def out(row: RegisterEntry) -> StaffEntry:
        return _staff(entries, row)

    @router.post("/register", status_code=201, response_model=StaffEntry)
    async def add(body: EntryIn, request: Request, who: Annotated[Principal, editor]) -> Response:
        """Enter something that must, may or may not be made public."""

        def work(session: Session) -> StaffEntry:
            return out(entries.add(session, body.model_dump(), who))

        return await once(request, who.identity, lambda: db.write(work))

    @router.put("/register/{entry_id}")
    async def change(entry_id: str, body: EntryBody, who: Annotated[Principal, editor]) -> StaffEntry:
        """Change what is not public yet; an approval is void."""
        return out(await db.write(entries.change, entry_id, body.model_dump(), who))

    @router.post("/register/{entry_id}/approve")
    async def approve(entry_id: str, who: Annotated[Principal, reviewer]) -> StaffEntry:
        """Approve attribute and content; never one's own."""
        return out(await db.write(entries.approve, entry_id, who))

    @router.post("/register/{entry_id}/publish")
    async def publish(entry_id: str, body: PublishIn, who: Annotated[Principal, editor]) -> StaffEntry:
        """It is public now."""
        return out(await db.write(entries.publish, entry_id, body.where, who))


def _add_looking(router: APIRouter, entries: Register, db: Database, guard: Guard) -> None:
    reader = require(guard, Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR)

    @router.get("/staff/register")
    async def listed(
        _who: Annotated[Principal, reader],
        state: Literal["", "waiting", "overdue", "published", "stale", "closed"] = "",
        attribute: Literal["", "open", "on_request", "closed"] = "",
        q: Annotated[str, Query(max_length=60)] = "",
    ) -> Page[StaffEntry]:
        """The register, what is due first before the rest."""
        rows = await db.read(entries.listed, Filter(state, attribute, q))
        return Page(items=[_staff(entries, row) for row in rows])

    @router.get("/staff/register.{form}", response_class=Response)
    async def export(form: Literal["csv", "xlsx"], _who: Annotated[Principal, reader]) -> Response:
        """The register as a file."""
        lines = entries.lines(await db.read(entries.listed, Filter()))
        head = register.HEAD
        made = sheet_out.as_csv(head, lines) if form == "csv" else sheet_out.as_xlsx("公开台账", head, lines)
        headers = {"Content-Disposition": f'attachment; filename="register.{form}"'}
        return Response(made, media_type=_TYPES[form], headers=headers)


def _staff(entries: Register, row: RegisterEntry) -> StaffEntry:
    kept = row.model_dump(include=set(StaffEntry.model_fields) - {"state"})
    return StaffEntry(**kept, state=entries.state(row))
