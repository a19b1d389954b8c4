"""Putting messages into the outbox, and what people may do with them there.

Everything here runs inside the caller's transaction: a message exists exactly if the change it speaks of does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from core.clock import Clock
from core.errors import BadInput, Conflict, NotFound
from core.ids import new_id
from core.messages import Lane, Option
from core.people import EVERYTHING, address_index, refusals_of
from core.ports import Can, Channel
from core.text import segments, sign
from core.wake import wake
from notify.kinds import KINDS, Kind
from notify.outbox.models import OutboxGuard, OutboxMessage
from notify.outbox.states import FINAL, Reason, State, before

TOPIC = "outbox"
"""What a dispatcher's bell listens to."""

RANKS = {Lane.URGENT: 0, Lane.NORMAL: 1, Lane.BULK: 2}
LANES = {rank: lane for lane, rank in RANKS.items()}
PROVIDER_STOP = "provider"
"""Consent topic: the recipient said STOP to the provider, who would refuse anything from that sender."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be sent.

    ``dedup_key`` says what makes it the same message: a second one with the same key is not added. ``guard`` is
    ``name:generation`` of the thing it speaks of, see ``OutboxGuard``. ``at`` is the earliest time to send.
    """

    kind: str
    channel: str
    address: str
    payload: Mapping[str, Any]
    dedup_key: str = field(default_factory=new_id)
    locale: str = "zh-Hans"
    lane: Lane | None = None
    at: datetime | None = None
    sender: str = ""
    thread: str = ""
    options: Sequence[Option] = ()
    person_id: str | None = None
    guard: str = ""
    batch: str | None = None


