"""Subscribing on the page (``/n/subscribe``): a topic, a place, a number; then the code that was sent to it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from bot.pages.forms import StalePage, check_form, csrf_token
from bot.pages.taste import taste_of
from bot.site.handing import Fault
from bot.site.notice_parts import NoticeParts
from bot.site.posted import Posted, posted
from core.errors import AppError, TooMany
from core.limits import RateLimit
from core.web import client_address
from notify.publicity import areas
from notify.publicity.area_models import Area
from notify.publicity.subscriptions import EnoughCodes

_ASKED_PER_MINUTE = 5
_FAULTS = {"phone": "notices.fault_phone", "area": "notices.fault_area", "topic": "notices.fault_topic"}


class SubscribePages:
    """What the routes do."""

    def __init__(self, parts: NoticeParts) -> None:
        self.parts = parts
        self._asked = RateLimit(_ASKED_PER_MINUTE, parts.clock)

    async def form(
        self,
        request: Request,
        fields: Mapping[str, str] | None = None,
        faults: Mapping[str, Fault] | None = None,
        *,
        step: str = "ask",
        warning: str = "",
        status: int = 200,
    ) -> Response:
        """What may be subscribed to, where, for which number; then the code."""
        locale = taste_of(request).locale
        topics = await self.parts.db.read(self.parts.subscriptions.topics)
        values = {
            "topics": [(topic.id, topic.label(locale)) for topic in topics],
            "fields": {"topic": "", "area": "", "phone": "", "id": "", "code": "", **(fields or {})},
            "faults": faults or {},
            "step": step,
            "warning": warning,
            "csrf": csrf_token(""),
            "back": "/n/subscribe",
        }
        return self.parts.pages.render(request, "notice_subscribe.html", values, status=status)

    async def subscribe(self, request: Request, form: Posted) -> Response:
        """Send a code, or take it."""
        fields = {name: form.get(name)[:200] for name in ("topic", "area", "phone", "id", "code")}
        try:
            check_form(request, form.get("csrf"), "")
            self._asked.check(client_address(request, self.parts.settings.proxies), "Too many.")
            if fields["id"]:
                return await self._confirm(request, fields)
            return await self._ask(request, fields)
        except StalePage:
            return await self.form(request, fields, warning="notices.stale", status=403)
        except EnoughCodes:
            return await self.form(request, fields, warning="notices.enough_codes", status=429)
        except TooMany:
            return await self.form(request, fields, warning="notices.too_many", status=429)
        except AppError as error:
            faults = {name: Fault(_FAULTS[name]) for name in error.fields if name in _FAULTS}
            warning = "" if faults else "notices.not_now"
            return await self.form(request, fields, faults, warning=warning, status=error.status)

    async def _ask(self, request: Request, fields: dict[str, str]) -> Response:
        def work(session: Session) -> str:
            subscriptions = self.parts.subscriptions
            topic = subscriptions.topic(session, fields["topic"])
            area: Area | None = areas.resolve(session, fields["area"]) if fields["area"] else None
            return subscriptions.ask(session, fields["phone"], topic, area, taste_of(request).locale)

        fields["id"] = await self.parts.db.write(work)
        return await self.form(request, fields, step="code")

    async def _confirm(self, request: Request, fields: dict[str, str]) -> Response:
        if await self.parts.db.write(self.parts.subscriptions.confirm, fields["id"], fields["code"]):
            return await self.form(request, fields, step="done")
        faults = {"code": Fault("notices.fault_code")}
        return await self.form(request, fields, faults, step="code", status=422)


def add(router: APIRouter, pages: SubscribePages) -> None:
    """Add the routes."""

    @router.get("/n/subscribe")
    async def form(request: Request) -> Response:
        return await pages.form(request)

    @router.post("/n/subscribe")
    async def subscribe(request: Request) -> Response:
        async with posted(request) as given:
            return await pages.subscribe(request, given)
