"""Following a matter at ``/t``: number and code once, then the page of the matter until the visit ends.

The code never stands in an address. A wrong code and an unknown number are answered with one sentence, counted as
the API counts them. Words typed while the visit ended are kept and shown again after number and code.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.hotline.citizens import MAX_APPEND
from bot.hotline.closing import RatedAlready
from bot.hotline.errors import IllegalMove, UrgedAlready
from bot.hotline.proofs import Code
from bot.hotline.words import Action, Grade
from bot.pages.forms import StalePage, check_form, csrf_token
from bot.pages.taste import taste_of
from bot.site import chat, reading, sessions, visits
from bot.site.handing import Fault
from bot.site.new import file_fault
from bot.site.parts import Parts
from bot.site.posted import UPLOAD_LIMIT, Posted, content_of, posted
from bot.site.reading import Browser, Said
from core import files
from core.errors import AppError, BadInput, Conflict, NotFound, TooLarge, TooMany
from core.ids import new_secret
from core.limits import RateLimit
from core.web import client_address

ACTIONS = frozenset(
    action.value for action in (Action.APPEND, Action.URGE, Action.WITHDRAW, Action.RATE, Action.REOPEN, Action.CONTEST)
)
KEPT = ("what", "text", "solved", "grade")
"""Fields of the forms under a matter that are kept when they cannot be taken yet."""
MAX_COMMENT = 1000
GRADES = tuple((number, Grade.from_api(number).value) for number in (5, 4, 3, 2, 1))
"""Best first, as people read them; none is chosen beforehand."""
_NUMBER_MAX, _CODE_MAX = 40, 20


class Following:
    """What the routes do."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._wrong = RateLimit(parts.settings.limit_lookup, parts.clock)

    # --- number and code

    async def door(
        self,
        request: Request,
        *,
        number: str = "",
        notice: str = "",
        kept: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """The form for number and code, with the matters that are open here. ``kept``: words typed before."""
        parts, browser = self.parts, Browser.of(request)
        found = await parts.db.read(reading.mine, parts.clock(), parts.hotline, browser)
        values = {
            "number": number[:_NUMBER_MAX],
            "notice": notice,
            "mine": found,
            "kept": kept or {},
            "open_csrf": csrf_token(""),
            "csrf": csrf_token(browser.owner),
            "minutes": visits.minutes(),
            "back": "/t",
        }
        return parts.pages.render(request, "follow_door.html", values, status=status)

    async def open(self, request: Request, number: str, code: str, csrf: str, kept: Mapping[str, str]) -> Response:
        """Let this browser read the matter, or say that nothing was found."""
        parts, asker = self.parts, client_address(request, self.parts.settings.proxies)
        try:
            check_form(request, csrf, "")
            secret, plain = await parts.db.write(self._allow, number, Code(code, asker), visits.secret_of(request))
        except AppError as error:
            notice = self._refusal(error, asker)
            return await self.door(request, number=number, notice=notice, kept=kept, status=error.status)
        if kept:
            response = await self._shown_again(request, plain, kept, secret)
        else:
            response = RedirectResponse(f"/t/{plain}", 303)
        visits.set_cookie(response, secret, secure=parts.pages.secure)
        return response

    def _allow(self, session: Session, number: str, proof: Code, secret: str) -> tuple[str, str]:
        matter = self.parts.hotline.find(session, number, proof)
        return visits.allow(session, self.parts.clock(), secret, matter.id), matter.number

    def _refusal(self, error: AppError, asker: str) -> str:
        if isinstance(error, NotFound):
            try:
                self._wrong.check(asker, "Too many wrong codes.")
            except TooMany:
                return "follow.locked"
            return "follow.not_found"
        return "follow.locked" if isinstance(error, TooMany) else "follow.stale"

    async def _shown_again(self, request: Request, number: str, kept: Mapping[str, str], secret: str) -> Response:
        browser = Browser(visits.id_of(secret), "")
        return await self.page(request, number, browser, kept=kept, notice="follow.kept")

    # --- the matter

    async def page(
        self,
        request: Request,
        number: str,
        browser: Browser,
        *,
        faults: Mapping[str, Fault] | None = None,
        kept: Mapping[str, str] | None = None,
        notice: str = "",
        done: str = "",
        status: int = 200,
    ) -> Response:
        """The page of a matter; without a right to it, the form for number and code."""
        parts, locale = self.parts, taste_of(request).locale
        now = parts.clock()
        proof = await parts.db.read(reading.proof_of, now, browser, number, parts.hotline)
        if proof is None:
            return await self.door(request, number=number, notice=notice or "follow.ask_code")
        if await parts.db.read(visits.unnoted, now, browser.visit_id):
            await parts.db.write(visits.touch, now, browser.visit_id)
        case = await parts.db.read(reading.case_of, parts.clock, parts.hotline, number, proof, locale)
        values = {
            "case": case,
            "number": case.view.number,
            "can": case.view.can,
            "faults": faults or {},
            "kept": {**dict.fromkeys(KEPT, ""), **(kept or {})},
            "notice": notice,
            "done": done if done in ACTIONS else "",
            "csrf": csrf_token(browser.owner),
            "once": new_secret(16),
            "grades": GRADES,
            "days": parts.hotline.office.rules.days,
            "most": MAX_APPEND,
            "comment_most": MAX_COMMENT,
            "minutes": visits.minutes(),
            "form_mb": UPLOAD_LIMIT // 1_000_000,
            "back": f"/t/{case.view.number}",
            "images": files.IMAGES,
            **reading.limits(),
        }
        return parts.pages.render(request, "follow.html", values, status=status)

    async def take(self, request: Request, number: str, what: str, form: Posted) -> Response:
        """Do what a form says; what cannot be done is said, and the words stay in the box."""
        parts, browser, now = self.parts, Browser.of(request), self.parts.clock()
        kept = {"what": what, **{name: form.get(name) for name in KEPT[1:]}}
        if form.broken:
            return await self.page(request, number, browser, notice="new.broken", status=400)
        proof = await parts.db.read(reading.proof_of, now, browser, number, parts.hotline)
        if proof is None:
            return await self.door(request, number=number, notice="follow.over", kept=kept, status=403)
        try:
            check_form(request, form.get("csrf"), browser.owner)
        except StalePage:
            return await self.page(request, number, browser, kept=kept, notice="follow.stale", status=403)
        faults = _faults(what, form)
        if not faults:
            try:
                said = await _said(what, form)
                with suppress(IntegrityError):  # the same form at the same moment: the other one does it
                    await parts.db.write(reading.act, now, parts.hotline, number, proof, said)
            except (IllegalMove, RatedAlready, UrgedAlready, TooMany) as error:
                notice = _not_now(error)
                return await self.page(request, number, browser, kept=kept, notice=notice, status=error.status)
            except (TooLarge, BadInput, Conflict) as error:
                faults = {"files": file_fault(error, "…")} if form.uploads else {"text": Fault("new.fault_other")}
        if faults:
            return await self.page(request, number, browser, faults=_named(what, faults), kept=kept, status=422)
        return RedirectResponse(f"/t/{number}?done={what}", 303)

    async def finish(self, request: Request, csrf: str) -> Response:
        """结束查看: nothing can be read here any more, the talk of this browser included."""
        browser = Browser.of(request)
        check_form(request, csrf, browser.owner)
        await self.parts.db.write(_end, self.parts.clock(), browser)
        response = RedirectResponse("/t?ended=1", 303)
        for name in (visits.COOKIE, chat.COOKIE):
            response.delete_cookie(name)
        return response


def _end(session: Session, now: datetime, browser: Browser) -> None:
    visits.end(session, now, browser.visit_id)
    if browser.talk:
        sessions.end(session, now, browser.talk)


async def _said(what: str, form: Posted) -> Said:
    contents = [(files.safe_name(one.filename or ""), await content_of(one)) for one in form.uploads]
    grade = int(form.get("grade")) if form.get("grade").isdecimal() else 0
    return Said(what, form.get("once")[:64], form.get("text"), form.get("solved") == "yes", grade, contents)


def _faults(what: str, form: Posted) -> dict[str, Fault]:
    """What of a form has to be put right before it is tried. Pure."""
    text, faults = form.get("text"), {}
    most = MAX_COMMENT if what == Action.RATE.value else MAX_APPEND
    if len(text) > most:
        faults["text"] = Fault("new.fault_text_long", {"most": most, "over": len(text) - most})
    elif not text and (what in {"reopen", "contest"} or (what == "append" and not form.uploads)):
        faults["text"] = Fault(f"follow.fault_{what}")
    if what == Action.RATE.value:
        if form.get("solved") not in {"yes", "no"}:
            faults["solved"] = Fault("follow.fault_solved")
        if form.get("grade") not in {str(number) for number, _ in GRADES}:
            faults["grade"] = Fault("follow.fault_grade")
    return faults


def _named(what: str, faults: Mapping[str, Fault]) -> dict[str, Fault]:
    """Several forms of the page have a field ``text``: which one is meant."""
    return {f"{what}-{name}" if name == "text" else name: fault for name, fault in faults.items()}


def _not_now(error: AppError) -> str:
    match error:
        case UrgedAlready():
            return "follow.urged_already"
        case RatedAlready():
            return "follow.rated_already"
        case TooMany():
            return "follow.enough"
    return "follow.changed"


def build_router(parts: Parts) -> APIRouter:
    """``/t``."""
    router, following = APIRouter(include_in_schema=False), Following(parts)

    @router.get("/t")
    async def door(request: Request, number: str = "", ended: str = "") -> Response:
        return await following.door(request, number=number, notice="follow.ended" if ended else "")

    @router.post("/t")
    async def open_one(
        request: Request,
        number: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        form = await request.form()
        kept = {
            name: str(form[f"kept_{name}"]) for name in ("what", "text", "solved", "grade") if f"kept_{name}" in form
        }
        return await following.open(request, number[:_NUMBER_MAX], code[:_CODE_MAX], csrf, kept)

    @router.post("/t/end")
    async def finish(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        return await following.finish(request, csrf)

    @router.get("/t/{number}")
    async def page(number: str, request: Request, done: str = "") -> Response:
        return await following.page(request, number, Browser.of(request), done=done)

    @router.post("/t/{number}/{what}")
    async def take(number: str, what: str, request: Request) -> Response:
        if what not in ACTIONS:
            raise NotFound("There is no such page.")
        async with posted(request) as form:
            return await following.take(request, number, what, form)

    return router
