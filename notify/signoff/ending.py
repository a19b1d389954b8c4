"""Withdrawing (撤回), correcting by issuing anew (更正), and supervision orders by hand (督办)."""

from dataclasses import replace
from datetime import datetime

from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict
from core.terms import begin
from notify.signoff import deadlines, firing, issuing, settling, store
from notify.signoff.firing import Fired, dues_of, faces_of
from notify.signoff.issuing import Issued, NewDocument
from notify.signoff.models import OPEN, RETURNING, WITHDRAWN, Document, SignOrder
from notify.signoff.office import Work
from notify.signoff.plan import Planned, Step, To
from notify.timers import Timer, set_timers

_OF_ISSUED = "issued"


def withdraw(work: Work, document_id: str, who: Principal, *, state: str = "withdrawn") -> Document:
    """Nobody need sign any more; nothing about it starts to be sent. Raises NotFound, Conflict when it has ended."""
    document = store.document(work.session, document_id)
    rows = store.recipients_of(work.session, document_id, lock=True)
    if document.state != _OF_ISSUED:
        raise Conflict(f"This document is {document.state} already.")
    document.state, document.ended_at = state, work.now
    work.session.add(document)
    still = [row for row in rows if row.state in {OPEN, RETURNING}]
    for row in still:
        row.state = WITHDRAWN
    settling.stop_reminders(work, still)
    settling.close_orders(work, [row.id for row in still])
    deadlines.drop(work, [row.id for row in rows])
    work.event(document_id, state, by=who.identity, via=who.via)
    audit.record(work.session, work.now, who.actor, f"document.{state}", f"document:{document_id}")
    return document


def correct(work: Work, document_id: str, new: NewDocument, who: Principal) -> Issued:
    """Issue it anew; the former one ends in the same transaction. Raises what ``withdraw`` and ``issue`` raise."""
    former = withdraw(work, document_id, who, state="corrected")
    issued = issuing.issue(work, replace(new, corrects_id=former.id), who)
    former.corrected_by_id = issued.document.id
    work.session.add(former)
    work.session.flush()
    return issued


def supervise(
    work: Work, recipient_id: str, who: Principal, *, note: str = "", due_at: datetime | None = None
) -> SignOrder:
    """A supervisor issues an order (督办单) to A, B and the leader. Raises NotFound, Conflict, BadInput."""
    row = store.recipient(work.session, recipient_id)
    if row.state not in {OPEN, RETURNING}:
        raise Conflict("Nobody need sign this any more.")
    if due_at and due_at <= work.now:
        raise BadInput("An order must be due in the future.", fields={"due_at": "in the past"})
    item = store.items(work.session, [recipient_id])[0]
    limit = work.office.rules.urgencies[item.urgency].order
    due = due_at or begin(work.now, limit, work.office.hours, work.days()).due
    order = SignOrder(recipient_id=row.id, opened_by=who.identity, opened_at=work.now, due_at=due, note=note or None)
    work.session.add(order)
    work.session.flush()
    set_timers(work.session, [Timer(firing.ORDER_OWNER, row.id, due, {"order": order.id})])
    work.event(row.document_id, "order", recipient_id=row.id, by=who.identity, via=who.via, note=note or None)
    audit.record(work.session, work.now, who.actor, "document.order", f"document:{row.document_id}")
    faces = faces_of(work, [item])
    step = Planned(work.now, Step.LIMIT, (To.A, To.B, To.LEADER))
    words = f"{note.strip().rstrip('。')}。" if note.strip() else ""
    for due_person in dues_of(Fired(item, step), faces):
        person = due_person.person
        payload = {
            "unit": due_person.unit,
            "number": item.number,
            "due": work.due_words(due, person.locale),
            "text": words[:100],
            "code": item.code,
        }
        firing.tell(work, person, "document_order", payload, guard=f"sign:{row.id}:{row.generation}")
    return order
