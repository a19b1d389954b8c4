"""The other figures of delivery: filling, timers, adapters, urgent behind bulk, two workers.

``python -m tests.bench.delivery_more [fill] [timers] [adapters] [urgent] [workers]``; without names, all of them.
"""

import asyncio
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlmodel import Session, func, select
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from adapters.env import ChannelEnv
from adapters.memory import MemoryChannel
from adapters.telegram import Telegram
from adapters.telegram_settings import TelegramSettings
from adapters.twilio_sms import TwilioChannel
from core import crypto
from core.clock import system_clock
from core.db import Database
from core.messages import Lane
from core.ports import Channel, Limits
from notify.outbox.dispatch import tune_process
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from notify.timers import Timer, Timers, set_timers
from tests.bench.rig import (
    HttpChannel,
    Speed,
    bare,
    cell,
    databases,
    dispatching,
    drain,
    filled,
    measured,
    median,
    open_rows,
    row,
)
from tests.bench.standin import instant_standin
from tests.conftest import SECRET
from tests.contract.cases.twilio import settings as twilio_settings
from tests.fakes.telegram import TOKEN
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER

KINDS = ("sqlite", "postgresql")
RUNS = 3
DUE_TIMERS = 10_000
Make = Callable[[str], str]


def fill(make: Make) -> None:
    """100,000 recipients to outbox rows."""
    cells, met = {}, []
    for kind in KINDS:
        db = Database(make(kind))
        before_mb = _memory_mb()
        seconds = filled(db, MemoryChannel(name="http"), 100_000)
        grown_mb = _memory_mb() - before_mb
        cells[kind] = f"{seconds:.1f} s, memory +{grown_mb:.0f} MB"
        met += [seconds <= 6, grown_mb <= 100]
        db.close()
    row("100,000 recipients to rows", cells, "6 s, memory flat", met)


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timers(make: Make) -> None:
    """10,000 timers due in the same second to outbox rows."""
    found = {kind: median([_timers(make(kind)) for _ in range(RUNS)]) for kind in KINDS}
    took = {kind: DUE_TIMERS / speed.per_second for kind, speed in found.items()}
    cells = {kind: f"{took[kind]:.2f} s ({found[kind].cpu_us * DUE_TIMERS / 1e6:.2f} s of processor)" for kind in KINDS}
    row("10,000 due moments to rows", cells, "1 s", [seconds <= 1 for seconds in took.values()])


def _timers(url: str) -> Speed:
    db = Database(url)
    outbox = Outbox({"memory": MemoryChannel()}, system_clock, "阳光热线")

    def remind(session: Session, _now: datetime, due: Sequence[Timer]) -> None:
        outbox.put_many(session, [Message("announcement", "memory", timer.ref, {"text": "请签收"}) for timer in due])

    at = system_clock()
    db.write_now(lambda session: set_timers(session, [Timer("remind", f"r{n}", at) for n in range(DUE_TIMERS)]))
    firing = Timers(db, system_clock, {"remind": remind})

    async def fire() -> Speed:
        with measured(DUE_TIMERS) as speed:
            while await firing.fire():
                pass
        return speed()

    found = asyncio.run(fire())
    db.close()
    return found


def _twilio(url: str) -> TwilioChannel:
    settings = twilio_settings(api_base=url, segments_per_second=1_000_000)
    return TwilioChannel(settings, clock=system_clock)


def _telegram(url: str) -> Telegram:
    settings = TelegramSettings(_env_file=None, bot_token=TOKEN, api_base=url)  # type: ignore[call-arg]
    return Telegram(settings, ChannelEnv(system_clock, "", "阳光热线"), limits=Limits(text=4096, options=20))


async def _bare_twilio(url: str, count: int) -> Speed:
    http = AsyncTwilioHttpClient()
    client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=http)
    client.api.base_url = url
    try:
        return await bare(
            count, lambda n: client.messages.create_async(to=f"+447700900{n % 1000:03d}", from_=NUMBER, body=f"第{n}条")
        )
    finally:
        await http.close()


async def _bare_telegram(url: str, count: int) -> Speed:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    try:
        return await bare(count, lambda n: bot.send_message(1000 + n, f"第{n}条"))
    finally:
        await bot.session.close()


async def _through(url: str, channel: Channel, count: int, address: str) -> Speed:
    db = Database(url)
    try:
        await asyncio.to_thread(filled, db, channel, count, address=address)
        return await drain(db, channel, count)
    finally:
        await channel.aclose()
        db.close()


