"""How our own numbers do, and who writes instead of one that fails.

A worker judges by the sends it made itself: three failures teach each of them, and what failed goes at once from
another number, so there is nothing to gain by telling the others. Receipts come to whichever process is asked, often
hours after the send; they are read from the rows that they changed, which every worker sees alike.

Only messages bound to no number move: who wrote to a number of ours must see that number again in the answer.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import literal_column, or_, select
from sqlmodel import Session, SQLModel

from core.clock import Clock
from core.ports import Channel, SenderPool
from notify.outbox import failover, models, pace, store, undelivered  # noqa: F401 - models defines the table used below
from notify.outbox.failover import SENDER_RULES, Health, Rules
from notify.outbox.states import Reason
from notify.outbox.taken import FIELDS, Taken, as_taken

log = logging.getLogger(__name__)

_T = SQLModel.metadata.tables["outbox_message"]
_QUEUED = _T.c.state == literal_column("'queued'")  # as a word, not a value: only then is the index of what is due used
_AT_ONCE = 200
_LOOK_EVERY = timedelta(minutes=1)
_FAILED_THERE = (Reason.PROVIDER_BUSY.value, Reason.MISCONFIGURED.value)
"""Why a message waits that its number failed to send: with another number it need not wait."""


class SenderHealth:
    """Health of each number, by the name of its queue (``twilio/+12025550101``)."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock, rules: Rules = SENDER_RULES) -> None:
        self._pools = {name: way.senders_for for name, way in channels.items() if isinstance(way, SenderPool)}
        self._clock = clock
        self._rules = rules
        self._health: dict[str, Health] = {}
        self._away: set[str] = set()
        self._looked_at: datetime | None = None

    def note(self, queue: str, took_s: float, *, ok: bool) -> None:
        """A send from this number ended; ``ok`` unless the provider was to blame."""
        if "/" in queue and queue.partition("/")[0] in self._pools:
            self._health.setdefault(queue, Health()).note(self._clock(), took_s, ok=ok, rules=self._rules)

    def due_to_look(self, now: datetime) -> bool:
        """Whether it is time to ask what receipts say; never where numbers do not stand in for each other."""
        return bool(self._pools) and (self._looked_at is None or abs(now - self._looked_at) >= _LOOK_EVERY)

    def look(self, session: Session, now: datetime) -> None:
        """Ask the database which numbers' messages were accepted and then not delivered."""
        self._looked_at = now
        found = undelivered.by_sender(session, now, self._rules.slow_within)
        for queue in {*found, *self._health}:
            if queue.partition("/")[0] in self._pools:
                self._health.setdefault(queue, Health()).report(*found.get(queue, (0, None)))

    def hand_over(self, session: Session, now: datetime, queue: str) -> int:
        """While the number of this queue fails, give what is bound to no number to others; returns how many moved.

        One message a minute stays, to learn whether the number works again.
        """
        self._settle(now)
        if queue not in self._away:
            return 0
        waiting = _unbound(session, now, queue)
        if waiting and self._health[queue].probe(now, self._rules):
            waiting = waiting[1:]
        moves: dict[str, list[str]] = {}
        for taken in waiting:
            other = self._queue_for(taken)
            if other != queue:
                moves.setdefault(other, []).append(taken.id)
        moved = 0
        for other, ids in moves.items():
            pace.add_queue(session, other, now)
            moved += store.hand_to(session, now, ids, other)
        return moved

    def away(self, queue: str) -> bool:
        """Whether this number is left just now."""
        return queue in self._away

    def _queue_for(self, taken: Taken) -> str:
        channel = taken.channel
        weights = {f"{channel}/{sender}": share for sender, share in self._pools[channel](taken.address).items()}
        return failover.stand_in(taken.queue, weights, self._away, taken.address_index)

    def _settle(self, now: datetime) -> None:
        for queue, health in tuple(self._health.items()):
            away = health.settle(now, self._rules)
            if away != (queue in self._away):
                log.warning("sender %s: %s", queue, "shifted away" if away else "taken back")
            (self._away.add if away else self._away.discard)(queue)


def _unbound(session: Session, now: datetime, queue: str) -> list[Taken]:
    """Messages of a queue that any number may send: those due, and those that wait because this one failed."""
    rows = session.execute(
        select(*FIELDS)
        .where(
            _QUEUED, _T.c.queue == queue, _T.c.sender == "",
            or_(_T.c.not_before <= now, _T.c.reason.in_(_FAILED_THERE)),
        )
        .order_by(_T.c.rank, _T.c.not_before, _T.c.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    return as_taken(rows)
