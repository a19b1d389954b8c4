"""Changes of deputies that another person has to approve, and the roster from a file."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, named, problem, problems
from bot.console.people_acts import OFFICE
from core import absence
from core.errors import AppError, NotFound
from core.people import Person, Role
from core.people_import import Ways, import_people
from core.staffing import EMAIL

PATH = "/console/people"
MOST = 500
"""Bad rows a page shows."""


def add_routes(router: APIRouter, console: Console) -> None:
    """Add them; before the routes of one person, whose addresses would take theirs."""
    _add_changes(router, console)
    _add_import(router, console)


def _add_changes(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/changes")
    async def changes(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        return await _changes(visit)

    @router.post("/changes/{change_id}")
    async def decide(visit: Annotated[Visit, console.needs(*OFFICE)], change_id: str) -> Response:
        """Approve or refuse; never whoever asked."""
        who, approve = visit.who, visit.text("approve") == "1"
        try:
            await house.db.write(
                lambda s: absence.decide_change(s, house.clock(), who.actor, who.identity, change_id, approve=approve)
            )
        except AppError as error:
            return await _changes(visit, error)
        return visit.go(f"{PATH}/changes", "people.approved" if approve else "people.refused")


async def _changes(visit: Visit, error: AppError | None = None) -> Response:
    def work(session: Session) -> list[dict[str, Any]]:
        def name(person_id: str | None) -> str:
            found = session.get(Person, person_id) if person_id else None
            return found.name if found else ""

        rows = []
        for change in absence.open_changes(session):
            person = _of(session, change.person_id)
            before = (name(person.deputy_id), name(person.leader_id))
            after = (name(change.deputy_id), name(change.leader_id))
            mine = change.asked_by == visit.who.identity
            rows.append({"change": change, "person": person, "before": before, "after": after, "mine": mine})
        return rows

    said = problem(error, visit.say) if error else ""
    rows = await visit.house.db.read(work)
    return visit.render("people_changes.html", status=error.status if error else 200, problem=said, rows=rows)


def _of(session: Session, person_id: str) -> Person:
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def _add_import(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/import")
    async def choose(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        return visit.render("people_import.html", report=None, problem="")

    @router.post("/import")
    async def bring_in(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        """A roster from a file; good rows are kept, bad ones named."""
        try:
            data = await visit.chosen_file("file").read()
            phone = house.signoff.office.phone_channel
            verified = visit.text("verified") == "1"
            ways = Ways(phone=phone, email=EMAIL, telegram="telegram", verified=verified)
            report = await house.db.write(import_people, house.clock(), visit.who.actor, data, ways)
        except AppError as error:
            said = problem(error, visit.say) + "".join(f" {what}" for what in problems(error, visit.say).values())
            return visit.render("people_import.html", status=error.status, report=None, problem=said)
        bad = [(one.line, named(visit.say, "people_column", one.column), _why(visit, one.reason)) for one in report.bad]
        return visit.render("people_import.html", report=report, bad=bad[:MOST], left=len(bad) - MOST, problem="")


_IN_LINE = re.compile(r"stands in line (\d+) already")
_NOBODY = re.compile(r"'(.*)' is nobody's number")


def _why(visit: Visit, reason: str) -> str:
    """What is wrong with a row, in words."""
    if found := _IN_LINE.fullmatch(reason):
        return visit.say("people.import_in_line", line=found[1])
    if found := _NOBODY.fullmatch(reason):
        return visit.say("people.import_nobody", number=found[1])
    return named(visit.say, "wrong", "_".join(reason.split()))
