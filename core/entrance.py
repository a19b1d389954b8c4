"""Getting in: a name and a password, then a code of the second factor where one is set up.

Five wrong passwords or codes lock an account for 15 minutes (OWASP Authentication Cheat Sheet: throttle by account,
not only by address). Passwords are hashed and compared in threads of their own, never inside a transaction: it takes
a tenth of a second and 64 MB, and SQLite has one writer.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlmodel import Session, select

from core import passwords, second_factor
from core.audit import Actor, record
from core.auth import Account, Principal, end_sessions, open_session
from core.clock import Clock
from core.db import Database
from core.errors import AppError, BadInput, TooMany, Unauthenticated

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_AT_ONCE = 2
"""Passwords compared at the same time: bounds the memory that a flood of tries can take."""


class CodeNeeded(Unauthenticated):
    """The password is right; now the code of the second factor is asked for."""


class WrongCode(Unauthenticated):
    """The password is right, the code is not, or was used already."""


class _Answer(Enum):
    WRONG_PASSWORD = auto()
    CODE_NEEDED = auto()
    WRONG_CODE = auto()
    LOCKED = auto()


@dataclass(frozen=True, slots=True)
class Entered:
    """A new browser session: the cookie's value and whose it is."""

    cookie: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    password: str


class Entrance:
    """Signs people in and lets them change what they sign in with."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    async def sign_in(self, name: str, password: str, code: str = "", *, former: str = "") -> Entered:
        """Open a browser session; ``former`` is the cookie the browser came with.

        Raises Unauthenticated for a wrong name or password, CodeNeeded, WrongCode, TooMany while locked.
        """
        kept = await self._db.read(_look_up, self._clock(), name)
        right = await self._matches(kept.password if kept else passwords.nobody(), password)
        if kept is None:
            raise _error(_Answer.WRONG_PASSWORD)
        fresh = await self._hashed(password) if right and passwords.outdated(kept.password) else ""
        answer = await self._db.write(_enter, self._clock(), kept, code, former, right=right, fresh=fresh)
        if isinstance(answer, Entered):
            return answer
        raise _error(answer)

    async def change_password(self, account_id: str, old: str, new: str) -> None:
        """Set another password; every session of the account ends. Raises Unauthenticated for a wrong old one.

        BadInput for a weak one or the same one again, TooMany while locked.
        """
        kept = await self._db.read(_by_id, self._clock(), account_id)
        right = await self._matches(kept.password if kept else passwords.nobody(), old)
        if kept is None or not right:
            if kept is not None:
                locked: bool = await self._db.write(_failed, self._clock(), kept.id)
                if locked:
                    raise _error(_Answer.LOCKED)
            raise Unauthenticated("The present password is not right.", fields={"old": "not right"})
        passwords.check_password(new)
        if new == old:
            raise BadInput("Choose another password than the present one.", fields={"password": "the same"})
        await self._db.write(_set_password, self._clock(), kept, await self._hashed(new))

    async def check_code(self, account_id: str, code: str) -> None:
        """The code before a change of the second factor itself; a wrong one counts. Raises WrongCode, TooMany."""
        answer = await self._db.write(_check_code, self._clock(), account_id, code)
        if answer:
            raise _error(answer)

    async def one_time(self) -> passwords.OneTime:
        """A generated password with its hash, made outside of any transaction."""
        async with self._hashing:
            return await asyncio.to_thread(passwords.one_time)

    async def _matches(self, kept: str, password: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(passwords.matches, kept, password)

    async def _hashed(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(passwords.hashed, password)


def _error(answer: _Answer) -> AppError:
    if answer is _Answer.CODE_NEEDED:
        return CodeNeeded("Give the code of the authenticator app, too.", fields={"code": "missing"})
    if answer is _Answer.WRONG_CODE:
        return WrongCode("This code is not right, or was used already.", fields={"code": "not right"})
    if answer is _Answer.LOCKED:
        return TooMany("Too many wrong tries. Try again later.", retry_after=LOCKED_FOR)
    return Unauthenticated("The name or the password is not right.")


def _look_up(session: Session, now: datetime, name: str) -> _Kept | None:
    return _kept(now, session.exec(select(Account).where(Account.name == name)).first())


def _by_id(session: Session, now: datetime, account_id: str) -> _Kept | None:
    return _kept(now, session.get(Account, account_id))


def _kept(now: datetime, account: Account | None) -> _Kept | None:
    if account is None:
        return None
    _check_unlocked(account, now)
    return _Kept(account.id, account.password)


def _check_unlocked(account: Account, now: datetime) -> None:
    if account.locked_until and account.locked_until > now:
        raise TooMany("Too many wrong tries. Try again later.", retry_after=account.locked_until - now)


def _locked_row(session: Session, account_id: str) -> Account | None:
    return session.exec(select(Account).where(Account.id == account_id).with_for_update()).first()


def _enter(
    session: Session, now: datetime, kept: _Kept, code: str, former: str, *, right: bool, fresh: str
) -> Entered | _Answer:
    """What is written of a try. Returns instead of raising: a failure must be committed, too."""
    account = _locked_row(session, kept.id)
    if account is None:
        return _Answer.WRONG_PASSWORD
    _check_unlocked(account, now)
    if not right or account.disabled or account.password != kept.password:
        _count_failure(session, account, now)
        return _Answer.WRONG_PASSWORD
    if not code.strip() and second_factor.is_set_up(session, account.id):
        return _Answer.CODE_NEEDED
    if not second_factor.check(session, now, account.id, code):
        _count_failure(session, account, now)
        return _Answer.WRONG_CODE
    account.failures, account.locked_until = 0, None
    account.password = fresh or account.password
    session.add(account)
    return Entered(*open_session(session, now, account, former))


def _count_failure(session: Session, account: Account, now: datetime) -> None:
    account.failures += 1
    if account.failures >= MAX_FAILURES:
        account.failures, account.locked_until = 0, now + LOCKED_FOR
        record(session, now, Actor(account.id, "console"), "account.locked", f"account:{account.id}")
    session.add(account)
    session.flush()


def _failed(session: Session, now: datetime, account_id: str) -> bool:
    """Count a wrong try; True when it locked the account."""
    account = _locked_row(session, account_id)
    if account:
        _count_failure(session, account, now)
    return bool(account and account.locked_until and account.locked_until > now)


def _set_password(session: Session, now: datetime, kept: _Kept, new: str) -> None:
    account = _locked_row(session, kept.id)
    if account is None or account.password != kept.password:
        raise Unauthenticated("The password was changed meanwhile.", fields={"old": "not right"})
    account.password, account.must_change, account.failures = new, False, 0
    session.add(account)
    end_sessions(session, account.id)
    record(session, now, Actor(account.id, "console"), "account.password", f"account:{account.id}")


def _check_code(session: Session, now: datetime, account_id: str, code: str) -> _Answer | None:
    account = _locked_row(session, account_id)
    if account is None:
        return _Answer.WRONG_CODE
    _check_unlocked(account, now)
    if not code.strip():
        return _Answer.CODE_NEEDED
    if second_factor.check(session, now, account_id, code):
        return None
    _count_failure(session, account, now)
    return _Answer.WRONG_CODE
