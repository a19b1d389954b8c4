"""The second factor: enrolling, one code once, recovery, locking, and who has to have it."""

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from sqlmodel import select

from core import auth, passwords, second_factor
from core.audit import OPERATOR, Actor, AuditEntry
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.entrance import LOCKED_FOR, MAX_FAILURES, CodeNeeded, Entered, Entrance, WrongCode
from core.errors import BadInput, Conflict, TooMany, Unauthenticated
from core.people import Role
from core.second_factor import STEP_S, RecoveryCode, SecondFactor, matching_step, step_of
from core.web import COOKIE, Guard, install_error_handlers

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=STEP_S)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm at its least cost: what is tested here does not depend on the cost."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords.nobody.cache_clear()


def _code(secret: str, clock: ManualClock) -> str:
    return pyotp.TOTP(secret).at(clock())


async def _account(db: Database, clock: ManualClock, *roles: str, name: str = "anna") -> str:
    await db.write(auth.add_account, clock(), OPERATOR, name, roles or ("admin",), password=PASSWORD)
    return await db.read(lambda s: auth.account_named(s, name).id)


async def _enrolled(db: Database, clock: ManualClock) -> tuple[str, str, list[str]]:
    """An account with an app: its id, the secret, and the recovery codes."""
    account = await _account(db, clock)
    begun = await db.write(second_factor.begin, clock(), account, "anna", "阳光热线")
    actor = Actor(account, "console")
    codes = await db.write(second_factor.confirm, clock(), actor, account, _code(begun.secret, clock))
    return account, begun.secret, codes


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)], ids=["-2", "-1", "0", "+1", "+2"]
)
def test_a_phone_may_be_half_a_minute_off_but_no_more(steps: int, taken: bool, clock: ManualClock) -> None:
    code = pyotp.TOTP(SECRET).at(clock() + steps * STEP)
    assert (matching_step(SECRET, code, clock(), 0) == step_of(clock()) + steps) is taken


