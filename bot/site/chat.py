"""The web chat at ``/``. Works as plain forms; a script adds live answers."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlmodel import Session

from bot import inbox
from bot.pages.forms import check_form, csrf_token, wants_json
from bot.pages.taste import keep_taste, taste_of
from bot.site import sessions, talk
from bot.site.menu import way_back
from bot.site.models import WebChat
from bot.site.pages import Pages
from bot.site.stream import Hub, open_until_stop
from bot.site.suggestions import Suggest
from core.clock import Clock
from core.config import Settings
from core.crypto import index
from core.db import Database
from core.errors import AppError, BadInput, NotFound, TooMany
from core.ids import new_secret
from core.limits import RateLimit
from core.messages import Inbound
from core.web import client_address

CHANNEL = "webchat"
COOKIE = "sunline_chat"
TEXT_MAX = 5_000
"""Longest text taken in; what is longer is refused with a sentence and stays in the box."""
_ID = re.compile(r"[A-Za-z0-9_-]{20,64}")
_LAST_ID = re.compile(r"[0-9a-f]{0,32}")
_SEEN_MAX = 200
_LIVE_PER_MINUTE = 120
"""Streams, acknowledgements and signs of life of one client address a minute: a page makes a few."""


class StaleChoice(BadInput):
    """The button belongs to no message of this talk."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as the form brought it."""

    id: str
    text: str
    choice: str


class Chat:
    """What the routes need, and what they do with it."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, pages: Pages, hub: Hub, suggest: Suggest
    ) -> None:
        self.db = db
        self.clock = clock
        self.settings = settings
        self.pages = pages
        self.hub = hub
        self._suggest = suggest
        self._asks = RateLimit(settings.limit_ask, clock)
        self._calls = RateLimit(_LIVE_PER_MINUTE, clock)

    def address(self, request: Request) -> str:
        """The address of this browser's talk, empty when it has none."""
        secret = request.cookies.get(COOKIE, "")
        return sessions.address_of(secret) if secret else ""

    async def found(self, request: Request) -> WebChat | None:
        """The talk of this browser while it lasts."""
        address = self.address(request)
        return await self.db.read(sessions.find, self.clock(), address) if address else None

    async def live(self, request: Request) -> WebChat:
        """As ``found``; raises NotFound when there is none, TooMany when it is asked for too often."""
        self._calls.check(self._client(request), "Too many requests from this address; wait a minute.")
        chat = await self.found(request)
        if chat is None:
            raise NotFound("There is no open conversation.")
        return chat

    def _client(self, request: Request) -> str:
        return client_address(request, self.settings.proxies)

    async def page(self, request: Request, *, notice: str = "", kept: str = "", status: int = 200) -> Response:
        """The chat page with the talk so far. ``notice`` is the key of a sentence, ``kept`` goes into the box."""
        address, now = self.address(request), self.clock()
        chat = await self.found(request)
        if chat and sessions.worth_noting(chat, now):
            await self.db.write(sessions.keep, now, address)
        said = await self.db.read(talk.history, CHANNEL, address) if chat else talk.Talk((), waiting=False)
        if address and not chat and not notice:
            notice = "ended.idle"
        suggestions = () if said.lines else await self._suggest(taste_of(request).locale)
        values = {
            "talk": said,
            "live": chat is not None,
            "csrf": csrf_token(address if chat else ""),
            "message_id": new_secret(16),
            "notice": notice,
            "kept": kept,
            "suggestions": suggestions,
            "text_max": TEXT_MAX,
            "epoch": now,
            "minutes": int(sessions.IDLE.total_seconds() // 60),
        }
        response = self.pages.render(request, "chat.html", values, status=status)
        if address and not chat:
            response.delete_cookie(COOKIE)
        return response

    async def take(self, request: Request, posted: Posted, csrf: str) -> tuple[str, dict[str, Any]]:
        """Store a message; returns the session's secret and what the page shows of the message.

        Raises StalePage, TooMany, BadInput (text too long, unknown button).
        """
        secret = request.cookies.get(COOKIE, "")
        chat = await self.found(request)
        check_form(request, csrf, chat.id if chat else "")
        self._asks.check(self._client(request), "Too many messages from this address; wait a minute.")
        if len(posted.text) > TEXT_MAX:
            raise BadInput(f"A message holds up to {TEXT_MAX} characters.", fields={"text": "too long"})
        if chat is None:
            secret = sessions.first_secret(posted.id)
        locale = taste_of(request).locale
        line = await self.db.write(_store, self.clock(), sessions.address_of(secret), posted, locale)
        return secret, line

    def set_cookie(self, response: Response, secret: str) -> None:
        """The browser's key to its talk; a session cookie, gone when the browser is closed."""
        response.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=self.pages.secure)


