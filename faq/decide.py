"""Deciding: is the best match an answer, a list of choices, or nothing?

The fitted weights say from where on a match is sure enough on the sets they were fitted on. Thresholds do not
carry over between offices, but every office's own entries carry a hint: ask each entry's question with the entry
itself left out, and the scores show what a question looks like that has no answer here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Outcome = Literal["answer", "choices", "none"]

#: How far the office's own entries may move the fitted threshold, down and up.
DOWN, UP = 0.08, 0.04
#: Trust from which on matches are worth showing, and how far down the office's own entries may move it.
SHOW, SHOW_FLOOR = 0.35, 0.2
#: Percentile of the leave-one-out scores: Chinese banks are best cut at the median, English ones higher.
PERCENTILE = {"zh": 50.0, "latin": 85.0}
#: Fewer scores than this say nothing.
ENOUGH = 20
#: The first two within this of each other in trust are a choice, not an answer.
TIE = 0.005


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Sureness from which on a match is an answer, and trust from which on it is worth showing."""

    answer: float
    choices: float = SHOW


def thresholds(left_out: Sequence[tuple[float, float]], fitted: float, kind: str = "zh") -> Thresholds:
    """Thresholds from leave-one-out (trust, sureness) pairs, near the fitted one; the fitted where they are too few."""
    if len(left_out) < ENOUGH:
        return Thresholds(fitted)
    shown, sure = (float(np.percentile([pair[k] for pair in left_out], PERCENTILE[kind])) for k in (0, 1))
    answer = min(max(sure, fitted - DOWN), min(fitted + UP, 0.95))
    return Thresholds(answer, min(max(shown * 0.5, SHOW_FLOOR), SHOW))


def decide(
    scores: Sequence[float], sure: float, limits: Thresholds, *, bare: bool = False, exact: bool = False
) -> Outcome:
    """The outcome for trust scores best first and the sureness of the first.

    `bare`: the question is a noun alone, which is never guessed at; `exact`: the best phrasing says just the same.
    """
    if not scores or scores[0] <= 0:
        return "none"
    if exact:
        return "answer"
    if bare:
        return "choices" if scores[0] >= limits.choices * 0.3 else "none"
    if sure >= limits.answer:
        return "choices" if len(scores) > 1 and scores[0] - scores[1] < TIE * scores[0] else "answer"
    return "choices" if scores[0] >= limits.choices else "none"
