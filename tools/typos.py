"""Questions spoiled as people type them: everyday wording, lost and swapped characters, homophones, politeness."""

import random
from collections.abc import Sequence
from functools import lru_cache

from faq.evaluate import Labelled
from faq.index import IndexEntry
from faq.normalise import fold
from faq.pinyin import TABLE_SIZE, syllable_table

_EVERYDAY = (
    ("应如何", "该怎么"), ("如何", "怎么"), ("可否", "能不能"), ("是否", "是不是"), ("需要", "要"), ("哪些", "什么"),
    ("何时", "什么时候"), ("何处", "哪里"), ("为何", "为什么"), ("办理", "办"), ("申请", "办"), ("请问", ""),
    ("及", "和"),    ("或", "还是"), ("民众", "人"), ("本市", ""),
)  # fmt: skip


@lru_cache(maxsize=1)
def _alike() -> dict[int, list[str]]:
    """Syllable number → common characters that sound so."""
    out: dict[int, list[str]] = {}
    table = syllable_table()
    for code in range(0x4E00, 0x9FA5):
        if table[code]:
            out.setdefault(int(table[code]), []).append(chr(code))
    return out


def spoil(rng: random.Random, question: str) -> str:
    """One spoiled wording of a question."""
    text = fold(question).strip()
    for formal, everyday in _EVERYDAY:
        if formal in text and rng.random() < 0.6:
            text = text.replace(formal, everyday)
    if len(text) > 30:
        start = rng.randrange(len(text) - 24)
        text = text[start : start + rng.randrange(14, 24)]
    elif len(text) > 8 and rng.random() < 0.5:
        cut = rng.randrange(1, 4)
        start = rng.randrange(len(text) - cut)
        text = text[:start] + text[start + cut :]
    chars = list(text)
    if rng.random() < 0.35:
        _mishear(rng, chars)
    if rng.random() < 0.15 and len(chars) > 4:
        at = rng.randrange(len(chars) - 1)
        chars[at], chars[at + 1] = chars[at + 1], chars[at]
    text = "".join(chars)
    return f"你好，请问{text}，谢谢" if rng.random() < 0.2 else text


def _mishear(rng: random.Random, chars: list[str]) -> None:
    table = syllable_table()
    for _ in range(rng.randrange(1, 3)):
        at = rng.randrange(len(chars))
        code = ord(chars[at])
        if code < TABLE_SIZE and table[code]:
            chars[at] = rng.choice(_alike().get(int(table[code]), chars[at : at + 1]))


def spoiled(bank: Sequence[IndexEntry], count: int, seed: int = 1) -> list[Labelled]:
    """Spoiled wordings of some entries' own questions."""
    rng = random.Random(seed)  # noqa: S311 - a sample for fitting, no secret
    entries = [e for e in bank if len(e.question) >= 6]
    rng.shuffle(entries)
    return [Labelled(spoil(rng, e.question), frozenset([e.id]), "spoiled") for e in entries[:count]]
