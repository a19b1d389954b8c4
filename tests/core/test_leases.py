"""Leases: one of several processes at a time, by the database's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

from core import leases
from core.db import Database

HOLD = timedelta(seconds=30)


async def test_of_many_who_ask_at_once_one_gets_it(db: Database) -> None:
    got = await asyncio.gather(*(db.write(leases.acquire, "poller", f"p{n}", HOLD) for n in range(8)))
    assert sum(got) == 1


async def test_names_do_not_stand_in_each_other_s_way(db: Database) -> None:
    assert await db.write(leases.acquire, "poller", "a", HOLD)
    assert await db.write(leases.acquire, "sealer", "b", HOLD)


async def test_the_holder_may_renew_and_an_ended_lease_is_anybody_s(db: Database) -> None:
    assert await db.write(leases.acquire, "poller", "a", HOLD)
    assert await db.write(leases.acquire, "poller", "a", timedelta(seconds=-1))
    assert await db.write(leases.acquire, "poller", "b", HOLD)
    assert not await db.write(leases.acquire, "poller", "a", HOLD)


async def test_only_the_holder_can_let_go(db: Database) -> None:
    await db.write(leases.acquire, "poller", "a", HOLD)
    await db.write(leases.release, "poller", "b")
    assert not await db.write(leases.acquire, "poller", "b", HOLD)
    await db.write(leases.release, "poller", "a")
    assert await db.write(leases.acquire, "poller", "b", HOLD)
    await db.write(leases.release, "nothing", "a")


async def test_the_database_s_clock_is_aware_and_near_ours(db: Database) -> None:
    now = await db.read(leases.database_now)
    assert now.tzinfo is not None
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=30)
