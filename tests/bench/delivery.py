"""How fast the outbox empties, beside the bare client in the same run: ``python -m tests.bench.delivery``."""

import argparse
import asyncio

import aiohttp

from adapters.memory import MemoryChannel
from core.db import Database
from notify.outbox.dispatch import tune_process
from tests.bench.rig import HttpChannel, Speed, bare, cell, databases, drain, filled, median, post, row
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
    plain: list[Speed] = []
    memory: dict[str, list[Speed]] = {kind: [] for kind in kinds}
    http: dict[str, list[Speed]] = {kind: [] for kind in kinds}
    tune_process()  # for the yardstick as well: it is the sending that is compared, not the collector
    with instant_standin() as standin, databases(kinds) as make:
        for _ in range(given.runs):
            plain.append(asyncio.run(_bare_http(standin, given.count)))
            for kind in kinds:
                memory[kind].append(asyncio.run(_outbox(make(kind), MemoryChannel(), given.count)))
                http[kind].append(asyncio.run(_outbox(make(kind), HttpChannel(standin), given.count)))
    base = median(plain)
    ratios = {kind: median(runs).per_second / base.per_second for kind, runs in http.items()}
    row(
        f"outbox to a local stand-in (bare client {base.per_second:,.0f}/s, {base.cpu_us:.0f} µs of processor each)",
        {kind: cell(median(runs), base) for kind, runs in http.items()},
        "0.70", [ratio >= 0.70 for ratio in ratios.values()],
    )  # fmt: skip
    row("outbox to a channel in memory", {kind: _cell(median(runs)) for kind, runs in memory.items()})


def _cell(speed: Speed) -> str:
    return f"{speed.per_second:,.0f}/s ({speed.cpu_us:.0f} µs)"


if __name__ == "__main__":
    main()
