"""``/console/tickets/{number}``: one matter, its moves, who wrote it, its files.

Two people at once: a move carries the version its page showed. The second is told who did what meanwhile, and finds
their own words in the form again. The same form sent twice by one person is one move.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import ticket_files, ticket_forms, ticket_view, ticket_visits
from bot.console.desk import Console, Visit, problem, problems
from bot.console.flash import Flash
from bot.console.menu import HOTLINE, STAFF
from bot.dialogue.ask import Found
from bot.hotline import orders
from bot.hotline.routes_staff import WITH_LEADERS
from bot.hotline.service import Identity
from bot.hotline.states import CITIZEN
from bot.hotline.words import Action, Finding, Grade, PauseReason
from bot.knowledge import FaqKnowledge
from core import files
from core.errors import AppError, BadInput, NotFound, StaleVersion, Unavailable
from core.ids import new_id
from core.people import Role

HERE = "/console/tickets"
_SUGGEST_FROM = 500
"""Characters of a matter's text that the knowledge base is asked with."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A move that was refused: what it said, field by field, and what had been written."""

    action: str = ""
    problem: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    status: int = 200
    stale: bool = False


def build_router(console: Console) -> APIRouter:
    """The page of a matter."""
    router = APIRouter(prefix=HERE, include_in_schema=False)

    @router.get("/{number}")
    async def show(visit: Annotated[Visit, console.needs(*WITH_LEADERS)], number: str) -> Response:
        return await _page(visit, number)

    @router.post("/{number}/identity")
    async def identity(visit: Annotated[Visit, console.needs(*STAFF)], number: str) -> Response:
        """Who wrote; each look is written down. Shown once: it is on no page that can be opened again."""
        house = visit.house
        try:
            found = await house.db.write(house.hotline.identity, number, visit.who, visit.text("why")[:200])
        except AppError as error:
            return await _page(visit, number, Failed("identity", problem(error, visit.say), status=error.status))
        return await _page(visit, number, identity=found)

    @router.post("/{number}/orders/{order_id}")
    async def feedback(
        visit: Annotated[Visit, console.needs(Role.HANDLER, *HOTLINE)], number: str, order_id: str
    ) -> Response:
        """What came of a supervision order (整改反馈)."""
        text = visit.text("text").strip()[:2000]
        if not text:
            wrong = {"text": visit.say("wrong.is_needed")}
            return await _page(visit, number, Failed(f"order-{order_id}", wrong=wrong, status=422))

        def kept(session: Session) -> None:
            orders.feedback(visit.house.hotline.desk(session), order_id, visit.who, text)

        await visit.house.db.write(kept)
        return visit.go(f"{HERE}/{number}", "ticket.feedback_kept")

    _add_visits(router, console)

    _add_files(router, console)

    @router.post("/{number}/{action}")
    async def act(visit: Annotated[Visit, console.needs(*WITH_LEADERS)], number: str, action: str) -> Response:
        return await _act(visit, number, _action(action))

    return router


def _add_files(router: APIRouter, console: Console) -> None:
    @router.post("/{number}/files")
    async def add_files(visit: Annotated[Visit, console.needs(*STAFF)], number: str) -> Response:
        """Photos of a visit, a scanned answer; whether the citizen sees them."""
        try:
            kept, refused = await ticket_files.take(visit, number)
        except BadInput as error:
            wrong = problems(error, visit.say)
            return await _page(visit, number, Failed(ticket_files.FORM, "", wrong, visit.given(), status=error.status))
        if refused:
            said = visit.say("files.some_refused", count=kept) if kept else ""
            failed = Failed(ticket_files.FORM, said, {"file": "；".join(refused)}, visit.given(), status=422)
            return await _page(visit, number, failed)
        return visit.go(f"{HERE}/{number}", "files.added", count=kept)


def _add_visits(router: APIRouter, console: Console) -> None:
    @router.post("/{number}/visits")
    async def ask_visit(visit: Annotated[Visit, console.needs(*STAFF)], number: str) -> Response:
        """Somebody shall go there."""
        return await _visited(visit, number, "ask")

    @router.post("/{number}/visits/{visit_id}/report")
    async def report_visit(
        visit: Annotated[Visit, console.needs(*WITH_LEADERS)], number: str, visit_id: str
    ) -> Response:
        """What came of a visit."""
        return await _visited(visit, number, "report", visit_id)

    @router.post("/{number}/visits/{visit_id}/{what}")
    async def change_visit(
        visit: Annotated[Visit, console.needs(*STAFF)], number: str, visit_id: str, what: str
    ) -> Response:
        """Who goes and when; or that nobody goes."""
        return await _visited(visit, number, _visit_act(what), visit_id)


