"""What must be found out afterwards: uncertain messages, messages without receipts, and those nobody confirmed.

Nothing here sends: it asks providers and moves rows; a row that goes back to *queued* is sent by the dispatcher.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, SQLModel

from core.clock import Clock
from core.db import Database
from core.errors import SendError
from core.ports import Can, Channel, Lookup, Status
from core.wake import wake
from notify.outbox import following, receipts, recording, retry, store
from notify.outbox.attempts import LANES, Sender, outcome_of
from notify.outbox.recording import Outcome
from notify.outbox.rules import DeliveryRules
from notify.outbox.states import Reason, State
from notify.outbox.taken import Taken
from notify.outbox.topic import TOPIC

log = logging.getLogger(__name__)

_T = SQLModel.metadata.tables["outbox_message"]
_AT_ONCE = 100
_POLLED = 50
_POLL_UNTIL = timedelta(hours=72)
"""GOV.UK Notify: after 72 h in "sending" nothing more is expected."""
_SINCE_MARGIN = timedelta(minutes=5)


class Resolver:
    """Finds out about one worker's channels; any number of workers may do so."""

    def __init__(
        self, db: Database, channels: Mapping[str, Channel], clock: Clock, rules: DeliveryRules, sender: Sender
    ) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock
        self._rules = rules
        self._sender = sender

    async def sweep(self) -> int:
        """Take note of what dead workers left, and settle what is uncertain; returns how many were left."""
        left = await self._db.write(following.sweep, self._clock())
        for channel in self._channels.values():
            await self._uncertain(channel)
        return left

    async def _uncertain(self, channel: Channel) -> None:
        idempotent = Can.IDEMPOTENT in channel.can
        wait = self._rules.lookup_pause if isinstance(channel, Lookup) else self._rules.receipt_grace
        quiet_since = self._clock() - (timedelta(0) if idempotent else wait)
        waiting = await self._db.read(following.uncertain, channel.name, quiet_since, _AT_ONCE)
        absent: list[Taken] = []
        for taken in waiting:
            found = None
            if isinstance(channel, Lookup) and not taken.trial:
                try:
                    found = await channel.lookup(self._sender.outgoing(taken), taken.changed_at - _SINCE_MARGIN)
                except SendError as error:
                    log.warning("look-up failed: message=%s code=%s", taken.id, error.provider_code)
                    continue
            if found:
                await self._db.write(_record_found, self._clock(), outcome_of(taken, found))
            else:
                absent.append(taken)
        if absent:
            can_look_up = isinstance(channel, Lookup)
            await self._db.write(_silent, self._clock(), absent, can_look_up=can_look_up, idempotent=idempotent)

    async def poll(self) -> int:
        """Ask about messages whose receipts stay away; returns how many moved."""
        moved = 0
        for channel in self._channels.values():
            if isinstance(channel, Status):
                now = self._clock()
                waiting = await self._db.read(_without_receipt, channel.name, now - self._rules.poll_after, now)
                for message_id, provider_id in waiting:
                    moved += await self._ask(channel, message_id, provider_id)
        return moved

    async def _ask(self, channel: Status, message_id: str, provider_id: str) -> bool:
        try:
            receipt = await channel.status(provider_id)
        except SendError as error:
            log.warning("status unknown: message=%s code=%s", message_id, error.provider_code)
            receipt = None
        if receipt is not None:
            moved: bool = await self._db.write(receipts.apply, self._clock(), receipt)
            if moved:
                return True
        await self._db.write(_asked, self._clock(), message_id)
        return False


def _silent(session: Session, now: datetime, absent: list[Taken], *, can_look_up: bool, idempotent: bool) -> None:
    unresolved = []
    for taken in absent:
        verdict = retry.after_silence(
            lane=LANES[taken.rank],
            can_look_up=can_look_up,
            lookups=taken.lookups + 1,
            doubled=taken.doubled,
            idempotent=idempotent,
        )
        if verdict is None:
            unresolved.append(taken.id)
            continue
        values = store.change(now, verdict.state, verdict.reason)
        if verdict.state is State.QUEUED:
            values["not_before"] = now
        if verdict.reason is Reason.UNCERTAIN_RESENT:
            values["doubled"] = _T.c.doubled + 1
        session.execute(
            update(_T)
            .where(_T.c.id == taken.id, _T.c.attempts == taken.attempts, _T.c.state == State.UNCERTAIN.value)
            .values(**values)
        )
    if unresolved:
        following.looked_up(session, now, unresolved)
    wake(session, TOPIC)


def _record_found(session: Session, now: datetime, outcome: Outcome) -> None:
    recording.record(session, now, [outcome])
    receipts.apply_early(session, now, [outcome.provider_id or ""])


def _without_receipt(session: Session, channel: str, before: datetime, now: datetime) -> list[tuple[str, str]]:
    rows = session.execute(
        select(_T.c.id, _T.c.provider_id)
        .where(
            _T.c.state == State.SENT.value,
            following.carried_by(channel),
            _T.c.changed_at <= before,
            _T.c.created_at > now - _POLL_UNTIL,
            _T.c.trial.is_(False),
        )
        .order_by(_T.c.changed_at)
        .limit(_POLLED)
    )
    return [(row.id, row.provider_id) for row in rows if row.provider_id]


def _asked(session: Session, now: datetime, message_id: str) -> None:
    """Asked without news: it goes to the end of the list."""
    session.execute(update(_T).where(_T.c.id == message_id, _T.c.state == State.SENT.value).values(changed_at=now))
