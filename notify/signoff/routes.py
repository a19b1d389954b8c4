"""Documents over HTTP: issue, list, sign, give back, withdraw, supervise; figures."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core.absence import staff
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import AppError, BadInput, Conflict, Forbidden
from core.idempotent_route import Once
from core.lamps import Lamp
from core.people import Role
from core.web import Guard, Page, decode_cursor, encode_cursor, require
from notify.signoff import store, views
from notify.signoff.returns import Decision
from notify.signoff.routes_contacts import add_contacts
from notify.signoff.routes_more import add_more
from notify.signoff.routes_stats import add_stats
from notify.signoff.schemas import (
    DecideIn,
    DocumentIn,
    DocumentOut,
    MomentOut,
    ReturnIn,
    SignIn,
    SuperviseIn,
)
from notify.signoff.service import SignOff
from notify.signoff.signing import Outcome, Signed, Signer
from notify.signoff.views import Filter

CONSOLE = "console"
Limit = Annotated[int, Query(ge=1, le=200)]


class NotYours(Forbidden):
    """Only A, B, the leader or whoever stands in for one of them may do this; the attempt was recorded."""


class AlreadySigned(Conflict):
    """It was signed before."""


class NoLongerOpen(Conflict):
    """It was withdrawn or taken back."""


_ERRORS: dict[Outcome, tuple[type[AppError], str]] = {
    Outcome.NOT_YOURS: (NotYours, "This is not theirs to sign; the attempt was recorded."),
    Outcome.ALREADY: (AlreadySigned, "This was done already."),
    Outcome.WITHDRAWN: (NoLongerOpen, "Nobody need sign this any more."),
}


def settle(signed: Signed) -> Signed:
    """What came of it, or the error for it. Called after the commit, so that a refusal stays recorded."""
    if signed.outcome in _ERRORS:
        kind, sentence = _ERRORS[signed.outcome]
        raise kind(sentence)
    return signed


def build_router(signoff: SignOff, db: Database, clock: Clock, guard: Guard) -> APIRouter:
    """``/api/v1/documents``, ``/api/v1/stats/documents`` and ``/api/v1/deadlines``."""
    router = APIRouter(prefix="/api/v1", tags=["documents"])
    once = Once(db, clock)
    _add_lists(router, guard, db, clock)
    _add_issue(router, guard, db, clock, signoff, once)
    _add_signing(router, guard, db, clock, signoff)
    _add_office(router, guard, db, clock, signoff)
    add_stats(router, guard, db, clock, signoff.office.hours.zone)
    add_more(router, guard, db, clock, signoff, once)
    add_contacts(router, guard, db, clock, signoff)
    return router


def _shown(session: Session, now: datetime, document_id: str) -> DocumentOut:
    return DocumentOut.of(views.view(session, now, [store.document(session, document_id)])[0])


def _add_lists(router: APIRouter, guard: Guard, db: Database, clock: Clock) -> None:
    reader = require(guard, Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN)

    @router.get("/documents")
    async def documents(
        lamp: Literal["", "green", "yellow", "red", "done", "done_late"] = "",
        unit: Annotated[str, Query(max_length=32)] = "",
        q: Annotated[str, Query(max_length=60)] = "",
        returning: bool = False,
        cursor: Annotated[str, Query(max_length=400)] = "",
        limit: Limit = 50,
        _who: Principal = reader,
    ) -> Page[DocumentOut]:
        """Documents, newest first; ``lamp=red`` is the supervision list, ``returning`` what waits for a decision."""
        wanted = Filter(Lamp(lamp) if lamp else None, unit, q, returning)
        found = await db.read(views.page, clock(), wanted, _after(cursor), limit + 1)
        last = found[limit - 1].row if len(found) > limit else None
        following = encode_cursor(last.issued_at.isoformat(), last.id) if last else None
        return Page(items=[DocumentOut.of(view) for view in found[:limit]], next=following)

    @router.get("/documents/{document_id}")
    async def document(document_id: str, _who: Principal = reader) -> DocumentOut:
        """One document with its units and plan."""
        return await db.read(_shown, clock(), document_id)

    @router.get("/documents/{document_id}/timeline")
    async def timeline(document_id: str, _who: Principal = reader) -> Page[MomentOut]:
        """Everything that happened to it: acts, and each reminder with what became of it."""
        found = await db.read(views.timeline, document_id)
        return Page(items=[MomentOut.of(moment) for moment in found])


def _after(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    try:
        at, last = decode_cursor(cursor)
        return datetime.fromisoformat(at), str(last)
    except (ValueError, TypeError) as error:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"}) from error


def _add_issue(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff, once: Once) -> None:
    issuer = require(guard, Role.OFFICIAL)
    ender = require(guard, Role.OFFICIAL, Role.SUPERVISOR)

    @router.post("/documents", response_model=DocumentOut, status_code=201)
    async def issue(request: Request, body: DocumentIn, who: Principal = issuer) -> Response:
        """Issue a non-secret document. ``warnings`` tell of limits in the night and offer working time."""

        def write(session: Session) -> DocumentOut:
            issued = signoff.issue(session, body.new(), who)
            return DocumentOut.of(views.view(session, clock(), [issued.document])[0], issued.warnings)

        return await once(request, who.identity, lambda: db.write(write))

    @router.post("/documents/{document_id}/correct", response_model=DocumentOut, status_code=201)
    async def correct(request: Request, document_id: str, body: DocumentIn, who: Principal = issuer) -> Response:
        """Issue it anew, corrected; the former one stops in the same moment."""

        def write(session: Session) -> DocumentOut:
            check_may_end(session, document_id, who)
            issued = signoff.correct(session, document_id, body.new(), who)
            return DocumentOut.of(views.view(session, clock(), [issued.document])[0], issued.warnings)

        return await once(request, who.identity, lambda: db.write(write))

    @router.post("/documents/{document_id}/withdraw")
    async def withdraw(document_id: str, who: Principal = ender) -> DocumentOut:
        """Withdraw it: nothing about it starts to be sent any more."""

        def write(session: Session) -> DocumentOut:
            check_may_end(session, document_id, who)
            signoff.withdraw(session, document_id, who)
            return _shown(session, clock(), document_id)

        return await db.write(write)


def check_may_end(session: Session, document_id: str, who: Principal) -> None:
    """A person ends what they issued; supervisors and accounts without a person (other systems) any."""
    document = store.document(session, document_id)
    if who.person_id and document.issuer != who.identity and not who.has(Role.SUPERVISOR, Role.ADMIN):
        raise Forbidden("Only its issuer or a supervisor may end a document.")


def _add_signing(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff) -> None:
    signer = require(guard, Role.OFFICIAL, Role.SUPERVISOR)

    async def carry_out(
        document_id: str, body: SignIn, who: Principal, act: Callable[[Session, Signer], Signed]
    ) -> DocumentOut:
        def write(session: Session) -> tuple[Signed, DocumentOut]:
            if store.recipient(session, body.recipient).document_id != document_id:
                raise BadInput("This recipient belongs to another document.", fields={"recipient": "another document"})
            signed = act(session, signer_for(session, body.by, who))
            session.flush()
            return signed, _shown(session, clock(), document_id)

        signed, shown = await db.write(write)
        settle(signed)
        return shown

    @router.post("/documents/{document_id}/sign")
    async def sign(document_id: str, body: SignIn, who: Principal = signer) -> DocumentOut:
        """Sign. Whoever may not is refused (403), which is recorded; a second signing is a conflict."""
        return await carry_out(document_id, body, who, lambda s, by: signoff.sign(s, body.recipient, by, tell=True))

    @router.post("/documents/{document_id}/not-me")
    async def not_me(document_id: str, body: SignIn, who: Principal = signer) -> DocumentOut:
        """非本人: the signing in this person's name was somebody else's; open again, supervisors told."""
        return await carry_out(document_id, body, who, lambda s, by: signoff.not_me(s, body.recipient, by))

    @router.post("/documents/{document_id}/return")
    async def give_back(document_id: str, body: ReturnIn, who: Principal = signer) -> DocumentOut:
        """退文: reminders wait until the issuer has decided, at most 30 minutes."""
        return await carry_out(
            document_id, body, who, lambda s, by: signoff.ask_return(s, body.recipient, by, body.reason)
        )


def signer_for(session: Session, by: str | None, who: Principal) -> Signer:
    """Whoever asks; accounts without a person and supervisors may name somebody (a call noted down)."""
    person_id = staff(session, by).id if by else who.person_id
    if person_id is None:
        raise BadInput("Say who signs.", fields={"by": "missing"})
    if who.person_id and person_id != who.person_id and not who.has(Role.SUPERVISOR):
        raise Forbidden("Nobody signs in another's name here; a supervisor notes a call down.")
    return Signer(person_id, CONSOLE, who.actor)


def _add_office(router: APIRouter, guard: Guard, db: Database, clock: Clock, signoff: SignOff) -> None:
    issuer = require(guard, Role.OFFICIAL, Role.SUPERVISOR)
    supervisor = require(guard, Role.SUPERVISOR)

    @router.post("/documents/{document_id}/decide")
    async def decide(document_id: str, body: DecideIn, who: Principal = issuer) -> DocumentOut:
        """The issuer's decision on a return."""

        def write(session: Session) -> DocumentOut:
            check_may_end(session, document_id, who)
            _belongs(session, document_id, body.recipient)
            signoff.decide_return(session, body.recipient, who.identity, who.actor, Decision(body.granted, body.note))
            return _shown(session, clock(), document_id)

        return await db.write(write)

    @router.post("/documents/{document_id}/supervise", status_code=201)
    async def supervise(document_id: str, body: SuperviseIn, who: Principal = supervisor) -> DocumentOut:
        """Open a supervision order (督办单) by hand."""

        def write(session: Session) -> DocumentOut:
            _belongs(session, document_id, body.recipient)
            signoff.supervise(session, body.recipient, who, body.note, body.due_at)
            return _shown(session, clock(), document_id)

        return await db.write(write)


def _belongs(session: Session, document_id: str, recipient_id: str) -> None:
    if store.recipient(session, recipient_id).document_id != document_id:
        raise BadInput("This recipient belongs to another document.", fields={"recipient": "another document"})
