"""Over HTTP: feedback on instructions, deadlines, absence, and changes of deputies that another person approves."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from core import absence as absences
from core.absence import DeputyChange, staff
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import Forbidden, NotFound
from core.idempotent_route import Once
from core.people import Role
from core.web import Guard, Page, require
from notify.signoff import away, deadlines, store
from notify.signoff.schemas import DeadlineIn, DeadlineOut, FeedbackIn, FeedbackOut, Name
from notify.signoff.service import SignOff


class AwayIn(BaseModel):
    """Until when somebody is away, and who stands in if not their deputy."""

    until: AwareDatetime
    stand_in: Name | None = None


class AwayOut(BaseModel):
    """Whoever stands in; None: nobody is there, supervisors have been told."""

    stand_in: str | None
    name: str | None
    until: datetime


class ChangeIn(BaseModel):
    """The deputy (B岗) and leader somebody shall have, by id or staff number; empty for none."""

    deputy: Annotated[str, Field(max_length=100)] = ""
    leader: Annotated[str, Field(max_length=100)] = ""


class ChangeOut(BaseModel):
    """A change of deputy and leader."""

    id: str
    person_id: str
    deputy_id: str | None
    leader_id: str | None
    state: str
    asked_at: datetime

    @classmethod
    def of(cls, row: DeputyChange) -> "ChangeOut":
        """From its row."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


class DecisionIn(BaseModel):
    """Approve or refuse."""

    approve: bool


def add_more(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff, once: Once) -> None:
    """Add them."""
    _add_feedback(router, guard, db, signoff, once)
    _add_deadlines(router, guard, db, clock, signoff, once)
    _add_absence(router, guard, db, clock, signoff)
    _add_changes(router, guard, db, clock, once)


def _add_feedback(router: APIRouter, guard: Guard, db: Database, signoff: SignOff, once: Once) -> None:
    official = require(guard, Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR)

    @router.post("/documents/{document_id}/feedback", response_model=FeedbackOut, status_code=201)
    async def write(request: Request, document_id: str, body: FeedbackIn, who: Principal = official) -> Response:
        """What was done about an instruction; two leaders confirm it before it leaves."""

        def work(session: Session) -> FeedbackOut:
            if store.recipient(session, body.recipient).document_id != document_id:
                raise NotFound("There is no such recipient of this document.")
            return FeedbackOut.of(signoff.write_feedback(session, body.recipient, body.text, who))

        return await once(request, who.identity, lambda: db.write(work))

    @router.post("/documents/{document_id}/feedback/{feedback_id}/confirm")
    async def confirm(document_id: str, feedback_id: str, who: Principal = official) -> FeedbackOut:
        """A leader confirms. The second one lets it leave."""

        def work(session: Session) -> FeedbackOut:
            found = signoff.confirm_feedback(session, feedback_id, who)
            if store.recipient(session, found.recipient_id).document_id != document_id:
                raise NotFound("There is no such feedback on this document.")
            return FeedbackOut.of(found)

        return await db.write(work)


def _add_deadlines(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff, once: Once) -> None:
    editor = require(guard, Role.EDITOR, Role.SUPERVISOR)
    reader = require(guard, Role.EDITOR, Role.OFFICIAL, Role.SUPERVISOR)

    @router.post("/deadlines", response_model=DeadlineOut, status_code=201, tags=["deadlines"])
    async def begin(request: Request, body: DeadlineIn, who: Principal = editor) -> Response:
        """Something has to be public within 15 working days (公开时限): the person is told before it is late."""

        def work(session: Session) -> DeadlineOut:
            person = staff(session, body.person)
            made = signoff.open_publication(session, body.subject, person.id, who, body.formed_at)
            return DeadlineOut.of(made, deadlines.lamp_of(made, clock()).value)

        return await once(request, who.identity, lambda: db.write(work))

    @router.get("/deadlines", tags=["deadlines"])
    async def listed(
        only_open: Annotated[bool, Query(alias="open")] = True, _who: Principal = reader
    ) -> Page[DeadlineOut]:
        """Deadlines, the next one first."""
        found = await db.read(lambda s: deadlines.listed(signoff.work(s), only_open=only_open))
        return Page(items=[DeadlineOut.of(row, deadlines.lamp_of(row, clock()).value) for row in found])

    @router.post("/deadlines/{deadline_id}/done", tags=["deadlines"])
    async def done(deadline_id: str, who: Principal = reader) -> DeadlineOut:
        """It is done."""
        row = await db.write(signoff.deadline_done, deadline_id, who)
        return DeadlineOut.of(row, deadlines.lamp_of(row, clock()).value)


def _add_absence(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff) -> None:
    anybody = require(guard, Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR, Role.ADMIN)

    @router.post("/people/{person}/absence", status_code=201, tags=["people"])
    async def go(person: str, body: AwayIn, who: Principal = anybody) -> AwayOut:
        """外出: running reminders go on with whoever stands in."""

        def work(session: Session) -> AwayOut:
            found = staff(session, person)
            _own_or_office(found.id, who)
            stand_in = staff(session, body.stand_in).id if body.stand_in else None
            other = signoff.go_away(session, found, body.until, who.actor, stand_in).person
            return AwayOut(stand_in=other.id if other else None, name=other.name if other else None, until=body.until)

        return await db.write(work)

    @router.delete("/people/{person}/absence", status_code=204, tags=["people"])
    async def back(person: str, who: Principal = anybody) -> None:
        """销假: both sides are told what comes back."""

        def work(session: Session) -> None:
            found = staff(session, person)
            _own_or_office(found.id, who)
            absence = absences.absence_of(session, clock(), found.id)
            if absence is None:
                raise NotFound("This person is not away.")
            away.back(signoff.work(session), absence, who.actor)

        await db.write(work)


def _own_or_office(person_id: str, who: Principal) -> None:
    if who.person_id != person_id and not who.has(Role.ADMIN, Role.SUPERVISOR):
        raise Forbidden("Only the person, an administrator or a supervisor may do this.")


def _add_changes(router: APIRouter, guard: Guard, db: Database, clock: Clock, once: Once) -> None:
    office = require(guard, Role.ADMIN, Role.SUPERVISOR)
    asker = require(guard, Role.OFFICIAL, Role.ADMIN, Role.SUPERVISOR)

    @router.post("/people/{person}/deputies", response_model=ChangeOut, status_code=201, tags=["people"])
    async def ask(request: Request, person: str, body: ChangeIn, who: Principal = asker) -> Response:
        """Ask for another deputy or leader; another person approves."""

        def work(session: Session) -> ChangeOut:
            found = staff(session, person)
            _own_or_office(found.id, who)
            wanted = [staff(session, name).id if name else None for name in (body.deputy, body.leader)]
            change = absences.ask_change(
                session, clock(), who.actor, who.identity, found, deputy_id=wanted[0], leader_id=wanted[1]
            )
            return ChangeOut.of(change)

        return await once(request, who.identity, lambda: db.write(work))

    @router.get("/deputy-changes", tags=["people"])
    async def waiting(_who: Principal = office) -> Page[ChangeOut]:
        """Changes that wait for a decision."""
        return Page(items=[ChangeOut.of(row) for row in await db.read(absences.open_changes)])

    @router.post("/deputy-changes/{change_id}/decide", tags=["people"])
    async def decide(change_id: str, body: DecisionIn, who: Principal = office) -> ChangeOut:
        """Approve or refuse; never whoever asked."""

        def work(session: Session) -> ChangeOut:
            change = absences.decide_change(session, clock(), who.actor, who.identity, change_id, approve=body.approve)
            return ChangeOut.of(change)

        return await db.write(work)
