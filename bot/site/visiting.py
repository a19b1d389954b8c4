"""Reception days at ``/reception``: the days to come, a place on one of them, and giving it back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from bot.hotline.citizens import UNKNOWN
from bot.pages.forms import StalePage, check_form, csrf_token
from bot.pages.taste import taste_of
from bot.site import visits
from bot.site.handing import MAX_NAME, MAX_PHONE, Fault
from bot.site.parts import Parts
from bot.site.posted import Posted, posted
from core.errors import AppError, BadInput, NotFound, TooMany
from core.limits import RateLimit
from core.people import normal_phone
from core.web import client_address
from notify.reception.booking import MAX_TOPIC, BookedAlready, NewBooking, NoPlaceLeft, NotOpen, TooLate
from notify.reception.coming import ComingDay
from notify.reception.routes import BOOKED_PER_MINUTE
from notify.reception.wording import day_words

WHAT = "reception"
FIELDS = ("topic", "name", "phone", "slot")


class Visiting:
    """What the routes do."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._booked = RateLimit(BOOKED_PER_MINUTE, parts.clock)
        self._codes = RateLimit(parts.settings.limit_lookup, parts.clock)

    async def days(
        self,
        request: Request,
        *,
        notice: str = "",
        number: str = "",
        status: int = 200,
    ) -> Response:
        """The days to come with their free places, and the form to give a place back."""
        parts, locale = self.parts, taste_of(request).locale
        coming = await parts.db.read(parts.reception.coming)
        values = {
            "days": coming,
            "words": lambda day: day_words(day, locale),
            "notice": notice,
            "number": number,
            "csrf": csrf_token(""),
            "back": "/reception",
        }
        return parts.pages.render(request, "reception.html", values, status=status)

    async def day(
        self,
        request: Request,
        on: date,
        fields: Mapping[str, str],
        faults: Mapping[str, Fault] | None = None,
        *,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        """The form for a place on one day; a day that takes nobody leads back to the list."""
        parts, locale = self.parts, taste_of(request).locale
        coming = await parts.db.read(parts.reception.coming)
        found = next((one for one in coming if one.day == on), None)
        if found is None or not _bookable(found):
            return await self.days(request, notice=notice or "reception.full", status=409 if status == 200 else status)
        values = {
            "day": found,
            "when_words": day_words(on, locale),
            "fields": fields,
            "faults": faults or {},
            "notice": notice,
            "csrf": csrf_token(""),
            "most": MAX_TOPIC,
            "reminded": bool(parts.reception.office.phone_channel),
            "back": f"/reception/{on.isoformat()}",
        }
        return parts.pages.render(request, "reception_day.html", values, status=status)

    async def book(self, request: Request, on: date, form: Posted) -> Response:
        """Take a place, or say beside the field what has to be put right."""
        parts, locale = self.parts, taste_of(request).locale
        fields = {name: form.get(name) for name in FIELDS}
        try:
            check_form(request, form.get("csrf"), "")
        except StalePage:
            return await self.day(request, on, fields, notice="reception.stale", status=403)
        if faults := _faults(fields):
            return await self.day(request, on, fields, faults, status=422)
        try:
            self._booked.check(client_address(request, parts.settings.proxies), "Too many bookings.")
            secret = await parts.db.write(self._book, on, fields, locale, visits.secret_of(request))
        except AppError as error:
            return await self._refused(request, on, fields, error)
        response = RedirectResponse("/reception/done", 303)
        visits.set_cookie(response, secret, secure=parts.pages.secure)
        return response

    def _book(self, session: Session, on: date, fields: Mapping[str, str], locale: str, secret: str) -> str:
        new = NewBooking(
            day=on,
            topic=fields["topic"],
            slot=fields["slot"],
            name=fields["name"],
            phone=normal_phone(fields["phone"]),
            locale=locale,
        )
        booked = self.parts.reception.book(session, new)
        receipt = {
            "what": WHAT,
            "number": booked.number,
            "code": booked.code,
            "day": booked.day.isoformat(),
            "begins": booked.slot.name,
            "ends": f"{booked.slot.ends:%H:%M}",
            "leader": booked.leader,
            "place": booked.place,
        }
        return visits.allow(session, self.parts.clock(), secret, receipt=receipt)

    async def _refused(self, request: Request, on: date, fields: Mapping[str, str], error: AppError) -> Response:
        if isinstance(error, BadInput):
            faults = {name: Fault("new.fault_other") for name in error.fields if name in FIELDS}
            return await self.day(request, on, fields, faults, notice="" if faults else "new.fault_other", status=422)
        match error:
            case BookedAlready():
                notice = "reception.booked_already"
            case NoPlaceLeft():
                notice = "reception.slot_full"
            case TooMany():
                notice = "reception.too_many"
            case TooLate() | NotFound():
                return await self.days(request, notice="reception.too_late", status=error.status)
            case _:
                raise error
        return await self.day(request, on, fields, notice=notice, status=error.status)

    async def done(self, request: Request) -> Response:
        """Number and code of the place that was booked last."""
        parts, locale = self.parts, taste_of(request).locale
        visit = await parts.db.read(visits.find, parts.clock(), visits.id_of(visits.secret_of(request)))
        receipt = visits.receipt_of(visit, WHAT)
        if visit is None or receipt is None:
            return RedirectResponse("/reception", 303)
        values: dict[str, Any] = {
            "receipt": receipt,
            "when_words": day_words(date.fromisoformat(receipt["day"]), locale),
            "reminded": bool(parts.reception.office.phone_channel),
            "open_csrf": csrf_token(""),
            "csrf": csrf_token(visit.id),
            "minutes": visits.minutes(),
        }
        return parts.pages.render(request, "reception_done.html", values)

    async def cancel(self, request: Request, form: Posted) -> Response:
        """Give a place back; a wrong code and an unknown number are answered alike."""
        parts, number = self.parts, form.get("number")[:20]
        try:
            check_form(request, form.get("csrf"), "")
            self._codes.check(client_address(request, parts.settings.proxies), "Too many tries.")
            if not await parts.db.write(parts.reception.cancel_by_code, number, form.get("code")[:20]):
                raise NotFound(UNKNOWN)
        except AppError as error:
            notice = _cancel_notice(error)
            return await self.days(request, notice=notice, number=number, status=error.status)
        return RedirectResponse("/reception?cancelled=1", 303)


def _bookable(day: ComingDay) -> bool:
    return day.open and day.free > 0


def _faults(fields: Mapping[str, str]) -> dict[str, Fault]:
    """What has to be put right, in the order of the form. Pure."""
    faults: dict[str, Fault] = {}
    if len(fields["topic"]) < 2:
        faults["topic"] = Fault("reception.fault_topic")
    elif len(fields["topic"]) > MAX_TOPIC:
        over = len(fields["topic"]) - MAX_TOPIC
        faults["topic"] = Fault("new.fault_text_long", {"most": MAX_TOPIC, "over": over})
    if not fields["name"]:
        faults["name"] = Fault("reception.fault_name")
    elif len(fields["name"]) > MAX_NAME:
        faults["name"] = Fault("new.fault_long", {"most": MAX_NAME})
    try:
        normal_phone(fields["phone"][:MAX_PHONE])
    except BadInput:
        faults["phone"] = Fault("reception.fault_phone")
    return faults


def _cancel_notice(error: AppError) -> str:
    if isinstance(error, StalePage):
        return "reception.stale"
    if isinstance(error, TooMany):
        return "reception.too_many"
    return "reception.not_open" if isinstance(error, NotOpen) else "reception.not_found"


def build_router(parts: Parts) -> APIRouter:
    """``/reception``."""
    router, visiting = APIRouter(include_in_schema=False), Visiting(parts)

    @router.get("/reception")
    async def days(request: Request, cancelled: str = "") -> Response:
        return await visiting.days(request, notice="reception.cancelled" if cancelled else "")

    @router.get("/reception/done")
    async def done(request: Request) -> Response:
        return await visiting.done(request)

    @router.post("/reception/cancel")
    async def cancel(request: Request) -> Response:
        async with posted(request) as form:
            return await visiting.cancel(request, form)

    @router.get("/reception/{day}")
    async def day(day: date, request: Request, slot: str = "") -> Response:
        return await visiting.day(request, day, {**dict.fromkeys(FIELDS, ""), "slot": slot[:5]})

    @router.post("/reception/{day}")
    async def book(day: date, request: Request) -> Response:
        async with posted(request) as form:
            return await visiting.book(request, day, form)

    return router