class Outbox:
    """The way out for everything the service says."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock, office: str) -> None:
        self._channels = channels
        self._clock = clock
        self._office = office

    def put(self, session: Session, message: Message) -> str:
        """Add one message; returns its id, or that of the one already there under the same key."""
        return self.put_many(session, [message])[0]

    def put_many(self, session: Session, messages: Sequence[Message]) -> list[str]:
        """Add messages, in the order given; those whose key is known already are not added again."""
        now = self._clock()
        known = self._known(session, [message.dedup_key for message in messages])
        refused = self._refused(session, messages)
        rows: dict[str, dict[str, Any]] = {}
        for message in messages:
            if message.dedup_key not in known:
                row = self._row(message, now, refused)
                rows[message.dedup_key] = row
                known[message.dedup_key] = row["id"]
        if rows:
            session.execute(insert(OutboxMessage), list(rows.values()))
            wake(session, TOPIC)
        return [known[message.dedup_key] for message in messages]

    def count_segments(self, message: Message) -> int:
        """How many segments it takes on its channel; 1 where texts are not metered."""
        kind = _kind(message.kind)
        return self._rendered(message, kind, kind.check(message.payload))[1]

    def _known(self, session: Session, keys: Sequence[str]) -> dict[str, str]:
        rows = session.execute(
            select(OutboxMessage.dedup_key, OutboxMessage.id).where(col(OutboxMessage.dedup_key).in_(keys))
        )
        return {row.dedup_key: row.id for row in rows}

    def _refused(self, session: Session, messages: Iterable[Message]) -> dict[tuple[str, str], frozenset[str]]:
        by_channel: dict[str, set[str]] = {}
        for message in messages:
            index = address_index(message.channel, message.address)
            by_channel.setdefault(message.channel, set()).add(index)
        return {
            (channel, index): topics
            for channel, indexes in by_channel.items()
            for index, topics in refusals_of(session, channel, indexes).items()
        }

    def _row(
        self, message: Message, now: datetime, refused: Mapping[tuple[str, str], frozenset[str]]
    ) -> dict[str, Any]:
        kind = _kind(message.kind)
        values = kind.check(message.payload)
        text, size = self._rendered(message, kind, values)
        index = address_index(message.channel, message.address)
        reason = held_back(kind, refused.get((message.channel, index), frozenset()))
        if message.channel not in self._channels:
            reason = Reason.NO_CHANNEL
        state = State.SUPPRESSED if reason else State.QUEUED
        at = message.at or now
        return {
            "id": new_id(),
            "dedup_key": message.dedup_key,
            "kind": kind.name,
            "topic": kind.topic,
            "rank": RANKS[message.lane or kind.lane],
            "channel": message.channel,
            "address": message.address,
            "address_index": index,
            "sender": message.sender,
            "person_id": message.person_id,
            "thread": message.thread,
            "locale": message.locale,
            "text": text,
            "params": values,
            "options": [[option.value, option.label] for option in message.options],
            "segments": size,
            "state": state.value,
            "reason": reason.value,
            "not_before": at,
            "expires_at": at + kind.max_age,
            "created_at": now,
            "changed_at": now,
            "guard": message.guard,
            "batch": message.batch,
            "history": history_line(now, state, reason),
        }

    def _rendered(self, message: Message, kind: Kind, values: Mapping[str, Any]) -> tuple[str, int]:
        channel = self._channels.get(message.channel)
        can = channel.can if channel else ()
        text = kind.render(message.locale, values, two_way=Can.TWO_WAY in can)
        if Can.METERED not in can:
            return text, 1
        text = sign(text, self._office)
        return text, segments(text)


def held_back(kind: Kind, refused: frozenset[str]) -> Reason:
    """Why a message of this kind may not go to somebody who refused these topics; NONE when it may."""
    if PROVIDER_STOP in refused:
        return Reason.PROVIDER_STOP
    if not kind.direct and (EVERYTHING in refused or kind.topic in refused):
        return Reason.OPTED_OUT
    return Reason.NONE


def history_line(at: datetime, state: str, reason: str = "", attempt: str = "", code: str = "") -> str:
    """One change of state, as ``OutboxMessage.history`` keeps it."""
    parts = (at.isoformat(timespec="milliseconds"), str(state), reason or "-", attempt or "-", code or "-")
    return " ".join(parts) + "\n"


def raise_guard(session: Session, name: str) -> int:
    """Start a new generation: no message that speaks of an older one will start to be sent."""
    guard = session.get(OutboxGuard, name) or OutboxGuard(name=name)
    guard.generation += 1
    session.add(guard)
    session.flush()
    return guard.generation


def find(session: Session, message_id: str) -> OutboxMessage:
    """One message; raises NotFound."""
    message = session.get(OutboxMessage, message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return message


def retry(
    session: Session, now: datetime, message_id: str, max_age: timedelta = timedelta(hours=24)
) -> OutboxMessage:
    """Have a message that ended badly tried again; raises Conflict for one that did not."""
    message = find(session, message_id)
    if State(message.state) not in {State.FAILED, State.UNDELIVERABLE, State.UNCERTAIN}:
        raise Conflict(f"A message that is {State(message.state).public} cannot be tried again.")
    return _move(
        session, now, message, State.QUEUED, Reason.RETRIED_BY_HAND, not_before=now, expires_at=now + max_age
    )


def close(session: Session, now: datetime, message_id: str) -> OutboxMessage:
    """Take a message off the list of those that wait for a person; raises Conflict when it is on its way."""
    message = find(session, message_id)
    if message.state not in before(State.CANCELLED):
        raise Conflict(f"A message that is {State(message.state).public} cannot be closed.")
    return _move(session, now, message, State.CANCELLED, Reason.CLOSED_BY_HAND)


def _move(
    session: Session, now: datetime, message: OutboxMessage, state: State, reason: Reason, **changes: datetime
) -> OutboxMessage:
    message.state, message.reason, message.changed_at = state.value, reason.value, now
    message.lease_until = message.worker = None
    message.history += history_line(now, state, reason)
    for name, value in changes.items():
        setattr(message, name, value)
    session.add(message)
    session.flush()
    wake(session, TOPIC)
    return message


def is_final(message: OutboxMessage) -> bool:
    """Whether nothing more will happen to it by itself."""
    return State(message.state) in FINAL


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise BadInput(f"There is no kind of message called {name!r}.", fields={"kind": "unknown"})
    return KINDS[name]


Announce = Callable[[Session, Message], str]
"""``Outbox.put`` as others take it: they need no more of the outbox than this."""
