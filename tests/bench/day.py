"""A day in a region of ten million, in fast time on one machine: ``python -m tests.bench.day``.

First the day by the clock: every message of the day passes the rule of ``notify.outbox.pacing`` for its sender, with
a virtual clock and no database, so that waits by lane come out for the full size. Then the database: how many bytes a
message takes with its indexes, and how fast a worker chooses, starts and records beside a hundred thousand others.
The figures of the day are assumptions and stand here to be changed.
"""

import argparse
import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from adapters.memory import MemoryChannel
from core.db import Database
from notify.outbox.pacing import Allowance
from tests.bench.rig import databases, drain, filled

RESIDENTS = 10_000_000
INBOUND_PER_RESIDENT = 0.005
"""Messages a day and resident: large cities' hotlines report three to seven thousandths."""
PER_INBOUND = {0: 0.2, 1: 3.0}
"""What one inbound message leads to: alerts to staff (urgent), answers and news of the matter (normal)."""
NOTICE_SHARE = 0.05
"""Residents whom the day's largest notice is for; approved at ten in the morning."""
SENDERS, RATE = 30, 10.0
"""Numbers that send, and segments a second of each (a toll-free number or a domestic gateway's account)."""
SEGMENTS = 2
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 13, 10, 7, 9, 12, 12, 10, 8, 6, 5, 4, 3, 2, 1)
OUTAGE = (11 * 3600, 11 * 3600 + 300)
"""A third of the senders fail for five minutes at eleven."""
_BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
_LANES = ("urgent", "normal", "bulk")


@dataclass
class Sender:
    """One number: its queues by lane (when each message came) and its point on the virtual clock."""

    queues: tuple[deque[int], deque[int], deque[int]] = field(default_factory=lambda: (deque(), deque(), deque()))
    used_until: datetime = _BEGIN

    def send(self, second: int, waits: list[list[int]]) -> None:
        """What may go in this second, urgent first, by the rule of ``pacing``."""
        now = _BEGIN + timedelta(seconds=second)
        for rank, queue in enumerate(self.queues):
            if not queue:
                continue
            allowance = Allowance(self.used_until, now, RATE, urgent=rank == 0)
            sent = 0
            while queue and allowance.admit(SEGMENTS):
                waits[rank].append(second - queue.popleft())
                sent += SEGMENTS
            if sent:
                self.used_until = allowance.spend(sent)


def _arrivals(chance: random.Random) -> list[list[int]]:
    """For each second of the day, the lanes of the messages that come in it; bulk as one crowd at ten."""
    whole = RESIDENTS * INBOUND_PER_RESIDENT
    day: list[list[int]] = [[] for _ in range(86_400)]
    for hour, weight in enumerate(BY_HOUR):
        for rank, each in PER_INBOUND.items():
            for _ in range(int(whole * each * weight / sum(BY_HOUR))):
                day[hour * 3600 + chance.randrange(3600)].append(rank)
    return day


def by_the_clock() -> None:
    """Waits by lane over the whole day."""
    chance, waits = random.Random(7), [[], [], []]  # type: tuple[random.Random, list[list[int]]]
    senders, day = [Sender() for _ in range(SENDERS)], _arrivals(chance)
    notice, done = int(RESIDENTS * NOTICE_SHARE), 0
    for second, ranks in enumerate(day):
        away = range(SENDERS // 3) if OUTAGE[0] <= second < OUTAGE[1] else range(0)
        well = senders[len(away) :]
        for rank in ranks:
            chance.choice(well).queues[rank].append(second)
        if second == 10 * 3600:
            for number in range(notice):
                senders[number % SENDERS].queues[2].append(second)
        for sender in well:
            sender.send(second, waits)
        if not done and second > 10 * 3600 and len(waits[2]) == notice:
            done = second
    print(
        f"{SENDERS} senders of {RATE:.0f} segments/s; {notice:,} recipients of a notice at 10:00, {SEGMENTS} segments"
    )
    for lane, found in zip(_LANES, waits, strict=True):
        found.sort()
        p50, p95 = (found[int(len(found) * share)] for share in (0.5, 0.95))
        print(f"  {lane:7} {len(found):9,} sent   wait p50 {p50:6,} s   p95 {p95:6,} s   longest {found[-1]:6,} s")
    left = sum(len(queue) for sender in senders for queue in sender.queues)
    print(f"  left at midnight: {left}; the notice was out at {_BEGIN + timedelta(seconds=done):%H:%M}")


def the_database(rows: int, count: int = 4000) -> None:
    """Bytes of a message, and the speed of one worker beside ``rows`` messages that were sent before."""
    with databases() as make:
        for kind in ("sqlite", "postgresql"):
            db = Database(make(kind))
            channel = MemoryChannel()
            filled(db, channel, count)
            empty = asyncio.run(drain(db, channel, count)).per_second
            before = db.read_now(_bytes)
            filled(db, channel, rows)
            size = (db.read_now(_bytes) - before) / rows
            db.write_now(lambda session: session.execute(text("UPDATE outbox_message SET state = 'delivered'")).close())
            filled(db, channel, count)
            full = asyncio.run(drain(db, channel, count)).per_second
            print(f"{kind:11} {size:6.0f} bytes a message with indexes; one worker {empty:6.0f}/s in an empty table, "
                  f"{full:6.0f}/s beside {rows:,} ({full / empty:.2f})")  # fmt: skip
            db.close()


def _bytes(session: Session) -> int:
    """What the database (SQLite) or the outbox with its indexes (PostgreSQL) takes on the disk."""
    if session.connection().dialect.name == "sqlite":
        pages, size = (session.execute(text(f"PRAGMA {what}")).scalar_one() for what in ("page_count", "page_size"))
        return int(pages) * int(size)
    return int(session.execute(text("SELECT pg_total_relation_size('outbox_message')")).scalar_one())


def main() -> None:
    """Both parts; ``--rows`` is how many messages lie in the table already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    began = time.perf_counter()
    by_the_clock()
    print(f"  (a day in {time.perf_counter() - began:.0f} s)")
    the_database(given.rows)


if __name__ == "__main__":
    main()
