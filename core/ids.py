"""Identifiers: time-ordered, unguessable enough to show, the same on every database."""

import secrets

import uuid_utils


def new_id() -> str:
    """A UUID version 7 as 32 hex digits: sorts by creation time, so index pages stay warm."""
    return uuid_utils.uuid7().hex


def new_secret(nbytes: int = 32) -> str:
    """A random URL-safe secret for tokens and sessions."""
    return secrets.token_urlsafe(nbytes)


def new_code(digits: int = 6) -> str:
    """A random decimal code of exactly this many digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
