"""What we asked an address and wait to hear: the latest first, replaced by its like, gone in time."""

from datetime import timedelta

from core import expectations
from core.clock import ManualClock
from core.db import Database
from core.expectations import LIFETIME, expect, forget, standing

PHONE = ("sms", "+12025550101")


async def test_the_latest_question_stands_first(db: Database, clock: ManualClock) -> None:
    await db.write(expect, clock(), *PHONE, "faq", {"list": ["a", "b"]})
    await db.write(expect, clock(), *PHONE, "rating", {"n": 1}, ref="26112103")
    asked = await db.read(standing, clock(), *PHONE)
    assert [(q.owner, q.ref, q.data) for q in asked] == [
        ("rating", "26112103", {"n": 1}),
        ("faq", "", {"list": ["a", "b"]}),
    ]
    assert asked[0].asked_at == clock()


async def test_the_same_question_again_replaces_the_former(db: Database, clock: ManualClock) -> None:
    await db.write(expect, clock(), *PHONE, "faq", {"list": ["a"]})
    await db.write(expect, clock(), *PHONE, "rating", {}, ref="1")
    await db.write(expect, clock(), *PHONE, "rating", {}, ref="2")
    await db.write(expect, clock(), *PHONE, "faq", {"list": ["b"]})
    asked = await db.read(standing, clock(), *PHONE)
    assert [(q.owner, q.ref) for q in asked] == [("faq", ""), ("rating", "2"), ("rating", "1")]
    assert asked[0].data == {"list": ["b"]}


async def test_what_one_address_was_asked_is_not_asked_of_another(db: Database, clock: ManualClock) -> None:
    await db.write(expect, clock(), *PHONE, "faq", {})
    assert await db.read(standing, clock(), "sms", "+12025550102") == []
    assert await db.read(standing, clock(), "chat", PHONE[1]) == []


async def test_a_question_lapses_after_three_days_or_as_told(db: Database, clock: ManualClock) -> None:
    await db.write(expect, clock(), *PHONE, "faq", {})
    await db.write(expect, clock(), *PHONE, "brief", {}, lifetime=timedelta(minutes=5))
    clock.advance(timedelta(minutes=5))
    assert [q.owner for q in await db.read(standing, clock(), *PHONE)] == ["faq"]
    clock.advance(LIFETIME)
    assert await db.read(standing, clock(), *PHONE) == []
    assert await db.write(expectations.purge, clock()) == 2
    assert await db.write(expectations.purge, clock()) == 0


async def test_an_answered_question_is_gone_and_its_neighbours_stay(db: Database, clock: ManualClock) -> None:
    for ref in ("1", "2"):
        await db.write(expect, clock(), *PHONE, "rating", {}, ref=ref)
    await db.write(forget, *PHONE, "rating", ref="1")
    await db.write(forget, *PHONE, "nobody")
    assert [q.ref for q in await db.read(standing, clock(), *PHONE)] == ["2"]


async def test_at_most_twenty_questions_are_looked_at(db: Database, clock: ManualClock) -> None:
    for n in range(25):
        await db.write(expect, clock(), *PHONE, "rating", {}, ref=str(n))
    assert [q.ref for q in await db.read(standing, clock(), *PHONE)] == [str(n) for n in range(24, 4, -1)]
