"""What somebody who leaves still holds: matters they own and documents that wait for them, to be handed over."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from bot.hotline import states
from bot.hotline.models import Matter
from core import auth, staffing
from core.audit import Actor
from core.auth import Account
from core.people import Person
from notify.signoff.models import OPEN, RETURNING, Document, Recipient


@dataclass(frozen=True, slots=True)
class HandOver:
    """Numbers of open matters, and of documents not signed yet, that need somebody else."""

    matters: tuple[str, ...]
    documents: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.matters or self.documents)


def left_behind(session: Session, person_id: str | None, *refs: str) -> HandOver:
    """What a person, or an account without one, holds. ``refs``: ids of accounts that act in their name."""
    owners = [ref for ref in (person_id, *refs) if ref]
    final = [state.value for state in states.FINAL]
    matters = session.exec(
        select(Matter.number)
        .where(or_(col(Matter.owner_ref).in_(owners), col(Matter.offered_to).in_(owners)))
        .where(col(Matter.state).not_in(final))
        .order_by(col(Matter.number))
    )
    if person_id is None:
        return HandOver(tuple(matters), ())
    roles = (Recipient.a_id, Recipient.b_id, Recipient.leader_id)
    documents = session.exec(
        select(Document.number)
        .join(Recipient, col(Recipient.document_id) == col(Document.id))
        .where(col(Recipient.state).in_([OPEN, RETURNING]), or_(*(role == person_id for role in roles)))
        .order_by(col(Document.number))
        .distinct()
    )
    return HandOver(tuple(matters), tuple(documents))


def disable_account(session: Session, now: datetime, actor: Actor, name: str) -> HandOver:
    """End an account with everything its person acts by: sessions, tokens, chats. Says what has to be handed over."""
    account = auth.disable_account(session, now, actor, name)
    if account.person_id:
        staffing.end_ways_in(session, account.person_id)
    return _held(session, account)


def _held(session: Session, account: Account) -> HandOver:
    return left_behind(session, account.person_id, account.id)


def depart(session: Session, now: datetime, actor: Actor, person: Person) -> HandOver:
    """Somebody leaves the office; says what has to be handed over. Raises Conflict."""
    staffing.depart(session, now, actor, person)
    refs = [account.id for account in staffing.accounts_of(session, person.id)]
    return left_behind(session, person.id, *refs)
