"""Terms: what the indexes are made of, as 64-bit numbers, computed for many texts at once.

A text is a row of *units*: Chinese characters, and one private character per Latin word or number. Families of
terms, each in its own range of numbers so that one index holds them all: single units, pairs of neighbours, and
*sounds* (pairs of near-pinyin syllables for Chinese, letter triples for Latin words), which survive typing by ear
and slips of the finger.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .normalise import WORD_BASE
from .pinyin import TABLE_SIZE, syllable_table

Ints = NDArray[np.int64]

_PAIR = np.int64(1 << 21)
SOUND_BASE = np.int64(1 << 43)
TRIPLE_BASE = np.int64(1 << 44)
#: Units, pairs, and sounds with letter triples.
FAMILIES = 3
_LINE_END = ord("\n")
_CJK = ((0x3400, 0xA000), (0x20000, 0x30000))


def codes(text: str) -> Ints:
    """Code points of a text. Shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), "<u4").astype(np.int64)


def family_of(terms: Ints) -> NDArray[np.int8]:
    """0 units, 1 pairs, 2 sounds and letter triples."""
    return (terms >= _PAIR).astype(np.int8) + (terms >= SOUND_BASE)


def distinct(*rows: Ints) -> Ints:
    """The distinct terms of some rows, sorted; quicker than `np.unique` for the few of a question."""
    terms = np.concatenate(rows)
    terms.sort()
    return terms[np.concatenate([[True], terms[1:] != terms[:-1]])] if len(terms) else terms


def unit_mask(row: Ints) -> NDArray[np.bool_]:
    """Where a code point is a unit: a Chinese character, 〇, or a private character that stands for a Latin word."""
    mask = row >= WORD_BASE
    for low, high in _CJK:
        mask |= (row >= low) & (row < high)
    return mask


def pair_terms(row: Ints, mask: NDArray[np.bool_]) -> Ints:
    """The pair starting at each position; 0 where either of the two is no unit. Shape (len(row) − 1,)."""
    if len(row) < 2:
        return np.zeros(0, np.int64)
    return np.where(mask[:-1] & mask[1:], row[:-1] * _PAIR + row[1:], 0)


def sound_terms(row: Ints) -> Ints:
    """The pair of near-pinyin syllables starting at each position; 0 where there is none. Shape (len(row) − 1,)."""
    if len(row) < 2:
        return np.zeros(0, np.int64)
    syllables = syllable_table()[np.where(row < TABLE_SIZE, row, 0)]
    both = (syllables[:-1] > 0) & (syllables[1:] > 0)
    return np.where(both, SOUND_BASE + syllables[:-1] * 1024 + syllables[1:], 0)


@lru_cache(maxsize=20_000)
def triple_terms(word: str) -> tuple[int, ...]:
    """Letter triples of a Latin word with its ends marked; none for numbers, which must match exactly."""
    if len(word) < 3 or not word.isalpha():
        return ()
    marked = f"^{word}$"
    return tuple(
        int(TRIPLE_BASE) + (ord(a) << 14 | ord(b) << 7 | ord(c))
        for a, b, c in zip(marked, marked[1:], marked[2:], strict=False)
    )


def text_pairs(texts: Sequence[str], *, sounds: bool, base: int = 0) -> tuple[NDArray[np.int32], Ints]:
    """(text number from `base` on, term) for every unit and pair, and sound where asked, of texts in units."""
    return line_pairs("\n".join(texts), sounds=sounds, base=base)


def line_pairs(texts: str, *, sounds: bool, base: int = 0) -> tuple[NDArray[np.int32], Ints]:
    """As `text_pairs`, for texts that are the lines of one; repeats included."""
    row = codes(texts)
    owner = np.cumsum(row == _LINE_END, dtype=np.int32)
    owner += base
    mask = unit_mask(row)
    pairs = pair_terms(row, mask)
    families = [(owner[mask], row[mask]), (owner[:-1][pairs > 0], pairs[pairs > 0])]
    if sounds:
        heard = sound_terms(row)
        families.append((owner[:-1][heard > 0], heard[heard > 0]))
    return np.concatenate([f[0] for f in families]), np.concatenate([f[1] for f in families])


def word_pairs(words: Sequence[Sequence[str]], base: int = 0) -> tuple[NDArray[np.int32], Ints]:
    """(text number from `base` on, letter triple) for the Latin words of many texts."""
    owner: list[int] = []
    terms: list[int] = []
    for number, row in enumerate(words, base):
        for word in row:
            triples = triple_terms(word)
            owner.extend([number] * len(triples))
            terms.extend(triples)
    return np.array(owner, np.int32), np.array(terms, np.int64)
