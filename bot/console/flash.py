"""One sentence carried over a redirect: what became of a form. Kept in a cookie for a minute, shown once."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import Request, Response

COOKIE = "sunline_said"
_SECONDS = 60
_LONGEST = 1500
_OURS = re.compile(r"/console/[A-Za-z0-9/_.-]+")


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes back what was just done: a page of ours it is sent to, and what it brings there."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flash:
    """``key`` of a text with its values; ``tone`` is ok, warn or bad; ``undo`` puts a button beside the sentence."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    tone: str = "ok"
    undo: Undo | None = None


def put(response: Response, flash: Flash, *, secure: bool) -> None:
    """Say it on the next page."""
    back = [flash.undo.path, flash.undo.fields] if flash.undo else None
    packed = base64.urlsafe_b64encode(orjson.dumps([flash.key, flash.values, flash.tone, back])).decode()
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
        key, values, tone, back = orjson.loads(base64.urlsafe_b64decode(packed))
    except (ValueError, TypeError, binascii.Error):
        return None
    fits = isinstance(key, str) and isinstance(values, dict) and tone in {"ok", "warn", "bad"}
    return Flash(key, values, tone, _undo(back)) if fits else None


def _undo(back: Any) -> Undo | None:
    """The form that was packed; None for anything else, above all for an address that is not ours."""
    match back:
        case [str(path), dict(fields)] if _OURS.fullmatch(path):
            return Undo(path, {str(name): str(value) for name, value in fields.items()})
        case _:
            return None


def drop(response: Response) -> None:
    """It was shown."""
    response.delete_cookie(COOKIE, path="/console")
