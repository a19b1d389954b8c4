"""Keywords: which command a message is. Pure; the words are data (``bot/data/words.toml``)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.dialogue.choosing import fold

_EDGES = re.compile(r"^[\s，,。.!！~、]+|[\s，,。.!！~、]+$")
_GAPS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the words behind it."""

    name: str
    rest: str = ""


@cache
def _tables() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Whole messages to commands, and prefixes (longest first) to commands that take words behind them."""
    table = tomllib.loads((files("bot") / "data" / "words.toml").read_text("utf-8"))
    whole = {_key(word): name for name, entry in table.items() for word in entry["words"] if not entry.get("rest")}
    prefixes = [
        (_key(word), name) for name, entry in table.items() if entry.get("rest") for word in entry["words"]
    ]
    return whole, tuple(sorted(prefixes, key=lambda pair: -len(pair[0])))


def command_in(text: str) -> Command | None:
    """The command a message is, None for ordinary words."""
    plain = _EDGES.sub("", fold(text)) or fold(text)
    whole, prefixes = _tables()
    if name := whole.get(_key(plain)):
        return Command(name)
    lowered = plain.lower()
    for word, name in prefixes:
        if (
            lowered.startswith(word)
            and (rest := plain[len(word) :])
            and (not word[-1].isascii() or rest[0].isspace())
        ):
            return Command(name, rest.strip(" :：，,"))
    return None


def _key(text: str) -> str:
    return _GAPS.sub(" ", fold(text).lower())
