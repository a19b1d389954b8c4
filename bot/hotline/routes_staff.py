"""``/api/v1/staff/tickets``: the queue, a matter, taking one down for a caller, and every action."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from bot.hotline import barrier, listing
from bot.hotline.office import Doer
from bot.hotline.schemas import (
    ActionIn,
    FileOut,
    IdentityOut,
    ManyIn,
    ManyItem,
    ManyOut,
    StaffTicketIn,
    TicketOut,
    WhyIn,
)  # fmt: skip
from bot.hotline.service import Hotline
from bot.hotline.staff_view import Row, Whole
from bot.hotline.states import CITIZEN
from bot.hotline.words import Action
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import AppError, BadInput, NotFound
from core.files import IMAGES
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require

STAFF = (Role.AGENT, Role.HANDLER, Role.SUPERVISOR)
WITH_LEADERS = (*STAFF, Role.OFFICIAL)
"""A leader who is an official and nothing else checks the answers of those they lead."""
GRID = "网格上报"
"""Source of what somebody hands in from their grid, who is no agent."""


class QueueQuery(listing.Filter, frozen=True):
    """Filters of the queue, where its page begins, and how long it is."""

    cursor: str = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def build_router(hotline: Hotline, db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """The routes of staff; the barrier decides what each of them sees."""
    router = APIRouter(prefix="/api/v1/staff/tickets", tags=["staff tickets"])
    _add_reading(router, hotline, db, guard)
    _add_files(router, hotline, db, guard)
    _add_opening(router, hotline, db, clock, guard)
    _add_actions(router, hotline, db, guard)
    return router


def _add_reading(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("")
    async def queue(
        who: Annotated[Principal, require(guard, *STAFF)], wanted: Annotated[QueueQuery, Query()]
    ) -> Page[Row]:
        """The matters the caller may see, emergencies first, then what is due first."""
        rows, more = await db.read(hotline.queue, who, wanted, wanted.limit, _key(wanted.cursor))
        return Page(items=rows, next=encode_cursor(more[0], more[1].isoformat(), more[2]) if more else None)

    @router.get("/{number}")
    async def show(number: str, who: Annotated[Principal, require(guard, *WITH_LEADERS)]) -> Whole:
        """One matter, as far as the caller may see it; a look at a protected one is written down first."""
        seen = await db.read(hotline.show, number, who)
        if seen.confidential:
            await db.write(hotline.looked, number, who)
        return seen

    @router.get("/{number}/duplicates")
    async def duplicates(
        number: str, who: Annotated[Principal, require(guard, Role.AGENT, Role.SUPERVISOR)]
    ) -> Page[dict[str, Any]]:
        """Likely repeats, best first."""
        found = await db.read(hotline.duplicates, number, who)
        return Page(items=[{"number": one.number, "why": one.why, "score": round(one.score, 1)} for one in found])

    @router.post("/{number}/identity")
    async def identity(
        number: str, who: Annotated[Principal, require(guard, *STAFF)], body: WhyIn | None = None
    ) -> IdentityOut:
        """Who wrote; each look is written to the audit trail."""
        found = await db.write(hotline.identity, number, who, body.why if body else "")
        return IdentityOut.model_validate(found, from_attributes=True)


def _key(cursor: str) -> listing.Key | None:
    if not cursor:
        return None
    try:
        priority, due, last_id = decode_cursor(cursor)
        return int(priority), datetime.fromisoformat(due), str(last_id)
    except (TypeError, ValueError) as error:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"}) from error


def _add_files(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.get("/{number}/files")
    async def files(number: str, who: Annotated[Principal, require(guard, *STAFF)]) -> Page[FileOut]:
        """What was sent along."""
        found = await db.read(hotline.files, number, who)
        return Page(items=[FileOut.model_validate(row, from_attributes=True) for row in found])

    @router.get("/{number}/files/{file_id}")
    async def file(number: str, file_id: str, who: Annotated[Principal, require(guard, *STAFF)]) -> Response:
        """One file; pictures and voice in place, everything else as a download."""
        found = await db.read(hotline.file, number, file_id, who)
        place = "inline" if found.mime in IMAGES or found.mime.startswith("audio/") else "attachment"
        headers = {
            "Content-Disposition": f"{place}; filename*=UTF-8''{quote(found.name)}",
            "Cache-Control": "private, no-store",
        }
        return Response(found.content, media_type=found.mime, headers=headers)


def _add_opening(router: APIRouter, hotline: Hotline, db: Database, clock: Clock, guard: Guard) -> None:
    once = Once(db, clock)

    @router.post("", status_code=201, response_model=TicketOut)
    async def take_down(
        body: StaffTicketIn,
        request: Request,
        who: Annotated[Principal, require(guard, *WITH_LEADERS)],
    ) -> Response:
        """Take a matter down for a caller, a visitor or a letter; read number and code out to them.

        What a handler or official hands in comes from their grid (网格上报), whatever else they say.
        """
        source = GRID if barrier.only_a_handler(who) else body.source

        async def work() -> TicketOut:
            return TicketOut.of(await db.write(hotline.open, body.matter(source), Doer.staff(who)))

        return await once(request, who.ref, work)


def _add_actions(router: APIRouter, hotline: Hotline, db: Database, guard: Guard) -> None:
    @router.post("/{action}")
    async def act_on_many(action: str, body: ManyIn, who: Annotated[Principal, require(guard, *STAFF)]) -> ManyOut:
        """One action on up to 100 matters, answered item by item: those refused keep none of the others back."""
        wanted = _action(action)
        items = [
            await _one(hotline, db, number, wanted, who, body.model_copy(update={"version": version}))
            for number, version in body.numbers.items()
        ]
        return ManyOut(items=items)

    @router.post("/{number}/{action}")
    async def act(
        number: str, action: str, body: ActionIn, who: Annotated[Principal, require(guard, *WITH_LEADERS)]
    ) -> Whole:
        """Do it; the answer is the matter with its new version."""
        return await db.write(hotline.act, number, _action(action), who, body)


def _action(name: str) -> Action:
    if name not in {action.value for action in Action} - {action.value for action in CITIZEN}:
        raise NotFound(f"There is no action called {name!r}.")
    return Action(name)


async def _one(hotline: Hotline, db: Database, number: str, action: Action, who: Principal, given: ManyIn) -> ManyItem:
    try:
        matter = await db.write(hotline.perform, number, action, who, given)
    except AppError as error:
        return ManyItem(number=number, ok=False, error=error.code, detail=error.detail)
    return ManyItem(number=number, ok=True, version=matter.version, state=matter.state)
