"""The dispatcher: one lane for each queue, a sweep, and what must be found out afterwards.

At most ``window`` messages of a worker are between "sending" and "recorded" at any moment: that bounds what a
killed worker leaves uncertain. Any number of workers may run on one PostgreSQL.
"""

import asyncio
import gc
import logging
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from core.clock import Clock, system_clock
from core.db import Database
from core.errors import Unavailable
from core.ids import new_id
from core.leases import database_now
from core.ports import Channel
from notify.outbox import clock_jump, fallback, metrics, pace
from notify.outbox.attempts import CallbackUrl, Sender
from notify.outbox.lane import POLL_S, RECORDED, Lane, Shared
from notify.outbox.resolve import Resolver
from notify.outbox.router import Router
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Message, Outbox
from notify.outbox.topic import TOPIC

__all__ = ["RECORDED", "Dispatcher"]

log = logging.getLogger(__name__)

WINDOW = 64
SWEEP_S = 5.0
SWITCH_S = 0.001
"""How long a busy thread keeps Python's lock: with the usual 5 ms the database's thread would wait for the loop."""
GARBAGE = 5000
"""New objects before the collector looks at the youngest: a window of sends is more than its usual 700."""
_SKEW_LEAST = timedelta(seconds=1)


class Dispatcher:
    """Sends what is in the outbox until told to stop.

    ``outbox`` is needed for what the dispatcher itself says: alarms, and the next contact of a person.
    """

    def __init__(
        self,
        db: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        callback_url: CallbackUrl = lambda _channel, _attempt: "",
        window: int = WINDOW,
        rules: DeliveryRules | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        self._db = db
        self._channels = channels
        self._clock = _DatabaseClock(clock)
        self._jumps = clock_jump.JumpWatch(self._clock)
        self._outbox = outbox
        self.rules = rules or DeliveryRules()
        sender = Sender(channels, self._clock, callback_url)
        self.router = Router(channels, self.rules.pools, self._clock)
        self.resolver = Resolver(db, channels, self._clock, self.rules, sender)
        self.worker = new_id()
        self._shared = Shared(db, self._clock, self.rules, self.router, sender, self.worker, window)
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled; what is on its way then ends and is recorded."""
        tune_process()
        self._lanes.clear()
        async with asyncio.TaskGroup() as group:
            for channel in self._channels.values():
                self._open(group, channel.name, channel)
            group.create_task(self._sweep(group), name="outbox-sweep")

    def _open(self, group: asyncio.TaskGroup, queue: str, channel: Channel) -> None:
        if queue not in self._lanes:
            self._lanes[queue] = group.create_task(self._serve(queue, channel), name=f"outbox-{queue}")
            self._shared.lanes = max(1, len({name.partition("/")[0] for name in self._lanes}))

    async def _serve(self, queue: str, channel: Channel) -> None:
        with self._db.bells.listening(TOPIC) as bell:
            lane = Lane(queue, channel, self._shared, bell)
            try:
                while True:
                    try:
                        if not await lane.step():
                            await bell.wait(lane.again_in_s)
                    except Unavailable:
                        await asyncio.sleep(POLL_S)
            finally:
                await lane.stop()

    async def _sweep(self, group: asyncio.TaskGroup) -> None:
        rounds = 0
        while True:
            try:
                await self._find_queues(group)
                if rounds % int(SWEEP_S / POLL_S) == 0:
                    await self.sweep_once()
            except Unavailable:
                log.warning("sweep put off: database unavailable")
            rounds += 1
            await asyncio.sleep(POLL_S)

    async def _find_queues(self, group: asyncio.TaskGroup) -> None:
        for queue in await self._db.read(pace.queues):
            channel = self._channels.get(queue.partition("/")[0])
            if channel is not None:
                self._open(group, queue, channel)

    async def sweep_once(self) -> None:
        """Take note of what dead workers left, find out about uncertain messages, use next contacts, tell alarms."""
        self._clock.set(await self._db.read(database_now))
        if jump := self._jumps.look():
            log.warning("the clock jumped by %d s", jump.total_seconds())
            if jump < timedelta(0):
                await self._db.write(clock_jump.after_backward, self._clock(), jump)
        if any(channel.limits.rate_per_address for channel in self._channels.values()):
            await self._db.write(pace.forget, self._clock())
        if self.router.senders.due_to_look(self._clock()):
            await self._db.read(self.router.senders.look, self._clock())
        if left := await self.resolver.sweep():
            log.warning("%d messages were left by a worker that is gone", left)
        if self._outbox:
            await self._db.write(fallback.use_next_contacts, self._clock(), self._outbox)
            for name, sentence in metrics.untold():
                await self._tell(name, sentence)

    async def _tell(self, name: str, sentence: str) -> None:
        channel, _, address = self.rules.alarm_to.partition(":")
        if address and self._outbox:
            message = Message(kind="alarm", channel=channel, address=address, payload={"alarm": name, "text": sentence})
            await self._db.write(self._outbox.put, message)


@cache
def tune_process() -> None:
    """Make Python's lock and its garbage collector fit a process that sends; once.

    What is loaded by now lives as long as the process. The collector would go through all of it again and again,
    which costs a quarter of the processor time of a send; frozen, it is left alone.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


class _DatabaseClock:
    """The database's time, kept by our own clock: leases of workers on several machines must agree on it.

    Differences under a second are noise of the measurement; a clock that is not the system's is left alone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self._clock() + self._ahead

    def set(self, database_time: datetime) -> None:
        if self._clock is system_clock:
            ahead = database_time - self._clock()
            self._ahead = ahead if abs(ahead) > _SKEW_LEAST else timedelta(0)
