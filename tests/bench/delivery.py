"""How fast the outbox empties, beside the bare client in the same run: ``python -m tests.bench.delivery``."""

import argparse
import asyncio

import aiohttp

from adapters.memory import MemoryChannel
from core.db import Database
from notify.outbox.dispatch import tune_process
from tests.bench.rig import HttpChannel, Speed, bare, databases, drain, filled, median, post
from tests.bench.standin import instant_standin

TEXT = "第{}条：示例镇今天下午两点起停水，预计六点恢复，请提前储水。"


async def _bare_http(url: str, count: int) -> Speed:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        return await bare(count, lambda n: post(http, f"{url}/send", f"+447700900{n % 1000:03d}", TEXT.format(n)))


async def _outbox(url: str, channel: MemoryChannel, count: int) -> Speed:
    db = Database(url)
    try:
        await asyncio.to_thread(filled, db, channel, count)
        return await drain(db, channel, count)
    finally:
        await channel.aclose()
        db.close()


def main() -> None:
    """Medians of interleaved runs, so that a busy moment of the machine meets all of them alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    kinds = (given.only,) if given.only else ("sqlite", "postgresql")
    speeds: dict[str, list[Speed]] = {}
    tune_process()  # for the yardstick as well: it is the sending that is compared, not the collector
    with instant_standin() as standin, databases(kinds) as make:
        for _ in range(given.runs):
            speeds.setdefault("bare aiohttp", []).append(asyncio.run(_bare_http(standin, given.count)))
            for kind in kinds:
                memory = asyncio.run(_outbox(make(kind), MemoryChannel(), given.count))
                speeds.setdefault(f"outbox to memory, {kind}", []).append(memory)
                http = asyncio.run(_outbox(make(kind), HttpChannel(standin), given.count))
                speeds.setdefault(f"outbox to stand-in, {kind}", []).append(http)
    yardstick = median(speeds["bare aiohttp"])
    for name, runs in speeds.items():
        speed = median(runs)
        ratio = speed.per_second / yardstick.per_second
        print(f"{name:34} {speed.per_second:7.0f}/s  {speed.cpu_us:6.0f} µs cpu  {ratio:5.2f} of bare")


if __name__ == "__main__":
    main()
