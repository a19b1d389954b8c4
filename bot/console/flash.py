"""One sentence carried over a redirect: what became of a form. Kept in a cookie for a minute, shown once."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import Request, Response

COOKIE = "sunline_said"
_SECONDS = 60
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Flash:
    """``key`` of a text with its values; ``tone`` is ok, warn or bad."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    tone: str = "ok"


def put(response: Response, flash: Flash, *, secure: bool) -> None:
    """Say it on the next page."""
    packed = base64.urlsafe_b64encode(orjson.dumps([flash.key, flash.values, flash.tone])).decode()
    if len(packed) <= _LONGEST:
        response.set_cookie(
            COOKIE, packed, max_age=_SECONDS, path="/console", httponly=True, samesite="strict", secure=secure
        )


def take(request: Request) -> Flash | None:
    """What the page before wanted to say; None for nothing, and for what we did not write."""
    packed = request.cookies.get(COOKIE, "")
    if not packed or len(packed) > _LONGEST:
        return None
    try:
        key, values, tone = orjson.loads(base64.urlsafe_b64decode(packed))
    except (ValueError, TypeError, binascii.Error):
        return None
    fits = isinstance(key, str) and isinstance(values, dict) and tone in {"ok", "warn", "bad"}
    return Flash(key, values, tone) if fits else None


def drop(response: Response) -> None:
    """It was shown."""
    response.delete_cookie(COOKIE, path="/console")