def adapters(make: Make, count: int = 3000) -> None:
    """Outbox through the real adapters, beside the bare client libraries."""
    tune_process()
    with instant_standin() as url:
        for name, yardstick, build, address in (
            ("Twilio", _bare_twilio, _twilio, "+447700900{:03d}"), ("Telegram", _bare_telegram, _telegram, "1{:03d}"),
        ):  # fmt: skip
            plain: list[Speed] = []
            found: dict[str, list[Speed]] = {kind: [] for kind in KINDS}
            for _ in range(RUNS):
                plain.append(asyncio.run(yardstick(url, count)))
                for kind in KINDS:
                    found[kind].append(asyncio.run(_through(make(kind), build(url), count, address)))
            base = median(plain)
            cells = {kind: cell(median(runs), base) for kind, runs in found.items()}
            row(
                f"through the {name} adapter (bare library {base.per_second:,.0f}/s, {base.cpu_us:.0f} µs)", cells,
                "0.75", [median(runs).per_second >= 0.75 * base.per_second for runs in found.values()],
            )  # fmt: skip


def urgent(make: Make) -> None:
    """How long an urgent message takes while 100,000 bulk ones wait, at 10 segments a second."""
    found = {}
    for kind in KINDS:
        db = Database(make(kind))
        channel = MemoryChannel(limits=Limits(text=20_000, rate=10))
        filled(db, channel, 100_000)
        found[kind] = asyncio.run(_urgent(db, channel))
        db.close()
    cells = {kind: f"{statistics.median(waits):.2f} s, longest {max(waits):.2f} s" for kind, waits in found.items()}
    met = [max(waits) <= 1 for waits in found.values()]
    row("an urgent message while 100,000 bulk ones wait, 10 segments/s", cells, "1 s", met)


async def _urgent(db: Database, channel: MemoryChannel) -> list[float]:
    outbox = Outbox({channel.name: channel}, system_clock, "阳光热线")
    waits, arrived = [], asyncio.Event()
    channel.on_send = lambda message: arrived.set() if message.lane is Lane.URGENT else None
    async with dispatching(db, {channel.name: channel}):
        await asyncio.sleep(3)
        for n in range(10):
            arrived.clear()
            began = time.perf_counter()
            await db.write(outbox.put, Message("announcement", channel.name, f"u{n}", {"text": "急"}, lane=Lane.URGENT))
            await arrived.wait()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.5)
    return waits


def _work(url: str, standin: str, until: float) -> None:
    crypto.install(crypto.keyring_from(SECRET))
    db = Database(url)

    async def work() -> None:
        channel = HttpChannel(standin)
        async with dispatching(db, {channel.name: channel}):
            while time.time() < until and await db.read(open_rows):
                await asyncio.sleep(0.1)
        await channel.aclose()

    asyncio.run(work())
    db.close()


def _sent(session: Session) -> int:
    return (
        session.exec(select(func.count()).where(OutboxMessage.state == "delivered")).one()
        + session.exec(select(func.count()).where(OutboxMessage.state == "sent")).one()
    )


def workers(make: Make, count: int = 6000) -> None:
    """One and two worker processes on one PostgreSQL: at a provider that answers after 100 ms, as real ones do over the
    Internet, after 20 ms, where a small machine is the limit, and at once, where nothing else is."""
    for delay_ms, reach in ((100, "1.6"), (20, "1.6"), (0, "–")):
        with instant_standin(delay_ms) as standin:
            speeds: dict[int, list[float]] = {1: [], 2: []}
            for _ in range(RUNS):
                for processes, found in speeds.items():
                    found.append(_with_workers(make("postgresql"), standin, processes, count))
        one, two = (statistics.median(found) for found in speeds.values())
        cell = f"{one:,.0f}/s and {two:,.0f}/s, {two / one:.2f}"
        row(f"one and two workers, provider answers after {delay_ms} ms", {"postgresql": cell}, reach,
            [two / one >= 1.6] if delay_ms else ())  # fmt: skip


def _with_workers(url: str, standin: str, processes: int, count: int) -> float:
    db = Database(url)
    filled(db, HttpChannel(standin), count)
    until = time.time() + 60
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_work, args=(url, standin, until)) for _ in range(processes)]
    for child in children:
        child.start()
    while not (first := db.read_now(_sent)):
        time.sleep(0.01)
    began = time.perf_counter()
    for child in children:
        child.join()
    speed: float = (db.read_now(_sent) - first) / (time.perf_counter() - began)
    db.close()
    return speed


def main() -> None:
    """Run what is named."""
    benches: dict[str, Callable[[Make], None]] = {
        "fill": fill, "timers": timers, "adapters": adapters, "urgent": urgent, "workers": workers,
    }  # fmt: skip
    chosen = sys.argv[1:] or list(benches)
    with databases() as make:
        for name in chosen:
            benches[name](make)


if __name__ == "__main__":
    main()
