"""The pretend phone network at ``/phone``: several handsets that text the office. In the demo only."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Header, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlmodel import Session

from bot import inbox
from bot.pages.forms import check_form, csrf_token, wants_json
from bot.site import talk
from bot.site.pages import Pages
from bot.site.stream import Hub
from core.clock import Clock
from core.crypto import index
from core.db import Database
from core.errors import BadInput
from core.ids import new_secret
from core.messages import Inbound

CHANNEL = "phone"
OFFICE_NUMBER = "+12025550100"
"""What the handsets text to. Numbers +1 202 555 01xx are set aside for fiction."""
FIRST_NUMBERS = ("+12025550101", "+12025550102", "+12025550103")
MAX_HANDSETS = 8
TEXT_MAX = 1_600
"""As long as a real provider takes in one message."""
_NUMBER = re.compile(r"\+120255501(?!00)\d\d")
_POOL = tuple(f"+120255501{number:02d}" for number in range(1, 100))


@dataclass(frozen=True, slots=True)
class Handset:
    """One pretend phone with its texts. ``without`` is the page's address once it is removed."""

    number: str
    shown: str
    lines: tuple[talk.Line, ...]
    without: str


def shown(number: str) -> str:
    """A number as people write it: +1 202 555 0101."""
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


def numbers_in(asked: Sequence[str]) -> tuple[str, ...]:
    """The handsets a page shall show: those asked for that can exist, else the first three."""
    known = tuple(dict.fromkeys(number for number in asked if _NUMBER.fullmatch(number)))
    return known[:MAX_HANDSETS] or FIRST_NUMBERS


def page_of(numbers: Sequence[str]) -> str:
    """The address of the page with these handsets."""
    return "/phone?" + urlencode([("n", number) for number in numbers])


def next_number(numbers: Sequence[str]) -> str | None:
    """A number for one more handset, None when there are enough."""
    free = (number for number in _POOL if number not in numbers)
    return next(free, None) if len(numbers) < MAX_HANDSETS else None


def _handsets(session: Session, numbers: Sequence[str]) -> list[Handset]:
    return [
        Handset(
            number,
            shown(number),
            talk.history(session, CHANNEL, number).lines,
            page_of([other for other in numbers if other != number]) if len(numbers) > 1 else "",
        )
        for number in numbers
    ]


def _text(session: Session, now: datetime, number: str, text: str, message_id: str) -> dict[str, Any]:
    provider_id = index("\0".join((number, message_id, text)), "phone.message")
    inbox.store(session, now, [Inbound(CHANNEL, provider_id, number, text=text, to=OFFICE_NUMBER)])
    return {"text": text, "at": now.isoformat(), "csrf": csrf_token("")}


def build_router(db: Database, clock: Clock, pages: Pages, hub: Hub) -> APIRouter:
    """``/phone`` and what its script calls."""
    router = APIRouter(include_in_schema=False)

    @router.get("/phone")
    async def page(request: Request, n: Annotated[list[str], Query()] = []) -> Response:  # noqa: B006 - not changed
        return await _page(request, numbers_in(n), "")

    async def _page(request: Request, numbers: Sequence[str], notice: str, status: int = 200) -> Response:
        more = next_number(numbers)
        values = {
            "handsets": await db.read(_handsets, numbers),
            "add": page_of([*numbers, more]) if more else "",
            "csrf": csrf_token(""),
            "message_id": new_secret(16),
            "office_number": shown(OFFICE_NUMBER),
            "notice": notice,
            "text_max": TEXT_MAX,
            "epoch": clock(),
        }
        return pages.render(request, "phone.html", values, status=status)

    @router.post("/phone/send")
    async def send(
        request: Request,
        number: Annotated[str, Form()],
        text: Annotated[str, Form()] = "",
        id: Annotated[str, Form(max_length=64)] = "",
        csrf: Annotated[str, Form()] = "",
        n: Annotated[list[str], Form()] = [],  # noqa: B006 - not changed
    ) -> Response:
        check_form(request, csrf, "")
        text = text.replace("\r\n", "\n")
        if not _NUMBER.fullmatch(number):
            raise BadInput("There is no such handset.", fields={"number": "unknown"})
        if not text.strip() or len(text) > TEXT_MAX:
            raise BadInput(f"A text message holds 1 to {TEXT_MAX} characters.", fields={"text": "length"})
        line = await db.write(_text, clock(), number, text, id or new_secret(16))
        return JSONResponse(line) if wants_json(request) else RedirectResponse(page_of(numbers_in(n)), 303)

    @router.post("/phone/seen", status_code=204)
    async def seen(
        request: Request, number: Annotated[list[str], Form()], ids: Annotated[list[str], Form(max_length=200)]
    ) -> None:
        """The handset shows these texts: the network reports them delivered."""
        check_form(request, "", "")
        await db.write(talk.seen, clock(), CHANNEL, numbers_in(number), ids)

    @router.get("/phone/stream", response_class=EventSourceResponse)
    async def stream(
        n: Annotated[list[str], Query()],
        after: Annotated[str, Query(pattern="^[0-9a-f]{0,32}$")] = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        """Texts to any of these handsets. One stream for all: browsers open only six connections to a server."""
        lines = hub.lines(CHANNEL, numbers_in(n), last_event_id or after)
        async with aclosing(lines):
            async for batch in lines:
                for line in batch:
                    yield ServerSentEvent(event="line", id=line.id, data=line.as_json())

    return router
