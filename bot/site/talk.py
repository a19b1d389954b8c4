"""What was said on a page channel: inbox and outbox of one address, merged in order."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from bot import inbox, models
from core.ids import new_id
from core.messages import Progress, Receipt
from core.people import address_index
from notify.outbox import receipts
from notify.outbox.models import OutboxMessage
from notify.outbox.states import State

YOU, OFFICE = "you", "office"
RECENT = 100
"""Lines of each side that a page shows; older ones are not."""
OVERLAP = timedelta(minutes=5)
"""Rows may become readable in another order than they were made in: a reconnecting page looks this far back."""

_READABLE = (State.SENT.value, State.DELIVERED.value)
_COMING = (State.QUEUED.value, State.SENDING.value)
_AUTOMATIC = "reply"
"""Kind of what the bot itself says; anything else comes from people or from the service on their behalf."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a message; ``taken`` when the person has pressed it."""

    value: str
    label: str
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a page shows it. ``peer`` is the handset's number or empty; ``segments`` counts as SMS."""

    id: str
    who: str
    text: str
    at: datetime
    choices: tuple[Choice, ...] = ()
    automatic: bool = False
    segments: int = 1
    delivered: bool = False
    peer: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the event stream."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation so far; ``waiting`` while an answer is on its way."""

    lines: tuple[Line, ...]
    waiting: bool


def history(session: Session, channel: str, address: str) -> Talk:
    """What both sides said, oldest first."""
    said = _said(session, channel, address)
    pressed = {message.choice for _, message in said if message.choice}
    rows = _rows(session, _of(channel, address), col(OutboxMessage.state).in_(_READABLE))
    lines = [Line(f"in-{row.id}", YOU, message.text, row.received_at, peer=address) for row, message in said] + [
        line(row, pressed) for row in rows
    ]
    lines.sort(key=lambda one: (one.at, one.id))
    return Talk(tuple(lines), _waiting(session, channel, address))


def line(row: OutboxMessage, pressed: Collection[str] = ()) -> Line:
    """An outbox row as a page shows it."""
    return Line(
        id=row.id,
        who=OFFICE,
        text=row.text,
        at=row.created_at,
        choices=tuple(Choice(value, label, value in pressed) for value, label in row.options),
        automatic=row.kind == _AUTOMATIC,
        segments=row.segments,
        delivered=row.state == State.DELIVERED,
        peer=row.address,
    )


def since(session: Session, channel: str, addresses: Sequence[str], last_id: str) -> list[Line]:
    """What a page that has seen ``last_id`` may have missed; everything when it has seen nothing.

    A little more than needed: whatever was not acknowledged, and what was made shortly before ``last_id``.
    """
    conditions = [_of_any(channel, addresses), col(OutboxMessage.state).in_(_READABLE)]
    if last_id:
        unseen = col(OutboxMessage.state) == State.SENT.value
        conditions.append(or_(unseen, col(OutboxMessage.id) > floor(last_id, OVERLAP)))
    return [line(row) for row in _rows(session, *conditions)]


def by_ids(session: Session, ids: Collection[str]) -> list[Line]:
    """These messages, in the order they were made."""
    return [line(row) for row in _rows(session, col(OutboxMessage.id).in_(ids))]


def floor(message_id: str, back: timedelta) -> str:
    """The smallest id of a message made ``back`` before this one (ids begin with their time in milliseconds).

    Empty, which is below every id, when ``message_id`` is none of ours.
    """
    try:
        milliseconds = int(message_id[:12], 16) - round(back / timedelta(milliseconds=1))
    except ValueError:
        return ""
    return f"{max(0, milliseconds):012x}" if len(message_id) == len(new_id()) else ""


def fresh(session: Session, now: datetime, keys: Collection[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(channel, address index, id) of what these addresses can read and may not have been shown.

    Beside what nobody acknowledged also what was acknowledged a moment ago: another page of the same person,
    followed by another process, has not shown it yet.
    """
    table = OutboxMessage
    shown_elsewhere = and_(
        col(table.state) == State.DELIVERED.value, col(table.changed_at) > now - timedelta(seconds=30)
    )
    rows = session.execute(
        select(table.channel, table.address_index, table.id).where(
            col(table.address_index).in_({index for _, index in keys}),
            or_(col(table.state) == State.SENT.value, shown_elsewhere),
        )
    )
    return [(row[0], row[1], row[2]) for row in rows if (row[0], row[1]) in keys]


def seen(session: Session, now: datetime, channel: str, addresses: Sequence[str], ids: Collection[str]) -> int:
    """The page shows these messages: they are delivered. Ids that are not theirs change nothing."""
    theirs = session.exec(
        select(OutboxMessage.provider_id).where(
            _of_any(channel, addresses),
            col(OutboxMessage.id).in_(ids),
            col(OutboxMessage.state) == State.SENT.value,
        )
    ).all()
    arrived = (
        Receipt(channel=channel, progress=Progress.DELIVERED, provider_id=provider_id)
        for provider_id in theirs
        if provider_id
    )
    return sum(receipts.apply(session, now, receipt) for receipt in arrived)


def label_of(session: Session, channel: str, address: str, value: str) -> str | None:
    """The words on the button with this value, None when this address was never offered it."""
    for row in _rows(session, _of(channel, address), col(OutboxMessage.state).in_(_READABLE)):
        for known, label in row.options:
            if known == value:
                return str(label)
    return None


def _said(session: Session, channel: str, address: str) -> list[tuple[models.InboxMessage, Any]]:
    rows = session.exec(
        select(models.InboxMessage)
        .where(models.InboxMessage.conversation == inbox.conversation_id(channel, address))
        .order_by(col(models.InboxMessage.received_at).desc(), col(models.InboxMessage.id).desc())
        .limit(RECENT)
    ).all()
    return [(row, inbox.unpack(row.payload)) for row in reversed(rows)]


def _rows(session: Session, *conditions: ColumnElement[bool]) -> list[OutboxMessage]:
    newest = select(OutboxMessage).where(*conditions).order_by(col(OutboxMessage.id).desc()).limit(RECENT)
    return list(reversed(session.exec(newest).all()))


def _of(channel: str, address: str) -> ColumnElement[bool]:
    return _of_any(channel, [address])


def _of_any(channel: str, addresses: Sequence[str]) -> ColumnElement[bool]:
    indexes = [address_index(channel, address) for address in addresses]
    return and_(col(OutboxMessage.address_index).in_(indexes), col(OutboxMessage.channel) == channel)


def _waiting(session: Session, channel: str, address: str) -> bool:
    unheard = select(models.InboxMessage.id).where(
        models.InboxMessage.conversation == inbox.conversation_id(channel, address),
        models.InboxMessage.state == "new",
    )
    coming = select(OutboxMessage.id).where(_of(channel, address), col(OutboxMessage.state).in_(_COMING))
    return any(session.exec(query.limit(1)).first() is not None for query in (unheard, coming))
