"""Entries over HTTP: list, write, review, import and export."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, Concatenate, Literal

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import Response, StreamingResponse
from sqlmodel import Session
from starlette.concurrency import iterate_in_threadpool

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, TooLarge
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from faq import bulk, export, review, store
from faq.content import shipped_categories
from faq.models import FaqEntry
from faq.review import Author
from faq.schemas import (
    CategoryOut,
    EntryIn,
    EntryOut,
    EntryPatch,
    EntryWithVersions,
    ImportOut,
    LineNoteOut,
    MoveIn,
    VersionOut,
)

Limit = Annotated[int, Query(ge=1, le=200)]
Short = Annotated[str, Query(max_length=100)]
State = Literal["", "draft", "in_review", "published", "archived"]
Move = Callable[Concatenate[Session, datetime, Author, str, ...], FaqEntry]


def add_routes(router: APIRouter, guard: Guard, db: Database, clock: Clock, once: Once, max_upload: int) -> None:
    """Add them; the fixed paths first, because an entry's id may hold a slash."""
    _add_files(router, guard, db, clock, once, max_upload)
    _add_lists(router, guard, db)
    _add_moves(router, guard, db, clock)
    _add_entries(router, guard, db, clock, once)


def _add_files(router: APIRouter, guard: Guard, db: Database, clock: Clock, once: Once, max_upload: int) -> None:
    editor = require(guard, Role.EDITOR)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.post("/faq/import", response_model=ImportOut, status_code=201, tags=["faq"])
    async def import_file(request: Request, file: UploadFile, who: Principal = editor) -> Response:
        """Entries from a CSV, XLSX or JSONL file, as drafts; the answer names every bad line."""
        data = await file.read(max_upload + 1)
        if len(data) > max_upload:
            raise TooLarge(f"A file may have at most {max_upload // 1_000_000} MB; divide it or use the command line.")

        async def work() -> ImportOut:
            report = await bulk.import_file(db, data, clock, Author.of(who), name=file.filename or "upload")
            return _import_out(report)

        return await once(request, who.identity, work, body=data)

    @router.get("/faq/export", tags=["faq"], response_class=StreamingResponse)
    async def export_file(
        format: export.Format = "csv",
        published: bool = False,
        _who: Principal = either,
    ) -> Response:
        """Every entry not archived (only the live ones with ``published``), in the form the import reads."""
        pieces = export.encode(_pages(db, published), format)
        return StreamingResponse(
            iterate_in_threadpool(pieces),
            media_type=export.MEDIA_TYPES[format],
            headers={"Content-Disposition": f'attachment; filename="faq.{format}"'},
        )


def _pages(db: Database, live_only: bool) -> Iterator[list[dict[str, Any]]]:
    after = ""
    while page := db.read_now(export.rows, after, live_only=live_only):
        yield page
        after = page[-1]["id"]


def _import_out(report: bulk.ImportReport) -> ImportOut:
    notes = {name: [LineNoteOut(line=n.line, column=n.column, reason=n.reason) for n in getattr(report, name)]
             for name in ("bad", "warnings")}  # fmt: skip
    counted = {name: getattr(report, name) for name in ("id", "added", "changed", "unchanged", "unknown_columns")}
    return ImportOut(**counted, **notes)


def _add_lists(router: APIRouter, guard: Guard, db: Database) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/faq", tags=["faq"])
    async def entries(
        state: State = "",
        category: Short = "",
        unit: Short = "",
        locale: Short = "",
        q: Short = "",
        cursor: Annotated[str, Query(max_length=400)] = "",
        limit: Limit = 50,
        _who: Principal = either,
    ) -> Page[EntryOut]:
        """Entries by id; ``q`` looks into id, question and answer."""
        wanted = store.Filter(state, *(plain(text) for text in (category, unit, locale, q)))
        rows = await db.read(store.page, wanted, _after(cursor), limit + 1)
        following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
        return Page(items=[EntryOut.of(row) for row in rows[:limit]], next=following)

    @router.get("/faq/categories", tags=["faq"])
    async def categories(_who: Principal = either) -> Page[CategoryOut]:
        """The categories to begin with and the office's own, with how many entries each has."""
        used = await db.read(store.categories)
        names = [*shipped_categories(), *(name for name in used if name not in shipped_categories())]
        return Page(items=[CategoryOut(name=name, entries=used.get(name, 0)) for name in names])


