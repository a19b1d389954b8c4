"""``Idempotency-Key``: the first answer again, 409 while it is worked out, 422 for another body."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core import idempotency
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, Conflict
from core.idempotency import KEPT_FOR, RUNNING_FOR, begin, fingerprint, finish


async def test_the_first_answer_is_given_again_for_a_day(db: Database, clock: ManualClock) -> None:
    assert await db.write(begin, clock(), "k", "r") is None
    await db.write(finish, "k", 201, '{"编号":1}'.encode())
    clock.advance(KEPT_FOR)
    assert await db.write(begin, clock(), "k", "r") == (201, '{"编号":1}'.encode())
    clock.advance(timedelta(seconds=1))
    assert await db.write(begin, clock(), "k", "r") is None


async def test_a_call_still_running_is_a_conflict_until_it_is_given_up(db: Database, clock: ManualClock) -> None:
    await db.write(begin, clock(), "k", "r")
    clock.advance(RUNNING_FOR)
    with pytest.raises(Conflict):
        await db.write(begin, clock(), "k", "r")
    clock.advance(timedelta(seconds=1))
    assert await db.write(begin, clock(), "k", "r") is None


@pytest.mark.parametrize("done", [True, False])
async def test_the_same_key_with_another_body_is_refused(done: bool, db: Database, clock: ManualClock) -> None:
    await db.write(begin, clock(), "k", "r")
    if done:
        await db.write(finish, "k", 201, b"{}")
    with pytest.raises(BadInput) as refused:
        await db.write(begin, clock(), "k", "another")
    assert "Idempotency-Key" in refused.value.fields


async def test_a_call_that_failed_frees_its_key(db: Database, clock: ManualClock) -> None:
    await db.write(begin, clock(), "k", "r")
    await db.write(idempotency.abandon, "k")
    assert await db.write(begin, clock(), "k", "r") is None
    await db.write(idempotency.abandon, "nothing")
    await db.write(finish, "nothing", 201, b"")


async def test_old_answers_are_purged_and_fresh_ones_stay(db: Database, clock: ManualClock) -> None:
    await db.write(begin, clock(), "old", "r")
    clock.advance(KEPT_FOR + timedelta(seconds=1))
    await db.write(begin, clock(), "new", "r")
    assert await db.write(idempotency.purge, clock()) == 1
    with pytest.raises(Conflict):
        await db.write(begin, clock(), "new", "r")


async def test_a_kept_answer_is_ciphertext_in_the_database(db: Database, clock: ManualClock) -> None:
    await db.write(begin, clock(), "k", "r")
    await db.write(finish, "k", 201, "示例甲".encode())
    raw = await db.read(lambda s: s.execute(text("SELECT body FROM idempotent_call")).scalar_one())
    assert "示例甲".encode() not in bytes(raw)


def test_parts_that_run_into_each_other_make_different_fingerprints() -> None:
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc") != fingerprint(b"abc")
    assert fingerprint(b"ab", b"c") == fingerprint(b"ab", b"c")
