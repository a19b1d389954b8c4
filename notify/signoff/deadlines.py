"""Deadlines of a person: feedback on a leader's instruction, a publication within 15 working days (公开时限).

The lamp turns yellow at five sixths and red at the end; the person hears of both, supervisors of red.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select

from core import audit
from core.auth import Principal
from core.errors import Conflict, NotFound
from core.lamps import DOCUMENTS, Lamp
from core.terms import Measure, Term, begin, moment_at_share, until
from notify.signoff import firing, roster
from notify.signoff.models import Deadline, Document, Recipient
from notify.signoff.office import Work
from notify.timers import Timer, set_timers

OWNER = "signoff.deadline"
FEEDBACK, PUBLICATION = "feedback", "publication"


def for_feedback(work: Work, document: Document, recipients: Sequence[Recipient]) -> None:
    """Each unit that gets an instruction owes feedback by the day it names."""
    if document.feedback_by is None:
        return
    term = until(work.now, document.feedback_by, Measure.ROUND_THE_CLOCK, work.office.hours, work.days())
    for recipient in recipients:
        _open(work, FEEDBACK, f"{document.number} {document.title}"[:200], recipient.id, recipient.a_id, term)


def for_publication(
    work: Work, subject: str, person_id: str, who: Principal, *, formed_at: datetime | None = None
) -> Deadline:
    """Something must be public within the office's days (default 15 working days) after it was made."""
    days = work.days()
    term = begin(formed_at or work.now, work.office.rules.publication, work.office.hours, days)
    made = _open(work, PUBLICATION, subject, "", person_id, term)
    audit.record(work.session, work.now, who.actor, "deadline.open", f"deadline:{made.id}")
    return made


def _open(work: Work, kind: str, subject: str, ref: str, person_id: str, term: Term) -> Deadline:
    yellow = moment_at_share(term, DOCUMENTS.yellow_share, term.starts, work.office.hours, work.days())
    made = Deadline(
        kind=kind,
        subject=subject,
        ref=ref,
        person_id=person_id,
        starts_at=term.starts,
        yellow_at=yellow,
        due_at=term.due,
    )
    work.session.add(made)
    work.session.flush()
    set_timers(work.session, [Timer(OWNER, made.id, at, {}) for at in (yellow, term.due)])
    return made


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """A deadline is near or over and the thing is not done."""
    for timer in timers:
        found = work.session.get(Deadline, timer.ref)
        if found is None or found.done_at is not None:
            continue
        person = roster.officials(work.session, [found.person_id], work.channels).get(found.person_id)
        red = lamp_of(found, work.now) is Lamp.RED
        kind = "deadline_red" if red else "deadline_yellow"
        payload = {"title": found.subject, "name": person.name if person else ""}
        if person:
            firing.tell(work, person, kind, {**payload, "due": work.due_words(found.due_at, person.locale)})
        if red:
            firing.tell_supervisors(work, kind, payload, due=found.due_at)
            _tell_inspector(work, found, kind, payload)


def _tell_inspector(work: Work, deadline: Deadline, kind: str, payload: Mapping[str, Any]) -> None:
    """The inspector (督查专员) of an instruction hears that its feedback is late."""
    row = work.session.get(Recipient, deadline.ref) if deadline.kind == FEEDBACK else None
    document = work.session.get(Document, row.document_id) if row else None
    inspector = document.inspector_id if document else None
    person = roster.officials(work.session, [inspector], work.channels).get(inspector or "")
    if person and not any(other.id == person.id for other in roster.supervisors(work.session, work.channels)):
        firing.tell(work, person, kind, {**payload, "due": work.due_words(deadline.due_at, person.locale)})


def lamp_of(deadline: Deadline, now: datetime) -> Lamp:
    """The lamp of a deadline. Pure."""
    if deadline.done_at is not None:
        return Lamp.DONE if deadline.done_at <= deadline.due_at else Lamp.DONE_LATE
    if now >= deadline.due_at:
        return Lamp.RED
    return Lamp.YELLOW if now >= deadline.yellow_at else Lamp.GREEN


def done(work: Work, deadline_id: str, who: Principal) -> Deadline:
    """It is done. Raises NotFound, Conflict when it was already."""
    found = work.session.get(Deadline, deadline_id)
    if found is None:
        raise NotFound("There is no such deadline.")
    if found.done_at is not None:
        raise Conflict("This is done already.")
    settle(work, found, who.identity)
    audit.record(work.session, work.now, who.actor, "deadline.done", f"deadline:{found.id}")
    return found


def settle(work: Work, deadline: Deadline, by: str) -> None:
    """Mark it done; its timers find that out when they fall due."""
    deadline.done_at, deadline.done_by = work.now, by
    work.session.add(deadline)
    work.session.flush()


def drop(work: Work, refs: Sequence[str]) -> None:
    """What they were about was withdrawn or taken back: nobody owes it any more, nobody is told of it."""
    work.session.execute(delete(Deadline).where(col(Deadline.ref).in_(refs), col(Deadline.done_at).is_(None)))


def listed(work: Work, *, only_open: bool = False) -> list[Deadline]:
    """Deadlines, those that end first before the others."""
    found = select(Deadline).order_by(col(Deadline.due_at), col(Deadline.id)).limit(500)
    if only_open:
        found = found.where(col(Deadline.done_at).is_(None))
    return list(work.session.exec(found))
