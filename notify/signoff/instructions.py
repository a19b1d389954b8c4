"""Leaders' instructions (领导批示) as a list: what each unit owes, what it wrote, and who follows it up (督查专员)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden
from core.lamps import Lamp
from core.people import Person, Role
from notify.signoff import deadlines, roster, store
from notify.signoff.models import INSTRUCTION, Deadline, Document, Feedback, Recipient
from notify.signoff.office import Work

MOST = 300
"""Instructions a list shows; the register of a year holds fewer."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One unit's part of an instruction. ``lamp`` is that of its feedback; None when none is owed any more."""

    document: Document
    row: Recipient
    unit: str
    inspector: str
    feedback: Feedback | None
    deadline: Deadline | None
    lamp: Lamp | None


def listed(session: Session, now: datetime, who: Principal, *, only_open: bool = False) -> list[Owed]:
    """What concerns somebody, newest first: supervisors and administrators see every instruction."""
    found = (
        select(Document, Recipient)
        .join(Recipient, col(Recipient.document_id) == col(Document.id))
        .where(Document.kind == INSTRUCTION)
        .order_by(col(Document.issued_at).desc(), col(Recipient.position))
        .limit(MOST)
    )
    if not who.has(Role.SUPERVISOR, Role.ADMIN):
        me = who.person_id or ""
        unit = getattr(session.get(Person, me), "unit_id", None) or ""
        mine = [col(each) == me for each in (Recipient.a_id, Recipient.b_id, Recipient.leader_id)]
        others = [
            col(Recipient.unit_id) == unit,
            col(Document.inspector_id) == me,
            col(Document.issuer) == who.identity,
        ]
        found = found.where(or_(*mine, *others))
    lines = _lines(session, now, [(document, row) for document, row in session.exec(found)])
    return [line for line in lines if line.deadline and line.deadline.done_at is None] if only_open else lines


def one(session: Session, now: datetime, recipient_id: str) -> Owed:
    """One unit's part; raises NotFound, Conflict for what is no instruction."""
    row = store.recipient(session, recipient_id)
    document = store.document(session, row.document_id)
    if document.kind != INSTRUCTION:
        raise Conflict("Only a leader's instruction wants feedback.")
    return _lines(session, now, [(document, row)])[0]


def _lines(session: Session, now: datetime, pairs: list[tuple[Document, Recipient]]) -> list[Owed]:
    ids = [row.id for _, row in pairs]
    latest = session.exec(select(Feedback).where(col(Feedback.recipient_id).in_(ids)).order_by(col(Feedback.at)))
    feedback = {row.recipient_id: row for row in latest}
    owed = {row.ref: row for row in session.exec(select(Deadline).where(col(Deadline.ref).in_(ids)))}
    units = roster.unit_names(session, [row.unit_id for _, row in pairs])
    inspectors = {document.inspector_id for document, _ in pairs if document.inspector_id}
    names = {one.id: one.name for one in session.exec(select(Person).where(col(Person.id).in_(inspectors)))}
    return [
        Owed(
            document,
            row,
            units.get(row.unit_id, ""),
            names.get(document.inspector_id or "", ""),
            feedback.get(row.id),
            owed.get(row.id),
            _lamp(document, owed.get(row.id), now),
        )
        for document, row in pairs
    ]


def _lamp(document: Document, owed: Deadline | None, now: datetime) -> Lamp | None:
    if owed is None or (document.state != "issued" and owed.done_at is None):
        return None
    return deadlines.lamp_of(owed, now)


def appoint(work: Work, document_id: str, person_id: str, who: Principal) -> Document:
    """Another inspector (督查专员) follows it up. Its issuer or a supervisor says who. Raises BadInput, Conflict."""
    document = store.document(work.session, document_id)
    if document.kind != INSTRUCTION or document.state != "issued":
        raise Conflict("Only an instruction that is under way has an inspector.")
    if who.person_id and document.issuer != who.identity and not who.has(Role.SUPERVISOR, Role.ADMIN):
        raise Forbidden("Only its issuer or a supervisor names the inspector.")
    person = work.session.get(Person, person_id)
    if person is None or not person.active:
        raise BadInput("There is no such inspector.", fields={"inspector": "unknown person"})
    before = document.inspector_id
    document.inspector_id = person.id
    work.session.add(document)
    work.session.flush()
    work.event(document.id, "inspector", by=who.identity, via=who.via, to=person.id)
    subject, after = f"document:{document.id}", {"inspector": person.id}
    audit.record(
        work.session, work.now, who.actor, "document.inspector", subject, before={"inspector": before}, after=after
    )
    return document
