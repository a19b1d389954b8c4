"""Raw text and canonical text, kept side by side.

*Raw* is the text folded to one script, one width and one case. *Canonical* is the raw text without politeness and
filler words, with numbers in digits. Matching looks at both: what is lost in one is often seen in the other.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

#: Longest part of a message that is looked at, in characters; it bounds the work for one question.
MAX_CHARS = 320
#: First private code point that stands for a whole Latin word or number, and how many there are.
WORD_BASE = 0xF0000
WORD_COUNT = 0x1FFFD

_LATIN = re.compile(r"[a-z0-9]+(?:[.,/:_-](?=[a-z0-9])[a-z0-9]+)*")
_SPACES = re.compile(r"\s+")
_LOOSE_MARKS = re.compile(r"(?<![a-z0-9])[.,/:_'-]|[.,/:_'-](?![a-z0-9])|[^\w %.,/:_'-]")
#: Characters outside the everyday ranges may have a compatibility form (①, ㍿, ﬁ, half-width kana).
_COMPATIBILITY = re.compile(r"[^\x00-\u024f\u2000-\u206f\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_DIGITS = dict(zip("〇零一二三四五六七八九两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_MEASURES = "年月日天岁个次元块号点时人成倍期周级等米吨度公小分季折口寸楼层米条种张份%"
_NUMERAL = re.compile(
    rf"第?([〇零一二三四五六七八九两十百千万]+)(?=[{_MEASURES}])|((?!千万)[一二三四五六七八九两]?[十百千][〇零一二三四五六七八九十百千万]+)"
    r"|([一二三四五六七八九两][百千]|[二三四五六七八九]十|十(?=[多几来余]))"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """One text in both forms, and the canonical one with every Latin word as a single private character."""

    raw: str
    canon: str
    units: str


def read_list(name: str) -> tuple[str, ...]:
    """The lines of one plain file in `faq/data`, without comments and blanks."""
    text = resources.files("faq").joinpath("data", name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _fold_table() -> dict[int, str]:
    """Every character that folds into another: traditional to simplified, capitals, marks to a blank."""
    table: dict[int, str] = {}
    codes = list(range(0x3400, 0xA000))
    simple = OpenCC("t2s").convert("\n".join(map(chr, codes))).split("\n")
    table.update({c: t for c, t in zip(codes, simple, strict=True) if len(t) == 1 and ord(t) != c})
    table.update(
        {ord(a): b for a, b in ("妳你", "您你", "祂他", "牠它", "衞卫", "帐账", "帳账", "著着", "裏里", "祇只", "藉借")}
        | {ord(a): b for a, b in ("週周", "咋怎", "俩两", "仨三", "唔不", "冇没", "嘅的", "啲些", "乜什")}
    )
    marks = (*range(0x21, 0x7F), *range(0x2000, 0x2070), *range(0x3000, 0x3021), 0xB7, 0xD7)
    table.update({c: " " for c in marks if not chr(c).isalnum() and chr(c) not in "%.,/:_-'〇"})
    table.update({code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})
    for wide in range(0xFF01, 0xFF5F):  # full width forms of ASCII
        table[wide] = table.get(wide - 0xFEE0, chr(wide - 0xFEE0))
    return table


@lru_cache(maxsize=1)
def _fold_codes() -> NDArray[np.uint32]:
    """The same as an array: code point → code point."""
    table = np.arange(0x10000, dtype=np.uint32)
    for code, other in _fold_table().items():
        table[code] = ord(other)
    return table


def fold(text: str) -> str:
    """One script, one width, one case; punctuation, emoji and control characters become single blanks."""
    return _compatible(text).translate(_fold_table())


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text) if _COMPATIBILITY.search(text) else text


def _number(numeral: str) -> str:
    """三百五十 → 350, 一〇六 → 106, 十六 → 16."""
    if all(c in _DIGITS for c in numeral):
        return "".join(str(_DIGITS[c]) for c in numeral)
    total = section = digit = 0
    for c in numeral:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _SCALES[c], 0
    return str(total + section + digit)


def digits(text: str) -> str:
    """Numbers written in characters become digits, where a measure word or a scale shows that they are numbers."""
    return _NUMERAL.sub(lambda m: _number(m[1] or m[2] or m[3]), text)


@lru_cache(maxsize=1)
def _politeness() -> re.Pattern[str]:
    phrases = sorted({fold(p) for p in read_list("politeness.txt")}, key=len, reverse=True)
    cjk = "|".join(re.escape(p) for p in phrases if not p.isascii())
    latin = "|".join(re.escape(p) for p in phrases if p.isascii())
    return re.compile(rf"{cjk}|\b(?:{latin})\b")


def stem(word: str) -> str:
    """A light English stem: plural, -ing and -ed. Numbers and short words stay."""
    if len(word) < 5 or not word.isalpha():
        return word.removesuffix("s") if len(word) == 4 and word.isalpha() and not word.endswith("ss") else word
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and not word.endswith("ss"):
            base = word.removesuffix(ending)
            return base + "y" if ending == "ies" else base.removesuffix("e")
    return word.removesuffix("e")


@lru_cache(maxsize=50_000)
def word_unit(word: str) -> str:
    """The private character that stands for a Latin word or a number."""
    return chr(WORD_BASE + crc32(stem(word).encode()) % WORD_COUNT)


def to_units(text: str) -> str:
    """Canonical text with each Latin word or number as one character, and blanks where anything else stood."""
    if _LATIN.search(text):
        text = _LATIN.sub(lambda m: " " + word_unit(m[0]) + " ", text)
    return text


def latin_words(text: str) -> list[str]:
    """The Latin words and numbers of a folded text, in order."""
    return _LATIN.findall(text)


def clean(text: str) -> str:
    """Emoji, and marks that do not stand inside a word or number, become blanks; blanks are collapsed."""
    return _SPACES.sub(" ", _LOOSE_MARKS.sub(" ", text)).strip()


def normalise(text: str, limit: int = MAX_CHARS) -> Normalised:
    """Both forms of a question or phrasing; only the first `limit` characters count."""
    raw = clean(fold(text[: limit * 4])[:limit])
    canon = digits(raw.replace("'s ", " ").replace("'", ""))
    stripped = _SPACES.sub(" ", _politeness().sub(" ", canon)).strip()
    canon = stripped or canon
    return Normalised(raw, canon, to_units(canon))


def normalise_all(texts: Iterable[str], limit: int = MAX_CHARS) -> list[Normalised]:
    """`normalise` over many texts."""
    return [normalise(text, limit) for text in texts]


def answer_units(texts: Iterable[str], limit: int) -> str:
    """Answers in units, one in a line: cut and folded, numbers in digits; politeness stays, it is cheap and rare there.

    All are folded at once by a table of code points: one by one that is a third of building a large index.
    """
    cut = [text[:limit].replace("\n", " ") for text in texts]
    joined = "\n".join(cut)
    if _COMPATIBILITY.search(joined):
        joined = "\n".join(map(_compatible, cut))
    row = np.frombuffer(joined.encode("utf-32-le", "replace"), "<u4")
    table = _fold_codes()
    folded = np.where(row < len(table), table[np.minimum(row, len(table) - 1)], row)
    return to_units(digits(folded.astype("<u4").tobytes().decode("utf-32-le")))
