"""What is looked at about a notice: its preview, rows, bad lines, report, and who has to be told in person."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit
from core.errors import BadInput
from core.people import Role
from core.text import mask_name, mask_phone
from notify.publicity import reports, rows_store, texts
from notify.publicity.models import Notice
from notify.publicity.reading import HEADS
from notify.publicity.routes_list import bad_row
from notify.publicity.routes_more import preview_of
from notify.publicity.rows import yuan

PEOPLE = (Role.EDITOR, Role.REVIEWER)
PATH = "/console/notices"
PAGE = 100
BAD = 200
_WORDS = texts.load()
COLUMNS = tuple(HEADS)


def add(router: APIRouter, console: Console) -> None:
    """The pages, each under the notice's own address."""
    _add_preview(router, console)
    _add_rows(router, console)
    _add_report(router, console)
    _add_in_person(router, console)


def _add_preview(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/{notice_id}/preview")
    async def preview(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str) -> Response:
        notice = await house.db.read(house.publicity.find, notice_id)
        found = await preview_of(house.db, house.publicity, notice_id)
        until = await house.db.read(house.publicity.quiet_until, notice_id, None)
        codes = [*found["warnings"], *([{"code": "quiet", "count": None}] if until else [])]
        shown = f"{until.astimezone(house.settings.zone):%H:%M}" if until else ""
        warnings = [_WORDS(visit.locale, f"warning.{one['code']}", count=one["count"], until=shown) for one in codes]
        return visit.render("notice_preview.html", notice=notice, estimate=found, warnings=warnings)


def _add_rows(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/{notice_id}/rows")
    async def rows(
        visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str, after: int = 0, only: str = ""
    ) -> Response:
        def work(session: Session) -> tuple[Notice, list[dict[str, Any]]]:
            notice = house.publicity.find(session, notice_id)
            found = rows_store.rows_for_staff(
                session, notice.list_id or "", min(max(0, after), 1_000_000_000), PAGE + 1,
                flagged=only == "flagged", disputed=only == "disputed",
            )  # fmt: skip
            return notice, [_shown(row, visit.locale) for row in found]

        notice, found = await house.db.read(work)
        last = found[PAGE - 1]["number"] if len(found) > PAGE else None
        here = f"{PATH}/{notice_id}/rows?only={only}"
        return visit.render(
            "notice_rows.html", notice=notice, rows=found[:PAGE], only=only,
            next=f"{here}&after={last}" if last else "", first=here if after else "",
        )  # fmt: skip

    @router.get("/{notice_id}/bad")
    async def bad(visit: Annotated[Visit, console.needs(Role.EDITOR)], notice_id: str) -> Response:
        def work(session: Session) -> tuple[Notice, Any, list[Any]]:
            notice, upload = house.publicity.find(session, notice_id), house.publicity.upload(session, notice_id)
            found = house.publicity.bad_rows(session, upload.id, 0, BAD) if upload else []
            return notice, upload, [bad_row(row, visit.locale) for row in found]

        notice, upload, found = await house.db.read(work)
        return visit.render("notice_bad.html", notice=notice, upload=upload, rows=found, most=BAD)


def _shown(row: Any, locale: str) -> dict[str, Any]:
    return {
        "number": row.number, "name": mask_name(row.name), "phone": mask_phone(row.phone) if row.phone else "",
        "area": row.area, "quantity": row.quantity, "rate": row.rate, "amount": yuan(row.amount_cents),
        "flags": [_WORDS(locale, f"flag.{flag}") for flag in row.flags.split(",") if flag],
        "confirmation": row.confirmation, "review": row.review, "dispute": row.dispute or "",
    }  # fmt: skip


def _add_report(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/{notice_id}/report")
    async def report(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str) -> Response:
        notice = await house.db.read(house.publicity.find, notice_id)
        lines = await house.db.read(house.publicity.report, notice_id)
        reasons: dict[str, int] = {}
        for line in lines:
            for why, number in line.reasons.items():
                reasons[why] = reasons.get(why, 0) + number
        told = {
            name: sum(getattr(line, name) for line in lines)
            for name in ("total", "reached", "sent", "waiting", "not_reached", "told")
        }
        named = [(_reason(visit, one), number) for one, number in sorted(reasons.items(), key=lambda kv: -kv[1])]
        return visit.render("notice_report.html", notice=notice, lines=lines, sums=told, reasons=named)


def _reason(visit: Visit, reason: str) -> str:
    key = f"notices.reason_{reason}"
    known = {"no_phone", "not_me", "101", "103", "201", "202", "203", "403"}
    return visit.say(key) if reason in known else reports.sentence(reason)


def _add_in_person(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/{notice_id}/to-tell")
    async def to_tell(visit: Annotated[Visit, console.needs(Role.EDITOR)], notice_id: str, after: int = 0) -> Response:
        def work(session: Session) -> tuple[Notice, list[dict[str, Any]]]:
            found = house.publicity.to_tell(session, notice_id, min(max(0, after), 1_000_000_000), PAGE + 1, visit.who)
            lines = [
                {"row": row, "amount": yuan(row.amount_cents), "reason": _reason(visit, reason), "told_at": told}
                for row, reason, told in found
            ]
            return house.publicity.find(session, notice_id), lines

        notice, found = await house.db.write(work)
        last = found[PAGE - 1]["row"].number if len(found) > PAGE else None
        here = f"{PATH}/{notice_id}/to-tell"
        return visit.render(
            "notice_tell.html", notice=notice, rows=found[:PAGE], here_after=after,
            next=f"{here}?after={last}" if last else "", first=here if after else "",
        )  # fmt: skip

    @router.post("/{notice_id}/to-tell")
    async def told(visit: Annotated[Visit, console.needs(Role.EDITOR)], notice_id: str) -> Response:
        numbers = [int(one) for one in visit.texts("row") if one.isdecimal() and len(one) < 9]
        if not numbers:
            raise BadInput("Tick at least one household.")
        await house.db.write(house.publicity.told, notice_id, numbers, visit.who, done=visit.text("done") != "0")
        return visit.go(f"{PATH}/{notice_id}/to-tell", "notices.done_told", count=len(numbers))
