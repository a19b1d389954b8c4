"""Bells: who waits is told after the commit, and nobody is told of what was taken back."""

import asyncio
import contextlib

import pytest
from sqlmodel import Session

from core import pgbell
from core.db import Database
from core.wake import Bells, wake


def _ring(session: Session, *topics: str) -> None:
    for topic in topics:
        wake(session, topic)


async def test_a_bell_rings_for_its_topics_only() -> None:
    bells = Bells()
    with bells.listening("a", "b") as bell, bells.listening("c") as other:
        bells.ring(["b"])
        assert await bell.wait(5)
        assert not await other.wait(0.01)


async def test_everybody_who_listens_is_told() -> None:
    bells = Bells()
    with bells.listening("a") as one, bells.listening("a") as other:
        bells.ring(["a"])
        assert [await one.wait(5), await other.wait(5)] == [True, True]


async def test_rings_between_two_waits_are_kept_as_one() -> None:
    bells = Bells()
    with bells.listening("a") as bell:
        bells.ring(["a"])
        bells.ring(["a"])
        await asyncio.sleep(0)
        assert await bell.wait(5)
        assert not await bell.wait(0.01)


async def test_who_went_away_is_not_told() -> None:
    bells = Bells()
    with bells.listening("a") as bell:
        pass
    bells.ring(["a"])
    assert not await bell.wait(0.01)


async def test_another_thread_may_ring() -> None:
    bells = Bells()
    with bells.listening("a") as bell:
        await asyncio.to_thread(bells.ring, ["a"])
        assert await bell.wait(5)


def test_ringing_after_the_loop_has_closed_harms_nobody() -> None:
    async def make() -> tuple[Bells, contextlib.ExitStack]:
        bells, stack = Bells(), contextlib.ExitStack()
        stack.enter_context(bells.listening("a"))
        return bells, stack

    bells, stack = asyncio.run(make())
    bells.ring(["a"])
    stack.close()


async def test_work_that_failed_wakes_nobody(db: Database) -> None:
    def fails(session: Session) -> None:
        _ring(session, "a")
        raise KeyError("no")

    with db.bells.listening("a") as bell:
        with pytest.raises(KeyError):
            await db.write(fails)
        assert not await bell.wait(0.01)
        await db.write(_ring, "a", "b")
        assert await bell.wait(5)


async def test_on_postgresql_one_process_wakes_another(db: Database) -> None:
    """SQLite has no such bell; there one process does all, and the others look again every second."""
    if db.sqlite:
        return
    other = Database(db.url)
    relay = asyncio.create_task(pgbell.relay(other))
    try:
        with other.bells.listening("a") as bell:
            async with asyncio.timeout(20):
                while not await bell.wait(0.2):  # the relay needs a moment until it listens
                    await db.write(_ring, "a")
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        other.close()
