"""Public notices at ``/n``: the list, one notice with its masked list, one's own entry, objections, subscriptions.

Every page works without script. What was typed is shown again when something has to be put right.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bot.pages.forms import StalePage, check_form, csrf_token
from bot.pages.taste import taste_of
from bot.site import feed, notice_subscribing
from bot.site.handing import MAX_NAME, MAX_PHONE, Fault
from bot.site.notice_parts import NoticeParts
from bot.site.posted import Posted, posted
from core.clock import office_day
from core.errors import AppError, BadInput, NotFound, TooMany
from core.ids import new_secret
from core.limits import RateLimit
from core.people import normal_phone
from core.web import client_address
from notify.publicity import models, objecting, public
from notify.publicity.public import NoticeLine, PublicNotice, Wanted
from notify.publicity.public_routes import OBJECTIONS_PER_MINUTE, HandedOut, ObjectionIn

MAX_TEXT = 2000
PAGE = 20
FEED_ITEMS = 50


class NoticePages:
    """What the routes do."""

    def __init__(self, parts: NoticeParts) -> None:
        self.parts = parts
        self._handed = RateLimit(OBJECTIONS_PER_MINUTE, parts.clock)
        self._lookups = RateLimit(parts.settings.limit_lookup, parts.clock)

    @property
    def today(self) -> date:
        """The day it is where the office stands."""
        return office_day(self.parts.clock(), self.parts.settings.zone)

    # --- reading

    async def listed(self, request: Request, words: str, before: str) -> Response:
        """The notices, the newest first, with a search in title, number and area."""
        items, following = await self.parts.db.read(public.listed, self.today, Wanted("", words, before), PAGE)
        values = {"items": items, "following": following, "q": words, "before": before, "badge": badge}
        return self.parts.pages.render(request, "notices.html", values)

    async def one(self, request: Request, notice_id: str, after: int, area: str) -> Response:
        """A notice. Raises NotFound."""
        notice = await self._notice(notice_id, after, area)
        return self._shown(request, notice, area)

    async def entry(self, request: Request, notice_id: str, form: Posted) -> Response:
        """The notice with one's own entry, or that nothing fits."""
        notice = await self._notice(notice_id)
        name, last4 = form.get("name")[:MAX_NAME], form.get("last4")[:8]
        asked = {"name": name, "last4": last4}
        try:
            check_form(request, form.get("csrf"), "")
            self._lookups.check(client_address(request, self.parts.settings.proxies), "Too many tries.")
            found = await self.parts.db.read(public.own_entries, notice_id, name, last4)
        except StalePage:
            return self._shown(request, notice, "", asked, warning="notices.stale", status=403)
        except TooMany:
            return self._shown(request, notice, "", asked, warning="notices.too_many", status=429)
        except BadInput:
            return self._shown(request, notice, "", asked, warning="notices.entry_needs", status=422)
        return self._shown(request, notice, "", asked, found=found)

    def _shown(
        self,
        request: Request,
        notice: PublicNotice,
        area: str,
        asked: Mapping[str, str] | None = None,
        *,
        found: list[public.EntryLine] | None = None,
        warning: str = "",
        status: int = 200,
    ) -> Response:
        values = {
            "notice": notice,
            "area": area,
            "asked": asked or {"name": "", "last4": ""},
            "found": found,
            "warning": warning,
            "opinions": public.takes_opinions(notice),
            "badge": badge,
            "csrf": csrf_token(""),
            "back": f"/n/{notice.id}",
        }
        return self.parts.pages.render(request, "notice.html", values, status=status)

    async def _notice(self, notice_id: str, after: int = 0, area: str = "") -> PublicNotice:
        read = self.parts.db.read
        return await read(lambda session: public.one(session, notice_id, self.today, after=after, area=area))

    async def feed(self) -> Response:
        """The notices as RSS 2.0."""
        items, _ = await self.parts.db.read(public.listed, self.today, Wanted(), FEED_ITEMS)
        settings = self.parts.settings
        return Response(
            feed.rss(settings.office_name, settings.url, items, self.parts.clock()),
            media_type="application/rss+xml; charset=utf-8",
        )

    # --- objecting, and opinions on a consultation

    async def form(
        self,
        request: Request,
        notice_id: str,
        fields: Mapping[str, str] | None = None,
        faults: Mapping[str, Fault] | None = None,
        *,
        warning: str = "",
        status: int = 200,
    ) -> Response:
        """The form for an objection or an opinion. Raises NotFound."""
        notice = await self._notice(notice_id)
        locale = taste_of(request).locale
        values = {
            "notice": notice,
            "opinions": public.takes_opinions(notice),
            "kinds": [(kind, objecting.label(kind, locale)) for kind in objecting.KINDS],
            "fields": {"kind": "", "text": "", "name": "", "phone": "", "id": new_secret(16), **(fields or {})},
            "faults": faults or {},
            "warning": warning,
            "csrf": csrf_token(""),
            "most": MAX_TEXT,
            "back": f"/n/{notice_id}/object",
        }
        return self.parts.pages.render(request, "notice_object.html", values, status=status)

    async def hand_in(self, request: Request, notice_id: str, form: Posted) -> Response:
        """Register an objection or an opinion and show its number and code."""
        fields = {name: form.get(name) for name in ("kind", "text", "name", "phone", "id")}
        try:
            check_form(request, form.get("csrf"), "")
            if faults := _faults(fields):
                return await self.form(request, notice_id, fields, faults, status=422)
            self._handed.check(client_address(request, self.parts.settings.proxies), "Too many.")
            handed = await self._take(request, notice_id, fields)
        except StalePage:
            return await self.form(request, notice_id, fields, warning="notices.stale", status=403)
        except TooMany:
            return await self.form(request, notice_id, fields, warning="notices.too_many", status=429)
        except NotFound:
            raise
        except AppError as error:
            return await self.form(request, notice_id, fields, warning="notices.not_now", status=error.status)
        values = {"handed": handed, "notice": await self._notice(notice_id), "back": f"/n/{notice_id}"}
        return self.parts.pages.render(request, "notice_done.html", values)

    async def _take(self, request: Request, notice_id: str, fields: Mapping[str, str]) -> HandedOut:
        notice = await self._notice(notice_id)
        given = ObjectionIn(
            text=fields["text"],
            kind=fields["kind"],
            name=fields["name"],
            phone=fields["phone"],
            locale=taste_of(request).locale,
        )
        take = self.parts.opinion if public.takes_opinions(notice) else self.parts.objection
        key = f"page:{fields['id'][:40]}" if fields["id"] else ""
        return await self.parts.db.write(take, notice_id, given, key)


