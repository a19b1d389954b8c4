"""Who is asking and what they may: accounts with passwords, browser sessions, API tokens.

Passwords are kept as argon2id hashes; tokens and session ids only as SHA-256 digests. How somebody gets in is
``core.entrance``.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select

from core.audit import Actor, record
from core.columns import UTCDateTime
from core.errors import BadInput, Conflict, NotFound
from core.ids import new_id, new_secret
from core.passwords import OneTime, check_password, hashed, one_time
from core.people import Role
from core.second_factor import is_set_up, remove

SESSION_IDLE = timedelta(hours=8)
SESSION_LENGTH = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly the use of a session is noted: a write for each request would be too much."""
MAX_NAME = 60


class Account(SQLModel, table=True):
    """Somebody who signs in."""

    __tablename__ = "account"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=60, unique=True)
    password: str = Field(max_length=200)
    must_change: bool = False
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    disabled: bool = False
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)


class LoginSession(SQLModel, table=True):
    """A browser that signed in. ``id`` is the digest of the cookie."""

    __tablename__ = "login_session"

    id: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", index=True, max_length=32)
    csrf: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    seen_at: datetime = Field(sa_type=UTCDateTime)


class ApiToken(SQLModel, table=True):
    """A token for a program or a script. ``id`` is public, the secret is kept as a digest only."""

    __tablename__ = "api_token"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    digest: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=60)
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    revoked: bool = False
    created_at: datetime = Field(sa_type=UTCDateTime)


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who proved who they are.

    ``identity`` is what ``SamePerson`` compares: the person when there is one, else the account or token itself.
    """

    ref: str
    name: str
    roles: frozenset[Role]
    via: str
    person_id: str | None = None
    unit_id: str | None = None
    csrf: str = ""
    must_change: bool = False
    second_factor: bool = False
    seen_at: datetime | None = None

    @property
    def identity(self) -> str:
        """The person behind the account or token, else the account or token."""
        return self.person_id or self.ref

    @property
    def actor(self) -> Actor:
        """This principal as the audit trail names it."""
        return Actor(self.ref, self.via)

    def has(self, *roles: Role) -> bool:
        """Whether at least one of these roles is held."""
        return not self.roles.isdisjoint(roles)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def known_roles(names: Iterable[str]) -> list[str]:
    """Role names checked against the list; raises BadInput naming the unknown one."""
    roles = []
    for name in names:
        if name not in set(Role):
            raise BadInput(f"{name!r} is not a role. Roles are: {', '.join(Role)}.", fields={"roles": name})
        roles.append(name)
    return sorted(set(roles))


def check_name(name: str) -> str:
    """The name of an account or token without blanks around it; raises BadInput for one that cannot be shown."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise BadInput(f"A name has 1 to {MAX_NAME} printable characters.", fields={"name": "does not fit"})
    return name


def add_account(
    session: Session,
    now: datetime,
    actor: Actor,
    name: str,
    roles: Iterable[str],
    *,
    password: str | OneTime | None = None,
    person_id: str | None = None,
    unit_id: str | None = None,
) -> tuple[Account, str]:
    """A new account and its password; a generated one must be changed at the first sign-in."""
    name = check_name(name)
    if session.exec(select(Account).where(Account.name == name)).first():
        raise Conflict(f"There is already an account named {name!r}.")
    if isinstance(password, str):
        check_password(password)
        given = OneTime(password, hashed(password))
    else:
        given = password or one_time()
    account = Account(
        name=name,
        password=given.kept,
        must_change=not isinstance(password, str),
        roles=known_roles(roles),
        person_id=person_id,
        unit_id=unit_id,
        created_at=now,
    )
    session.add(account)
    session.flush()
    record(session, now, actor, "account.add", f"account:{account.id}", after={"roles": account.roles})
    return account, given.plain


def open_session(session: Session, now: datetime, account: Account, former: str = "") -> tuple[str, Principal]:
    """A new browser session of somebody who proved who they are: its cookie's value and who it is.

    The session the browser came with (``former``) ends, so that no cookie planted before lives on.
    """
    if former:
        sign_out(session, former)
    cookie = new_secret()
    login = LoginSession(id=_digest(cookie), account_id=account.id, csrf=new_secret(24), created_at=now, seen_at=now)
    session.add(login)
    session.flush()
    record(session, now, Actor(account.id, "console"), "account.sign_in", f"account:{account.id}")
    return cookie, _principal(session, account, login)


