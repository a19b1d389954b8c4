"""Reading sign-off's tables: items for messages, recipients to change, lists for the console."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlmodel import Session, col

from core.bulk import restored
from core.errors import NotFound
from core.lamps import Lamp
from notify.outbox.driver import array, dialect_of, run
from notify.signoff.models import OPEN, RETURNING, SIGNED, Document, Recipient, Reminder
from notify.signoff.wording import Item

_AT_ONCE = 900
_ITEM = (
    col(Recipient.id),
    col(Recipient.document_id),
    col(Recipient.generation),
    col(Document.number),
    col(Document.title),
    col(Document.urgency),
    col(Document.issued_at),
    col(Recipient.due_at),
    col(Recipient.code),
    col(Recipient.unit_id),
    col(Recipient.a_id),
    col(Recipient.b_id),
    col(Recipient.leader_id),
    col(Recipient.state),
)


_LOCK = {
    "sqlite": """
        SELECT r.id, r.document_id, r.generation, d.number, d.title, d.urgency, d.issued_at, r.due_at, r.code,
               r.unit_id, r.a_id, r.b_id, r.leader_id, r.state
        FROM sign_recipient AS r JOIN sign_document AS d ON d.id = r.document_id
        WHERE r.id IN (SELECT value FROM json_each(:ids))""",
    "postgresql": """
        SELECT r.id, r.document_id, r.generation, d.number, d.title, d.urgency, d.issued_at, r.due_at, r.code,
               r.unit_id, r.a_id, r.b_id, r.leader_id, r.state
        FROM sign_recipient AS r JOIN sign_document AS d ON d.id = r.document_id
        WHERE r.id = ANY(%(ids)s) ORDER BY r.id FOR UPDATE OF r""",
}
"""``_ITEM`` in the drivers' own words (see ``notify.outbox.driver``): thousands may fall due together."""


def lock_items(session: Session, recipient_ids: Iterable[str]) -> dict[str, Item]:
    """Items by recipient, locked in one order, so that firing and signing of the same one follow each other."""
    ids = sorted(set(recipient_ids))
    if not ids:
        return {}
    rows: Sequence[Any] = run(session, _LOCK, {"ids": array(ids, dialect_of(session))}).all()
    return {row[0]: Item._make((*row[:6], restored(row[6]), restored(row[7]), *row[8:])) for row in rows}


def items(session: Session, recipient_ids: Sequence[str]) -> list[Item]:
    """Items in the order asked for; unknown ones are left out."""
    rows = session.execute(
        select(*_ITEM)
        .join(Document, col(Document.id) == col(Recipient.document_id))
        .where(col(Recipient.id).in_(list(recipient_ids)[:_AT_ONCE]))
    )
    found = {row[0]: _item(row) for row in rows}
    return [found[recipient_id] for recipient_id in recipient_ids if recipient_id in found]


def items_asked_of(session: Session, person_id: str, since: datetime) -> list[tuple[Item, frozenset[str]]]:
    """What a person was or is to be asked to sign since then, by limit, with the roles they were reminded in."""
    reminded = select(col(Reminder.recipient_id)).where(col(Reminder.person_id) == person_id)
    rows = session.execute(
        select(*_ITEM)
        .join(Document, col(Document.id) == col(Recipient.document_id))
        .where(
            or_(col(Recipient.a_id) == person_id, col(Recipient.id).in_(reminded)),
            or_(col(Recipient.state).in_([OPEN, RETURNING]), col(Document.issued_at) >= since),
        )
        .order_by(col(Recipient.due_at), col(Recipient.id))
        .limit(_AT_ONCE)
    )
    found = [_item(row) for row in rows]
    roles: dict[str, set[str]] = {}
    for row in session.execute(
        select(col(Reminder.recipient_id), col(Reminder.role)).where(
            col(Reminder.person_id) == person_id,
            col(Reminder.recipient_id).in_([item.recipient_id for item in found]),
        )
    ):
        roles.setdefault(row[0], set()).add(row[1])
    return [(item, frozenset(roles.get(item.recipient_id, ()))) for item in found]


def _item(row: Row[Any]) -> Item:
    return Item(*tuple(row))


def recipient(session: Session, recipient_id: str) -> Recipient:
    """One recipient, locked for a change; raises NotFound."""
    found = session.get(Recipient, recipient_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("There is no such recipient.")
    return found


def document(session: Session, document_id: str) -> Document:
    """One document; raises NotFound."""
    found = session.get(Document, document_id)
    if found is None:
        raise NotFound("There is no such document.")
    return found


def recipients_of(session: Session, document_id: str, *, lock: bool = False) -> list[Recipient]:
    """A document's recipients in the order of issue (of their ids when locked)."""
    found = select(Recipient).where(col(Recipient.document_id) == document_id)
    found = found.order_by(col(Recipient.id)).with_for_update() if lock else found.order_by(col(Recipient.position))
    return list(session.execute(found).scalars())


def lamp_of(state: str, now: datetime, yellow_at: datetime, due_at: datetime, late: int | None) -> Lamp | None:
    """The lamp of one recipient; None for one that need not sign any more (withdrawn, taken back). Pure."""
    if state == SIGNED:
        return Lamp.DONE if late is None else Lamp.DONE_LATE
    if state not in {OPEN, RETURNING}:
        return None
    if now >= due_at:
        return Lamp.RED
    return Lamp.YELLOW if now >= yellow_at else Lamp.GREEN


def shows_lamp(lamp: Lamp, now: datetime) -> ColumnElement[bool]:
    """The condition on ``Recipient`` under which ``lamp_of`` gives this lamp."""
    is_open = col(Recipient.state).in_([OPEN, RETURNING])
    due, yellow = col(Recipient.due_at), col(Recipient.yellow_at)
    match lamp:
        case Lamp.DONE:
            return and_(col(Recipient.state) == SIGNED, col(Recipient.late_minutes).is_(None))
        case Lamp.DONE_LATE:
            return and_(col(Recipient.state) == SIGNED, col(Recipient.late_minutes).is_not(None))
        case Lamp.RED:
            return and_(is_open, due <= now)
        case Lamp.YELLOW:
            return and_(is_open, yellow <= now, due > now)
        case Lamp.GREEN:
            return and_(is_open, yellow > now)
