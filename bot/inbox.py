"""The way in: a message is committed here before the provider hears that we have it.

A redelivery ends at the unique key (channel, provider's id). Messages of one conversation are handled one after
the other, in the order in which they came, by whichever worker holds the conversation.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from bot import models  # noqa: F401 - defines the tables used below
from core.messages import Inbound, Media, Place
from core.people import address_index
from core.wake import wake

TOPIC = "inbox"
MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=20)
"""How long a conversation is silent when the worker that held it was killed; handling takes well under a second."""

_INBOX = SQLModel.metadata.tables["inbox_message"]
_TALK = SQLModel.metadata.tables["conversation"]


def conversation_id(channel: str, address: str) -> str:
    """The key of the talk with one address."""
    return f"{channel}:{address_index(channel, address)}"


def store(session: Session, now: datetime, messages: Sequence[Inbound]) -> int:
    """Keep messages; returns how many were new."""
    if not messages:
        return 0
    keys = {conversation_id(message.channel, message.address): message for message in messages}
    rows = [
        {
            "channel": message.channel,
            "provider_id": message.provider_id,
            "conversation": conversation_id(message.channel, message.address),
            "payload": pack(message),
            "received_at": now,
            "state": "new",
            "attempts": 0,
        }
        for message in messages
    ]
    on_conflict = _insert(session)
    added = session.execute(on_conflict(_INBOX).on_conflict_do_nothing().returning(_INBOX.c.conversation), rows)
    fresh = set(added.scalars())
    for key in fresh:
        talk = {
            "id": key, "channel": keys[key].channel, "locale": "", "state": {}, "waiting": True, "changed_at": now,
        }  # fmt: skip
        statement = on_conflict(_TALK).values(talk)
        session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"waiting": True}))
    if fresh:
        wake(session, TOPIC)
    return len(fresh)


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in a worker's hands. ``more``: something came in that is not handled yet."""

    id: str
    channel: str
    locale: str
    state: dict[str, Any]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One inbox row of a held conversation."""

    id: int
    attempts: int
    received_at: datetime
    message: Inbound


def claim(session: Session, now: datetime, worker: str, limit: int) -> list[Talk]:
    """Take conversations that have something new and that nobody holds."""
    free = or_(_TALK.c.lease_until.is_(None), _TALK.c.lease_until < now)
    waiting = (
        select(_TALK.c.id)
        .where(_TALK.c.waiting, free)
        .order_by(_TALK.c.changed_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(_TALK)
        .where(_TALK.c.id.in_(waiting.scalar_subquery()), free)
        .values(holder=worker, lease_until=now + LEASE)
        .returning(_TALK.c.id, _TALK.c.channel, _TALK.c.locale, _TALK.c.state)
    )
    return [Talk(*row) for row in rows]


def take(session: Session, now: datetime, worker: str, limit: int) -> list[tuple[Talk, list[Letter]]]:
    """As ``claim``, each conversation with what is new in it."""
    talks = claim(session, now, worker, limit)
    if not talks:
        return []
    found: dict[str, list[Letter]] = {talk.id: [] for talk in talks}
    for row in session.execute(_NEW.where(_INBOX.c.conversation.in_(list(found)))):
        found[row.conversation].append(Letter(row.id, row.attempts, row.received_at, unpack(row.payload)))
    return [(talk, found[talk.id][:AT_ONCE]) for talk in talks]


_NEW = (
    select(_INBOX.c.id, _INBOX.c.attempts, _INBOX.c.received_at, _INBOX.c.payload, _INBOX.c.conversation)
    .where(_INBOX.c.state == "new")
    .order_by(_INBOX.c.id)
)
AT_ONCE = 20
"""Messages of one conversation in one go."""


def letters(session: Session, conversation: str, limit: int = AT_ONCE) -> list[Letter]:
    """What is new in a conversation, oldest first."""
    rows = session.execute(
        select(_INBOX.c.id, _INBOX.c.attempts, _INBOX.c.received_at, _INBOX.c.payload)
        .where(_INBOX.c.conversation == conversation, _INBOX.c.state == "new")
        .order_by(_INBOX.c.id)
        .limit(limit)
    )
    return [Letter(row.id, row.attempts, row.received_at, unpack(row.payload)) for row in rows]


def finish(
    session: Session,
    now: datetime,
    worker: str,
    talk: Talk,
    letter: Letter,
    state: dict[str, Any],
    locale: str,
    *,
    dead: bool = False,
) -> bool | None:
    """One message is handled: the new state and "done" (or "dead"), and the conversation let go if it was the last.

    Returns whether there is more, so that the conversation is still held; None when another worker took over. The
    row is locked first, so that the question "anything new?" sees whatever ``store`` has just committed.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_LOCK, {"b_talk": talk.id})
    session.execute(_DONE, {"b_letter": letter.id, "b_final": "dead" if dead else "done", "b_at": now})
    held = session.execute(
        _HANDLED,
        {
            "b_talk": talk.id,
            "b_worker": worker,
            "b_state": state,
            "b_locale": locale,
            "b_at": now,
            "b_lease": now + LEASE,
        },
    )
    return held.scalar_one_or_none()


