"""100,000 households from an uploaded list to rows of the outbox and out to an instant stand-in: time and memory.

``python -m tests.bench.publicity [--count 100000] [--only sqlite|postgresql]``.
"""

import argparse
import asyncio
import contextlib
import resource
import time
from collections.abc import Awaitable, Iterator
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from adapters.memory import MemoryChannel
from core.auth import Principal
from core.clock import system_clock
from core.db import Database
from core.people import Role
from core.ports import Can
from notify.outbox.dispatch import Dispatcher
from notify.outbox.service import Outbox
from notify.publicity.editing import Content
from notify.publicity.models import Notice
from notify.publicity.office import PublicityOffice
from notify.publicity.service import Publicity
from notify.publicity.uploading import Uploads
from notify.timers import Timers
from tests.bench.rig import databases

TEXT = "{name}户{programme}公示：{quantity}亩×{rate}元＝{amount}元。不对回“异议”加原因，举报{report_phone}"
T = TypeVar("T")
EDITOR = Principal("e", "e", frozenset({Role.EDITOR}), "cli", "editor")
REVIEWER = Principal("r", "r", frozenset({Role.REVIEWER}), "cli", "reviewer")


def lines(count: int) -> Iterator[str]:
    """A list of made-up households; numbers are made here and stand in no file."""
    yield "户主姓名,手机,村,补贴面积,补贴标准,补贴金额"
    for number in range(count):
        mu = number % 90 + 10
        name = f"示{chr(0x4E00 + number % 5000)}{chr(0x4E00 + number // 5000)}"
        yield f"{name},139{number:08d},村{number % 300},{mu / 10},100,{mu * 10}"


def memory_mb() -> float:
    """The most this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def run(db: Database, count: int) -> None:
    """Measure each step and print it."""
    channel = MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))
    channels = {"sms": channel}
    office = PublicityOffice("阳光热线", ZoneInfo("Asia/Shanghai"), "sms")
    publicity = Publicity(Outbox(channels, system_clock, "阳光热线"), channels, system_clock, office)
    uploads, timers = Uploads(db, system_clock, publicity), Timers(db, system_clock, publicity.owners())
    content = Content(title="测量", text=TEXT, kind="alert", audience="list", programme="补贴", report_phone="12345")
    notice = await db.write(publicity.create, content, EDITOR)
    data = "\n".join(lines(count)).encode()
    print(f"{count} households, memory before {memory_mb():.0f} MB")
    await step("list read into rows", count, uploads.run(notice.id, EDITOR, "list.csv", data))
    del data
    found = await step("preview of every row", count, db.read(publicity.estimate, notice.id))
    print(f"  {found['segments']} segments")
    await db.write(publicity.submit, notice.id, EDITOR)
    await db.write(publicity.approve, notice.id, REVIEWER)
    await step("approved notice to outbox rows", count, fan_out(db, publicity, timers, notice.id))
    progress = await step("progress", count, db.read(publicity.progress, notice.id))
    print(f"  {progress.by_state}")
    await step("out to a channel that takes everything at once", count, sent(db, channel, found["messages"]))
    db.close()


async def sent(db: Database, channel: MemoryChannel, messages: int) -> None:
    """The dispatcher of one worker until every message has been handed over."""
    task = asyncio.create_task(Dispatcher(db, {channel.name: channel}, system_clock).run())
    while len(channel.sent) < messages:
        await asyncio.sleep(0.05)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def fan_out(db: Database, publicity: Publicity, timers: Timers, notice_id: str) -> None:
    """Publish, and fire the timers until every recipient is a row."""
    await db.write(publicity.publish, notice_id, None, REVIEWER)
    while not await db.read(_fanned, notice_id):
        await timers.fire()


def _fanned(session: Session, notice_id: str) -> bool:
    notice = session.get(Notice, notice_id)
    return notice is not None and notice.fanned


async def step(name: str, count: int, work: Awaitable[T]) -> T:
    """Await ``work`` and print how long it took."""
    began, busy = time.perf_counter(), time.process_time()
    result = await work
    took = time.perf_counter() - began
    worked = time.process_time() - busy
    print(f"{name}: {took:.2f} s ({worked:.2f} s of processor), {count / took:,.0f}/s, at most {memory_mb():.0f} MB")
    return result


def main() -> None:
    """Each database once: the steps show their processor time, so that a busy machine is seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    kinds = (given.only,) if given.only else ("sqlite", "postgresql")
    with databases(kinds) as make:
        for kind in kinds:
            print(f"{kind}:")
            asyncio.run(run(Database(make(kind)), given.count))


if __name__ == "__main__":
    main()
