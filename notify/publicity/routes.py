"""Notices over HTTP for those who write and approve them; what the public reads is in ``routes`` of their own."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from notify.publicity.editing import listed
from notify.publicity.errors import PeriodShifted
from notify.publicity.models import Notice
from notify.publicity.routes_list import add_list, add_own_lists
from notify.publicity.routes_more import add_more
from notify.publicity.routes_report import add_reports
from notify.publicity.schemas import MoveIn, NoticeChange, NoticeIn, NoticeOut, ProgressOut, PublishIn
from notify.publicity.service import Publicity
from notify.publicity.states import State
from notify.publicity.uploading import Uploads

StateName = Literal[
    "", "draft", "in_review", "approved", "confirming", "scheduled", "sending", "paused", "public", "period_over",
    "final", "corrected", "cancelled",
]  # fmt: skip
ID = "/{notice_id}"


def build_routers(
    publicity: Publicity, uploads: Uploads, db: Database, clock: Clock, guard: Guard
) -> tuple[APIRouter, APIRouter]:
    """``/api/v1/notices``; beside it ``/api/v1/staff/notices`` and ``/api/v1/stats/notices``."""
    router = APIRouter(prefix="/api/v1", tags=["notices"])
    notices = APIRouter(prefix="/api/v1/notices", tags=["notices"])
    once = Once(db, clock)
    _add_writing(notices, guard, db, once, publicity)
    _add_moves(notices, guard, db, publicity)
    add_list(notices, guard, db, publicity, uploads)
    add_own_lists(router, guard, db, publicity)
    add_more(notices, guard, db, publicity, once)
    add_reports(router, notices, guard, db, clock, publicity)
    _add_reading(router, guard, db, publicity)
    return router, notices


def shown(publicity: Publicity, session: Session, notice: Notice) -> NoticeOut:
    """A notice as staff see it, with its list and how many objections are open."""
    work = publicity.work(session)
    return NoticeOut.of(notice, listed(work, notice), publicity.open_objections(session, notice.id))


def _add_reading(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/staff/notices")
    async def all_notices(
        state: StateName = "",
        cursor: Annotated[str, Query(max_length=400)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        _who: Principal = either,
    ) -> Page[NoticeOut]:
        """Notices of every state, drafts too, the newest first."""
        before = str(decode_cursor(cursor)[0]) if cursor else ""

        def read(session: Session) -> Page[NoticeOut]:
            found = publicity.listed(session, [state] if state else [], before, limit + 1)
            following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
            return Page(items=[shown(publicity, session, notice) for notice in found[:limit]], next=following)

        return await db.read(read)

    @router.get("/staff/notices/{notice_id}")
    async def one(notice_id: str, _who: Principal = either) -> NoticeOut:
        """One notice as staff see it, in whatever state."""
        return await db.read(lambda session: shown(publicity, session, publicity.find(session, notice_id)))


def _add_writing(router: APIRouter, guard: Guard, db: Database, once: Once, publicity: Publicity) -> None:
    editor = require(guard, Role.EDITOR)

    @router.post("", response_model=NoticeOut, status_code=201)
    async def create(request: Request, body: NoticeIn, who: Principal = editor) -> Response:
        """A new notice, as a draft."""

        def write(session: Session) -> NoticeOut:
            return shown(publicity, session, publicity.create(session, body.content(), who))

        return await once(request, who.identity, lambda: db.write(write))

    @router.patch(ID)
    async def change(notice_id: str, body: NoticeChange, who: Principal = editor) -> NoticeOut:
        """Change the content; whatever was approved no longer is."""

        def write(session: Session) -> NoticeOut:
            notice = publicity.edit(session, notice_id, body.changes(), who, body.version)
            return shown(publicity, session, notice)

        return await db.write(write)


def _add_moves(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    editor, reviewer = require(guard, Role.EDITOR), require(guard, Role.REVIEWER)
    either = require(guard, Role.EDITOR, Role.REVIEWER)
    plain: dict[str, tuple[Callable[..., Notice], Any, str]] = {
        "submit": (publicity.submit, editor, "Ask for approval."),
        "approve": (publicity.approve, reviewer, "Approve what another person wrote; an emergency needs two."),
        "pause": (publicity.pause, either, "Hold everything that waits, within two seconds."),
        "resume": (publicity.resume, either, "Go on where it was paused."),
        "finalise": (publicity.finalise, either, "公示结束: refused while an objection is open."),
        "ask": (publicity.ask, either, "Ask every household to confirm its row, before the notice is public."),
        "reviewed": (publicity.reviewed, reviewer, "The township has reviewed what the households said."),
    }
    reasoned: dict[str, tuple[Callable[..., Notice], Any, str]] = {
        "reject": (publicity.reject, reviewer, "Send it back to its author, with a reason."),
        "cancel": (publicity.cancel, either, "Take it back: nothing more is sent, nothing is public."),
        "correct": (publicity.correct, editor, "Begin a correction; the former content stays public until then."),
    }
    for name, (act, role, sentence) in (plain | reasoned).items():
        _add_move(router, db, publicity, name, act, role, sentence, with_reason=name in reasoned)

    @router.post(f"{ID}/publish")
    async def publish(notice_id: str, body: PublishIn | None = None, who: Principal = either) -> NoticeOut:
        """Send it and make it public, now or at a time. A period that would begin too early is moved: 409."""
        wanted = body or PublishIn()

        def write(session: Session) -> NoticeOut:
            notice = publicity.publish(session, notice_id, wanted.at, who, wanted.version)
            return shown(publicity, session, notice)

        found = await db.write(write)
        if found.state == State.IN_REVIEW.value:
            raise PeriodShifted(
                f"The notice cannot be public before its period begins: it now runs from {found.starts_on} to "
                f"{found.ends_on} and has to be approved again.",
                fields={"starts_on": str(found.starts_on), "ends_on": str(found.ends_on)},
            )
        return found

    @router.get(f"{ID}/progress")
    async def progress(notice_id: str, _who: Principal = either) -> ProgressOut:
        """Recipients by state, segments, cost, and when it will be done at the speed measured."""
        return ProgressOut.of(await db.read(publicity.progress, notice_id))


def _add_move(
    router: APIRouter, db: Database, publicity: Publicity, name: str, act: Callable[..., Notice], role: Any,
    sentence: str, *, with_reason: bool,
) -> None:  # fmt: skip
    async def endpoint(notice_id: str, body: MoveIn | None = None, who: Principal = role) -> NoticeOut:
        wanted = body or MoveIn()
        words = (wanted.reason,) if with_reason else ()
        if with_reason and not wanted.reason.strip():
            raise BadInput("Say why, in the field reason.", fields={"reason": "must not be empty"})

        def write(session: Session) -> NoticeOut:
            return shown(publicity, session, act(session, notice_id, *words, who, wanted.version))

        return await db.write(write)

    endpoint.__doc__ = sentence
    router.add_api_route(f"{ID}/{name}", endpoint, methods=["POST"], name=f"notice_{name}")
