"""Keywords: which command a message is. Pure; the words are data (``bot/data/words.toml``).

``rest`` of an entry: absent, the word is the whole message; true, words must follow; "may", they may; "number",
only a matter's number (and what follows it) may; "ref", the number of another system's case must. ``unless`` are
ways in which an ordinary sentence goes on after the word, where nothing parts the two (投诉电话 is no complaint).
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.choosing import fold

_EDGES = re.compile(r"^[\s，,。.!！~、]+|[\s，,。.!！~、]+$")
_GAPS = re.compile(r"\s+")
_PARTED = re.compile(r"[\s:：,，、。.!！]")
_NUMBER = re.compile(r"[\s:：,，]*[A-Za-z]?\s?\d(?:[\s-]?\d){7,11}(?!\d)")
_REF = re.compile(r"[\s:：,，]*(?=[\w./-]*\d)[A-Za-z0-9][A-Za-z0-9._/-]{3,59}\s*$")
_FORMS = {"number": _NUMBER, "ref": _REF}
"""What must stand behind a word, by the name it has in the data."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the words behind it."""

    name: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Prefix:
    word: str
    name: str
    form: re.Pattern[str] | None
    unless: tuple[str, ...]

    def rest_of(self, text: str) -> str | None:
        """What stands behind the word, None when the message is not this command."""
        rest = text[len(self.word) :]
        if not text.lower().startswith(self.word) or not rest or (self.word[-1].isascii() and not rest[0].isspace()):
            return None
        parted = _PARTED.match(rest) is not None
        if not parted and rest.startswith(self.unless):
            return None
        if self.form and not self.form.match(rest):
            return None
        return rest.strip(" \n:：，,")


@cache
def _tables() -> tuple[dict[str, str], tuple[_Prefix, ...]]:
    """Whole messages to commands, and prefixes (longest first) to commands that take words behind them."""
    table = tomllib.loads((files("bot") / "data" / "words.toml").read_text("utf-8"))
    whole: dict[str, str] = {}
    prefixes: list[_Prefix] = []
    for name, entry in table.items():
        rest = entry.get("rest")
        for word in map(_key, entry["words"]):
            if rest not in {True, "ref"}:
                whole[word] = name
            if rest:
                prefixes.append(_Prefix(word, name, _FORMS.get(rest), tuple(entry.get("unless", ()))))
    return whole, tuple(sorted(prefixes, key=lambda prefix: -len(prefix.word)))


def command_in(text: str) -> Command | None:
    """The command a message is, None for ordinary words."""
    plain = _EDGES.sub("", fold(text)) or fold(text)
    whole, prefixes = _tables()
    if name := whole.get(_key(plain)):
        return Command(name)
    for prefix in prefixes:
        rest = prefix.rest_of(plain)
        if rest is not None:
            return Command(prefix.name, rest)
    return None


def _key(text: str) -> str:
    return _GAPS.sub(" ", fold(text).lower())