def end_sessions(session: Session, account_id: str) -> None:
    """Sign the account out everywhere."""
    for login in session.exec(select(LoginSession).where(LoginSession.account_id == account_id)).all():
        session.delete(login)
    session.flush()


def sign_out(session: Session, cookie: str) -> None:
    """End one browser session."""
    if login := session.get(LoginSession, _digest(cookie)):
        session.delete(login)


def by_cookie(session: Session, now: datetime, cookie: str) -> Principal | None:
    """Who this browser session belongs to, None when unknown or over."""
    login = session.get(LoginSession, _digest(cookie))
    if login is None or now - login.seen_at > SESSION_IDLE or now - login.created_at > SESSION_LENGTH:
        return None
    account = session.get(Account, login.account_id)
    return _principal(session, account, login) if account and not account.disabled else None


def worth_noting(principal: Principal, now: datetime) -> bool:
    """Whether the use of this browser session should be written down (``touch``) again."""
    return principal.seen_at is not None and now - principal.seen_at >= SEEN_EVERY


def touch(session: Session, now: datetime, cookie: str) -> None:
    """Note that a browser session is in use, so that only an idle one ends after ``SESSION_IDLE``."""
    if login := session.get(LoginSession, _digest(cookie)):
        login.seen_at = now
        session.add(login)


def _principal(session: Session, account: Account, login: LoginSession) -> Principal:
    return Principal(
        ref=account.id,
        name=account.name,
        roles=frozenset(Role(role) for role in account.roles),
        via="console",
        person_id=account.person_id,
        unit_id=account.unit_id,
        csrf=login.csrf,
        must_change=account.must_change,
        second_factor=is_set_up(session, account.id),
        seen_at=login.seen_at,
    )


def accounts(session: Session) -> list[Account]:
    """Every account, by name."""
    return list(session.exec(select(Account).order_by(col(Account.name))))


def account_named(session: Session, name: str) -> Account:
    """An account by its name; raises NotFound."""
    account = session.exec(select(Account).where(Account.name == name)).first()
    if account is None:
        raise NotFound(f"There is no account named {name!r}.")
    return account


def disable_account(session: Session, now: datetime, actor: Actor, name: str) -> Account:
    """End an account with its sessions, its second factor and its person's tokens. The last admin is protected."""
    account = account_named(session, name)
    _check_not_last_admin(session, account)
    account.disabled = True
    session.add(account)
    end_sessions(session, account.id)
    if account.person_id:
        for token in session.exec(select(ApiToken).where(ApiToken.person_id == account.person_id)):
            token.revoked = True
            session.add(token)
    record(session, now, actor, "account.disable", f"account:{account.id}")
    return account


def _check_not_last_admin(session: Session, account: Account) -> None:
    others = [other for other in accounts(session) if not other.disabled and other.id != account.id]
    if Role.ADMIN in account.roles and not any(Role.ADMIN in other.roles for other in others):
        raise Conflict("This is the last administrator: make another one first.")


def change_roles(session: Session, now: datetime, actor: Actor, name: str, roles: Iterable[str]) -> bool:
    """Give an account these roles; it is signed out everywhere, so that no session keeps the former ones.

    False when they were the same. The last admin stays one.
    """
    account = account_named(session, name)
    wanted, before = known_roles(roles), account.roles
    if wanted == before:
        return False
    if Role.ADMIN not in wanted:
        _check_not_last_admin(session, account)
    account.roles = wanted
    session.add(account)
    end_sessions(session, account.id)
    record(
        session, now, actor, "account.roles", f"account:{account.id}", before={"roles": before}, after={"roles": wanted}
    )
    return True


def reset_password(session: Session, now: datetime, actor: Actor, name: str, made: OneTime | None = None) -> str:
    """A new one-time password; the account is unlocked, signed out everywhere and asked for no second factor."""
    account = account_named(session, name)
    given = made or one_time()
    account.password, account.must_change = given.kept, True
    account.failures, account.locked_until = 0, None
    session.add(account)
    end_sessions(session, account.id)
    remove(session, now, actor, account.id)
    record(session, now, actor, "account.reset", f"account:{account.id}")
    return given.plain
