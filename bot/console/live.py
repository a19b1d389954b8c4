"""``/console/live``: who else is on this page, and that something on it changed.

One follower in each process asks the database for all open pages together; what it learns it hands to the streams.
A stream says nothing that its page does not show anyway: a number, what was done, by whom.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from bot.console.desk import Console, Visit, named, words
from bot.console.presence_models import OpenPage
from bot.hotline.models import Matter, MatterEvent
from bot.pages.stopping import until_stop
from bot.pages.words import Say
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, TooMany, Unavailable
from core.ids import new_id
from core.people import Person, Role
from notify.signoff.models import SignEvent

POLL_S = 1.5
SEEN_EVERY = timedelta(seconds=15)
FRESH = timedelta(seconds=40)
"""A page whose stream has said nothing for so long is closed, whatever became of it."""
MAX_STREAMS = 500
QUEUE = "queue"
"""The key of every change of a matter, for pages that show lists."""
DOCUMENTS = "documents"
"""As ``QUEUE``, for the list of documents."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a matter's or a document's record, as far as an open page tells it.

    ``number`` is the matter's number or the document's id; ``words`` begins the key of the text for ``what``.
    """

    number: str
    what: str
    by: str
    words: str = "event"

    @property
    def everything(self) -> str:
        """The key of every change of this sort."""
        return QUEUE if self.words == "event" else DOCUMENTS


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the records were read: the last line of matters and of documents."""

    matters: int
    documents: int


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else on the same page."""

    name: str
    typing: bool


@dataclass(slots=True)
class Stream:
    """One open page that listens."""

    id: str
    page: str
    ref: str
    topic: str
    changes: list[Change] = field(default_factory=list)
    others: tuple[Other, ...] = ()
    told: tuple[Other, ...] | None = None
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The open pages of this process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._streams: dict[str, Stream] = {}
        self._follower: asyncio.Task[None] | None = None
        self.closing = False

    def close(self) -> None:
        """The server stops: every stream ends now, browsers come back by themselves."""
        self.closing = True
        for stream in self._streams.values():
            stream.bell.set()

    @contextlib.contextmanager
    def open(self, page: str, who: Principal, topic: str) -> Iterator[Stream]:
        """Follow a page while the block runs; raises TooMany when too many are open."""
        if len(self._streams) >= MAX_STREAMS:
            raise TooMany("Too many pages are open; close one.", retry_after=timedelta(seconds=30))
        stream = Stream(new_id(), page, who.ref, topic)
        self._streams[stream.id] = stream
        if self._follower is None or self._follower.done():
            self._follower = asyncio.create_task(self._follow())
        try:
            yield stream
        finally:
            del self._streams[stream.id]
            if not self._streams and self._follower:
                self._follower.cancel()
                self._follower = None

    async def _follow(self) -> None:
        last = await self._db.read(_last_event)
        while not self.closing:
            await asyncio.sleep(POLL_S)
            with contextlib.suppress(Unavailable):
                last, changes, pages = await self._db.read(news, self._clock(), last)
                self._tell(changes, pages)

    def _tell(self, changes: list[Change], pages: dict[str, list[OpenPage]]) -> None:
        for stream in self._streams.values():
            mine = [one for one in changes if stream.topic in {one.number, one.everything}]
            others = {row.account_ref: row for row in pages.get(stream.page, []) if row.account_ref != stream.ref}
            stream.others = tuple(Other(row.name, row.typing) for row in others.values())
            stream.changes += mine
            if mine or stream.others != stream.told:
                stream.bell.set()


def _last_event(session: Session) -> Seen:
    matters = session.exec(select(func.max(MatterEvent.id))).one() or 0
    return Seen(matters, session.exec(select(func.max(SignEvent.id))).one() or 0)


def news(session: Session, now: datetime, last: Seen) -> tuple[Seen, list[Change], dict[str, list[OpenPage]]]:
    """What happened after ``last``: how far that is, the changes, and the pages that are open now."""
    found = session.exec(
        select(MatterEvent.id, Matter.number, MatterEvent.what, MatterEvent.actor_name)
        .join(Matter, col(Matter.id) == col(MatterEvent.matter_id))
        .where(col(MatterEvent.id) > last.matters)
        .order_by(col(MatterEvent.id))
        .limit(500)
    ).all()
    signed, newest_sign = _signed(session, last.documents)
    pages: defaultdict[str, list[OpenPage]] = defaultdict(list)
    for row in session.exec(select(OpenPage).where(col(OpenPage.seen_at) > now - FRESH).order_by(OpenPage.id)):
        pages[row.page].append(row)
    newest = max((one[0] or 0 for one in found), default=last.matters)
    changes = [Change(number, what, by) for _, number, what, by in found] + signed
    return Seen(newest, newest_sign), changes, pages


def _signed(session: Session, last: int) -> tuple[list[Change], int]:
    """What happened to documents since then, and how far that is."""
    rows = session.exec(select(SignEvent).where(col(SignEvent.id) > last).order_by(col(SignEvent.id)).limit(500)).all()
    ids = {row.by for row in rows}
    names = {person.id: person.name for person in session.exec(select(Person).where(col(Person.id).in_(ids)))}
    changes = [Change(row.document_id, row.what, names.get(row.by, "—"), "document.event") for row in rows]
    return changes, max((row.id or 0 for row in rows), default=last)


def note(session: Session, now: datetime, stream_id: str, page: str, who: Principal, *, typing: bool) -> None:
    """Write down that a page is open; pages nobody heard of for a while go with it."""
    session.execute(delete(OpenPage).where(col(OpenPage.seen_at) <= now - FRESH))
    row = session.get(OpenPage, stream_id) or OpenPage(
        id=stream_id, page=page, account_ref=who.ref, name=who.name, seen_at=now
    )
    row.seen_at, row.typing = now, typing
    session.add(row)


def leave(session: Session, stream_id: str) -> None:
    """The page was closed."""
    session.execute(delete(OpenPage).where(col(OpenPage.id) == stream_id))


def set_typing(session: Session, now: datetime, page: str, who: Principal) -> None:
    """Somebody writes on this page."""
    for row in session.exec(select(OpenPage).where(OpenPage.page == page, OpenPage.account_ref == who.ref)):
        row.typing, row.seen_at = True, now
        session.add(row)


def _check_page(page: str) -> str:
    if not page.startswith("/console") or len(page) > 120:
        raise BadInput("There is no such page.", fields={"page": "unknown"})
    return page


async def _topic(console: Console, visit: Visit, page: str) -> str:
    """What a page is told of: its matter, every matter for lists of the hotline, nothing for the others."""
    parts = page.removeprefix("/console").strip("/").split("/")
    if parts[0] == "tickets" and len(parts) > 1 and parts[1].isalnum() and parts[1] != "new":
        shown = await console.house.db.read(console.house.hotline.show, parts[1], visit.who)
        return shown.number
    if parts[0] == "documents" and visit.who.has(Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN):
        return parts[1] if len(parts) > 1 and parts[1] != "new" else DOCUMENTS if len(parts) == 1 else ""
    lists = parts[0] in {"", "tickets", "board"}
    return QUEUE if lists and visit.who.has(Role.AGENT, Role.SUPERVISOR) else ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A page that somebody follows, and what it is told of."""

    visit: Visit
    page: str
    topic: str


