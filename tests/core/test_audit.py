"""The audit trail: sealed in order, and every edit, gap and forgery shows."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col

from core.audit import OPERATOR, SERVICE, Actor, AuditEntry, record, seal, verify
from core.clock import ManualClock
from core.db import Database


async def _acts(db: Database, clock: ManualClock, count: int) -> None:
    for n in range(count):
        values = {"n": n, "原因": "字", "nested": {"b": [1, 2.5, None], "a": True}}
        await db.write(record, clock(), Actor(f"a{n}", "api"), "did", f"thing:{n}", before=None, after=values)


async def test_acts_wait_unsealed_and_are_sealed_in_the_order_they_were_written(
    db: Database, clock: ManualClock
) -> None:
    await _acts(db, clock, 5)
    assert [await db.write(seal, 2) for _ in range(4)] == [2, 2, 1, 0]
    verdict = await db.read(verify)
    assert (verdict.sealed, verdict.unsealed, verdict.whole) == (5, 0, True)


async def test_a_chain_goes_on_where_it_ended(db: Database, clock: ManualClock) -> None:
    await _acts(db, clock, 2)
    await db.write(seal)
    await _acts(db, clock, 3)
    assert (await db.read(verify)).unsealed == 3
    await db.write(seal)
    assert (await db.read(verify)).sealed == 5


async def test_an_empty_trail_is_whole(db: Database) -> None:
    verdict = await db.read(verify)
    assert (verdict.sealed, verdict.unsealed, verdict.whole) == (0, 0, True)
    assert await db.write(seal) == 0


async def test_an_act_whose_change_is_taken_back_leaves_no_trace(db: Database, clock: ManualClock) -> None:
    def fails(session: Session) -> None:
        record(session, clock(), OPERATOR, "did", "thing")
        raise KeyError("no")

    with pytest.raises(KeyError):
        await db.write(fails)
    assert (await db.read(verify)).unsealed == 0


def _set(**values: object) -> Callable[[Session], None]:
    return lambda s: s.execute(update(AuditEntry).where(col(AuditEntry.n) == 3).values(**values)) and None


TAMPERINGS: dict[str, tuple[Callable[[Session], None], int]] = {
    "another actor": (_set(actor="somebody"), 3),
    "another place": (_set(via="console"), 3),
    "another action": (_set(action="did not"), 3),
    "another subject": (_set(subject="thing:9"), 3),
    "values added before": (_set(before={}), 3),
    "values changed after": (_set(after={"n": 99}), 3),
    "a forged digest": (_set(digest="0" * 64), 3),
    "a row removed": (lambda s: s.execute(delete(AuditEntry).where(col(AuditEntry.n) == 3)) and None, 3),
    "a row renumbered": (_set(n=30), 3),
    "the first row removed": (lambda s: s.execute(delete(AuditEntry).where(col(AuditEntry.n) == 1)) and None, 1),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_the_chain_breaks_where_somebody_touched_it(name: str, db: Database, clock: ManualClock) -> None:
    await _acts(db, clock, 5)
    await db.write(seal)
    tamper, broken_at = TAMPERINGS[name]
    await db.write(tamper)
    verdict = await db.read(verify)
    assert (verdict.broken_at, verdict.whole) == (broken_at, False)


async def test_a_row_slipped_in_beside_the_chain_breaks_it(db: Database, clock: ManualClock) -> None:
    await _acts(db, clock, 2)
    await db.write(seal)

    def slip_in(session: Session) -> None:
        session.add(AuditEntry(at=clock(), actor="x", via="x", action="x", subject="x", n=3, digest="f" * 64))

    await db.write(slip_in)
    assert (await db.read(verify)).broken_at == 3


def test_the_service_and_the_operator_have_names_of_their_own() -> None:
    assert SERVICE != OPERATOR
