"""Feedback on a leader's instruction (领导批示): it leaves only after two leaders have confirmed it (OFFICE)."""

from sqlmodel import col, select

from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden, NotFound, SamePerson
from core.people import Person, Role
from notify.signoff import deadlines, firing, roster, signing, store
from notify.signoff.models import INSTRUCTION, Deadline, Feedback, Recipient
from notify.signoff.office import Work

CONFIRMATIONS = 2


def write(work: Work, recipient_id: str, text: str, who: Principal) -> Feedback:
    """A unit writes what it did. A former draft that has not left is replaced. Raises BadInput, Conflict, Forbidden."""
    if len(text.strip()) < 2:
        raise BadInput("Write what was done.", fields={"text": "missing"})
    row = store.recipient(work.session, recipient_id)
    document = store.document(work.session, row.document_id)
    if document.kind != INSTRUCTION:
        raise Conflict("Only a leader's instruction wants feedback.")
    if document.state != "issued":
        raise Conflict(f"This instruction is {document.state} already.")
    if not may_write(work, row, who):
        raise Forbidden("Only the unit itself or a supervisor writes its feedback.")
    for former in of_recipient(work, recipient_id):
        if former.left_at is not None:
            raise Conflict("The feedback has left already.")
        work.session.delete(former)
    made = Feedback(recipient_id=recipient_id, text=text.strip(), written_by=who.identity, at=work.now)
    work.session.add(made)
    work.session.flush()
    work.event(document.id, "feedback", recipient_id=row.id, by=who.identity, via=who.via)
    audit.record(work.session, work.now, who.actor, "document.feedback", f"document:{document.id}")
    return made


def may_write(work: Work, row: Recipient, who: Principal) -> bool:
    """Whoever may sign for the unit, its members, supervisors, and accounts without a person (other systems)."""
    if not who.person_id or who.has(Role.SUPERVISOR):
        return True
    person = work.session.get(Person, who.person_id)
    if person is not None and person.unit_id == row.unit_id:
        return True
    return who.person_id in signing.allowed(work, store.items(work.session, [row.id])[0])


def take_back(work: Work, feedback_id: str, who: Principal) -> None:
    """Whoever wrote it takes a draft back before it has left. Raises NotFound, Conflict, Forbidden."""
    found = work.session.get(Feedback, feedback_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("There is no such feedback.")
    if found.left_at is not None:
        raise Conflict("The feedback has left already.")
    if who.identity != found.written_by and not who.has(Role.SUPERVISOR):
        raise Forbidden("Only whoever wrote it or a supervisor takes it back.")
    row = store.recipient(work.session, found.recipient_id)
    work.session.delete(found)
    work.session.flush()
    work.event(row.document_id, "feedback_taken_back", recipient_id=row.id, by=who.identity, via=who.via)
    audit.record(work.session, work.now, who.actor, "document.feedback_take_back", f"document:{row.document_id}")


def confirm(work: Work, feedback_id: str, who: Principal) -> Feedback:
    """A leader confirms; the second confirmation lets it leave. Nobody confirms twice, nor what they wrote."""
    found = work.session.get(Feedback, feedback_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("There is no such feedback.")
    if found.left_at is not None:
        raise Conflict("The feedback has left already.")
    if who.identity == found.written_by or who.identity in found.confirmed_by:
        raise SamePerson("Two leaders, other than who wrote it, must confirm it.")
    if not is_leader(work, who):
        raise Forbidden("Only a leader confirms feedback.")
    found.confirmed_by = [*found.confirmed_by, who.identity]
    row = store.recipient(work.session, found.recipient_id)
    work.event(row.document_id, "feedback_confirmed", recipient_id=row.id, by=who.identity, via=who.via)
    audit.record(work.session, work.now, who.actor, "document.feedback_confirm", f"document:{row.document_id}")
    if len(found.confirmed_by) >= CONFIRMATIONS:
        _leave(work, found)
    work.session.add(found)
    work.session.flush()
    return found


def is_leader(work: Work, who: Principal) -> bool:
    """A leader is whoever leads somebody in the roster, or leads a unit in some document."""
    return bool(who.person_id and roster.leads(work.session, who.person_id))


def _leave(work: Work, found: Feedback) -> None:
    found.left_at = work.now
    row = store.recipient(work.session, found.recipient_id)
    document = store.document(work.session, row.document_id)
    owed = select(Deadline).where(Deadline.ref == row.id, col(Deadline.done_at).is_(None))
    for deadline in work.session.exec(owed):
        deadlines.settle(work, deadline, found.written_by)
    work.event(document.id, "feedback_left", recipient_id=row.id, by="service", via="clock")
    known = roster.officials(work.session, [document.issuer_person_id], work.channels)
    if issuer := known.get(document.issuer_person_id or ""):
        unit = roster.unit_names(work.session, [row.unit_id]).get(row.unit_id, "")
        firing.tell(
            work, issuer, "document_feedback", {"number": document.number, "unit": unit, "text": found.text[:1000]}
        )


def of_recipient(work: Work, recipient_id: str) -> list[Feedback]:
    """The feedback of one unit, oldest first."""
    return list(
        work.session.exec(select(Feedback).where(Feedback.recipient_id == recipient_id).order_by(col(Feedback.at)))
    )
