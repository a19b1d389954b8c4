"""The person behind a contact, what they consent to, their web chats, and the questions people asked.

Staff are not erased here: their name stands under what they did; disabling the account ends it. A refusal (退订) stays
as a keyed digest that nobody can read: forgetting it would mean writing to somebody who said no.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.personal.holding import Erased, Holding, Who
from bot.site.models import WebChat
from core import audit
from core.audit import Actor
from core.people import Consent, Contact, Person
from faq import queries

ERASED = "（已删除）"


def holdings(questions_days: int) -> list[Holding]:
    """Questions are kept masked and without their sender; after ``questions_days`` they go."""
    keep = timedelta(days=questions_days)
    return [
        Holding("persons and contacts", "until erased", _person, _erase_person),
        Holding("consents", "for good: a refusal is remembered", _consents),
        Holding("web chats", "30 days", _chats, _erase_chats),
        Holding(
            "questions asked (masked)",
            f"{questions_days} days",
            purge=lambda session, now, dry: queries.purge(session, now, keep, dry_run=dry),
        ),
    ]


def _contact(session: Session, who: Who) -> Contact | None:
    mine = (Contact.channel == who.channel, Contact.address_index == who.index)
    return session.exec(select(Contact).where(*mine)).first()


def _person(session: Session, who: Who) -> list[dict[str, Any]]:
    contact = _contact(session, who)
    person = session.get(Person, contact.person_id) if contact else None
    if person is None:
        return []
    contacts = session.exec(select(Contact).where(Contact.person_id == person.id).order_by(col(Contact.position)))
    return [
        {
            "name": person.name,
            "locale": person.locale,
            "since": person.created_at.isoformat(),
            "contacts": [{"channel": one.channel, "address": one.address} for one in contacts],
        }
    ]


def _erase_person(session: Session, now: datetime, actor: Actor, who: Who) -> Erased:
    contact = _contact(session, who)
    person = session.get(Person, contact.person_id) if contact else None
    if person is None:
        return Erased()
    if person.staff_no or person.unit_id or person.roles:
        return Erased(left=["a member of staff: disable the account instead"])
    session.execute(delete(Contact).where(col(Contact.person_id) == person.id))
    person.name, person.active = ERASED, False
    session.add(person)
    audit.record(session, now, actor, "person.erase", f"person:{person.id}")
    return Erased(1)


def _consents(session: Session, who: Who) -> list[dict[str, Any]]:
    mine = (Consent.channel == who.channel, Consent.address_index == who.index)
    return [
        {"topic": row.topic, "allowed": row.allowed, "since": row.changed_at.isoformat()}
        for row in session.exec(select(Consent).where(*mine))
    ]


def _chats(session: Session, who: Who) -> list[dict[str, Any]]:
    row = session.get(WebChat, who.address) if who.channel == "webchat" else None
    return [{"started": row.started_at.isoformat(), "used": row.used_at.isoformat()}] if row else []


def _erase_chats(session: Session, _now: datetime, _actor: Actor, who: Who) -> Erased:
    gone = session.execute(delete(WebChat).where(col(WebChat.id) == who.address)) if who.channel == "webchat" else None
    return Erased(int(gone.rowcount) if gone else 0)  # type: ignore[attr-defined]
