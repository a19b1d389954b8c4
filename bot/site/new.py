"""Handing in a matter at ``/new``: one form, files kept when something has to be put right, a page with the number."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.datastructures import UploadFile

from bot import emergency
from bot.hotline.intake import MAX_TEXT
from bot.hotline.proofs import Shown
from bot.hotline.routes_public import OPENED_PER_MINUTE
from bot.hotline.words import Kind
from bot.pages.forms import check_form, csrf_token
from bot.pages.taste import taste_of
from bot.site import drafts, handing, visits
from bot.site.handing import Fault, Sheet
from bot.site.parts import Parts
from bot.site.posted import UPLOAD_LIMIT, Posted, content_of, posted
from core import files
from core.errors import AppError, BadInput, Conflict, TooLarge, TooMany
from core.ids import new_secret
from core.limits import RateLimit
from core.web import client_address

WHAT = "matter"
HINTS_SHOWN = 2
_HINT_MIN = 4
_ID = re.compile(r"[A-Za-z0-9_-]{20,64}")


class Handing:
    """What the routes do."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._opened = RateLimit(OPENED_PER_MINUTE, parts.clock)
        self._asks = RateLimit(parts.settings.limit_ask, parts.clock)

    async def page(
        self,
        request: Request,
        sheet: Sheet,
        faults: Mapping[str, Fault] | None = None,
        *,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        """The form as far as it is filled in, with a sentence for each field that does not fit."""
        parts = self.parts
        kept = await parts.db.read(drafts.listed, sheet.id) if status != 200 else []
        values = {
            "sheet": sheet,
            "faults": faults or {},
            "notice": notice,
            "kept": kept,
            "kinds": handing.KINDS,
            "ways": handing.WAYS,
            "text_max": MAX_TEXT,
            "file_mb": files.MAX_BYTES // 1_000_000,
            "file_most": files.MAX_FILES,
            "form_mb": UPLOAD_LIMIT // 1_000_000,
            "csrf": csrf_token(""),
            "kept_days": parts.hotline.office.rules.days["kept"],
        }
        return parts.pages.render(request, "new.html", values, status=status)

    async def take(self, request: Request, form: Posted) -> Response:
        """Register what the form says, or show it again with what has to be put right."""
        sheet = Sheet.of(_id(form.get("id")), form.fields)
        if form.broken:
            return await self.page(request, sheet, notice="new.broken", status=400)
        try:
            check_form(request, form.get("csrf"), "")
            self._opened.check(client_address(request, self.parts.settings.proxies), "Too many at once.")
        except AppError as error:
            key = "new.too_many" if isinstance(error, TooMany) else "new.stale"
            return await self.page(request, sheet, notice=key, status=error.status)
        await self.parts.db.write(drafts.drop, sheet.id, list(form.lists.get("drop", ())))
        faults = {**sheet.faults(), **await self._keep(sheet.id, form.uploads)}
        if faults or "later" in form.fields:
            return await self.page(request, sheet, faults, status=422 if faults else 202)
        return await self._register(request, sheet)

    async def _keep(self, form_id: str, uploads: Sequence[UploadFile]) -> dict[str, Fault]:
        """Keep what came along until the matter is registered."""
        for upload in uploads:
            name = files.safe_name(upload.filename or "")
            content = await content_of(upload)
            try:
                await self.parts.db.write(drafts.keep, self.parts.clock(), form_id, name, content)
            except (TooLarge, BadInput, Conflict) as error:
                return {"files": file_fault(error, name)}
        return {}

    async def _register(self, request: Request, sheet: Sheet) -> Response:
        parts, locale = self.parts, taste_of(request).locale
        args = (self, sheet, locale, visits.secret_of(request))
        try:
            secret = await parts.db.write(_register, *args)
        except IntegrityError:  # the same form at the same moment: by now the other one has it
            secret = await parts.db.write(_register, *args)
        except BadInput as error:
            faults = {name: Fault("new.fault_other") for name in error.fields} or {"text": Fault("new.fault_other")}
            return await self.page(request, sheet, faults, status=422)
        response = RedirectResponse("/new/done", 303)
        visits.set_cookie(response, secret, secure=parts.pages.secure)
        return response

    async def done(self, request: Request) -> Response:
        """Number and code, what follows by when; as often as it is asked for while the visit lasts."""
        parts = self.parts
        visit = await parts.db.read(visits.find, parts.clock(), visits.id_of(visits.secret_of(request)))
        receipt = visits.receipt_of(visit, WHAT)
        if visit is None or receipt is None:
            return RedirectResponse("/t", 303)
        values = {"receipt": receipt, "csrf": csrf_token(visit.id), "minutes": visits.minutes()}
        return parts.pages.render(request, "new_done.html", values | await parts.db.read(self._dates, request, receipt))

    def _dates(self, session: Session, request: Request, receipt: Mapping[str, Any]) -> dict[str, Any]:
        desk, locale = self.parts.hotline.desk(session), taste_of(request).locale
        accept, answer = (datetime.fromisoformat(receipt[name]) for name in ("accept", "answer"))
        needs = [desk.rules.needs[need].get(locale, need) for need in receipt["missing"] if need in desk.rules.needs]
        return {"accept": desk.due_words(accept, locale), "answer": desk.due_words(answer, locale), "needs": needs}

    async def hints(self, request: Request, text: str, kind: str) -> dict[str, Any]:
        """What to say while somebody writes: the number to call, and answers that may be there already."""
        self._asks.check(client_address(request, self.parts.settings.proxies), "Too many questions.")
        locale, plain = taste_of(request).locale, text[:1000].strip()
        danger = emergency.detect(plain)
        answers: list[dict[str, str]] = []
        if len(plain) >= _HINT_MIN and kind in {"", Kind.CONSULTATION, Kind.HELP}:
            result = await self.parts.knowledge.ask(plain[:200], locale=locale, channel="webchat")
            answers = [{"question": one.question, "answer": one.answer} for one in result.found[:HINTS_SHOWN]]
        return {"call": danger.call if danger and danger.now else "", "answers": answers}


def _register(session: Session, handing_in: Handing, sheet: Sheet, locale: str, secret: str) -> str:
    """Open the matter with its files and let this browser read it; the secret of its visit."""
    parts = handing_in.parts
    hotline, danger = parts.hotline, emergency.detect(sheet.text)
    family = parts.pages.say("zh-Hans")("new.family")
    opened = hotline.open(session, sheet.matter(locale, danger, family))
    count = drafts.hand_over(session, hotline, sheet.id, opened.number, Shown(opened.id))
    rule = hotline.office.rules.kinds[Kind(sheet.kind)]
    receipt = {
        "what": WHAT,
        "number": opened.number,
        "code": opened.code,
        "kind": sheet.kind,
        "accept": opened.accept_by.isoformat(),
        "answer": opened.answer_by.isoformat(),
        "from_receipt": rule.from_receipt,
        "missing": sheet.missing(rule),
        "files": count,
        "way": "confidential" if sheet.protected and sheet.way == "open" else sheet.way,
        "phone": bool(sheet.phone) and sheet.way != "anonymous",
        "danger": danger.kind if danger and danger.now else "",
        "call": danger.call if danger and danger.now else "",
    }
    return visits.allow(session, parts.clock(), secret, opened.id, receipt)


def file_fault(error: AppError, name: str) -> Fault:
    """What is wrong with a file that is not kept."""
    if isinstance(error, TooLarge):
        return Fault("new.fault_file_large", {"name": name, "mb": files.MAX_BYTES // 1_000_000})
    if isinstance(error, Conflict):
        return Fault("new.fault_file_many", {"most": files.MAX_FILES})
    empty = error.fields.get("file") == "empty"
    return Fault("new.fault_file_empty" if empty else "new.fault_file_kind", {"name": name})


def _id(given: str) -> str:
    return given if _ID.fullmatch(given) else new_secret(16)


def build_router(parts: Parts) -> APIRouter:
    """``/new``."""
    router, handing_in = APIRouter(include_in_schema=False), Handing(parts)

    @router.get("/new")
    async def page(request: Request, kind: str = "") -> Response:
        return await handing_in.page(request, Sheet.of(new_secret(16), {"kind": kind}))

    @router.post("/new")
    async def take(request: Request) -> Response:
        async with posted(request) as form:
            return await handing_in.take(request, form)

    @router.get("/new/done")
    async def done(request: Request) -> Response:
        return await handing_in.done(request)

    @router.post("/new/hints")
    async def hints(
        request: Request,
        text: Annotated[str, Form(max_length=6000)] = "",
        kind: Annotated[str, Form(max_length=30)] = "",
    ) -> dict[str, Any]:
        """For the page's script; nothing of it is kept."""
        check_form(request, "", "")
        return await handing_in.hints(request, text, kind)

    return router
