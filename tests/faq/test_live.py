"""The index follows the database: each change, many at once, and the calendar."""

import asyncio
import contextlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session

from core.clock import ManualClock
from core.db import Database
from core.errors import Unavailable
from faq import review, store
from faq.live import LiveIndex
from tests.faq.kb import CARD, EDITOR, FUND, PLAIN, SCHOOL, ZONE, opened, publish, publish_three


def _best(answered: Any) -> str | None:
    return answered.matches[0].id if answered.outcome == "answer" else None


async def test_what_is_published_when_it_starts_can_be_asked(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        assert _best(await service.live.ask("社保卡丢了怎么补办")) == "card"


async def test_a_change_is_answered_from_within_a_second_and_nobody_restarts_anything(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        following = asyncio.create_task(service.follow())
        try:
            await db.write(publish, clock(), "card", {"answer": "新的答复，以后照这个办。"})
            async with asyncio.timeout(5):
                while service.live.published["card"].version != 2:
                    await asyncio.sleep(0.01)
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


async def test_a_change_by_another_process_is_followed_too(db: Database, db_url: str, clock: ManualClock) -> None:
    await publish_three(db, clock)
    elsewhere = Database(db_url)
    try:
        async with opened(db, clock) as service:
            await elsewhere.write(review.archive, clock(), EDITOR, "card")
            await elsewhere.write(publish, clock(), "dog", {"question": "养狗要办证吗", "answer": "要办养犬登记证。"})
            assert await service.live.catch_up() == 2
            assert set(service.live.published) == {"school", "fund", "dog"}
            assert _best(await service.live.ask("养狗要办证吗")) == "dog"
            assert "card" not in [m.id for m in (await service.live.ask("社保卡丢了怎么补办")).matches]
            assert await service.live.catch_up() == 0
    finally:
        elsewhere.close()


async def test_the_same_words_are_worked_out_once_until_an_entry_changes(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        first = await service.live.ask("社保卡丢了怎么补办")
        assert await service.live.ask("社保卡丢了怎么补办") is first
        assert await service.live.ask("社保卡丢了怎么补办", limit=1) != first
        await db.write(review.archive, clock(), EDITOR, "card")
        await service.live.catch_up()
        assert "card" not in [match.id for match in (await service.live.ask("社保卡丢了怎么补办")).matches]


async def test_a_draft_changes_nothing_in_the_index(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        content = review.checked({**CARD, "answer": "还没审。"})
        await db.write(review.edit, clock(), EDITOR, "card", content)
        assert await service.live.catch_up() == 0
        assert service.live.published["card"].content.answer == CARD["answer"]


def _publish_many(session: Session, clock: ManualClock, count: int) -> None:
    for n in range(count):
        publish(session, clock(), f"n{n}", {"question": f"第{n}号事项在哪里办", "answer": f"在第{n}号窗口办。"})


async def test_many_changes_make_a_new_index_at_once(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as service:
        await db.write(_publish_many, clock, 70)
        before = service.live.generation
        assert await service.live.catch_up() == 70
        assert (len(service.live.published), service.live.generation) == (70, before + 1)


async def test_a_note_that_everything_changed_has_everything_read(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        await db.write(store.log_change, clock(), [store.EVERYTHING])
        assert await service.live.catch_up() == 1
        assert set(service.live.published) == {"card", "school", "fund"}


@pytest.mark.parametrize(
    ("now", "answered"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), True),  # 23:59 on the last day in Shanghai
        (datetime(2026, 11, 30, 16, 1, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 16, 1, tzinfo=UTC), True),
    ],
)
async def test_an_entry_is_answered_on_its_days_only_by_the_offices_calendar(
    db: Database, clock: ManualClock, now: datetime, answered: bool
) -> None:
    days = {"valid_from": date(2026, 11, 1), "valid_until": date(2026, 11, 30)}
    await db.write(publish, clock(), "card", CARD | days)
    await db.write(publish, clock(), "fund", FUND)
    await db.write(publish, clock(), "school", SCHOOL)
    async with opened(db, clock) as service:
        clock.set(now)
        found = await service.live.ask("社保卡丢了怎么补办")
        assert (_best(found) == "card") is answered
        assert ("card" in [m.id for m in found.matches]) is answered


async def test_a_question_before_the_entries_are_read_is_refused_not_answered_wrongly(
    db: Database, clock: ManualClock
) -> None:
    live = LiveIndex(db, clock, ZONE, PLAIN)
    with pytest.raises(Unavailable):
        await live.ask("社保卡丢了怎么补办")
    live.close()


async def test_old_changes_are_forgotten_and_the_newest_is_kept(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    newest = await db.read(store.head)
    clock.set(datetime(2026, 12, 24, tzinfo=UTC))
    assert await db.write(store.purge_changes, clock()) == 2
    assert await db.read(store.head) == newest