def _action(name: str) -> Action:
    if name not in {action.value for action in Action} - {action.value for action in CITIZEN}:
        raise NotFound("There is no such action.")
    return Action(name)


def _visit_act(name: str) -> str:
    if name not in {"book", "cancel"}:
        raise NotFound("There is no such form.")
    return name


async def _visited(visit: Visit, number: str, what: str, visit_id: str = "") -> Response:
    form = f"visit-{what}" + (f"-{visit_id}" if visit_id else "")
    try:
        await visit.house.db.write(ticket_visits.act, visit, number, what, visit_id)
    except NotFound:
        raise
    except AppError as error:
        said, wrong = problem(error, visit.say), problems(error, visit.say)
        return await _page(visit, number, Failed(form, said, wrong, visit.given(), status=error.status))
    return visit.go(f"{HERE}/{number}", f"visits.done_{what}")


async def _act(visit: Visit, number: str, action: Action) -> Response:
    house, lists = visit.house, {name: visit.texts(name) for name in ("co_units", "missing")}
    try:
        given = ticket_forms.read(visit.given(), lists, house.settings.zone)
        matter = await house.db.write(house.hotline.perform, number, action, visit.who, given)
    except AppError as error:
        stale = isinstance(error, StaleVersion)
        if stale and await _sent_before(visit, number, action):
            return visit.go(f"{HERE}/{number}", f"ticket.done_{action.value}")
        failed = Failed(
            action.value,
            problem(error, visit.say),
            {} if stale else problems(error, visit.say),
            visit.given(),
            lists,
            error.status,
            stale,
        )
        return await _page(visit, number, failed)
    if action is Action.MERGE:
        return visit.go(f"{HERE}/{given.into}", "ticket.done_merge")
    if action is Action.REPLY and matter.state != "replied":
        return visit.go(f"{HERE}/{number}", "ticket.waits_check")
    return visit.go(f"{HERE}/{number}", f"ticket.done_{action.value}")


async def _sent_before(visit: Visit, number: str, action: Action) -> bool:
    seen = _moment(visit.text("seen"))
    text = visit.text("text").strip() or visit.text("reason").strip()
    house = visit.house
    if seen is None:
        return False
    return await house.db.read(ticket_view.already_done, house.hotline, number, visit.who, action, seen, text)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


async def _page(visit: Visit, number: str, failed: Failed | None = None, identity: Identity | None = None) -> Response:
    house, failed = visit.house, failed or Failed()
    seen = _moment(failed.given.get("seen", "")) if failed.stale else None
    shown = await house.db.read(ticket_view.shown, house.hotline, number, visit.who, seen)
    if shown.whole.confidential and not failed.action:
        await house.db.write(house.hotline.looked, number, visit.who)
    faq = await _suggestions(visit, shown) if shown.answer and not shown.whole.confidential else ()
    rules = house.hotline.office.rules
    goers = await house.db.read(ticket_visits.goers, shown.whole, visit.who)
    return visit.render(
        "ticket.html",
        status=failed.status,
        said=Flash("ticket.refused", {"why": failed.problem}, "bad") if failed.problem and not failed.stale else None,
        m=shown.whole,
        shown=shown,
        failed=failed,
        identity=identity,
        faq=faq,
        now=house.clock(),
        reasons=[(key, reason.label) for key, reason in rules.reasons.items()],
        needs=[(key, rules.needs[key].get(visit.locale, rules.needs[key]["zh-Hans"])) for key in shown.rule.needs],
        findings=[(one.value, visit.say(f"finding.{one.value}")) for one in Finding],
        grades=[(5 - at, visit.say(f"grade.{one.value}")) for at, one in enumerate(Grade)],
        pauses=[(one.value, visit.say(f"pause.{one.value}")) for one in PauseReason],
        may_set_aside=visit.who.has(Role.SUPERVISOR) and any(one["what"] == "rate" for one in shown.whole.events),
        base=f"{HERE}/{number}",
        visit_for=ticket_visits.purposes(shown.whole, visit.who),
        visit_times=ticket_visits.local(shown.whole, house.settings.zone),
        outcomes=ticket_visits.outcomes,
        file_mb=files.MAX_BYTES // 1_000_000,
        file_most=files.MAX_FILES,
        images=files.IMAGES,
        goers=goers,
        once=new_id(),
    )


async def _suggestions(visit: Visit, shown: ticket_view.Shown) -> tuple[Found, ...]:
    """What the knowledge base has on it; nothing while its index is not there, which is no reason to show no page."""
    try:
        knowledge = FaqKnowledge(visit.house.faq)
        asked = await knowledge.ask(shown.whole.text[:_SUGGEST_FROM], locale="zh-Hans", channel="staff")
    except Unavailable:
        return ()
    return asked.found
