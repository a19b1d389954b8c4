"""One notice: the page, and everything its buttons do. The rules are publicity's; here they get a form."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.console.faq import names_of
from bot.console.listing import moment
from bot.house import House
from core import files
from core.auth import Principal
from core.errors import AppError, BadInput, Forbidden, TooLarge
from core.people import Role
from core.sheet import MAX_FILE
from notify.publicity import board, editing
from notify.publicity.errors import PeriodShifted
from notify.publicity.models import Notice
from notify.publicity.states import AFTER_STEPS, State, next_steps, possible

PATH = "/console/notices"
REASONED = ("reject", "cancel", "correct")
PLAIN = ("submit", "approve", "pause", "resume", "finalise", "ask", "reviewed")
ONLY = {
    "submit": Role.EDITOR, "correct": Role.EDITOR, "approve": Role.REVIEWER, "reject": Role.REVIEWER,
    "reviewed": Role.REVIEWER, "upload": Role.EDITOR,
}  # fmt: skip
"""Moves that one of the two roles has for itself, as the API has them."""
SHOWN_MOVES = (
    "submit",
    "approve",
    "reject",
    "ask",
    "reviewed",
    "publish",
    "pause",
    "resume",
    "correct",
    "finalise",
    "cancel",
)
_POSTED = frozenset({"approved", "scheduled", "sending", "paused", "public", "period_over", "final"})
_MOVING = frozenset({"sending", "confirming", "scheduled"})


def add(router: APIRouter, console: Console) -> None:
    """Everything the page of a notice can do."""

    @router.post("/{notice_id}/{what}")
    async def act(
        visit: Annotated[Visit, console.needs(Role.EDITOR, Role.REVIEWER)], notice_id: str, what: str
    ) -> Response:
        if what not in ACTS:
            raise BadInput("There is no such step.")
        if what in ONLY and not visit.who.has(ONLY[what]):
            raise Forbidden(f"This needs the role {ONLY[what]}.")
        try:
            said = await ACTS[what](visit, notice_id, what)
        except AppError as error:
            return await show(visit, notice_id, error=error)
        return visit.go(f"{PATH}/{notice_id}", said or f"notices.done_{what}")


def day(visit: Visit, name: str) -> date | None:
    """A day as ``<input type=date>`` sends it, None for an empty one; raises BadInput."""
    text = visit.text(name).strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("This is not a day.", fields={name: "not a day"}) from error


async def show(visit: Visit, notice_id: str, *, error: AppError | None = None) -> Response:
    """The page of one notice, with what went wrong on top of it."""
    values = await visit.house.db.read(_whole, visit.house, visit.who, notice_id)
    return visit.render(
        "notice.html", status=error.status if error else 200,
        problem=_sentence(visit, error) if error else "", **values,
    )  # fmt: skip


def _sentence(visit: Visit, error: AppError) -> str:
    return "；".join([problem(error, visit.say), *problems(error, visit.say).values()])


def _whole(session: Session, house: House, who: Principal, notice_id: str) -> dict[str, Any]:
    publicity = house.publicity
    notice = publicity.find(session, notice_id)
    steps = publicity.steps(session, notice_id)
    names = names_of(session, {notice.author, *(one["by"] for one in notice.approvals)})
    can = {str(move) for move in possible(State(notice.state))}
    return {
        **moving(session, house, notice_id),
        "found": editing.listed(publicity.work(session), notice),
        "needed": editing.NEEDED[notice.emergency],
        "names": names,
        "moves": [name for name in SHOWN_MOVES if name in can and _may(notice, who, name)],
        "may_edit": "edit" in can and who.has(Role.EDITOR) and notice.state != State.CONFIRMING.value,
        "with_rows": notice.audience in editing.WITH_ROWS,
        "confirmations": publicity.confirmations(session, notice_id) if notice.confirm_first else {},
        "objections": publicity.open_objections(session, notice_id),
        "groups": board.groups(publicity.work(session), notice_id) if notice.state in _POSTED else [],
        "photos": board.photos(session, notice_id),
        "steps": steps,
        "next_steps": [s for s in AFTER_STEPS if s in next_steps(steps[-1].step if steps else "")],
        "today": publicity.work(session).today,
    }


def _may(notice: Notice, who: Principal, name: str) -> bool:
    """Whether the button is of use to this person."""
    if name in ONLY and not who.has(ONLY[name]):
        return False
    if name == "approve":
        return who.identity not in {notice.author, *notice.writers}
    if name == "ask":
        return notice.confirm_first and notice.reviewed_at is None
    if name == "publish":
        return not notice.confirm_first or notice.reviewed_at is not None
    return True


def moving(session: Session, house: House, notice_id: str) -> dict[str, Any]:
    """What of the page changes by itself: the upload, the sending."""
    notice = house.publicity.find(session, notice_id)
    upload = house.publicity.upload(session, notice_id)
    reading = upload is not None and upload.state == "reading"
    progress = house.publicity.progress(session, notice_id) if notice.batch else None
    done = sum(n for state, n in progress.by_state.items() if state not in {"queued", "sending"}) if progress else 0
    return {
        "notice": notice, "upload": upload, "progress": progress, "done": done,
        "moving": reading or notice.state in _MOVING,
    }  # fmt: skip


# --- acts -------------------------------------------------------------------------------------------------------


def _version(visit: Visit) -> int:
    text = visit.text("version")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


async def _plain(visit: Visit, notice_id: str, what: str) -> str:
    await visit.house.db.write(getattr(visit.house.publicity, what), notice_id, visit.who, _version(visit))
    return ""


async def _reasoned(visit: Visit, notice_id: str, what: str) -> str:
    reason = visit.text("reason").strip()
    if not reason:
        raise BadInput("Say why.", fields={"reason": "missing"})
    move = getattr(visit.house.publicity, what)
    await visit.house.db.write(move, notice_id, reason, visit.who, _version(visit))
    return ""


async def _publish(visit: Visit, notice_id: str, _what: str) -> str:
    at = moment(visit.text("at"), visit.house.settings.zone, "at")
    found = await visit.house.db.write(visit.house.publicity.publish, notice_id, at, visit.who, _version(visit))
    if found.state == State.IN_REVIEW.value:
        raise PeriodShifted("The period was moved.", fields={"ends_on": f"{found.starts_on} – {found.ends_on}"})
    return "notices.done_scheduled" if found.state == State.SCHEDULED.value else ""


async def _upload(visit: Visit, notice_id: str, _what: str) -> str:
    file = visit.file("file")
    if file is None:
        raise BadInput("Choose a file.", fields={"file": "missing"})
    data = await file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise TooLarge(f"A list has at most {MAX_FILE // 1_000_000} MB.")
    await visit.house.uploads.start(notice_id, visit.who, file.filename or "list", data)
    return ""


async def _photo(visit: Visit, notice_id: str, _what: str) -> str:
    file = visit.file("file")
    if file is None:
        raise BadInput("Choose a file.", fields={"file": "missing"})
    content = await file.read(files.MAX_BYTES + 1)
    publicity, now = visit.house.publicity, visit.house.clock()

    def keep(session: Session) -> None:
        notice = publicity.find(session, notice_id)
        board.add_photo(session, now, notice, visit.text("stage"), file.filename or "", content, visit.who)

    await visit.house.db.write(keep)
    return ""


async def _test(visit: Visit, notice_id: str, _what: str) -> str:
    await visit.house.db.write(visit.house.publicity.try_out, notice_id, visit.who)
    return ""


async def _retry(visit: Visit, notice_id: str, _what: str) -> str:
    count = await visit.house.db.write(visit.house.publicity.retry, notice_id)
    return "" if count else "notices.nothing_to_retry"


async def _step(visit: Visit, notice_id: str, _what: str) -> str:
    on, person = day(visit, "on"), visit.text("person").strip()
    missing = {name: "missing" for name, value in (("on", on), ("person", person)) if not value}
    if on is None or missing:
        raise BadInput("Say when and who.", fields=missing)
    words = (visit.text("step"), on, person[:100], visit.text("document").strip()[:100])
    await visit.house.db.write(visit.house.publicity.add_step, notice_id, *words, visit.who)
    return ""


Act = Callable[[Visit, str, str], Awaitable[str]]
ACTS: dict[str, Act] = {
    **dict.fromkeys(PLAIN, _plain), **dict.fromkeys(REASONED, _reasoned),
    "publish": _publish, "upload": _upload, "test": _test, "retry": _retry, "photo": _photo, "step": _step,
}  # fmt: skip
