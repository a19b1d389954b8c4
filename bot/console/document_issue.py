"""Issuing a document (发文) and correcting one (更正): the form, what it would do, and then the act itself."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import document_form, once
from bot.console.desk import Console, Visit, problem, problems
from bot.console.document_form import urgency_of
from bot.house import House
from core.auth import Principal
from core.errors import AppError
from core.ids import new_id
from core.people import Role
from notify.signoff.issuing import NewDocument
from notify.signoff.routes import check_may_end

PATH = "/console/documents"
Act = Callable[[NewDocument, Session], str]
"""Issues what the form says; the id of the document."""


def add(router: APIRouter, console: Console) -> None:
    """``/console/documents/new`` and ``/console/documents/{id}/correct``."""
    house = console.house

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(Role.OFFICIAL)]) -> Response:
        return await _form(visit)

    @router.post("/new")
    async def issue(visit: Annotated[Visit, console.needs(Role.OFFICIAL)]) -> Response:
        """First what would happen, with the plan and warnings; then, once confirmed, it is issued."""
        return await _carry_out(visit, partial(_issued, house, visit.who), "document.issued")

    @router.get("/{document_id}/correct")
    async def again(visit: Annotated[Visit, console.needs(Role.OFFICIAL)], document_id: str) -> Response:
        """The form with what the document says."""
        return await _form(visit, corrects=document_id)

    @router.post("/{document_id}/correct")
    async def correct(visit: Annotated[Visit, console.needs(Role.OFFICIAL)], document_id: str) -> Response:
        """As issuing, with the same look first; the former document stops in the same moment."""
        act = partial(_corrected, house, visit.who, document_id)
        return await _carry_out(visit, act, "document.corrected", corrects=document_id)


def _issued(house: House, who: Principal, new: NewDocument, session: Session) -> str:
    return house.signoff.issue(session, new, who).document.id


def _corrected(house: House, who: Principal, document_id: str, new: NewDocument, session: Session) -> str:
    check_may_end(session, document_id, who)
    return house.signoff.correct(session, document_id, new, who).document.id


async def _carry_out(visit: Visit, act: Act, said: str, *, corrects: str = "") -> Response:
    house, step = visit.house, visit.text("step")
    if step == "back":
        return await _form(visit, corrects=corrects)
    try:
        new = document_form.read(visit, house.signoff)
        if step != "issue":
            return await _form(visit, trial=await document_form.try_out(visit, new, corrects), corrects=corrects)
        document_id = await house.db.write(once.carry_out, visit, partial(act, new))
    except AppError as error:
        return await _form(visit, error=error, corrects=corrects)
    return visit.go(f"{PATH}/{document_id}", said, number=new.number)


async def _form(
    visit: Visit, *, trial: document_form.Trial | None = None, error: AppError | None = None, corrects: str = ""
) -> Response:
    house = visit.house
    offered = await house.db.read(document_form.choices)
    units, given, former = set(visit.texts("unit")), visit.given(), None
    if corrects:
        kept, ticked, former = await house.db.read(_former, visit, corrects)
        given, units = (given, units) if given else (kept, ticked)
    given = given or {"urgency": "normal", "kind": "document", "inspector": visit.who.person_id or ""}
    wrong = _wrong(visit, error)
    lines = {place: what for place, what in wrong.items() if place.startswith("recipients")}
    return visit.render(
        "document_new.html",
        status=error.status if error else 200,
        action=f"{PATH}/{corrects}/correct" if corrects else f"{PATH}/new",
        former=former,
        offered=offered,
        inspectors=document_form.inspectors(offered),
        units=units,
        given=given,
        trial=trial,
        once=new_id(),
        problem=problem(error, visit.say) if error else "",
        wrong={name: what for name, what in wrong.items() if name not in lines},
        lines=[_line(visit, offered, place, what) for place, what in lines.items()],
        urgencies=[(one.name, one.label(visit.locale)) for one in house.signoff.office.rules.urgencies.values()],
        urgency=urgency_of(visit),
    )


def _wrong(visit: Visit, error: AppError | None) -> dict[str, str]:
    """What is wrong with each field; a word that no title may hold is named."""
    wrong = problems(error, visit.say) if error else {}
    if wrong.get("title", "").startswith("holds "):
        wrong["title"] = visit.say("document.title_holds", word=wrong["title"].removeprefix("holds "))
    return wrong


def _former(session: Session, visit: Visit, document_id: str) -> document_form.Prefilled:
    check_may_end(session, document_id, visit.who)
    return document_form.prefilled(session, document_id, visit.house.signoff.office.hours.zone)


def _line(visit: Visit, offered: list[document_form.Choice], place: str, what: str) -> str:
    """What is wrong with one unit of the form, with its name before it."""
    index = place.split(".")[1] if "." in place else ""
    chosen = visit.texts("unit")
    unit_id = chosen[int(index)] if index.isdecimal() and int(index) < len(chosen) else ""
    name = next((one.unit.name for one in offered if one.unit.id == unit_id), "")
    return f"{name}：{what}" if name else what
