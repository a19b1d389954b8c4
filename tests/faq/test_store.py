"""The change log and the lists, as every process reads them."""

import asyncio
import threading

from sqlmodel import Session

from core.clock import ManualClock
from core.db import Database
from faq import store
from tests.faq.kb import CARD, draft, publish_three


async def test_changes_are_read_once_and_in_order(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    changes = await db.read(store.changes_after, 0, 10)
    assert [entry_id for _, entry_id in changes] == ["card", "school", "fund"]
    assert await db.read(store.changes_after, changes[-1][0], 10) == []
    assert await db.read(store.changes_after, 0, 1) == changes[:1]


async def test_a_follower_never_sees_a_later_change_before_an_earlier_one(db: Database, clock: ManualClock) -> None:
    """A slow transaction took its id first: the next one must wait for it, or a follower would step over it."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        store.log_change(session, clock(), ["slow"])
        begun.set()
        assert go_on.wait(20)

    first = asyncio.create_task(db.write(slow))
    await asyncio.to_thread(begun.wait, 20)
    second = asyncio.create_task(db.write(store.log_change, clock(), ["quick"]))
    done, _ = await asyncio.wait([second], timeout=0.3)
    assert not done
    assert await db.read(store.changes_after, 0, 9) == []
    go_on.set()
    await asyncio.gather(first, second)
    assert [entry_id for _, entry_id in await db.read(store.changes_after, 0, 9)] == ["slow", "quick"]


async def test_a_change_that_was_taken_back_is_not_in_the_log(db: Database, clock: ManualClock) -> None:
    def fails(session: Session) -> None:
        store.log_change(session, clock(), ["never"])
        raise RuntimeError("no")

    results = await asyncio.gather(db.write(fails), return_exceptions=True)
    assert isinstance(results[0], RuntimeError)
    assert await db.read(store.head) == 0


async def test_what_is_published_is_read_whole_and_by_id(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    await db.write(draft, clock(), "draft", CARD)
    assert [entry.id for entry in await db.read(store.published)] == ["card", "fund", "school"]
    (one,) = await db.read(store.published, ["card", "draft", "nobody"])
    assert (one.id, one.version, one.content.aliases) == ("card", 1, tuple(CARD["aliases"]))
    assert await db.read(store.published, []) == []


async def test_categories_are_those_in_use(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    await db.write(draft, clock(), "own", {**CARD, "category": "本局特色"})
    assert await db.read(store.categories) == {"住房": 1, "教育": 1, "本局特色": 1, "社保": 1}
