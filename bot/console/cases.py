"""Cases of other systems (办件): by what is left of their limit, each with its record, taken down and reported."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ValidationError
from sqlmodel import Session, select

from bot.console import once
from bot.console.desk import Console, Visit, problem, problems
from bot.console.listing import moment
from bot.console.menu import HOTLINE
from bot.console.waiting import Card
from bot.house import House
from core.auth import Principal
from core.errors import AppError, BadInput
from core.ids import new_id
from core.people import Person, Role
from notify.cases.routes import CaseIn
from notify.cases.service import CaseView, NewCase
from notify.cases.statuses import all_statuses, status_of
from notify.routes import address_of

PATH = "/console/cases"
READERS = (*HOTLINE, Role.ADMIN)
LAMPS = ("red", "yellow", "green")
FIELDS = ("ref", "title", "status", "to", "applicant", "unit", "note", "responsible", "limit")
MAX_NOTE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the list."""

    view: CaseView
    status: str


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Cases of other systems over their limit."""
    if not who.has(*HOTLINE):
        return []
    return [Card("cases.card_red", len(house.notices.cases.listed(session, "red")), f"{PATH}?lamp=red", tone="red")]


def build_router(console: Console) -> APIRouter:
    """``/console/cases``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house
    cases = house.notices.cases

    @router.get("")
    async def listed(
        visit: Annotated[Visit, console.needs(*READERS)], lamp: str = "", over: str = "", q: str = ""
    ) -> Response:
        lamp, q = lamp if lamp in LAMPS else "", q.strip()[:60]

        def found(session: Session) -> list[Line]:
            views = cases.listed(session, lamp, open_only=not over, words=q)
            return [Line(one, status_of(one.case.status).label(visit.locale)) for one in views]

        rows = await house.db.read(found)
        return visit.render("cases.html", rows=rows, lamp=lamp, lamps=LAMPS, over=over, q=q)

    _add_taking(router, console)

    @router.get("/{case_id}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], case_id: str) -> Response:
        return await _page(visit, case_id)

    @router.post("/{case_id}")
    async def report(visit: Annotated[Visit, console.needs(Role.AGENT)], case_id: str) -> Response:
        """A new status, told to the applicant."""
        try:
            await house.db.write(_report, visit, case_id)
        except AppError as error:
            return await _page(visit, case_id, error)
        return visit.go(f"{PATH}/{case_id}", "cases.reported")

    return router


def _report(session: Session, visit: Visit, case_id: str) -> None:
    cases, note = visit.house.notices.cases, visit.text("note").strip()
    case = cases.by_id(session, case_id).case
    if len(note) > MAX_NOTE:
        raise BadInput("These words are too long.", fields={"note": "too long"})
    cases.report(session, case.ref, visit.text("status"), note, visit.who, case.source)


def _add_taking(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(Role.AGENT)]) -> Response:
        return await _form(visit, {"status": "received", "once": new_id()})

    @router.post("/new")
    async def take(visit: Annotated[Visit, console.needs(Role.AGENT)]) -> Response:
        """Follow a case of an office whose system reports nothing itself; its applicant is told."""
        try:
            made = await house.db.write(once.carry_out, visit, lambda session: _take(session, visit))
        except AppError as error:
            return await _form(visit, visit.given(), error)
        return visit.go(f"{PATH}/{made}", "cases.taken")


def _take(session: Session, visit: Visit) -> str:
    house = visit.house
    given = {name: visit.text(name).strip() for name in FIELDS}
    try:
        body = CaseIn.model_validate({**given, "status": given["status"] or "received"})
    except ValidationError as error:
        raise BadInput("Something does not fit; see fields.", fields=_faults(error)) from error
    if body.limit and visit.text("due_at").strip():
        raise BadInput("A limit or a day, not both.", fields={"due_at": "one of both"})
    channel, address = address_of(body.to, house.channels) if body.to else ("", "")
    received, due = (moment(visit.text(name), house.settings.zone, name) for name in ("received_at", "due_at"))
    values = body.model_dump(exclude={"to", "received_at", "due_at"})
    new = NewCase(**values, received_at=received, due_at=due, channel=channel, address=address)
    return house.notices.cases.take(session, new, visit.who).id


def _faults(error: ValidationError) -> dict[str, str]:
    """What is wrong with each field, in the words the console has for it."""
    words = {"string_too_long": "too long", "string_too_short": "is needed"}
    return {str(one["loc"][0]): words.get(one["type"], "does not fit") for one in error.errors()}


async def _form(visit: Visit, given: dict[str, str], error: AppError | None = None) -> Response:
    return visit.render(
        "case_new.html",
        status=error.status if error else 200,
        given=given,
        statuses=[(one.name, one.label(visit.locale)) for one in all_statuses() if not one.ends],
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
    )


async def _page(visit: Visit, case_id: str, error: AppError | None = None) -> Response:
    def found(session: Session) -> dict[str, Any]:
        view = visit.house.notices.cases.by_id(session, case_id)
        wanted = select(Person.name).where(Person.id == view.case.responsible_id)
        return {"view": view, "responsible": session.exec(wanted).first() or ""}

    values = await visit.house.db.read(found)
    case = values["view"].case
    labels = {one.name: one.label(visit.locale) for one in all_statuses()}
    return visit.render(
        "case.html",
        status=error.status if error else 200,
        case=case,
        labels=labels,
        statuses=list(labels.items()),
        due=_due(visit, case.due_at),
        may=visit.who.has(Role.AGENT) and case.ended_at is None,
        given=visit.given() if error else {},
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        note_max=MAX_NOTE,
        **values,
    )


def _due(visit: Visit, at: datetime | None) -> str:
    return visit.house.notices.cases.due_words(at, visit.locale) if at else ""