def _after(cursor: str) -> str:
    key = decode_cursor(cursor) if cursor else [""]
    if len(key) != 1 or not isinstance(key[0], str) or not plain(key[0]) == key[0]:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    return key[0]


def plain(text: str) -> str:
    """A search word without NUL, which PostgreSQL cannot compare with anything."""
    return text.replace("\x00", "")


def _add_entries(router: APIRouter, guard: Guard, db: Database, clock: Clock, once: Once) -> None:
    editor = require(guard, Role.EDITOR)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.post("/faq", response_model=EntryOut, status_code=201, tags=["faq"])
    async def create(request: Request, entry: EntryIn, who: Principal = editor) -> Response:
        """Write a new entry; it begins as a draft."""
        content = review.checked(entry.given())

        async def work() -> EntryOut:
            made = await db.write(review.create, clock(), Author.of(who), content, entry_id=entry.id)
            return EntryOut.of(made)

        return await once(request, who.identity, work)

    @router.get("/faq/{entry_id:path}", tags=["faq"])
    async def entry(entry_id: str, _who: Principal = either) -> EntryWithVersions:
        """One entry with every version there was."""
        return await db.read(_with_versions, entry_id)

    @router.patch("/faq/{entry_id:path}", tags=["faq"])
    async def edit(entry_id: str, patch: EntryPatch, who: Principal = editor) -> EntryOut:
        """Change an entry: a new draft version, while what is published stays."""
        edited = await db.write(_edit, clock(), Author.of(who), entry_id, patch)
        return EntryOut.of(edited)


def _edit(session: Session, now: datetime, author: Author, entry_id: str, patch: EntryPatch) -> FaqEntry:
    present = store.content_of(store.find(session, entry_id))
    content = review.checked(patch.given(), present)
    return review.edit(session, now, author, entry_id, content, version=patch.version, why=patch.why)


def _with_versions(session: Session, entry_id: str) -> EntryWithVersions:
    row = EntryOut.of(store.find(session, entry_id))
    kept = [VersionOut.of(version) for version in store.versions(session, entry_id)]
    return EntryWithVersions(**row.model_dump(), versions=kept)


def _add_moves(router: APIRouter, guard: Guard, db: Database, clock: Clock) -> None:
    editor = require(guard, Role.EDITOR)
    reviewer = require(guard, Role.REVIEWER)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    async def move(step: Move, who: Principal, entry_id: str, body: MoveIn | None, *more: str) -> EntryOut:
        version = body.version if body else None
        return EntryOut.of(await db.write(step, clock(), Author.of(who), entry_id, *more, version=version))

    @router.post("/faq/{entry_id:path}/submit", tags=["faq"])
    async def submit(entry_id: str, body: MoveIn | None = None, who: Principal = editor) -> EntryOut:
        """Ask for review."""
        return await move(review.submit, who, entry_id, body)

    @router.post("/faq/{entry_id:path}/approve", tags=["faq"])
    async def approve(entry_id: str, body: MoveIn | None = None, who: Principal = reviewer) -> EntryOut:
        """Publish; never by somebody who wrote a part of it."""
        return await move(review.approve, who, entry_id, body)

    @router.post("/faq/{entry_id:path}/reject", tags=["faq"])
    async def reject(entry_id: str, body: MoveIn | None = None, who: Principal = reviewer) -> EntryOut:
        """Back to the author, with a reason."""
        return await move(review.reject, who, entry_id, body, body.reason if body else "")

    @router.post("/faq/{entry_id:path}/archive", tags=["faq"])
    async def archive(entry_id: str, body: MoveIn | None = None, who: Principal = either) -> EntryOut:
        """Take it out of service."""
        return await move(review.archive, who, entry_id, body)
