"""What kind of message a text is: a bare noun, a follow-up to what was just shown, or two questions in one."""

import re
from functools import lru_cache

import numpy as np

from .intents import KINDS, wishes
from .normalise import fold, normalise, read_list
from .question import Question, unit_shares

#: Longest bare noun, in units.
BARE_UNITS = 6
_SENTENCES = re.compile(r"[。！？!?；;\n]+|(?:，|,|\s)(?=另外|还有|還有|顺便|順便|再问|再問|第二)")
_MAX_QUESTIONS = 3
_FOLLOWS = re.compile(r"^(那|那么|那个|这个|这|它|还有|然后|另外|所以)")


@lru_cache(maxsize=1)
def _asking() -> re.Pattern[str]:
    words = sorted((fold(w) for w in read_list("question_words.txt")), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def is_bare(question: Question) -> bool:
    """医保, 社保卡: a short noun with no word that asks or acts."""
    text = question.text.canon.replace(" ", "")
    units = int((question.share > 0).sum())
    return (
        0 < units <= BARE_UNITS
        and len(text) <= 24
        and len(text.split()) <= 2
        and not _asking().search(question.text.canon)
    )


def follow_up(text: str) -> bool:
    """那要多少钱, 在哪办: asks something, and names no matter of its own."""
    form = normalise(text)
    if not form.canon:
        return False
    pointed = bool(_FOLLOWS.match(form.canon))
    shares = unit_shares(form.units)
    left = _asking().sub("", _FOLLOWS.sub("", form.canon))
    matter = int(np.sum(unit_shares(left.replace(" ", "")) > 0.5)) if left else 0
    asks = bool(wishes(form.canon) & KINDS) or bool(_asking().search(form.canon))
    return asks and len(shares) <= 16 and (matter <= 1 or (pointed and matter <= 3))


def split_questions(text: str) -> list[str]:
    """The questions of a message when it holds two or more that each name a matter; else the message itself."""
    pieces = [p.strip() for p in _SENTENCES.split(text[:600]) if p and p.strip()]
    asking = [p for p in pieces if _is_question(p)]
    return asking[:_MAX_QUESTIONS] if len(asking) > 1 else [text]


def _is_question(piece: str) -> bool:
    form = normalise(piece)
    matter = float(unit_shares(form.units.replace(" ", "")).sum())
    return matter >= 3 and bool(_asking().search(form.canon))
