"""Codes that prove an address is somebody's own: a telephone by SMS (验证), another channel by a one-time link (绑定).

A code has eight digits, holds for 30 minutes and works once. Guessing is held back by the limit on messages from one
address (30 a minute): 900 tries against 100 million.
"""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, func, select

from core import audit
from core.audit import Actor
from core.columns import UTCDateTime
from core.crypto import index
from core.errors import Conflict
from core.ids import new_code, new_id
from core.people import Contact, Person, address_index

LIFETIME = timedelta(minutes=30)
DIGITS = 8
_CONTEXT = "contact.code"


class ContactCode(SQLModel, table=True):
    """A code given to a person. ``channel`` and ``address_index`` empty: it links whatever address it comes from."""

    __tablename__ = "contact_code"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=32)
    digest: str = Field(index=True, max_length=32)
    channel: str = Field(default="", max_length=20)
    address_index: str = Field(default="", max_length=32)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


def give_code(
    session: Session, now: datetime, actor: Actor, person: Person, *, channel: str = "", address: str = ""
) -> str:
    """A new code; with an address it verifies that one, without it links the address it will come from.

    Raises Conflict when the address is another person's verified one.
    """
    if address:
        add_contact(session, person, channel, address, verified_at=None)
    code = new_code(DIGITS)
    session.add(
        ContactCode(
            person_id=person.id,
            digest=index(code, _CONTEXT),
            channel=channel if address else "",
            address_index=address_index(channel, address) if address else "",
            expires_at=now + LIFETIME,
        )
    )
    audit.record(session, now, actor, "contact.code", f"person:{person.id}", after={"channel": channel})
    session.flush()
    return code


def use_code(session: Session, now: datetime, channel: str, address: str, code: str) -> Person | None:
    """The address sent this code: it is the person's own from now on. None for a wrong, used or old code."""
    found = session.exec(
        select(ContactCode)
        .where(
            ContactCode.digest == index(code, _CONTEXT),
            col(ContactCode.used_at).is_(None),
            col(ContactCode.expires_at) > now,
            col(ContactCode.address_index).in_(["", address_index(channel, address)]),
        )
        .with_for_update()
    ).first()
    person = session.get(Person, found.person_id) if found else None
    if found is None or person is None or not person.active or found.channel not in {"", channel}:
        return None
    found.used_at = now
    session.add(found)
    add_contact(session, person, channel, address, verified_at=now)
    actor = Actor(person.id, channel)
    audit.record(session, now, actor, "contact.verify", f"person:{person.id}", after={"channel": channel})
    return person


def add_contact(
    session: Session, person: Person, channel: str, address: str, *, verified_at: datetime | None
) -> Contact:
    """An address of a person, after those they have; a known one keeps its place and stays verified.

    Raises Conflict when it is another person's verified address; an unverified one changes hands.
    """
    key = address_index(channel, address)
    found = session.exec(select(Contact).where(Contact.channel == channel, Contact.address_index == key)).first()
    if found is None:
        last = session.exec(select(func.max(Contact.position)).where(Contact.person_id == person.id)).one()
        found = Contact(
            person_id=person.id,
            channel=channel,
            address=address,
            address_index=key,
            position=0 if last is None else last + 1,
        )
    elif found.person_id != person.id:
        if found.verified_at is not None:
            raise Conflict("This address is somebody else's.", fields={"address": "taken"})
        found.person_id = person.id
    found.verified_at = found.verified_at or verified_at
    session.add(found)
    session.flush()
    return found
