"""``/console/canned``: the replies kept for use again (常用答复), a unit's own and the office's."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import ValidationError
from sqlmodel import Session

from bot.console import ticket_view
from bot.console.desk import Console, Visit, problem, problems
from bot.console.menu import STAFF
from bot.hotline import barrier, canned
from bot.hotline.canned import CannedIn, CannedOut
from bot.hotline.words import Kind
from core.errors import AppError, BadInput

HERE = "/console/canned"


def build_router(console: Console) -> APIRouter:
    """The list, and writing, changing and removing one."""
    router = APIRouter(prefix=HERE, include_in_schema=False)

    @router.get("")
    async def listed(visit: Annotated[Visit, console.needs(*STAFF)], q: str = "") -> Response:
        def found(session: Session) -> list[CannedOut]:
            return canned.listed(visit.house.hotline.desk(session), visit.who)

        rows = [row for row in await visit.house.db.read(found) if q.strip() in row.title + row.text]
        return visit.render("canned.html", rows=rows, q=q)

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(*STAFF)]) -> Response:
        return await _form(visit, "", {})

    @router.post("/new")
    async def add(visit: Annotated[Visit, console.needs(*STAFF)]) -> Response:
        return await _save(visit, "")

    @router.get("/{canned_id}")
    async def change(visit: Annotated[Visit, console.needs(*STAFF)], canned_id: str) -> Response:
        def found(session: Session) -> dict[str, str]:
            row = canned.get(visit.house.hotline.desk(session), visit.who, canned_id)
            return {"title": row.title, "text": row.text, "unit": row.unit_id or "", "kind": row.kind}

        return await _form(visit, canned_id, await visit.house.db.read(found))

    @router.post("/{canned_id}")
    async def save(visit: Annotated[Visit, console.needs(*STAFF)], canned_id: str) -> Response:
        return await _save(visit, canned_id)

    @router.post("/{canned_id}/remove")
    async def remove(visit: Annotated[Visit, console.needs(*STAFF)], canned_id: str) -> Response:
        def gone(session: Session) -> None:
            canned.remove(visit.house.hotline.desk(session), visit.who, canned_id)

        await visit.house.db.write(gone)
        return visit.go(HERE, "canned.removed")

    return router


async def _save(visit: Visit, canned_id: str) -> Response:
    def kept(session: Session) -> None:
        desk, given = visit.house.hotline.desk(session), _given(visit)
        if canned_id:
            canned.change(desk, visit.who, canned_id, given)
        else:
            canned.add(desk, visit.who, given)

    try:
        await visit.house.db.write(kept)
    except AppError as error:
        fault, wrong = problem(error, visit.say), problems(error, visit.say)
        return await _form(visit, canned_id, visit.given(), fault, wrong, error.status)
    return visit.go(HERE, "canned.kept", title=visit.text("title"))


def _given(visit: Visit) -> CannedIn:
    try:
        return CannedIn.model_validate(
            {
                "title": visit.text("title").strip(),
                "text": visit.text("text").strip(),
                "unit": visit.text("unit"),
                "kind": visit.text("kind") or None,
            }
        )
    except ValidationError as error:
        fields = {str(one["loc"][0]): "too long" if "long" in one["type"] else "is needed" for one in error.errors()}
        raise BadInput("Something does not fit; see fields.", fields=fields) from error


async def _form(
    visit: Visit,
    canned_id: str,
    given: dict[str, str],
    fault: str = "",
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    insider = not barrier.only_a_handler(visit.who)
    return visit.render(
        "canned_form.html",
        status=status,
        id=canned_id,
        given=given,
        problem=fault,
        wrong=wrong or {},
        units=await visit.house.db.read(ticket_view.units) if insider else [],
        kinds=[(kind.value, visit.say(f"kind.{kind.value}")) for kind in Kind],
        places=canned.PLACEHOLDERS.items(),
        text_max=canned.MAX_TEXT,
    )
