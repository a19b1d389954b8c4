"""Putting messages into the outbox.

Everything here runs inside the caller's transaction: a message exists exactly if the change it speaks of does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from core.clock import Clock
from core.people import refusals_of
from core.ports import Channel
from core.wake import wake
from notify.outbox import filing, pace
from notify.outbox.attempts import LANES, PROVIDER_STOP
from notify.outbox.compose import RANKS, Composer, Rendered, held_back, index_of, kind_of
from notify.outbox.driver import array, dialect_of, run
from notify.outbox.hands import close, find, is_final, retry
from notify.outbox.history import history_line
from notify.outbox.message import Message
from notify.outbox.models import OutboxGuard
from notify.outbox.rules import DeliveryRules
from notify.outbox.topic import TOPIC

__all__ = [
    "LANES", "PROVIDER_STOP", "RANKS", "TOPIC", "Announce", "Message", "Outbox", "close", "find", "held_back",
    "history_line", "is_final", "raise_guard", "retry",
]  # fmt: skip

_KNOWN = {
    "sqlite": "SELECT dedup_key, id FROM outbox_message WHERE dedup_key IN (SELECT value FROM json_each(:keys))",
    "postgresql": "SELECT dedup_key, id FROM outbox_message WHERE dedup_key = ANY(%(keys)s)",
}
_CHUNK = 500
"""Rows looked up or inserted with one statement: keeps memory flat however many there are."""


class Outbox:
    """The way out for everything the service says."""

    def __init__(
        self, channels: Mapping[str, Channel], clock: Clock, office: str, rules: DeliveryRules | None = None
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._composer = Composer(channels, office, rules or DeliveryRules())
        self._known_queues: set[str] = set()

    def put(self, session: Session, message: Message) -> str:
        """Add one message; returns its id, or that of the one already there under the same key."""
        return self.put_many(session, [message])[0]

    def put_many(self, session: Session, messages: Sequence[Message]) -> list[str]:
        """Add messages, in the order given; those whose key is known already are not added again. Returns their ids.

        The way in for a mass alert: 100,000 recipients are fifty calls with 2,000 messages each, every call a
        transaction of its own (``await db.write(outbox.put_many, messages)``), so that memory stays flat and others
        may write in between. Give every message the alert's ``batch`` (then it can be paused, resumed and cancelled,
        see ``hands``) and a ``dedup_key`` made of notice, revision, purpose, beneficiary and channel: a call that is
        repeated after a crash adds only what is missing. Payload and locale that repeat are rendered once.
        """
        ids: list[str] = []
        for begin in range(0, len(messages), _CHUNK):
            ids += self._put_chunk(session, messages[begin : begin + _CHUNK])
        return ids

    def _put_chunk(self, session: Session, messages: Sequence[Message]) -> list[str]:
        now = self._clock()
        known = self._known(session, [message.dedup_key for message in messages])
        indexes = [index_of(message) for message in messages]
        refused = self._refused(session, messages, indexes)
        rows: dict[str, dict[str, Any]] = {}
        rendered: Rendered = {}
        for message, index in zip(messages, indexes, strict=True):
            if message.dedup_key not in known and message.dedup_key not in rows:
                topics = refused.get((message.channel, index), frozenset())
                rows[message.dedup_key] = self._composer.row(message, index, topics, now, rendered)
        if rows:
            self._insert(session, list(rows.values()))
            known |= {key: row["id"] for key, row in rows.items()}
        return [known[message.dedup_key] for message in messages]

    def _insert(self, session: Session, rows: list[dict[str, Any]]) -> None:
        queues, now = {row["queue"] for row in rows}, rows[0]["created_at"]
        filing.file(session, rows)
        for queue in queues - self._known_queues:
            if "/" in queue:
                pace.add_queue(session, queue, now)
            self._known_queues.add(queue)
        wake(session, TOPIC)

    def count_segments(self, message: Message) -> int:
        """How many segments it takes on its channel; 1 where texts are not metered."""
        kind = kind_of(message.kind)
        channel = self._channels.get(message.channel)
        return self._composer.rendered(message, kind, channel)[2]

    def _known(self, session: Session, keys: Sequence[str]) -> dict[str, str]:
        values = {"keys": array(keys, dialect_of(session))}
        return {row.dedup_key: row.id for row in run(session, _KNOWN, values)}

    def _refused(
        self, session: Session, messages: Iterable[Message], indexes: Iterable[str]
    ) -> dict[tuple[str, str], frozenset[str]]:
        by_channel: dict[str, set[str]] = {}
        for message, index in zip(messages, indexes, strict=True):
            by_channel.setdefault(message.channel, set()).add(index)
        return {
            (channel, index): topics
            for channel, found in by_channel.items()
            for index, topics in refusals_of(session, channel, found).items()
        }


def raise_guard(session: Session, name: str) -> int:
    """Start a new generation: no message that speaks of an older one will start to be sent.

    One statement, so that two who raise it at once both count, and whoever starts a message of an older generation
    meanwhile either came before or finds it gone.
    """
    table = OutboxGuard.__table__  # type: ignore[attr-defined]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    raised = dialect.insert(table).values(name=name, generation=1)
    statement = raised.on_conflict_do_update(
        index_elements=["name"], set_={"generation": table.c.generation + 1}
    ).returning(table.c.generation)
    return int(session.execute(statement).scalar_one())


Announce = Callable[[Session, Message], str]
"""``Outbox.put`` as others take it: they need no more of the outbox than this."""
