"""The dispatcher: claims what is due, sends it with no session open, records what became of it.

One lane of work for each channel, so that a slow provider holds up nobody else. At most ``window`` messages of a
channel are between "sending" and "recorded" at any moment: that bounds what a killed worker leaves uncertain.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from core.clock import Clock
from core.db import Database
from core.errors import Rejected, SendError, Unavailable, Uncertain, Unreachable
from core.ids import new_id
from core.messages import Option, Outgoing, Sent
from core.people import set_consent
from core.ports import Can, Channel, Lookup
from core.wake import wake
from notify.outbox import receipts, retry, store
from notify.outbox.service import LANES, PROVIDER_STOP, TOPIC
from notify.outbox.states import Reason, State
from notify.outbox.store import Outcome, Taken

log = logging.getLogger(__name__)

WINDOW = 64
CLAIM_LEASE = timedelta(seconds=60)
SEND_MARGIN = timedelta(seconds=30)
POLL_S = 1.0
"""How often to look when nobody rang: another process on SQLite rings no bell here."""
RECORDED = "outbox.recorded"
"""Rings when sends have been recorded: what a page that shows messages listens to."""
SWEEP_S = 5.0
_UNCERTAIN_BATCH = 50


class Dispatcher:
    """Sends what is in the outbox until told to stop. Any number may run on one PostgreSQL."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        callback_url: Callable[[str, str], str] = lambda _channel, _attempt: "",
        window: int = WINDOW,
    ) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock
        self._callback_url = callback_url
        self._window = window
        self.worker = new_id()

    async def run(self) -> None:
        """Work until cancelled; what was claimed and not begun is given back."""
        async with asyncio.TaskGroup() as group:
            for channel in self._channels.values():
                group.create_task(self._serve(channel), name=f"outbox-{channel.name}")
            group.create_task(self._sweep(), name="outbox-sweep")

    async def _serve(self, channel: Channel) -> None:
        lane = _ChannelLane(self._db, channel, self._clock, self._callback_url, self.worker, self._window)
        try:
            with self._db.bells.listening(TOPIC) as bell:
                while True:
                    try:
                        busy = await lane.step()
                    except Unavailable:
                        await asyncio.sleep(POLL_S)
                        continue
                    if not busy:
                        await bell.wait(POLL_S)
        finally:
            await lane.stop()

    async def _sweep(self) -> None:
        while True:
            try:
                await self.sweep_once()
            except Unavailable:
                log.warning("sweep put off: database unavailable")
            await asyncio.sleep(SWEEP_S)

    async def sweep_once(self) -> None:
        """Take back what dead workers held, and find out about uncertain messages."""
        await self._db.write(store.sweep, self._clock())
        for channel in self._channels.values():
            await self._resolve(channel)

    async def _resolve(self, channel: Channel) -> None:
        can_look_up, idempotent = isinstance(channel, Lookup), Can.IDEMPOTENT in channel.can
        wait = retry.LOOKUP_PAUSE if can_look_up else retry.RECEIPT_GRACE
        quiet_since = self._clock() - (timedelta(0) if idempotent else wait)
        waiting = await self._db.read(store.uncertain, channel.name, quiet_since, _UNCERTAIN_BATCH)
        absent = []
        for taken in waiting:
            if isinstance(channel, Lookup):
                outcome = await self._look_up(channel, taken)
                if outcome:
                    await self._db.write(_record, self._clock(), [outcome])
                    continue
                absent.append(taken.id)
            verdict = retry.after_silence(
                lane=LANES[taken.rank],
                can_look_up=can_look_up,
                lookups=taken.lookups + 1,
                resent=taken.reason == Reason.UNCERTAIN_RESENT,
                idempotent=idempotent,
            )
            if verdict:
                again = Outcome(taken.id, taken.attempt, verdict.state, verdict.reason, self._clock())
                await self._db.write(_record, self._clock(), [again])
        if absent:
            await self._db.write(store.looked_up, self._clock(), absent)

    async def _look_up(self, channel: Lookup, taken: Taken) -> Outcome | None:
        """The outcome the provider knows of; None when it has no record. Without an answer it keeps waiting."""
        try:
            sent = await channel.lookup(_outgoing(taken, ""), taken.changed_at - timedelta(minutes=5))
        except SendError as error:
            log.warning("look-up failed: message=%s code=%s", taken.id, error.provider_code)
            return Outcome(taken.id, taken.attempt, State.UNCERTAIN, Reason.UNCERTAIN)
        return _outcome_of(taken, sent) if sent else None