def badge(line: NoticeLine) -> str:
    """The key of the words that say where a notice stands; an alert has no period. Pure."""
    if line.kind == models.ALERT:
        return "notices.stage_alert"
    if line.kind == models.CONSULTATION:
        return "notices.stage_asking" if line.stage == public.CURRENT else "notices.stage_asked"
    return f"notices.stage_{line.stage}"


def _faults(fields: Mapping[str, str]) -> dict[str, Fault]:
    faults: dict[str, Fault] = {}
    if sum(char.isalnum() for char in fields["text"]) < 2:
        faults["text"] = Fault("notices.fault_text")
    elif len(fields["text"]) > MAX_TEXT:
        faults["text"] = Fault("notices.fault_long", {"most": MAX_TEXT})
    if fields["kind"] and not objecting.known(fields["kind"]):
        faults["kind"] = Fault("notices.fault_kind")
    if len(fields["name"]) > MAX_NAME:
        faults["name"] = Fault("notices.fault_name")
    if fields["phone"] and not _is_phone(fields["phone"]):
        faults["phone"] = Fault("notices.fault_phone")
    return faults


def _is_phone(text: str) -> bool:
    try:
        return len(text) <= MAX_PHONE and bool(normal_phone(text))
    except BadInput:
        return False


def build_router(parts: NoticeParts) -> APIRouter:
    """``/n`` and what is below it."""
    router, pages = APIRouter(include_in_schema=False), NoticePages(parts)
    # Before the addresses that hold a notice's id.
    notice_subscribing.add(router, notice_subscribing.SubscribePages(parts))
    _add_reading(router, pages)
    _add_writing(router, pages)
    return router


def _add_reading(router: APIRouter, pages: NoticePages) -> None:
    @router.get("/n")
    async def listed(
        request: Request,
        q: Annotated[str, Query(max_length=60)] = "",
        before: Annotated[str, Query(max_length=32)] = "",
    ) -> Response:
        return await pages.listed(request, q, before)

    @router.get("/n/feed.xml")
    async def rss() -> Response:
        return await pages.feed()

    @router.get("/n/{notice_id}")
    async def one(
        request: Request,
        notice_id: str,
        after: Annotated[int, Query(ge=0)] = 0,
        area: Annotated[str, Query(max_length=120)] = "",
    ) -> Response:
        return await pages.one(request, notice_id, after, area)

    @router.get("/n/{notice_id}/object")
    async def form(request: Request, notice_id: str) -> Response:
        return await pages.form(request, notice_id)


def _add_writing(router: APIRouter, pages: NoticePages) -> None:
    @router.post("/n/{notice_id}/entry")
    async def entry(request: Request, notice_id: str) -> Response:
        async with posted(request) as given:
            return await pages.entry(request, notice_id, given)

    @router.post("/n/{notice_id}/object")
    async def hand_in(request: Request, notice_id: str) -> Response:
        async with posted(request) as given:
            return await pages.hand_in(request, notice_id, given)
