"""Passwords: argon2id hashes, and what is asked of a new one (OWASP Password Storage Cheat Sheet)."""

import functools
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import BadInput
from core.ids import new_secret

MIN_PASSWORD = 10

_hasher = PasswordHasher()


def check_password(password: str) -> None:
    """Raises BadInput for one that is too short or too simple."""
    if len(password) < MIN_PASSWORD or len(set(password)) < 5:
        raise BadInput(
            f"A password needs at least {MIN_PASSWORD} characters, five of them different.",
            fields={"password": "too weak"},
        )


@dataclass(frozen=True, slots=True)
class OneTime:
    """A generated password, to be changed at the first sign-in, beside what is kept of it.

    Made before the transaction begins: a hash takes a tenth of a second, and SQLite has one writer.
    """

    plain: str = field(repr=False)
    kept: str = field(repr=False)


def one_time() -> OneTime:
    """A new one."""
    plain = new_secret(12)
    return OneTime(plain, hashed(plain))


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether this is the password that was hashed."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def nobody() -> str:
    """A hash checked for unknown names, so that they take as long as known ones."""
    return hashed("nobody has this password")


def outdated(kept: str) -> bool:
    """Whether a hash was made with less effort than today's."""
    return _hasher.check_needs_rehash(kept)