class _ChannelLane:
    """The work of one channel in one worker."""

    def __init__(
        self,
        db: Database,
        channel: Channel,
        clock: Clock,
        callback_url: Callable[[str, str], str],
        worker: str,
        window: int,
    ) -> None:
        self._db = db
        self._channel = channel
        self._clock = clock
        self._callback_url = callback_url
        self._worker = worker
        self._window = window
        self._claimed: deque[str] = deque()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._results: list[Outcome] = []
        self._finished = asyncio.Event()

    async def step(self) -> bool:
        """One round: record what ended, claim, start. False when there is nothing to do and nothing under way."""
        self._finished.clear()
        await self._record_results()
        free = self._window - len(self._in_flight)
        if free > 0 and not self._claimed:
            self._claimed += await self._db.write(
                store.claim, self._clock(), self._worker, self._channel.name, free, CLAIM_LEASE
            )
        if self._claimed and free > 0:
            await self._start([self._claimed.popleft() for _ in range(min(free, len(self._claimed)))])
            return True
        if self._in_flight:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._finished.wait()
            return True
        return bool(self._results)

    async def stop(self) -> None:
        """Let what is on its way end and be recorded; give the rest back."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self._channel.limits.timeout_s + 1)
        with contextlib.suppress(Unavailable):
            await self._record_results()
            await self._db.write(store.release, list(self._claimed), self._worker)

    async def _start(self, ids: list[str]) -> None:
        lease = timedelta(seconds=self._channel.limits.timeout_s) + SEND_MARGIN
        for taken in await self._db.write(store.start, self._clock(), ids, self._worker, lease):
            task = asyncio.create_task(self._send(taken))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _send(self, taken: Taken) -> None:
        try:
            message = _outgoing(taken, self._callback_url(self._channel.name, taken.attempt))
            self._results.append(await self._attempt(taken, message))
        finally:
            self._finished.set()

    async def _attempt(self, taken: Taken, message: Outgoing) -> Outcome:
        try:
            return _outcome_of(taken, await self._channel.send(message))
        except SendError as error:
            log.info(
                "not sent: message=%s outcome=%s code=%s", taken.id, type(error).__name__, error.provider_code
            )
            await self._note_stop(taken, error)
            return _outcome_of_failure(taken, error, self._clock())
        except Exception:  # a channel broke its contract: the message may have left
            log.exception("channel %s raised something else than a SendError", self._channel.name)
            return _outcome_of_failure(taken, Uncertain("channel failed"), self._clock())

    async def _note_stop(self, taken: Taken, error: SendError) -> None:
        if isinstance(error, Unreachable) and error.opted_out:
            with contextlib.suppress(Unavailable):
                await self._db.write(
                    set_consent, self._clock(), taken.channel, taken.address, PROVIDER_STOP,
                    allowed=False, reason=error.provider_code or "stop",
                )  # fmt: skip

    async def _record_results(self) -> None:
        results, self._results = self._results, []
        if results:
            try:
                await asyncio.shield(self._db.write(_record, self._clock(), results))
            except Unavailable:
                self._results = results + self._results
                raise


def _record(session: Session, now: datetime, outcomes: list[Outcome]) -> None:
    store.record(session, now, outcomes)
    wake(session, RECORDED)
    if provider_ids := [outcome.provider_id for outcome in outcomes if outcome.provider_id]:
        receipts.apply_early(session, now, provider_ids)


def _outgoing(taken: Taken, callback_url: str) -> Outgoing:
    return Outgoing(
        id=taken.id,
        attempt=taken.attempt,
        channel=taken.channel,
        address=taken.address,
        text=taken.text,
        kind=taken.kind,
        locale=taken.locale,
        params=taken.params,
        sender=taken.sender,
        thread=taken.thread,
        options=tuple(Option(value, label) for value, label in taken.options),
        lane=LANES[taken.rank],
        callback_url=callback_url,
    )


def _outcome_of(taken: Taken, sent: Sent) -> Outcome:
    state = State.DELIVERED if sent.delivered else State.SENT
    return Outcome(taken.id, taken.attempt, state, provider_id=sent.provider_id, sender=sent.sender)


def _outcome_of_failure(taken: Taken, error: SendError, now: datetime) -> Outcome:
    verdict = retry.after_failure(
        error, lane=LANES[taken.rank], attempts=taken.attempts, now=now, expires_at=taken.expires_at
    )
    if isinstance(error, Rejected):
        log.warning("message %s refused by the provider: code=%s", taken.id, error.provider_code)
    return Outcome(taken.id, taken.attempt, verdict.state, verdict.reason, verdict.at, code=error.provider_code)
