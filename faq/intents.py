"""What a question wants to know of its matter (price, place, time …), its numbers, and whether it says no.

Two questions may share every word of the matter and still differ here: 能退吗 and 不能退吗, 多少钱 and 在哪里.
"""

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .normalise import fold, read_list

_NUMBER = re.compile(r"\d")


#: Bits of a text's wishes that are no kind: it says no; it holds numbers.
NEGATIVE, NUMBERED = 1 << 40, 1 << 41
KINDS = NEGATIVE - 1


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[tuple[str, int], ...]]:
    """The words of intents.txt (`name: word | word …`) with their bits, by first character, the longest first.

    A table, as a pattern of hundreds of words is tried word by word at every place of a text.
    """
    bits: dict[str, int] = {}
    for place, line in enumerate(read_list("intents.txt")):
        _, _, words = line.partition(":")
        for word in filter(None, (fold(w.strip()) for w in words.split("|"))):
            bits[word] = bits.get(word, 0) | 1 << place
    table: dict[str, tuple[tuple[str, int], ...]] = {}
    for word in sorted(bits, key=len, reverse=True):
        table[word[0]] = (*table.get(word[0], ()), (word, bits[word]))
    return table


@lru_cache(maxsize=1)
def _negation() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, read_list("negation.txt")), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _open_question() -> re.Pattern[str]:
    """能不能, 有没有: a question, not a negation."""
    return re.compile(r"(.)[不没](?=\1)|是否|可不可|需不需|[吗么嘛]?[不没]$")


def wishes(canon: str) -> int:
    """The kinds of wish of a canonical text as bits, with NEGATIVE and NUMBERED."""
    table = _words()
    bits = at = 0
    while at < len(canon):
        for word, kinds in table.get(canon[at], ()):
            if canon.startswith(word, at):
                bits |= kinds
                at += len(word)
                break
        else:
            at += 1
    if _negation().search(_open_question().sub("", canon)):
        bits |= NEGATIVE
    return bits | NUMBERED if _NUMBER.search(canon) else bits


def bit_count(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many kinds each row of bits holds."""
    return np.asarray(np.bitwise_count(values & KINDS), np.int64)
