"""Preview, test, retry; households' answers, those to be told in person, steps after the period, rounds."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime
from sqlmodel import Session

from core.auth import Principal
from core.db import Database
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, require
from notify.publicity import texts
from notify.publicity.reports import sentence
from notify.publicity.routes_list import Locale, attached, table
from notify.publicity.schemas import (
    AnswerIn,
    RowChange,
    RowOut,
    StepIn,
    StepOut,
    Told,
    ToldIn,
    ToTellOut,
)
from notify.publicity.service import Publicity

_WORDS = texts.load()
Number = Annotated[int, Path(ge=1, le=1_000_000_000)]
After = Annotated[int, Query(ge=0, le=1_000_000_000)]
_EVERYBODY = 200_000


def add_more(router: APIRouter, guard: Guard, db: Database, publicity: Publicity, once: Once) -> None:
    """The rest of what staff do with a notice."""
    _add_preview(router, guard, db, publicity)
    _add_households(router, guard, db, publicity)
    _add_in_person(router, guard, db, publicity)
    _add_after(router, guard, db, publicity, once)


async def preview_of(db: Database, publicity: Publicity, notice_id: str) -> dict[str, Any]:
    """The estimate, worked out once for each content."""
    found = await db.read(publicity.estimate, notice_id)
    await db.write(publicity.remember, notice_id, found)
    return found


def _add_preview(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/{notice_id}/preview")
    async def preview(
        notice_id: str, at: AwareDatetime | None = None, locale: Locale = "zh-Hans", _who: Principal = either
    ) -> dict[str, Any]:
        """Real rows as they will arrive, how many messages and segments, what they cost, and what is strange."""
        found = await preview_of(db, publicity, notice_id)
        until = await db.read(publicity.quiet_until, notice_id, at)
        warnings = [*found["warnings"], *([{"code": "quiet", "count": None}] if until else [])]
        local = until.astimezone(publicity.office.zone) if until else None
        sentences = [{**one, "text": _warned(locale, one, local)} for one in warnings]
        return {**found, "quiet_until": until, "warnings": sentences}

    @router.post("/{notice_id}/test", status_code=202)
    async def test(notice_id: str, who: Principal = either) -> dict[str, str]:
        """Send the first message to oneself."""
        return {"id": await db.write(publicity.try_out, notice_id, who)}

    @router.post("/{notice_id}/retry")
    async def retry(notice_id: str, _who: Principal = either) -> Told:
        """Have messages tried again that failed and may still succeed, up to 1,000 at once."""
        return Told(count=await db.write(publicity.retry, notice_id))


def _warned(locale: str, warning: dict[str, Any], until: datetime | None) -> str:
    shown = f"{until:%H:%M}" if until else ""
    return _WORDS(locale, f"warning.{warning['code']}", count=warning["count"], until=shown)


def _add_households(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)
    reviewer = require(guard, Role.REVIEWER)

    @router.get("/{notice_id}/confirmations")
    async def confirmations(notice_id: str, _who: Principal = either) -> dict[str, int]:
        """Households by what they said: confirmed, disputed, ``""`` nothing; ``open`` waits for review."""
        return await db.read(publicity.confirmations, notice_id)

    @router.post("/{notice_id}/rows/{number}/answer")
    async def answer(notice_id: str, number: Number, body: AnswerIn, who: Principal = either) -> RowOut:
        """Write down what a household said in person or on the telephone."""

        def write(session: Session) -> RowOut:
            return RowOut.of(publicity.answered(session, notice_id, number, body.said, body.text, who))

        return await db.write(write)

    @router.post("/{notice_id}/rows/{number}/review")
    async def review(
        notice_id: str, number: Number, body: RowChange | None = None, who: Principal = reviewer
    ) -> RowOut:
        """The township keeps a disputed row (no cells) or changes it."""
        changes = body.changes() if body else {}

        def write(session: Session) -> RowOut:
            return RowOut.of(publicity.review_row(session, notice_id, number, changes, who))

        return await db.write(write)


def _add_in_person(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    editor = require(guard, Role.EDITOR)

    def households(session: Session, notice_id: str, after: int, limit: int, who: Principal) -> list[ToTellOut]:
        found = publicity.to_tell(session, notice_id, after, limit, who)
        return [ToTellOut.of(row, sentence(reason), told) for row, reason, told in found]

    @router.get("/{notice_id}/to-tell")
    async def to_tell(
        notice_id: str,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        who: Principal = editor,
    ) -> Page[ToTellOut]:
        """Households no message reached, to be told in person (入户告知); full names, and the look is recorded."""
        found = await db.write(households, notice_id, after, limit + 1, who)
        return Page(items=found[:limit], next=str(found[limit - 1].number) if len(found) > limit else None)

    @router.get("/{notice_id}/to-tell.{form}", response_model=None)
    async def to_tell_file(
        notice_id: str, form: Literal["csv", "xlsx"], locale: Locale = "zh-Hans", who: Principal = editor
    ) -> Any:
        """The same as a file to take along."""
        found = await db.write(households, notice_id, 0, _EVERYBODY, who)
        columns = ("name", "area", "quantity", "rate", "amount")
        head = ["#", *(_WORDS(locale, f"column.{column}") for column in columns)]
        lines = [
            [
                one.number,
                *(getattr(one, column) for column in columns),
                one.reason,
                one.told_at and one.told_at.isoformat(),
            ]
            for one in found
        ]
        ends = [_WORDS(locale, "file.reason"), _WORDS(locale, "file.told")]
        return attached(table(form, "to tell", [*head, *ends], lines), form, "to-tell")

    @router.post("/{notice_id}/told")
    async def told(notice_id: str, body: ToldIn, who: Principal = editor) -> Told:
        """Tick households off as told in person, or take the tick back."""
        return Told(count=await db.write(publicity.told, notice_id, body.rows, who, done=body.done))


def _time(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _add_after(router: APIRouter, guard: Guard, db: Database, publicity: Publicity, once: Once) -> None:
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/{notice_id}/steps")
    async def steps(notice_id: str, _who: Principal = either) -> Page[StepOut]:
        """The steps after the period: 无异议 or 异议已复核 → 上报审核 → 审定 → 发放."""
        return Page(items=[StepOut.of(step) for step in await db.read(publicity.steps, notice_id)])

    @router.post("/{notice_id}/steps", response_model=StepOut, status_code=201)
    async def add_step(request: Request, notice_id: str, body: StepIn, who: Principal = either) -> Response:
        """Record the next step, with its day, person and document."""

        async def work() -> StepOut:
            words = (body.step, body.on, body.person, body.document)
            return StepOut.of(await db.write(publicity.add_step, notice_id, *words, who))

        return await once(request, who.identity, work)

    @router.get("/{notice_id}/changes")
    async def changes(notice_id: str, _who: Principal = either) -> dict[str, Any]:
        """What is new, gone or changed against the round before; names masked, the first 500."""
        return asdict(await db.read(publicity.changes, notice_id))