_LOCK = select(_TALK.c.id).where(_TALK.c.id == bindparam("b_talk")).with_for_update()
_DONE = (
    update(_INBOX)
    .where(_INBOX.c.id == bindparam("b_letter"))
    .values(state=bindparam("b_final"), done_at=bindparam("b_at", type_=_INBOX.c.done_at.type))
)
_MORE = select(_INBOX.c.id).where(_INBOX.c.conversation == _TALK.c.id, _INBOX.c.state == "new").exists()
_HANDLED = (
    update(_TALK)
    .where(_TALK.c.id == bindparam("b_talk"), _TALK.c.holder == bindparam("b_worker"))
    .values(
        state=bindparam("b_state", type_=_TALK.c.state.type),
        locale=bindparam("b_locale"),
        changed_at=bindparam("b_at", type_=_TALK.c.changed_at.type),
        waiting=_MORE,
        holder=case((_MORE, _TALK.c.holder), else_=None),
        lease_until=case((_MORE, bindparam("b_lease", type_=_TALK.c.lease_until.type)), else_=None),
    )
    .returning(_TALK.c.waiting)
)
"""Built once: these run for every message, and building them anew cost as much as running them."""


def fail(session: Session, letter: Letter) -> bool:
    """Count a failure; True when the message is given up."""
    dead = letter.attempts + 1 >= MAX_ATTEMPTS
    session.execute(
        update(_INBOX)
        .where(_INBOX.c.id == letter.id)
        .values(attempts=_INBOX.c.attempts + 1, state="dead" if dead else "new")
    )
    return dead


def release(session: Session, worker: str, conversation: str) -> None:
    """Let a conversation go; it stays waiting when something came in meanwhile.

    The row is locked first, so that the question "anything new?" sees whatever ``store`` has just committed.
    """
    session.execute(select(_TALK.c.id).where(_TALK.c.id == conversation).with_for_update())
    more = select(_INBOX.c.id).where(_INBOX.c.conversation == conversation, _INBOX.c.state == "new").exists()
    session.execute(
        update(_TALK)
        .where(_TALK.c.id == conversation, _TALK.c.holder == worker)
        .values(holder=None, lease_until=None, waiting=more)
    )


def pack(message: Inbound) -> dict[str, Any]:
    """An Inbound as JSON, without what is empty."""
    packed = {name: value for name, value in dataclasses.asdict(message).items() if value not in ("", (), None)}
    if message.sent_at:
        packed["sent_at"] = message.sent_at.isoformat()
    return packed


def unpack(packed: dict[str, Any]) -> Inbound:
    """The Inbound that was packed."""
    values = dict(packed)
    if "media" in values:
        values["media"] = tuple(Media(**media) for media in values["media"])
    if values.get("place"):
        values["place"] = Place(**values["place"])
    if values.get("sent_at"):
        values["sent_at"] = datetime.fromisoformat(values["sent_at"])
    return Inbound(**values)
