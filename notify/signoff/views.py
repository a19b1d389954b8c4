"""Documents as console and API show them: recipients with lamps, the record as a timeline, lists with a cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from core.lamps import Lamp
from core.people import Person
from notify.outbox.models import OutboxMessage
from notify.outbox.states import State
from notify.signoff import roster, store
from notify.signoff.models import Document, Recipient, Reminder, SignEvent, SignOrder

_WORST = (Lamp.RED, Lamp.YELLOW, Lamp.GREEN, Lamp.DONE_LATE, Lamp.DONE)


@dataclass(frozen=True, slots=True)
class RecipientView:
    """One unit of a document, with names."""

    row: Recipient
    unit: str
    names: Mapping[str, str]
    lamp: Lamp | None
    orders: Sequence[SignOrder]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its units. ``lamp`` is the worst of theirs; None when none counts any more."""

    row: Document
    recipients: Sequence[RecipientView]
    lamp: Lamp | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline: an act, or a reminder with what became of it (``state`` of delivery)."""

    at: datetime
    what: str
    recipient_id: str | None
    by: str
    via: str
    state: str
    data: Mapping[str, Any]
    note: str


def view(session: Session, now: datetime, documents: Sequence[Document]) -> list[DocumentView]:
    """Documents with everything a list or a page shows, in few statements."""
    ids = [document.id for document in documents]
    rows = list(
        session.execute(
            select(Recipient)
            .where(col(Recipient.document_id).in_(ids))
            .order_by(col(Recipient.document_id), col(Recipient.position))
        ).scalars()
    )
    units = roster.unit_names(session, [row.unit_id for row in rows])
    names = _names(session, [person for row in rows for person in (row.a_id, row.b_id, row.leader_id, row.signed_by)])
    orders = _orders(session, [row.id for row in rows])
    views: dict[str, list[RecipientView]] = {}
    for row in rows:
        lamp = store.lamp_of(row.state, now, row.yellow_at, row.due_at, row.late_minutes)
        views.setdefault(row.document_id, []).append(
            RecipientView(row, units.get(row.unit_id, ""), names, lamp, orders.get(row.id, []))
        )
    return [_document(document, views.get(document.id, [])) for document in documents]


def _document(document: Document, recipients: list[RecipientView]) -> DocumentView:
    lamps = {recipient.lamp for recipient in recipients}
    return DocumentView(document, recipients, next((lamp for lamp in _WORST if lamp in lamps), None))


def _names(session: Session, ids: Sequence[str | None]) -> dict[str, str]:
    wanted = sorted({person_id for person_id in ids if person_id})
    rows = session.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _orders(session: Session, recipient_ids: Sequence[str]) -> dict[str, list[SignOrder]]:
    found: dict[str, list[SignOrder]] = {}
    wanted = select(SignOrder).where(col(SignOrder.recipient_id).in_(recipient_ids)).order_by(col(SignOrder.opened_at))
    for order in session.execute(wanted).scalars():
        found.setdefault(order.recipient_id, []).append(order)
    return found


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to."""

    lamp: Lamp | None = None
    unit_id: str = ""
    number: str = ""
    waiting: bool = False
    """Only returns that wait for a decision."""


def page(
    session: Session, now: datetime, wanted: Filter, after: tuple[datetime, str] | None, limit: int
) -> list[DocumentView]:
    """Documents by time of issue, newest first. The supervision list is ``lamp=red``."""
    found = select(Document).order_by(col(Document.issued_at).desc(), col(Document.id).desc()).limit(limit)
    has = select(col(Recipient.document_id))
    conditions = []
    if wanted.lamp:
        conditions.append(store.shows_lamp(wanted.lamp, now))
    if wanted.unit_id:
        conditions.append(col(Recipient.unit_id) == wanted.unit_id)
    if wanted.waiting:
        conditions.append(col(Recipient.state) == "returning")
    if conditions:
        found = found.where(col(Document.id).in_(has.where(*conditions)))
    if wanted.number:
        found = found.where(col(Document.number).contains(wanted.number, autoescape=True))
    if after:
        at, last = after
        issued = col(Document.issued_at)
        found = found.where((issued < at) | ((issued == at) & (col(Document.id) < last)))
    return view(session, now, list(session.execute(found).scalars()))


def timeline(session: Session, document_id: str) -> list[Moment]:
    """The history of a document: acts and reminders in the order of time."""
    store.document(session, document_id)
    events = session.execute(
        select(SignEvent).where(col(SignEvent.document_id) == document_id).order_by(col(SignEvent.id))
    ).scalars()
    moments = [Moment(e.at, e.what, e.recipient_id, e.by, e.via, "", e.data, e.note or "") for e in events]
    reminders = session.execute(
        select(Reminder, col(OutboxMessage.state))
        .join(Recipient, col(Recipient.id) == col(Reminder.recipient_id))
        .outerjoin(OutboxMessage, col(OutboxMessage.id) == col(Reminder.outbox_id))
        .where(col(Recipient.document_id) == document_id)
        .order_by(col(Reminder.id))
    )
    for row, state in reminders:
        data = {
            "role": row.role,
            "step": row.step,
            "planned_at": row.planned_at.isoformat(),
            "outbox_id": row.outbox_id,
        }
        public = State(state).value if state else "purged"
        moments.append(Moment(row.at, "reminded", row.recipient_id, row.person_id, row.channel, public, data, ""))
    return sorted(moments, key=lambda moment: moment.at)
