"""What a question wants to know of its matter (price, place, time …), its numbers, and whether it says no.

Two questions may share every word of the matter and still differ here: 能退吗 and 不能退吗, 多少钱 and 在哪里.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from .normalise import fold, read_list

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Intents:
    """Kinds of wish, numbers, and whether the wording is negative."""

    kinds: frozenset[str]
    numbers: frozenset[str]
    negative: bool


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
    """The words of intents.txt (`name: word | word …`) as one pattern, and the kinds of each."""
    kinds: dict[str, set[str]] = {}
    for line in read_list("intents.txt"):
        name, _, words = line.partition(":")
        for word in filter(None, (fold(w.strip()) for w in words.split("|"))):
            kinds.setdefault(word, set()).add(name.strip())
    pattern = "|".join(re.escape(w) for w in sorted(kinds, key=len, reverse=True))
    return re.compile(pattern), {word: frozenset(names) for word, names in kinds.items()}


@lru_cache(maxsize=1)
def _negation() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, read_list("negation.txt")), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _open_question() -> re.Pattern[str]:
    """能不能, 有没有: a question, not a negation."""
    return re.compile(r"(.)[不没](?=\1)|是否|可不可|需不需|[吗么嘛]?[不没]$")


@lru_cache(maxsize=20_000)
def intents_of(canon: str) -> Intents:
    """The intents of a canonical text."""
    pattern, kinds_of = _words()
    kinds = frozenset(kind for word in pattern.findall(canon) for kind in kinds_of[word])
    plain = _open_question().sub("", canon)
    return Intents(kinds, frozenset(_NUMBER.findall(canon)), bool(_negation().search(plain)))


def compare_intents(mine: Intents, other: Intents) -> dict[str, float]:
    """Features: shared and conflicting kinds, numbers shared and missing, negation that differs."""
    shared = len(mine.kinds & other.kinds)
    either = len(mine.kinds | other.kinds)
    out = {
        "intent_shared": shared / either if either else 0.0,
        "intent_differs": float(bool(mine.kinds) and bool(other.kinds) and not shared),
        "negation_differs": float(mine.negative != other.negative),
        "numbers_shared": 0.0,
        "numbers_missing": 0.0,
    }
    if mine.numbers:
        same = len(mine.numbers & other.numbers) / len(mine.numbers)
        out["numbers_shared"] = same
        out["numbers_missing"] = (1 - same) if other.numbers else 0.0
    return out
