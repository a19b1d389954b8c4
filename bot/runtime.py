"""The loops of a running process. A loop that fails unexpectedly is logged and started again; the others go on."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from bot import webhooks
from bot.house import House
from bot.personal.holdings import holdings
from bot.site import tidy
from core import anchors, audit, expectations, heartbeat, idempotency, leases, people, pgbell
from core.errors import Unavailable
from core.ids import new_id
from core.ports import Channel, Listen, Prepare
from notify.auditor import EVERY, Auditor
from notify.outbox import caps, hands, receipts
from notify.schedule import Job, Schedule
from notify.signoff import watching

log = logging.getLogger(__name__)

_AGAIN_S = 3.0
_POLLER_LEASE = timedelta(seconds=10)
"""How long nobody polls after a process that polled was killed."""


async def keep(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop for ever."""
    while True:
        try:
            await loop()
        except Unavailable:
            log.warning("%s: database unavailable, trying again", name)
        except Exception:
            log.exception("%s stopped unexpectedly, starting it again", name)
        await asyncio.sleep(_AGAIN_S)


@contextlib.asynccontextmanager
async def running(house: House, *, work: bool) -> AsyncIterator[None]:
    """Everything alive while the block runs: the knowledge base's index always, the worker's loops if asked."""
    process = new_id()
    await house.faq.live.start()
    loops: dict[str, Callable[[], Awaitable[None]]] = {"faq-index": house.faq.live.run}
    if semantic := house.faq.live.semantic:
        loops["faq-vectors"] = lambda: semantic.run(lambda: house.faq.live.published)
    if not house.db.sqlite:
        loops["notifications"] = lambda: pgbell.relay(house.db)
    loops["heartbeat"] = lambda: _beat(house, process, "worker" if work else "serve")
    schedule = None
    if work:
        loops["inbox"] = house.conversations.run
        loops["outbox"] = house.dispatcher.run
        loops["timers"] = house.timers.run
        loops["attachments"] = house.attachments.run
        loops["topics"] = _alone(house, "topics", process, house.topics.run)
        for channel in house.channels.values():
            await _prepare(channel, house.settings.public_url)
            if isinstance(channel, Listen):
                loops[f"listen-{channel.name}"] = _poller(house, channel, process)
        schedule = Schedule(house.db, process, jobs(house, process), house.settings.timezone)
    tasks = [asyncio.create_task(keep(name, loop), name=name) for name, loop in loops.items()]
    if schedule:
        schedule.start()
    try:
        yield
    finally:
        await _stop(house, schedule, tasks)


async def _stop(house: House, schedule: Schedule | None, tasks: list[asyncio.Task[None]]) -> None:
    if schedule:
        with contextlib.suppress(Unavailable):
            await schedule.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await close(house)


async def close(house: House) -> None:
    """End the connections to providers; to be called in the loop they were opened in."""
    for channel in house.channels.values():
        await channel.aclose()
    if house.faq.live.semantic:
        await house.faq.live.semantic.aclose()


async def _prepare(channel: Channel, public_url: str) -> None:
    """Set up what the provider needs; a provider out of reach is no reason not to start."""
    if not isinstance(channel, Prepare):
        return
    try:
        await channel.prepare(public_url)
    except Exception:
        log.exception("channel %s could not be prepared; going on", channel.name)


def _poller(house: House, channel: Listen, process: str) -> Callable[[], Awaitable[None]]:
    """Poll while this process holds the lease: a provider hands each update to one poller only."""
    name = f"listen:{getattr(channel, 'name', '')}"
    return _alone(house, name, process, lambda: channel.listen(webhooks.deliverer(house.db, house.clock)))


def _alone(house: House, name: str, process: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Work in one process at a time: whoever holds the lease."""

    async def hold() -> None:
        while not await house.db.write(leases.acquire, name, process, _POLLER_LEASE):
            await asyncio.sleep(_AGAIN_S)
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(_renew(house, name, process))
                await work()
                renewing.cancel()
        finally:
            with contextlib.suppress(Unavailable):
                await house.db.write(leases.release, name, process)

    return hold


async def _renew(house: House, name: str, process: str) -> None:
    while True:
        await asyncio.sleep(_POLLER_LEASE.total_seconds() / 3)
        if not await house.db.write(leases.acquire, name, process, _POLLER_LEASE):
            raise Unavailable("another process does this now")


async def _beat(house: House, process: str, role: str) -> None:
    started = house.clock()
    while True:
        await house.db.write(heartbeat.beat, house.clock(), process, role, socket.gethostname(), started)
        await asyncio.sleep(heartbeat.EVERY.total_seconds())


async def _anchor(house: House) -> None:
    """The head of the audit chain goes into a file and into the log: two places the database's owner may not reach."""
    newest = await house.db.read(anchors.head, house.clock())
    if newest:
        added = await asyncio.to_thread(anchors.append, house.settings.anchors, newest)
        log.log(logging.INFO if added else logging.DEBUG, "audit anchor %s", newest.line)


async def _forget(house: House) -> None:
    """What is over its time goes, batch after batch, so that nobody waits long for the writer."""
    for holding in holdings(house):
        if holding.purge:
            while (gone := await house.db.write(holding.purge, house.clock(), False)) > 0:
                log.info("%s: %s forgotten", holding.name, gone)


def jobs(house: House, process: str = "") -> list[Job]:
    """The periodic jobs of this service, as data."""
    auditor = Auditor(house.db, house.clock, process, socket.gethostname())

    def purge(what: Callable[..., int]) -> Callable[[], Awaitable[object]]:
        return lambda: house.db.write(what, house.clock())

    return [
        Job("audit.seal", lambda: house.db.write(audit.seal), every=timedelta(seconds=5)),
        Job("webhooks.feed", lambda: house.db.write(house.webhooks.feed), every=timedelta(seconds=5)),
        Job("audit.anchor", lambda: _anchor(house), every=timedelta(hours=1)),
        Job("hotline.sweep", lambda: house.db.write(house.hotline.sweep), every=timedelta(seconds=20)),
        Job("signoff.watch", lambda: house.db.write(house.signoff.watch), every=watching.EVERY),
        Job("hotline.digest", lambda: house.db.write(house.hotline.digest), at=(8, 30)),
        Job("publicity.tidy", lambda: house.db.write(house.publicity.tidy), every=timedelta(minutes=1)),
        Job("register.sweep", lambda: house.db.write(house.notices.register.sweep), at=(8, 40)),
        Job("privacy.purge", lambda: _forget(house), at=(3, 10)),
        Job("faq.misses", house.faq.tidy, every=timedelta(seconds=30)),
        Job("site.sessions", purge(tidy.purge), every=timedelta(hours=1)),
        Job("idempotency.purge", purge(idempotency.purge), every=timedelta(hours=1)),
        Job("receipts.purge", purge(receipts.purge), every=timedelta(hours=1)),
        Job("delivery.audit", auditor.look, every=EVERY),
        Job("delivery.poll", house.dispatcher.resolver.poll, every=timedelta(minutes=1)),
        Job("delivery.cancelled", purge(hands.settle_cancelled), every=timedelta(seconds=2)),
        Job("delivery.counts", purge(caps.purge), every=timedelta(hours=6)),
        Job("delivery.unreachable", purge(people.forget_unreachable), every=timedelta(hours=6)),
        Job("expectations.purge", purge(expectations.purge), every=timedelta(hours=1)),
    ]
