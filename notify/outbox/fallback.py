"""A message to a person: on their first contact, and on the next when that one fails or nobody confirms in time.

The order is the person's own (``Contact.position``). Each contact gets the message once: the dedup key carries the
number of the contact. What has been confirmed delivered, or whose guard has gone, asks for no further contact.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlmodel import Session, SQLModel

from core.errors import NotFound
from core.people import Contact, contacts_of
from notify.outbox.history import history_line
from notify.outbox.message import Message
from notify.outbox.models import OutboxMessage
from notify.outbox.service import LANES, Outbox
from notify.outbox.states import Reason, State

_T = SQLModel.metadata.tables["outbox_message"]
CONFIRM_WITHIN = timedelta(minutes=5)
_AT_ONCE = 200
_SETTLED = (State.DELIVERED.value, State.CANCELLED.value)
_LOST = (State.FAILED.value, State.UNDELIVERABLE.value, State.SUPPRESSED.value)


@dataclass(frozen=True, slots=True)
class ToPerson:
    """What to tell a person; ``message`` without channel and address. ``within``: how long a contact may take."""

    person_id: str
    message: Message
    within: timedelta = CONFIRM_WITHIN


def put_to_person(session: Session, now: datetime, outbox: Outbox, told: ToPerson) -> str:
    """The message on the person's first contact; returns its id. Raises NotFound when there is no contact."""
    contacts = contacts_of(session, told.person_id)
    if not contacts:
        raise NotFound("This person has no contact.", fields={"to": "no contact"})
    return outbox.put(session, _to_contact(told.message, told.person_id, contacts, 0, now, told.within))


def _to_contact(
    message: Message, person_id: str, contacts: list[Contact], position: int, now: datetime, within: timedelta
) -> Message:
    contact = contacts[position]
    last = position + 1 == len(contacts)
    begins = max(message.at or now, now)
    return replace(
        message,
        channel=contact.channel,
        address=contact.address,
        person_id=person_id,
        position=position,
        confirm_by=None if last else begins + within,
        dedup_key=f"{message.dedup_key.partition('#')[0]}#{position}",
        sender="",
        thread="",
    )


def use_next_contacts(session: Session, now: datetime, outbox: Outbox) -> int:
    """For each message that failed or was not confirmed in time: the next contact. Returns how many were used."""
    rows = session.execute(
        select(_T.c.id)
        .where(_T.c.confirm_by.is_not(None), or_(_T.c.confirm_by <= now, _T.c.state.in_((*_SETTLED, *_LOST))))
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return sum(_next(session, now, outbox, message_id) for message_id in rows.scalars().all())


def _next(session: Session, now: datetime, outbox: Outbox, message_id: str) -> bool:
    row = session.get(OutboxMessage, message_id)
    if row is None or row.person_id is None or row.position is None or row.confirm_by is None:
        return False
    waited, settled = row.confirm_by - max(row.created_at, row.not_before), row.state in _SETTLED
    line = "" if settled else history_line(now, row.state, Reason.NEXT_CONTACT)
    session.execute(update(_T).where(_T.c.id == row.id).values(confirm_by=None, history=_T.c.history + line))
    contacts = contacts_of(session, row.person_id)
    if settled or row.position + 1 >= len(contacts):
        return False
    message = Message(
        kind=row.kind, channel="", address="", payload=row.params, dedup_key=row.dedup_key, locale=row.locale,
        lane=LANES[row.rank], guard=row.guard, batch=row.batch, quiet=row.quiet, trial=row.trial,
    )  # fmt: skip
    within = waited if waited > timedelta(0) else CONFIRM_WITHIN
    outbox.put(session, _to_contact(message, row.person_id, contacts, row.position + 1, now, within))
    return True
