"""The other figures of delivery: filling, timers, adapters, urgent behind bulk, two workers.

``python -m tests.bench.delivery_more [fill] [timers] [adapters] [urgent] [workers]``; without names, all of them.
"""

import asyncio
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable

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
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from notify.timers import Timer, Timers, set_timers
from tests.bench.rig import HttpChannel, Speed, bare, databases, dispatching, drain, filled, median, open_rows
from tests.bench.standin import instant_standin
from tests.conftest import SECRET
from tests.contract.cases.twilio import settings as twilio_settings
from tests.fakes.telegram import TOKEN
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER

KINDS = ("sqlite", "postgresql")
RUNS = 3
Make = Callable[[str], str]


def fill(make: Make) -> None:
    """100,000 recipients to outbox rows."""
    for kind in KINDS:
        db = Database(make(kind))
        seconds = filled(db, MemoryChannel(name="http"), 100_000)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"fill 100,000 rows, {kind:11} {seconds:6.1f} s   peak memory of this process {peak_mb:.0f} MB")
        db.close()


def timers(make: Make) -> None:
    """10,000 timers due in the same second to outbox rows."""
    for kind in KINDS:
        db = Database(make(kind))
        outbox = Outbox({"memory": MemoryChannel()}, system_clock, "阳光热线")

        def remind(session: Session, _now: object, due: object, outbox: Outbox = outbox) -> None:
            outbox.put_many(
                session,
                [Message("announcement", "memory", timer.ref, {"text": "请签收"}) for timer in due],  # type: ignore[attr-defined]
            )

        at = system_clock()
        db.write_now(lambda s, at=at: set_timers(s, [Timer("remind", f"r{n}", at) for n in range(10_000)]))
        firing = Timers(db, system_clock, {"remind": remind})  # type: ignore[dict-item]

        async def fire(firing: Timers = firing) -> float:
            began = time.perf_counter()
            while await firing.fire():
                pass
            return time.perf_counter() - began

        print(f"10,000 timers to rows, {kind:11} {asyncio.run(fire()):6.2f} s")
        db.close()


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
    with instant_standin() as url:
        for name, yardstick, build, address in (
            ("Twilio", _bare_twilio, _twilio, "+447700900{:03d}"), ("Telegram", _bare_telegram, _telegram, "1{:03d}"),
        ):  # fmt: skip
            base = median([asyncio.run(yardstick(url, count)) for _ in range(RUNS)])
            print(f"bare client of {name:9} {base.per_second:6.0f}/s {base.cpu_us:5.0f} µs")
            for kind in KINDS:
                speed = median([asyncio.run(_through(make(kind), build(url), count, address)) for _ in range(RUNS)])
                ratio = speed.per_second / base.per_second
                print(f"  outbox, {kind:11} {speed.per_second:6.0f}/s {speed.cpu_us:5.0f} µs  {ratio:.2f} of bare")


def urgent(make: Make) -> None:
    """How long an urgent message takes while 100,000 bulk ones wait, at 10 segments a second."""
    for kind in KINDS:
        db = Database(make(kind))
        channel = MemoryChannel(limits=Limits(text=20_000, rate=10))
        filled(db, channel, 100_000)
        print(f"urgent behind 100,000 bulk, {kind:11} {asyncio.run(_urgent(db, channel))}")
        db.close()


async def _urgent(db: Database, channel: MemoryChannel) -> str:
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
    return f"median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s of {len(waits)}"


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


def workers(make: Make, count: int = 8000) -> None:
    """One and two worker processes on one PostgreSQL."""
    speeds: dict[int, list[float]] = {1: [], 2: []}
    with instant_standin() as standin:
        for _ in range(RUNS):
            for processes, found in speeds.items():
                url = make("postgresql")
                db = Database(url)
                filled(db, HttpChannel(standin), count)
                until = time.time() + 60
                children = [
                    multiprocessing.get_context("spawn").Process(target=_work, args=(url, standin, until))
                    for _ in range(processes)
                ]
                for child in children:
                    child.start()
                while not (first := db.read_now(_sent)):
                    time.sleep(0.01)
                began = time.perf_counter()
                for child in children:
                    child.join()
                found.append((db.read_now(_sent) - first) / (time.perf_counter() - began))
                db.close()
    one, two = (statistics.median(found) for found in speeds.values())
    print(f"workers on PostgreSQL: one {one:.0f}/s, two {two:.0f}/s, {two / one:.2f} times one")


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