def _store(session: Session, now: datetime, address: str, posted: Posted, locale: str) -> dict[str, Any]:
    if sessions.begin(session, now, address) is None:
        raise BadInput("This conversation is over; load the page to begin another.")
    text = posted.text
    if posted.choice:
        label = talk.label_of(session, CHANNEL, address, posted.choice)
        if label is None:
            raise StaleChoice("This button belongs to no message of this conversation.")
        text = label
    # The same id with another text is another message: somebody went back in the browser and wrote anew.
    provider_id = index("\0".join((address, posted.id, posted.choice, text)), "web_chat.message")
    message = Inbound(CHANNEL, provider_id, address, text=text, choice=posted.choice, locale=locale)
    fresh = inbox.store(session, now, [message])
    return {"text": text, "at": now.isoformat(), "csrf": csrf_token(address), "new": bool(fresh)}


def build_router(chat: Chat) -> APIRouter:
    """``/`` and ``/chat/…``."""
    router = APIRouter(include_in_schema=False, lifespan=lambda _app: open_until_stop(chat.hub))

    @router.get("/")
    async def page(request: Request, ended: str = "") -> Response:
        return await chat.page(request, notice=f"ended.{ended}" if ended in {"you", "idle"} else "")

    @router.post("/chat/send")
    async def send(
        request: Request,
        text: Annotated[str, Form()] = "",
        choice: Annotated[str, Form(max_length=64)] = "",
        id: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        text = text.replace("\r\n", "\n")
        posted = Posted(id if _ID.fullmatch(id) else new_secret(16), text, choice)
        try:
            secret, line = await chat.take(request, posted, csrf)
        except AppError as error:
            if wants_json(request):
                raise
            return await chat.page(request, notice=_sentence(error), kept=text, status=error.status)
        response: Response = JSONResponse(line) if wants_json(request) else RedirectResponse("/#end", 303)
        chat.set_cookie(response, secret)
        return response

    @router.post("/chat/end")
    async def end(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        found = await chat.found(request)
        if found:
            check_form(request, csrf, found.id)
            await chat.db.write(sessions.end, chat.clock(), found.id)
            chat.hub.nudge(CHANNEL, found.id)
        response = RedirectResponse("/?ended=you", 303)
        response.delete_cookie(COOKIE)
        return response

    @router.post("/chat/taste")
    async def taste(
        lang: Annotated[str, Form()] = "",
        size: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "/",
    ) -> Response:
        """Language and type size: kept in the browser, no harm in a forged one."""
        response = RedirectResponse(way_back(back), 303)
        keep_taste(response, lang=lang, size=size, secure=chat.pages.secure)
        return response

    _add_live_routes(router, chat)
    return router


def _add_live_routes(router: APIRouter, chat: Chat) -> None:
    """What the page's script calls."""

    @router.get("/chat/token")
    async def token(request: Request) -> dict[str, str]:
        """A token for a page that was made before the talk began in another tab."""
        found = await chat.found(request)
        return {"csrf": csrf_token(found.id if found else "")}

    @router.post("/chat/keep", status_code=204)
    async def keep(request: Request) -> None:
        """Somebody is still there."""
        found = await chat.live(request)
        check_form(request, "", found.id)
        await chat.db.write(sessions.keep, chat.clock(), found.id)
        chat.hub.nudge(CHANNEL, found.id)

    @router.post("/chat/seen", status_code=204)
    async def seen(request: Request, ids: Annotated[list[str], Form(max_length=_SEEN_MAX)]) -> None:
        """These messages are on the screen: they are delivered."""
        found = await chat.live(request)
        check_form(request, "", found.id)
        await chat.db.write(talk.seen, chat.clock(), CHANNEL, [found.id], ids)

    @router.get("/chat/stream", response_class=EventSourceResponse)
    async def stream(
        found: Annotated[WebChat, Depends(chat.live)],
        after: str = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        """Messages as they become readable; ``idle`` before the talk ends by itself, ``ended`` when it is over."""
        seen_last = last_event_id or after
        lines = chat.hub.lines(CHANNEL, [found.id], seen_last if _LAST_ID.fullmatch(seen_last) else "")
        warned = False
        async with aclosing(lines):
            async for batch in lines:
                for line in batch:
                    yield ServerSentEvent(event="line", id=line.id, data=line.as_json())
                now = chat.clock()
                still = await chat.db.read(sessions.find, now, found.id)
                if still is None:
                    why = await chat.db.read(sessions.why_over, found.id)
                    yield ServerSentEvent(event="ended", data={"why": why})
                    return
                warn = sessions.left(still, now) <= sessions.WARN
                if warn != warned:
                    yield ServerSentEvent(event="idle", data={"soon": warn})
                    warned = warn


def _sentence(error: AppError) -> str:
    """The key of what the page says about a refusal."""
    if isinstance(error, TooMany):
        return "refused.too_many"
    if isinstance(error, StaleChoice):
        return "refused.choice"
    return "refused.too_long" if "text" in error.fields else "refused.stale"
