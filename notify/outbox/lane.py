"""The work of one queue in one worker: rounds of "record what ended, choose what is due, start it".

A round is one transaction; while it runs, the messages started before are on their way. Urgent messages are chosen
first in each round and have a part of the window for themselves, so that they wait for nobody but the messages in
flight.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from core.clock import Clock
from core.db import Database
from core.errors import Misconfigured, Retryable, SendError, Unavailable, Uncertain, Unreachable
from core.people import UNREACHABLE, set_consent
from core.ports import Can, Channel
from core.wake import Bell, wake
from notify.outbox import attempts, metrics, pace, pacing, receipts, recording, store, taking
from notify.outbox.admission import choose
from notify.outbox.caps import Caps
from notify.outbox.driver import dialect_of, together
from notify.outbox.look import Look, Round
from notify.outbox.quiet_hours import end_of_quiet
from notify.outbox.recording import Outcome
from notify.outbox.router import Router
from notify.outbox.rules import DeliveryRules
from notify.outbox.taken import Taken

log = logging.getLogger(__name__)

RECORDED = "outbox.recorded"
"""Rings when sends have been recorded: what a page that shows messages listens to."""
TELL_S = 0.1
"""A busy queue rings that bell so often at the most; one that has become empty rings it at once."""
POLL_S = 1.0
"""How often to look when nobody rang: another process on SQLite rings no bell here."""
GATHER_S = 0.01
"""How long a busy queue waits for more sends to end before it records them: one commit serves them all."""
URGENT_SHARE = 8
"""One place in so many of the window is for urgent messages only."""
BACK_OFF_S = 30.0
"""How long a queue rests after an answer that would hit every message (wrong token, account suspended)."""


@dataclass(slots=True)
class Shared:
    """What the lanes of one worker have in common."""

    db: Database
    clock: Clock
    rules: DeliveryRules
    router: Router
    sender: attempts.Sender
    worker: str
    window: int
    lanes: int = 1
    in_flight: int = 0

    def room(self, mine: int) -> int:
        """How many more a lane with ``mine`` in flight may start: no lane takes the whole window from others."""
        share = max(self.window // 4, self.window - 8 * (self.lanes - 1))
        return max(0, min(share - mine, self.window - self.in_flight))


class Lane:
    """One queue of one channel."""

    def __init__(self, queue: str, channel: Channel, shared: Shared, bell: Bell) -> None:
        self.queue = queue
        self._channel = channel
        self._s = shared
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._busy: set[str] = set()
        self._results: list[Outcome] = []
        self._bell = bell
        self._hold_until: datetime | None = None
        self._slowed: tuple[datetime, str] | None = None
        self._more = False
        self._told_at = 0.0
        self._enough = shared.window // 2
        self.again_in_s = POLL_S

    async def step(self) -> bool:
        """One round. False when there is nothing to do and nothing under way."""
        if self._in_flight:
            await self._gather()
        room = self._s.room(len(self._in_flight))
        if not self._results and not room:
            return bool(self._in_flight)  # others hold the window: sleep, or none of their sends would ever end
        results, self._results = self._results, []
        writing = asyncio.ensure_future(self._s.db.write(self._round, results, room))
        try:
            found = await asyncio.shield(writing)
        except Unavailable:
            self._results = results + self._results
            raise
        except asyncio.CancelledError:
            # The round goes on to its commit: what it started is not sent any more, so it is given back.
            with contextlib.suppress(Unavailable):
                await self._s.db.write(store.give_back, self._s.clock(), (await writing).started)
            raise
        self._more = found.more
        for reason in found.alarms:
            metrics.alarm(f"cap-{reason.value}", "a limit on segments is reached: reason %s", reason.value)
        for taken in found.started:
            self._launch(taken)
        self.again_in_s = self._until(found.again_at)
        return bool(found.started or self._in_flight or self._results)

    async def stop(self) -> None:
        """Let what is on its way end and be recorded."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self._channel.limits.timeout_s + 1)
        results, self._results = self._results, []
        if results:
            with contextlib.suppress(Unavailable):
                await self._s.db.write(self._round, results, 0)

    async def _gather(self) -> None:
        """Wait until sends have ended, or somebody rang; not when more may be started at once."""
        full = self._s.room(len(self._in_flight)) <= self._s.window // URGENT_SHARE
        if len(self._results) < self._enough and (self._results or full or not self._more):
            await self._bell.wait(min(self.again_in_s, POLL_S))

    def _ended(self, outcome: Outcome) -> None:
        """A send has ended: on a busy queue several are recorded together, on an idle one it is recorded at once."""
        self._results.append(outcome)
        if not self._more or len(self._results) >= self._enough:
            self._bell.ring_here()
        elif len(self._results) == 1:
            asyncio.get_running_loop().call_later(GATHER_S, self._bell.ring_here)

    def _until(self, at: datetime | None) -> float:
        return POLL_S if at is None else min(POLL_S, max(0.001, (at - self._s.clock()).total_seconds()))

    # --- one round, in the database's thread -------------------------------------------------------------------

    def _round(self, session: Session, results: list[Outcome], room: int) -> Round:
        now = self._s.clock()
        looking = room > 0 and not (self._hold_until and self._hold_until > now)
        ready = self._record(session, now, results, room if looking and not self._channel.limits.rate else 0)
        self._s.router.senders.hand_over(session, now, self.queue)
        found = Round()
        if looking:
            self._s.router.settle()
            night = end_of_quiet(now, self._s.rules.quiet, self._s.rules.zone)
            look = Look(now, room, night, set(self._busy), ready)
            for rank in taking.RANKS:
                self._choose(session, look, rank, found)
        elif self._hold_until:
            found.again_at = self._hold_until
        return found

    def _record(self, session: Session, now: datetime, results: list[Outcome], read: int) -> list[Taken] | None:
        """Write down what ended and, in the same turn, read ``read`` of each lane that are due; None for none.

        Where a sender's pace decides lane by lane how much is read, nothing is read here.
        """
        dialect = dialect_of(session)
        orders = recording.orders(now, results, dialect)
        reading = [taking.due_order(now, self.queue, taking.RANKS, read, dialect)] if read else []
        done = together(session, [*orders, *reading])
        if results:
            recording.check(session, results, done[: len(orders)])
            self._tell_and_learn(session, now, results)
        return taking.read_due(done[-1], now, dialect) if read else None

    def _tell_and_learn(self, session: Session, now: datetime, results: list[Outcome]) -> None:
        if not self._more or time.monotonic() - self._told_at > TELL_S:
            self._told_at = time.monotonic()
            wake(session, RECORDED)
        if self._slowed and self._channel.limits.rate:
            pace.hold(session, self.queue, self._slowed[0])
            self._slowed = None
        if Can.RECEIPTS in self._channel.can:
            ids = [outcome.provider_id for outcome in results if outcome.provider_id]
            receipts.apply_early(session, now, ids)

    def _choose(self, session: Session, look: Look, rank: int, found: Round) -> None:
        """Start what may go of one lane, and move aside what may not."""
        left = look.room - len(found.started) - (self._s.window // URGENT_SHARE if rank else 0)
        if left <= 0:
            found.more = True
            return
        now = look.now
        allowance = self._allowance(session, now, urgent=rank == 0)
        if allowance and (wait := allowance.wait()):
            found.look_again(now + wait)
            return
        ready = look.ready_of(rank)
        candidates = taking.due(session, now, self.queue, (rank,), left) if ready is None else ready[:left]
        if not candidates:
            return
        caps = self._caps(session, now, candidates)
        choice = choose(
            candidates, now, room=left, night_until=look.night_until, busy=look.busy,
            free_at=self._free_at(session, now, candidates), cap=caps.check if caps else None,
            admit=allowance.admit if allowance else None,
        )  # fmt: skip
        started = self._start(session, now, [candidates[place] for place in choice.go])
        if caps:
            caps.spend(session, started)
            found.alarms |= caps.hit
        if allowance and started:
            pace.hold(session, self.queue, allowance.spend(sum(taken.segments for taken in started)))
            found.look_again(now + allowance.wait())
        self._note_addresses(session, now, started)
        store.move_aside(session, now, choice)
        found.started += started
        found.more = found.more or len(candidates) >= left

    def _allowance(self, session: Session, now: datetime, *, urgent: bool) -> pacing.Allowance | None:
        rate = self._channel.limits.rate
        if not rate:
            return None
        return pacing.Allowance(pace.used_until(session, self.queue, now), now, rate, urgent=urgent)

    def _start(self, session: Session, now: datetime, go: list[Taken]) -> list[Taken]:
        lease = timedelta(seconds=self._channel.limits.timeout_s) + self._s.rules.lease_margin
        by_carrier: dict[str, list[Taken]] = {}
        for taken in go:
            carrier = self._s.router.carrier(taken)
            by_carrier.setdefault("" if carrier == taken.channel else carrier, []).append(taken)
        return [
            taken
            for via, part in by_carrier.items()
            for taken in taking.start(session, now, part, self._s.worker, lease, via=via)
        ]

    def _caps(self, session: Session, now: datetime, candidates: list[Taken]) -> Caps | None:
        rules = self._s.rules
        if Can.METERED not in self._channel.can or not (rules.daily_cap or rules.prefix_cap or rules.address_cap):
            return None
        return Caps(session, now, rules, candidates)

    def _free_at(self, session: Session, now: datetime, candidates: list[Taken]) -> Callable[[str], datetime] | None:
        if not self._channel.limits.rate_per_address:
            return None
        known = pace.free_at(session, (taken.address_index for taken in candidates))
        return lambda index: max(known.get(index, now), now)

    def _note_addresses(self, session: Session, now: datetime, started: list[Taken]) -> None:
        """Whom nobody may write to for a while, on a channel that limits that."""
        limits = self._channel.limits
        if limits.rate_per_address and started:
            rates = {taken.address_index: pacing.rate_of(taken.address, limits) for taken in started}
            pace.took(session, {index: now + timedelta(seconds=1 / rate) for index, rate in rates.items() if rate})

    # --- on the way -------------------------------------------------------------------------------------------

    def _launch(self, taken: Taken) -> None:
        self._busy.add(taken.address_index)
        self._s.in_flight += 1
        task = asyncio.create_task(self._send(taken))
        self._in_flight.add(task)

    async def _send(self, taken: Taken) -> None:
        task = asyncio.current_task()
        began = time.perf_counter()
        carrier = taken.via or taken.channel
        try:
            outcome, error = await self._s.sender.attempt(taken)
            took = time.perf_counter() - began
            self._s.router.note(taken, took, ok=not isinstance(error, Retryable | Uncertain | Misconfigured))
            metrics.sent(carrier, taken.rank, outcome.state, took)
            if error:
                await self._learn(taken, error)
        finally:
            self._s.in_flight -= 1
            self._busy.discard(taken.address_index)
            self._in_flight.discard(task)
        self._ended(outcome)

    async def _learn(self, taken: Taken, error: SendError) -> None:
        """What a refusal says about more than this one message."""
        now = self._s.clock()
        if isinstance(error, Misconfigured):
            self._hold_until = now + timedelta(seconds=BACK_OFF_S)
            metrics.alarm(f"misconfigured-{self._channel.name}", "channel %s is misconfigured", self._channel.name)
        if isinstance(error, Retryable) and error.after:
            until = now + error.after
            seen = self._slowed
            everyone = Can.METERED in self._channel.can or bool(seen and seen[1] != taken.address_index)
            self._slowed = (until, taken.address_index)
            if everyone:
                self._hold_until = until
        if isinstance(error, Unreachable) and not taken.trial:
            topic = attempts.PROVIDER_STOP if error.opted_out else UNREACHABLE
            with contextlib.suppress(Unavailable):
                await self._s.db.write(
                    set_consent, now, taken.channel, taken.address, topic,
                    allowed=False, reason=error.provider_code[:40] or "provider",
                )  # fmt: skip
