"""What was missed, and what editors should look at, over HTTP."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from faq import hints, misses
from faq.hints import Hint
from faq.misses import Misses
from faq.review import Author
from faq.schemas import (
    DismissIn,
    EntryOut,
    HintOut,
    MemberOut,
    MissEntryIn,
    MissOut,
    MissWithMembers,
    PhrasingIn,
)
from faq.service import FaqService

_BIGGEST = 2**63 - 1
MissId = Annotated[int, Path(ge=1, le=_BIGGEST)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=400)]


def add_routes(
    router: APIRouter,
    service: FaqService,
    guard: Guard,
    db: Database,
    clock: Clock,
    once: Once,
) -> None:
    """Add them all."""
    _add_lists(router, service.misses, guard, db)
    _add_actions(router, guard, db, clock, once)
    _add_hints(router, service, guard, db, clock)


def _add_lists(router: APIRouter, grouping: Misses, guard: Guard, db: Database) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/faq/misses", tags=["faq"])
    async def missed(
        state: Literal["open", "answered", "dismissed"] = "open",
        reason: Literal["", "unanswered", "unhelpful"] = "",
        cursor: Cursor = "",
        limit: Limit = 50,
        _who: Principal = either,
    ) -> Page[MissOut]:
        """Missed questions, grouped with their like, the most frequent first."""
        await grouping.collect()
        return await db.read(_page, state, reason, _after(cursor), limit)

    @router.get("/faq/misses/{miss_id}", tags=["faq"])
    async def one(miss_id: MissId, _who: Principal = either) -> MissWithMembers:
        """One group with its newest questions."""
        return await db.read(_with_members, miss_id)


def _after(cursor: str) -> tuple[int, int] | None:
    key = decode_cursor(cursor) if cursor else None
    if key is None:
        return None
    if len(key) != 2 or not all(isinstance(part, int) and 0 <= part <= _BIGGEST for part in key):
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    return key[0], key[1]


def _page(session: Session, state: str, reason: str, after: tuple[int, int] | None, limit: int) -> Page[MissOut]:
    groups = misses.page(session, state, reason, after, limit + 1)
    shown = groups[:limit]
    entries = misses.nearest_of(session, shown)
    following = encode_cursor(shown[-1].count, shown[-1].id) if len(groups) > limit else None
    return Page(items=[MissOut.of(group, entries) for group in shown], next=following)


def _with_members(session: Session, miss_id: int) -> MissWithMembers:
    group = misses.find(session, miss_id)
    shown = MissOut.of(group, misses.nearest_of(session, [group]))
    members = [
        MemberOut(text=query.text, at=query.at, channel=query.channel, reason=query.missed)
        for query in misses.members(session, miss_id)
    ]
    return MissWithMembers(**shown.model_dump(), members=members)


def _add_actions(router: APIRouter, guard: Guard, db: Database, clock: Clock, once: Once) -> None:
    editor = require(guard, Role.EDITOR)

    @router.post("/faq/misses/{miss_id}/phrasing", tags=["faq"])
    async def phrasing(miss_id: MissId, body: PhrasingIn | None = None, who: Principal = editor) -> EntryOut:
        """Add the wording to an entry; another person approves it before it counts."""
        wanted = body or PhrasingIn()
        entry = await db.write(
            misses.add_as_phrasing, clock(), Author.of(who), miss_id, entry_id=wanted.entry, text=wanted.text
        )
        return EntryOut.of(entry)

    @router.post("/faq/misses/{miss_id}/entry", response_model=EntryOut, status_code=201, tags=["faq"])
    async def entry(request: Request, miss_id: MissId, body: MissEntryIn, who: Principal = editor) -> Response:
        """Write an entry for it, as a draft."""

        async def work() -> EntryOut:
            made = await db.write(misses.write_entry, clock(), Author.of(who), miss_id, body.given(), entry_id=body.id)
            return EntryOut.of(made)

        return await once(request, who.identity, work)

    @router.post("/faq/misses/{miss_id}/dismiss", tags=["faq"])
    async def dismiss(miss_id: MissId, body: DismissIn | None = None, who: Principal = editor) -> MissWithMembers:
        """Take it off the list."""
        await db.write(misses.dismiss, clock(), Author.of(who), miss_id, body.reason if body else "")
        return await db.read(_with_members, miss_id)


def _add_hints(router: APIRouter, service: FaqService, guard: Guard, db: Database, clock: Clock) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/faq/hints", tags=["faq"])
    async def look_at(
        kind: hints.Kind | None = None,
        days: Annotated[int, Query(ge=1, le=3650)] = 90,
        cursor: Cursor = "",
        limit: Limit = 50,
        _who: Principal = either,
    ) -> Page[HintOut]:
        """Entries never asked in so many days, expired, expiring in as many, nearly the same, or contradicting.

        Without a kind, the first of each; with one, page by page (``similar`` compares some entries a page, so a
        page may be empty while there is a next one).
        """
        now = clock()
        if kind:
            found, following = await _hints(service, db, now, kind, days, cursor, limit)
            return Page(items=[_hint_out(hint) for hint in found], next=following)
        firsts = [(await _hints(service, db, now, each, days, "", limit))[0] for each in hints.KINDS]
        return Page(items=[_hint_out(hint) for some in firsts for hint in some])


async def _hints(
    service: FaqService, db: Database, now: datetime, kind: hints.Kind, days: int, cursor: str, limit: int
) -> tuple[list[Hint], str | None]:
    """A page of one kind and the cursor of the next. A cursor holds the last id seen, or how many were."""
    key = decode_cursor(cursor) if cursor else [""]
    after = key[0] if len(key) == 1 and isinstance(key[0], str) and "\x00" not in key[0] else None
    if after is None:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    live = service.live.published
    if kind == "never_asked":
        found = await db.read(hints.never_asked, now, days, after, limit + 1)
    elif kind == "similar":
        ids = sorted(entry_id for entry_id in list(live) if entry_id > after)
        some = ids[: hints.SCANNED]
        found = await asyncio.to_thread(hints.doubles, live, some, service.live.similar_now)
        return found, encode_cursor(some[-1]) if len(ids) > len(some) else None
    elif kind == "contradicting":
        found = await asyncio.to_thread(hints.contradictions, live)
        found = [hint for hint in found if hint.id > after]
    else:
        both = await asyncio.to_thread(hints.validity, live, service.live.today(), days)
        found = sorted((hint for hint in both if hint.kind == kind and hint.id > after), key=lambda hint: hint.id)
    return found[:limit], encode_cursor(found[limit - 1].id) if len(found) > limit else None


def _hint_out(hint: Hint) -> HintOut:
    return HintOut(
        kind=hint.kind,
        id=hint.id,
        question=hint.question,
        other_id=hint.other or None,
        other_question=hint.other_question or None,
        score=hint.score,
        day=hint.day,
    )
