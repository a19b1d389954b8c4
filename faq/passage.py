"""The sentences of an answer that tell what a follow-up question asks for. Pure.

那要多少钱 after an answer about a lost card is served by the one sentence about the fee: the person has the whole
answer already, and by SMS each segment costs.
"""

import re
from functools import lru_cache

from .intents import KINDS, wishes
from .normalise import fold, normalise, read_list

_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
_AT_MOST = 0.7
"""Share of an answer above which its sentences are no shorter way to say it."""


@lru_cache(maxsize=1)
def _cues() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """The words of passages.txt as a pattern for each kind of wish, with the kind's bit."""
    names = [line.partition(":")[0].strip() for line in read_list("intents.txt")]
    cues = []
    for line in read_list("passages.txt"):
        name, _, words = line.partition(":")
        pattern = "|".join(re.escape(fold(word.strip())) for word in words.split("|"))
        cues.append((1 << names.index(name.strip()), re.compile(pattern)))
    return tuple(cues)


def passage(answer: str, question: str) -> str | None:
    """The part of ``answer`` that tells what ``question`` wants to know, as it stands there.

    None when the question names no kind of wish, when no sentence tells of one, or when nearly all of them do: then
    the whole answer is the answer.
    """
    wanted = wishes(normalise(question).canon) & KINDS
    patterns = [pattern for bit, pattern in _cues() if wanted & bit]
    told = [
        sentence
        for sentence in _SENTENCE.findall(answer)
        if any(pattern.search(fold(sentence)) for pattern in patterns)
    ]
    found = re.sub("；$", "。", "".join(told).strip())
    return found if found and len(found) <= _AT_MOST * len(answer) else None
