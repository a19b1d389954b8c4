"""Accounts, passwords and browser sessions: who gets in, for how long, and what ends it."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, col, select

from core import auth, passwords, tokens
from core.audit import OPERATOR, AuditEntry
from core.auth import SESSION_IDLE, SESSION_LENGTH, Account, LoginSession, Principal
from core.clock import ManualClock
from core.db import Database
from core.entrance import LOCKED_FOR, MAX_FAILURES, Entrance
from core.errors import BadInput, Conflict, NotFound, TooMany, Unauthenticated
from core.people import Person, Role

PASSWORD = "correct horse battery"
OTHER = "another long password"
SERIOUS = passwords._hasher


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at its least cost: what is tested here does not depend on the cost."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords.nobody.cache_clear()


def test_passwords_cost_an_attacker_at_least_what_owasp_asks() -> None:
    assert (SERIOUS.type.name, SERIOUS.time_cost >= 2, SERIOUS.memory_cost >= 19 * 1024) == ("ID", True, True)


async def test_a_hash_that_was_cheap_is_made_dear_at_the_next_sign_in(
    sqlite_db: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _account(sqlite_db, clock)
    monkeypatch.setattr(passwords, "_hasher", SERIOUS)
    assert await _enter(sqlite_db, clock, "anna", PASSWORD) is not None
    kept = await sqlite_db.read(lambda s: s.exec(select(Account)).one().password)
    assert not SERIOUS.check_needs_rehash(kept)


async def _account(
    db: Database,
    clock: ManualClock,
    name: str = "anna",
    roles: tuple[str, ...] = ("editor",),
    password: str | None = PASSWORD,
    **more: str,
) -> str:
    made = await db.write(auth.add_account, clock(), OPERATOR, name, roles, password=password, **more)
    return made[1]


async def _enter(db: Database, clock: ManualClock, name: str, password: str) -> tuple[str, Principal] | None:
    try:
        entered = await Entrance(db, clock).sign_in(name, password)
    except Unauthenticated:
        return None
    return entered.cookie, entered.principal


async def test_the_right_password_opens_a_session_that_knows_who_it_is(db: Database, clock: ManualClock) -> None:
    await _account(db, clock, roles=("editor", "reviewer"))
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    principal = await db.read(auth.by_cookie, clock(), opened[0])
    assert principal is not None
    assert (principal.name, principal.roles, principal.via) == ("anna", {Role.EDITOR, Role.REVIEWER}, "console")
    assert principal.csrf == opened[1].csrf != ""


async def test_neither_password_nor_cookie_can_be_read_in_the_database(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    kept = await db.read(lambda s: (s.exec(select(Account)).one().password, s.exec(select(LoginSession)).one().id))
    assert kept[0].startswith("$argon2id$")
    assert opened[0] not in kept


@pytest.mark.parametrize(("name", "password"), [("anna", OTHER), ("nobody", PASSWORD), ("anna", ""), ("", PASSWORD)])
async def test_a_wrong_name_or_password_opens_nothing(
    name: str, password: str, sqlite_db: Database, clock: ManualClock
) -> None:
    await _account(sqlite_db, clock)
    assert await _enter(sqlite_db, clock, name, password) is None
    assert await sqlite_db.read(lambda s: s.exec(select(LoginSession)).all()) == []


async def test_wrong_passwords_lock_the_account_and_time_opens_it(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    for _ in range(MAX_FAILURES):
        assert await _enter(db, clock, "anna", OTHER) is None
    with pytest.raises(TooMany) as locked:
        await _enter(db, clock, "anna", PASSWORD)
    assert locked.value.retry_after == LOCKED_FOR
    clock.advance(LOCKED_FOR)
    assert await _enter(db, clock, "anna", PASSWORD) is not None


async def test_the_right_password_forgets_the_wrong_ones_before_it(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            await _enter(sqlite_db, clock, "anna", OTHER)
        assert await _enter(sqlite_db, clock, "anna", PASSWORD) is not None


async def test_an_idle_session_ends_and_one_in_use_lasts_a_day(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    cookie, began = opened[0], clock()
    while clock() - began < SESSION_LENGTH - SESSION_IDLE:
        clock.advance(SESSION_IDLE)
        assert await db.read(auth.by_cookie, clock(), cookie) is not None
        await db.write(auth.touch, clock(), cookie)
    clock.advance(SESSION_IDLE + timedelta(seconds=1))
    assert await db.read(auth.by_cookie, clock(), cookie) is None


async def test_an_idle_session_is_over_after_eight_hours(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    opened = await _enter(sqlite_db, clock, "anna", PASSWORD)
    assert opened is not None
    clock.advance(SESSION_IDLE + timedelta(seconds=1))
    assert await sqlite_db.read(auth.by_cookie, clock(), opened[0]) is None


async def test_signing_out_ends_this_session_and_no_other(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    one = await _enter(sqlite_db, clock, "anna", PASSWORD)
    other = await _enter(sqlite_db, clock, "anna", PASSWORD)
    assert one is not None
    assert other is not None
    await sqlite_db.write(auth.sign_out, one[0])
    await sqlite_db.write(auth.sign_out, "no such cookie")
    assert await sqlite_db.read(auth.by_cookie, clock(), one[0]) is None
    assert await sqlite_db.read(auth.by_cookie, clock(), other[0]) is not None


async def test_another_password_ends_every_session(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    await Entrance(db, clock).change_password(opened[1].ref, PASSWORD, OTHER)
    assert await db.read(auth.by_cookie, clock(), opened[0]) is None
    assert await _enter(db, clock, "anna", PASSWORD) is None
    assert await _enter(db, clock, "anna", OTHER) is not None


async def test_a_password_is_not_changed_without_the_present_one(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    opened = await _enter(sqlite_db, clock, "anna", PASSWORD)
    assert opened is not None
    with pytest.raises(Unauthenticated):
        await Entrance(sqlite_db, clock).change_password(opened[1].ref, OTHER, OTHER)
    with pytest.raises(Unauthenticated):
        await Entrance(sqlite_db, clock).change_password("nobody", PASSWORD, OTHER)


@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaaaa", "ababababab12"[:10]])
async def test_a_weak_password_is_refused(weak: str, sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    opened = await _enter(sqlite_db, clock, "anna", PASSWORD)
    assert opened is not None
    with pytest.raises(BadInput) as refused:
        await Entrance(sqlite_db, clock).change_password(opened[1].ref, PASSWORD, weak)
    assert "password" in refused.value.fields


async def test_a_generated_password_must_be_changed_and_a_chosen_one_need_not(
    sqlite_db: Database, clock: ManualClock
) -> None:
    once = await _account(sqlite_db, clock, "new", password=None)
    await _account(sqlite_db, clock, "old")
    fresh = await _enter(sqlite_db, clock, "new", once)
    known = await _enter(sqlite_db, clock, "old", PASSWORD)
    assert fresh is not None
    assert known is not None
    assert (fresh[1].must_change, known[1].must_change) == (True, False)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines", "zero\x00"])
async def test_a_name_too_long_once_broke_postgresql_and_passed_on_sqlite(
    name: str, db: Database, clock: ManualClock
) -> None:
    with pytest.raises(BadInput) as refused:
        await _account(db, clock, name)
    assert "name" in refused.value.fields


async def test_a_name_or_a_role_that_cannot_be_is_refused(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    with pytest.raises(Conflict, match="anna"):
        await _account(sqlite_db, clock)
    with pytest.raises(BadInput, match="emperor"):
        await _account(sqlite_db, clock, "bert", roles=("emperor",))


async def test_a_disabled_account_is_out_at_once_with_its_sessions_and_its_person_s_tokens(
    db: Database, clock: ManualClock
) -> None:
    def person(session: Session) -> str:
        row = Person(name="示例甲", created_at=clock())
        session.add(row)
        session.flush()
        return row.id

    who = await db.write(person)
    await _account(db, clock, "boss", roles=("admin",))
    await _account(db, clock, person_id=who)
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    hers = await db.write(tokens.create_token, clock(), OPERATOR, "hers", ["editor"], person_id=who)
    others = await db.write(tokens.create_token, clock(), OPERATOR, "other", ["editor"])
    await db.write(auth.disable_account, clock(), OPERATOR, "anna")
    assert await db.read(auth.by_cookie, clock(), opened[0]) is None
    assert await _enter(db, clock, "anna", PASSWORD) is None
    assert await db.read(tokens.by_token, clock(), hers) is None
    assert await db.read(tokens.by_token, clock(), others) is not None


async def test_the_last_administrator_cannot_be_disabled(db: Database, clock: ManualClock) -> None:
    await _account(db, clock, "boss", roles=("admin",))
    await _account(db, clock, "anna", roles=("editor",))
    with pytest.raises(Conflict, match="last administrator"):
        await db.write(auth.disable_account, clock(), OPERATOR, "boss")
    await _account(db, clock, "second", roles=("admin", "editor"))
    await db.write(auth.disable_account, clock(), OPERATOR, "boss")
    with pytest.raises(Conflict, match="last administrator"):
        await db.write(auth.disable_account, clock(), OPERATOR, "second")
    with pytest.raises(NotFound):
        await db.write(auth.disable_account, clock(), OPERATOR, "nobody")


async def test_a_reset_unlocks_signs_out_and_gives_a_password_for_once(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    opened = await _enter(db, clock, "anna", PASSWORD)
    assert opened is not None
    for _ in range(MAX_FAILURES):
        await _enter(db, clock, "anna", OTHER)
    once = await db.write(auth.reset_password, clock(), OPERATOR, "anna")
    assert await db.read(auth.by_cookie, clock(), opened[0]) is None
    again = await _enter(db, clock, "anna", once)
    assert again is not None
    assert again[1].must_change
    with pytest.raises(NotFound):
        await db.write(auth.reset_password, clock(), OPERATOR, "nobody")


async def test_every_deed_on_an_account_is_in_the_trail_without_its_password(
    sqlite_db: Database, clock: ManualClock
) -> None:
    await _account(sqlite_db, clock, "boss", roles=("admin",))
    once = await _account(sqlite_db, clock, password=None)
    opened = await _enter(sqlite_db, clock, "anna", once)
    assert opened is not None
    await Entrance(sqlite_db, clock).change_password(opened[1].ref, once, OTHER)
    await sqlite_db.write(auth.reset_password, clock(), OPERATOR, "anna")
    await sqlite_db.write(auth.disable_account, clock(), OPERATOR, "anna")
    trail = await sqlite_db.read(lambda s: s.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all())
    assert [entry.action for entry in trail] == [
        "account.add", "account.add", "account.sign_in", "account.password", "account.reset", "account.disable",
    ]  # fmt: skip
    written = " ".join(str(entry.model_dump()) for entry in trail)
    assert not any(secret in written for secret in (once, OTHER, opened[0]))
