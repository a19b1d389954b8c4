"""Passwords: argon2id hashes, and what is asked of a new one (OWASP Password Storage Cheat Sheet)."""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import BadInput

MIN_PASSWORD = 10

_hasher = PasswordHasher()


def check_password(password: str) -> None:
    """Raises BadInput for one that is too short or too simple."""
    if len(password) < MIN_PASSWORD or len(set(password)) < 5:
        raise BadInput(
            f"A password needs at least {MIN_PASSWORD} characters, five of them different.",
            fields={"password": "too weak"},
        )


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