@pytest.mark.parametrize("nonsense", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_of_six_digits_matches_nothing(nonsense: str, clock: ManualClock) -> None:
    assert matching_step(SECRET, nonsense, clock(), 0) is None


def test_a_code_may_be_typed_in_two_groups(clock: ManualClock) -> None:
    code = _code(SECRET, clock)
    assert matching_step(SECRET, f" {code[:3]} {code[3:]} ", clock(), 0) == step_of(clock())


async def test_signing_in_asks_for_the_code_once_an_app_is_confirmed(db: Database, clock: ManualClock) -> None:
    _, secret, _ = await _enrolled(db, clock)
    clock.advance(2 * STEP)
    door = Entrance(db, clock)
    with pytest.raises(CodeNeeded):
        await door.sign_in("anna", PASSWORD)
    entered = await door.sign_in("anna", PASSWORD, _code(secret, clock))
    assert entered.principal.second_factor


async def test_an_app_that_was_begun_but_never_proved_locks_nobody_out(db: Database, clock: ManualClock) -> None:
    account = await _account(db, clock)
    begun = await db.write(second_factor.begin, clock(), account, "anna", "阳光热线")
    with pytest.raises(BadInput, match="clock"):
        await db.write(second_factor.confirm, clock(), Actor(account, "console"), account, "000000")
    shown_again = await db.read(second_factor.pending, account, "anna", "阳光热线")
    assert shown_again == begun
    assert isinstance(await Entrance(db, clock).sign_in("anna", PASSWORD), Entered)


async def test_a_code_opens_once_and_no_older_one_after_it(db: Database, clock: ManualClock) -> None:
    _, secret, _ = await _enrolled(db, clock)
    clock.advance(3 * STEP)
    door, older = Entrance(db, clock), pyotp.TOTP(secret).at(clock() - STEP)
    code = _code(secret, clock)
    await door.sign_in("anna", PASSWORD, code)
    for used in (code, older):
        with pytest.raises(WrongCode):
            await door.sign_in("anna", PASSWORD, used)


async def test_the_code_that_confirmed_the_app_does_not_open_as_well(db: Database, clock: ManualClock) -> None:
    _, secret, _ = await _enrolled(db, clock)
    with pytest.raises(WrongCode):
        await Entrance(db, clock).sign_in("anna", PASSWORD, _code(secret, clock))


async def test_wrong_codes_lock_the_account_like_wrong_passwords(db: Database, clock: ManualClock) -> None:
    _, secret, _ = await _enrolled(db, clock)
    clock.advance(2 * STEP)
    door = Entrance(db, clock)
    for _ in range(MAX_FAILURES):
        with pytest.raises(WrongCode):
            await door.sign_in("anna", PASSWORD, "000000")
    with pytest.raises(TooMany):
        await door.sign_in("anna", PASSWORD, _code(secret, clock))
    clock.advance(LOCKED_FOR)
    assert isinstance(await door.sign_in("anna", PASSWORD, _code(secret, clock)), Entered)


async def test_without_the_password_nothing_is_said_about_a_second_factor(
    sqlite_db: Database, clock: ManualClock
) -> None:
    _, secret, _ = await _enrolled(sqlite_db, clock)
    clock.advance(2 * STEP)
    with pytest.raises(Unauthenticated) as refused:
        await Entrance(sqlite_db, clock).sign_in("anna", "some other password", _code(secret, clock))
    assert type(refused.value) is Unauthenticated


async def test_each_recovery_code_opens_once(db: Database, clock: ManualClock) -> None:
    account, _, codes = await _enrolled(db, clock)
    door = Entrance(db, clock)
    await door.sign_in("anna", PASSWORD, codes[0].upper().replace("-", " "))
    with pytest.raises(WrongCode):
        await door.sign_in("anna", PASSWORD, codes[0])
    assert await db.read(second_factor.codes_left, account) == len(codes) - 1


async def test_new_recovery_codes_end_the_former_ones(sqlite_db: Database, clock: ManualClock) -> None:
    account, _, codes = await _enrolled(sqlite_db, clock)
    actor = Actor(account, "console")
    fresh = await sqlite_db.write(second_factor.new_recovery_codes, clock(), actor, account)
    assert not set(fresh) & set(codes)
    with pytest.raises(WrongCode):
        await Entrance(sqlite_db, clock).sign_in("anna", PASSWORD, codes[1])
    assert isinstance(await Entrance(sqlite_db, clock).sign_in("anna", PASSWORD, fresh[1]), Entered)


async def test_neither_secret_nor_codes_can_be_read_in_the_database(db: Database, clock: ManualClock) -> None:
    _, secret, codes = await _enrolled(db, clock)
    raw = await db.read(lambda s: bytes(s.connection().exec_driver_sql("select secret from second_factor").scalar()))
    assert secret.encode() not in raw
    kept = await db.read(lambda s: [row.digest for row in s.exec(select(RecoveryCode))])
    assert not {code for code in codes for digest in kept if code.replace("-", "") in digest}


async def test_an_app_in_use_is_not_replaced_by_a_session_alone(sqlite_db: Database, clock: ManualClock) -> None:
    account, _, _ = await _enrolled(sqlite_db, clock)
    with pytest.raises(Conflict):
        await sqlite_db.write(second_factor.begin, clock(), account, "anna", "阳光热线")
    with pytest.raises(WrongCode):
        await Entrance(sqlite_db, clock).check_code(account, "000000")


async def test_the_operators_reset_takes_the_app_away(sqlite_db: Database, clock: ManualClock) -> None:
    await _enrolled(sqlite_db, clock)
    once = await sqlite_db.write(auth.reset_password, clock(), OPERATOR, "anna")
    entered = await Entrance(sqlite_db, clock).sign_in("anna", once)
    assert (entered.principal.must_change, entered.principal.second_factor) == (True, False)
    assert await sqlite_db.read(lambda s: (s.exec(select(SecondFactor)).all(), s.exec(select(RecoveryCode)).all())) == (
        [],
        [],
    )


async def test_what_happens_to_it_is_audited_without_the_codes(sqlite_db: Database, clock: ManualClock) -> None:
    _, secret, codes = await _enrolled(sqlite_db, clock)
    await Entrance(sqlite_db, clock).sign_in("anna", PASSWORD, codes[0])
    rows = await sqlite_db.read(lambda s: [(row.action, str(row.after)) for row in s.exec(select(AuditEntry))])
    assert {"account.second_factor", "account.recovery_codes", "account.recovery_code"} <= {row[0] for row in rows}
    assert not [row for row in rows if secret in row[1] or codes[0] in row[1]]


async def test_the_session_a_browser_came_with_ends_at_the_sign_in(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock)
    door = Entrance(sqlite_db, clock)
    planted = await door.sign_in("anna", PASSWORD)
    fresh = await door.sign_in("anna", PASSWORD, former=planted.cookie)
    assert await sqlite_db.read(auth.by_cookie, clock(), planted.cookie) is None
    assert await sqlite_db.read(auth.by_cookie, clock(), fresh.cookie) is not None


async def test_another_role_means_signing_in_again(db: Database, clock: ManualClock) -> None:
    await _account(db, clock)
    await _account(db, clock, name="boss")
    entered = await Entrance(db, clock).sign_in("anna", PASSWORD)
    assert await db.write(auth.change_roles, clock(), OPERATOR, "anna", ["editor"])
    assert await db.read(auth.by_cookie, clock(), entered.cookie) is None
    assert not await db.write(auth.change_roles, clock(), OPERATOR, "anna", ["editor"])
    with pytest.raises(Conflict, match="last administrator"):
        await db.write(auth.change_roles, clock(), OPERATOR, "boss", ["editor"])


async def test_a_role_that_needs_an_app_may_do_nothing_before_it_has_one(db: Database, clock: ManualClock) -> None:
    account = await _account(db, clock)
    entered = await Entrance(db, clock).sign_in("anna", PASSWORD)
    async with _client(db, clock, entered.cookie) as client:
        refused = await client.get("/thing")
        assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden")
        assert "authenticator app" in refused.json()["detail"]
        begun = await db.write(second_factor.begin, clock(), account, "anna", "阳光热线")
        await db.write(second_factor.confirm, clock(), Actor(account, "console"), account, _code(begun.secret, clock))
        assert (await client.get("/thing")).status_code == 200


async def test_a_role_that_need_not_have_one_is_not_held_up(sqlite_db: Database, clock: ManualClock) -> None:
    await _account(sqlite_db, clock, "editor")
    entered = await Entrance(sqlite_db, clock).sign_in("anna", PASSWORD)
    async with _client(sqlite_db, clock, entered.cookie) as client:
        assert (await client.get("/thing")).status_code == 200


def _client(db: Database, clock: ManualClock, cookie: str) -> AsyncClient:
    app, guard = FastAPI(), Guard(db, clock, [Role.ADMIN, Role.SUPERVISOR])
    install_error_handlers(app)

    @app.get("/thing")
    async def thing(_who: Principal = Depends(guard.needs())) -> str:  # noqa: B008 - how FastAPI is told
        return "fine"

    return AsyncClient(transport=ASGITransport(app), base_url="http://test", cookies={COOKIE: cookie})
