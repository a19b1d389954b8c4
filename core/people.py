"""The people the service knows: officials and citizens, how to reach them, their units, and what they consent to.

Names and addresses are encrypted; an address is found again by its keyed index. Nothing here sends anything.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import phonenumbers
from sqlalchemy import JSON, Column, UniqueConstraint, bindparam, delete
from sqlalchemy import select as sql_select
from sqlmodel import Field, Session, SQLModel, col, select

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText, index
from core.errors import BadInput
from core.ids import new_id


class Role(StrEnum):
    """What somebody may do; see PRODUCT "Who uses it"."""

    AGENT = "agent"
    HANDLER = "handler"
    OFFICIAL = "official"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    SENDER = "sender"
    ADMIN = "admin"


class Unit(SQLModel, table=True):
    """An office's unit (承办单位), possibly below another."""

    __tablename__ = "unit"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=100, unique=True)
    parent_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    active: bool = True


class Person(SQLModel, table=True):
    """Somebody we know by more than an address: an official, or a citizen with a verified contact."""

    __tablename__ = "person"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    staff_no: str | None = Field(default=None, max_length=40, unique=True)
    name: str = Field(sa_column=Column(EncryptedText("person.name"), nullable=False))
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    locale: str = Field(default="zh-Hans", max_length=10)
    deputy_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    leader_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    active: bool = True
    created_at: datetime = Field(sa_type=UTCDateTime)


class Contact(SQLModel, table=True):
    """One address of a person, in the person's own order of preference (0 first)."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("channel", "address_index"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=32)
    channel: str = Field(max_length=20)
    address: str = Field(sa_column=Column(EncryptedText("contact.address"), nullable=False))
    address_index: str = Field(max_length=32)
    position: int = 0
    verified_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Consent(SQLModel, table=True):
    """What one address has said about one class of messages; ``*`` is all of them. No row: no objection."""

    __tablename__ = "consent"

    channel: str = Field(primary_key=True, max_length=20)
    address_index: str = Field(primary_key=True, max_length=32)
    topic: str = Field(primary_key=True, max_length=40)
    allowed: bool
    reason: str = Field(max_length=40)
    changed_at: datetime = Field(sa_type=UTCDateTime)


class ConsentChange(SQLModel, table=True):
    """Every change of a consent, for the question "since when and why do I get (no) messages?"."""

    __tablename__ = "consent_change"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=20)
    address_index: str = Field(index=True, max_length=32)
    topic: str = Field(max_length=40)
    allowed: bool
    reason: str = Field(max_length=40)
    at: datetime = Field(sa_type=UTCDateTime)


EVERYTHING = "*"
UNREACHABLE = "unreachable"
"""Consent topic of an address that a provider calls dead; forgotten after a while, because numbers are given anew."""
UNREACHABLE_FOR = timedelta(days=30)


def address_index(channel: str, address: str) -> str:
    """Under which an address is found without being readable."""
    return index(address, f"address.{channel}")


def normal_phone(text: str, region: str = "CN") -> str:
    """A telephone number in E.164; raises BadInput naming what is wrong with it."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise BadInput("This is not a telephone number.", fields={"phone": "not a telephone number"}) from error
    if not phonenumbers.is_possible_number(number):
        raise BadInput("This telephone number has too many or too few digits.", fields={"phone": "wrong length"})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def set_consent(
    session: Session, now: datetime, channel: str, address: str, topic: str, *, allowed: bool, reason: str
) -> bool:
    """Record what an address wants; True when that changed anything."""
    key = address_index(channel, address)
    row = session.get(Consent, (channel, key, topic))
    if row and row.allowed == allowed:
        return False
    if row is None:
        row = Consent(channel=channel, address_index=key, topic=topic, allowed=allowed, reason=reason, changed_at=now)
    row.allowed, row.reason, row.changed_at = allowed, reason, now
    session.add(row)
    session.add(ConsentChange(channel=channel, address_index=key, topic=topic, allowed=allowed, reason=reason, at=now))
    session.flush()
    return True


def clear_consents(session: Session, now: datetime, channel: str, address: str, reason: str) -> tuple[str, ...]:
    """Back in (恢复): allow again whatever this address had refused; returns those topics."""
    refused = refusals(session, channel, address)
    for topic in refused:
        set_consent(session, now, channel, address, topic, allowed=True, reason=reason)
    return tuple(sorted(refused))


def refusals(session: Session, channel: str, address: str) -> frozenset[str]:
    """The topics this address does not want."""
    rows = session.exec(
        select(Consent.topic).where(
            Consent.channel == channel,
            Consent.address_index == address_index(channel, address),
            col(Consent.allowed).is_(False),
        )
    )
    return frozenset(rows)


def refusals_of(session: Session, channel: str, indexes: Iterable[str]) -> dict[str, frozenset[str]]:
    """As ``refusals`` for many addresses at once, by their index."""
    found: dict[str, set[str]] = {}
    for key, topic in session.execute(_REFUSALS, {"b_channel": channel, "b_indexes": list(indexes)}):
        found.setdefault(key, set()).add(topic)
    return {key: frozenset(topics) for key, topics in found.items()}


_CONSENT: Any = Consent.__table__  # type: ignore[attr-defined]
_REFUSALS = sql_select(_CONSENT.c.address_index, _CONSENT.c.topic).where(
    _CONSENT.c.channel == bindparam("b_channel"),
    _CONSENT.c.address_index.in_(bindparam("b_indexes", expanding=True)),
    _CONSENT.c.allowed.is_(False),
)
"""Built once: it runs for every message that is put into the outbox."""


def contacts_of(session: Session, person_id: str) -> list[Contact]:
    """A person's verified contacts, in their own order."""
    rows = session.exec(
        select(Contact)
        .join(Person, col(Person.id) == col(Contact.person_id))
        .where(Contact.person_id == person_id, col(Contact.verified_at).is_not(None), col(Person.active).is_(True))
        .order_by(col(Contact.position), col(Contact.id))
    )
    return list(rows)


def forget_unreachable(session: Session, now: datetime) -> int:
    """Try addresses again that were called dead a while ago; returns how many."""
    old = delete(Consent).where(col(Consent.topic) == UNREACHABLE, col(Consent.changed_at) < now - UNREACHABLE_FOR)
    return int(getattr(session.execute(old), "rowcount", 0))


def person_at(session: Session, channel: str, address: str) -> Person | None:
    """The person whose verified contact this is."""
    return session.exec(
        select(Person)
        .join(Contact, col(Contact.person_id) == col(Person.id))
        .where(
            Contact.channel == channel,
            Contact.address_index == address_index(channel, address),
            col(Contact.verified_at).is_not(None),
            col(Person.active).is_(True),
        )
    ).first()
