"""What a text already tells: where, since when, what is wished, whom it is about. Pure; the signs are data."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import phonenumbers

from bot.choosing import fold
from core.script import to_simplified

ENOUGH_MISSING = 1
"""So much of a checklist may be open without anything being asked, if the place is known."""
_SHORT_SUBJECT = 12
_END = re.compile(r"[,，。.;；!！?？\n]")
_REGION = "CN"
_SHORTEST_PHONE = 7
"""Digits: shorter ones are service numbers (12345), which nobody can be called back on."""


@cache
def _signs(name: str) -> re.Pattern[str]:
    entry = _data()[name]
    return re.compile("|".join(entry["signs"]) or r"(?!)", re.IGNORECASE)


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("bot") / "data" / "details.toml").read_text("utf-8"))


def tells(name: str, text: str) -> bool:
    """Whether a text has a sign of this (``where``, ``since``, ``question`` …)."""
    return _signs(name).search(_plain(text)) is not None


def _plain(text: str) -> str:
    return to_simplified(fold(text)).lower()


def missing(needs: Iterable[str], text: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """What of a checklist a text leaves open, to be asked for once and completely; empty when it is enough.

    A text with its place and at most one thing open is worked with as it is.
    """
    open_needs = tuple(need for need in needs if need not in known and not _told(need, text))
    if "where" not in open_needs and len(open_needs) <= ENOUGH_MISSING:
        return ()
    return open_needs


def _told(need: str, text: str) -> bool:
    if need == "what":
        return sum(char.isalnum() for char in text) >= 4
    if need == "contact":
        return phone_in(text) != ""
    return need in _data() and tells(need, text)


def phone_in(text: str) -> str:
    """The first telephone number in a text, in E.164; empty when there is none."""
    for match in phonenumbers.PhoneNumberMatcher(fold(text), _REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        if len(str(match.number.national_number)) < _SHORTEST_PHONE:
            continue
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def shown_phone(number: str) -> str:
    """A number as its owner reads it back."""
    parsed = phonenumbers.parse(number, _REGION)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def relative_in(text: str) -> str:
    """The member of the family a text speaks of, empty for none."""
    plain = _plain(text)
    found = [(plain.index(word), word) for word in _data()["relative"]["words"] if word in plain]
    return min(found)[1].removeprefix("我").removeprefix("my ") if found else ""


def subject_of(text: str, longest: int = _SHORT_SUBJECT) -> str:
    """The first clause of a text, as it is read back in quotes."""
    clause = next((part.strip() for part in _END.split(text) if part.strip()), text.strip())
    return clause if len(clause) <= longest else f"{clause[: longest - 1]}…"
