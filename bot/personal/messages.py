"""Messages: those that came in, those that went out, and where each conversation stands.

What is still on its way is left: an erased address could not be answered. Rows of mass alerts keep their state and
reason, because a notice's report counts them; address and words go.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, or_, select

from bot.inbox import unpack
from bot.models import Conversation, InboxMessage
from bot.personal.holding import Erased, Holding, Who
from core.audit import Actor
from core.expectations import Expectation
from notify.outbox import states
from notify.outbox.models import OutboxMessage

BATCH = 2000
_OVER = [*(state.value for state in states.FINAL), states.State.SENT.value, states.State.UNCERTAIN.value]
_NOTHING: dict[str, Any] = {"address": "", "text": "", "params": {}, "options": [], "address_index": "", "thread": ""}


def holdings(messages_days: int, talk_days: int) -> list[Holding]:
    """Messages are kept ``messages_days``, the state of a silent conversation ``talk_days``."""
    old, silent = timedelta(days=messages_days), timedelta(days=talk_days)
    return [
        Holding(
            "messages received",
            f"{messages_days} days",
            _received,
            _erase_received,
            lambda session, now, dry: _purge_received(session, now - old, dry_run=dry),
        ),
        Holding(
            "messages sent",
            f"{messages_days} days",
            _sent,
            _erase_sent,
            lambda session, now, dry: _purge_sent(session, now - old, dry_run=dry),
        ),
        Holding(
            "conversations",
            f"{talk_days} days after the last word",
            None,
            _erase_talk,
            lambda session, now, dry: _purge_talks(session, now - silent, dry_run=dry),
        ),
    ]


def _received(session: Session, who: Who) -> list[dict[str, Any]]:
    mine = select(InboxMessage).where(InboxMessage.conversation == who.conversation).order_by(col(InboxMessage.id))
    return [{"at": row.received_at.isoformat(), "text": unpack(row.payload).text} for row in session.exec(mine)]


def _erase_received(session: Session, _now: datetime, _actor: Actor, who: Who) -> Erased:
    mine = col(InboxMessage.conversation) == who.conversation
    gone = session.execute(delete(InboxMessage).where(mine, col(InboxMessage.state) != "new"))
    new = session.exec(select(func.count()).select_from(InboxMessage).where(mine)).one()
    return Erased(_rows(gone), [f"{new} not read yet"] if new else [])


def _purge_received(session: Session, before: datetime, *, dry_run: bool) -> int:
    old = select(InboxMessage.id).where(InboxMessage.state != "new", col(InboxMessage.received_at) < before)
    if dry_run:
        return _count(session, old)
    return _rows(session.execute(delete(InboxMessage).where(col(InboxMessage.id).in_(old.limit(BATCH)))))


def _sent(session: Session, who: Who) -> list[dict[str, Any]]:
    rows = session.exec(select(OutboxMessage).where(*_to(who)).order_by(col(OutboxMessage.created_at)))
    return [{"at": row.created_at.isoformat(), "kind": row.kind, "state": row.state, "text": row.text} for row in rows]


def _to(who: Who) -> tuple[Any, ...]:
    return OutboxMessage.channel == who.channel, OutboxMessage.address_index == who.index


def _erase_sent(session: Session, _now: datetime, _actor: Actor, who: Who) -> Erased:
    over = session.execute(
        update(OutboxMessage)
        .where(*_to(who), col(OutboxMessage.state).in_(_OVER))
        .values(**_NOTHING)
        .execution_options(synchronize_session=False)
    )
    still = session.exec(select(func.count()).select_from(OutboxMessage).where(*_to(who))).one()
    return Erased(_rows(over), [f"{still} on the way"] if still else [])


def _purge_sent(session: Session, before: datetime, *, dry_run: bool) -> int:
    old = select(OutboxMessage.id).where(
        col(OutboxMessage.created_at) < before,
        or_(col(OutboxMessage.batch).is_(None), OutboxMessage.address_index != ""),
        col(OutboxMessage.state).in_(_OVER),
    )
    if dry_run:
        return _count(session, old)
    chosen = list(session.exec(old.limit(BATCH)))
    mine = col(OutboxMessage.id).in_(chosen)
    session.execute(delete(OutboxMessage).where(mine, col(OutboxMessage.batch).is_(None)))
    session.execute(update(OutboxMessage).where(mine).values(**_NOTHING).execution_options(synchronize_session=False))
    return len(chosen)


def _erase_talk(session: Session, _now: datetime, _actor: Actor, who: Who) -> Erased:
    session.execute(
        delete(Expectation).where(col(Expectation.channel) == who.channel, col(Expectation.address_index) == who.index)
    )
    mine = (col(Conversation.id) == who.conversation, col(Conversation.waiting).is_(False))
    return Erased(_rows(session.execute(delete(Conversation).where(*mine))))


def _purge_talks(session: Session, before: datetime, *, dry_run: bool) -> int:
    old = select(Conversation.id).where(
        col(Conversation.changed_at) < before,
        col(Conversation.waiting).is_(False),
        col(Conversation.holder).is_(None),
    )
    if dry_run:
        return _count(session, old)
    return _rows(session.execute(delete(Conversation).where(col(Conversation.id).in_(old.limit(BATCH)))))


def _count(session: Session, rows: Any) -> int:
    count: int = session.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
    return count


def _rows(result: Any) -> int:
    return int(result.rowcount)
