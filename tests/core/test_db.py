"""The one place where a transaction commits."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlmodel import Session, func, select

from core import leases, schema
from core.audit import Actor, AuditEntry, record, seal, verify
from core.clock import ManualClock
from core.db import Database
from core.errors import NotFound
from core.people import Unit, clear_consents, refusals, set_consent
from core.wake import wake


def _add_unit(session: Session, name: str) -> str:
    unit = Unit(name=name)
    session.add(unit)
    session.flush()
    return unit.id


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Unit)).one()


async def test_a_write_is_there_once_it_returns(db: Database) -> None:
    await db.write(_add_unit, "城管局")
    assert await db.read(_count) == 1


async def test_a_failing_job_takes_back_only_itself(db: Database) -> None:
    def fails(session: Session) -> None:
        _add_unit(session, "half-written")
        raise NotFound("no")

    results = await asyncio.gather(
        *(db.write(_add_unit, f"unit {n}") for n in range(20)), db.write(fails), return_exceptions=True
    )
    assert [type(r) for r in results if isinstance(r, Exception)] == [NotFound]
    assert await db.read(_count) == 20


async def test_a_unique_key_refuses_the_second_and_keeps_the_first(db: Database) -> None:
    results = await asyncio.gather(*(db.write(_add_unit, "same") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(r, str) for r in results) == 1
    assert await db.read(_count) == 1


async def test_a_read_changes_nothing(db: Database) -> None:
    await db.read(_add_unit, "never")
    assert await db.read(_count) == 0


async def test_a_bell_rings_after_the_commit_and_is_not_lost_between_two_waits(db: Database) -> None:
    def work(session: Session) -> None:
        _add_unit(session, "x")
        wake(session, "topic")

    with db.bells.listening("topic") as bell:
        await db.write(work)
        assert await bell.wait(1)
        assert not await bell.wait(0.01)


async def test_only_one_process_holds_a_lease_until_it_ends(db: Database) -> None:
    hold = timedelta(seconds=30)
    assert await db.write(leases.acquire, "poller", "a", hold)
    assert not await db.write(leases.acquire, "poller", "b", hold)
    assert await db.write(leases.acquire, "poller", "a", timedelta(seconds=-1))
    assert await db.write(leases.acquire, "poller", "b", hold)
    await db.write(leases.release, "poller", "b")
    assert await db.write(leases.acquire, "poller", "a", hold)


def test_migrations_give_what_the_models_say(db: Database) -> None:
    assert schema.current(db) == schema.head()
    assert schema.differences(db) == []


async def test_the_audit_chain_shows_an_edit(db: Database, clock: ManualClock) -> None:
    for n in range(5):
        await db.write(record, clock(), Actor("a", "test"), "did", f"thing:{n}", after={"n": n})
    assert (await db.read(verify)).unsealed == 5
    assert await db.write(seal) == 5
    assert (await db.read(verify)).whole

    def edit(session: Session) -> None:
        entry = session.exec(select(AuditEntry).where(AuditEntry.n == 3)).one()
        entry.after = {"n": 99}
        session.add(entry)

    await db.write(edit)
    assert (await db.read(verify)).broken_at == 3


async def test_consent_is_remembered_by_topic_and_cleared_together(db: Database, clock: ManualClock) -> None:
    address = ("sms", "+12025550101")
    assert await db.write(set_consent, clock(), *address, "notices", allowed=False, reason="退订")
    assert not await db.write(set_consent, clock(), *address, "notices", allowed=False, reason="退订")
    assert await db.read(refusals, *address) == {"notices"}
    assert await db.read(refusals, "sms", "+12025550102") == frozenset()
    assert await db.write(clear_consents, clock(), *address, "恢复") == ("notices",)
    assert await db.read(refusals, *address) == frozenset()


@pytest.mark.parametrize("bad", ["mysql://x/y", "sqlite://"])
def test_a_database_that_would_not_do_is_refused_at_start(bad: str) -> None:
    with pytest.raises(Exception, match="SUNLINE_DATABASE_URL"):
        Database(bad)


async def test_two_that_wait_for_each_other_both_get_done(db: Database) -> None:
    """PostgreSQL sacrifices one of them; it is run again."""
    first, second = await db.write(_add_unit, "first"), await db.write(_add_unit, "second")
    both_hold_one = threading.Barrier(2, timeout=10)

    def touch(session: Session, here: str, there: str, tries: list[int]) -> None:
        tries.append(1)
        _lock(session, here)
        if len(tries) == 1 and not db.sqlite:
            both_hold_one.wait()
        _lock(session, there)

    tries: tuple[list[int], list[int]] = ([], [])
    await asyncio.gather(db.write(touch, first, second, tries[0]), db.write(touch, second, first, tries[1]))
    assert len(tries[0]) + len(tries[1]) == (2 if db.sqlite else 3)


def _lock(session: Session, unit_id: str) -> None:
    unit = session.get(Unit, unit_id)
    assert unit is not None
    unit.active = not unit.active
    session.add(unit)
    session.flush()