def build_router(console: Console) -> APIRouter:
    """``/console/live``."""
    db, clock = console.house.db, console.house.clock
    hub = Hub(db, clock)

    router = APIRouter(prefix="/console/live", include_in_schema=False, lifespan=lambda _app: until_stop(hub.close))

    async def followed(visit: Annotated[Visit, console.needs()], page: str) -> Followed:
        """Looked at before the answer begins: who may not see a matter may not follow it either."""
        return Followed(visit, page, await _topic(console, visit, _check_page(page)))

    @router.get("", response_class=EventSourceResponse)
    async def live(wanted: Annotated[Followed, Depends(followed)]) -> AsyncIterator[ServerSentEvent]:
        """``others`` when somebody comes, goes or types; ``change`` when something was done."""
        with hub.open(wanted.page, wanted.visit.who, wanted.topic) as stream:
            try:
                async for event in _events(console, hub, stream, wanted.visit):
                    yield event
            finally:
                with contextlib.suppress(Unavailable):
                    await asyncio.shield(db.write(leave, stream.id))

    @router.post("/typing", status_code=204)
    async def typing(visit: Annotated[Visit, console.needs()]) -> None:
        """Somebody writes on a page."""
        await db.write(set_typing, clock(), _check_page(visit.text("page")), visit.who)

    return router


async def still_in(console: Console, visit: Visit) -> bool:
    """Whether whoever opened the stream is still signed in: after signing out an open page hears nothing more."""
    by_token = bool(visit.request.headers.get("authorization"))
    return by_token or await console.found(visit.request) is not None


async def _events(console: Console, hub: Hub, stream: Stream, visit: Visit) -> AsyncIterator[ServerSentEvent]:
    db, clock = console.house.db, console.house.clock
    noted = clock() - SEEN_EVERY
    while not hub.closing:
        if clock() - noted >= SEEN_EVERY:
            noted = clock()
            if not await still_in(console, visit):
                return
            await db.write(note, noted, stream.id, stream.page, visit.who, typing=False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEEN_EVERY.total_seconds()):
                await stream.bell.wait()
        stream.bell.clear()
        changes, stream.changes = stream.changes, []
        for change in changes:
            said = visit.say("live.change", by=change.by or visit.say("who.citizen"), what=_what(visit.say, change))
            data = {
                "number": change.number if change.everything == QUEUE else "",
                "said": said,
                "own": change.by == visit.who.name,
            }
            yield ServerSentEvent(event="change", data=data)
        if stream.others != stream.told:
            stream.told = stream.others
            yield ServerSentEvent(event="others", data=[_other(visit, one) for one in stream.others])


def _what(say: Say, change: Change) -> str:
    if change.words == "event":
        return named(say, "event", change.what)
    key = f"{change.words}_{change.what}"
    return say(key) if key in words().keys else change.what


def _other(visit: Visit, other: Other) -> str:
    return visit.say("live.typing" if other.typing else "live.here", name=other.name)
