"""Deciding: is the best match an answer, a list of choices, or nothing?

Thresholds do not carry over between offices, but every office's own entries carry one: ask each entry's question with the
entry itself left out, and the scores show what a question looks like that has no answer here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Outcome = Literal["answer", "choices", "none"]

#: The trust is calibrated on labelled sets; the office's own entries move the thresholds within these bounds.
ANSWER_FLOOR, ANSWER_CEILING = 0.5, 0.8
CHOICES_FLOOR, CHOICES_CEILING = 0.18, 0.4
#: Percentile of the leave-one-out scores: Chinese banks are best cut at the median, English ones higher.
PERCENTILE = {"zh": 50.0, "latin": 85.0}
#: Fewer scores than this say nothing.
ENOUGH = 20
#: The first two within this of each other are a choice, not an answer.
TIE = 0.02


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which on a match is an answer, or worth showing."""

    answer: float = 0.55
    choices: float = 0.25


def thresholds(left_out: Sequence[float], kind: str = "zh") -> Thresholds:
    """Thresholds from leave-one-out scores; the defaults where there are too few."""
    if len(left_out) < ENOUGH:
        return Thresholds()
    cut = float(np.percentile(np.asarray(left_out), PERCENTILE[kind]))
    return Thresholds(
        min(max(cut, ANSWER_FLOOR), ANSWER_CEILING),
        min(max(cut * 0.6, CHOICES_FLOOR), CHOICES_CEILING),
    )


def decide(scores: Sequence[float], limits: Thresholds, *, bare: bool, exact: bool = False) -> Outcome:
    """The outcome for scores best first. `bare`: a noun alone; `exact`: the best phrasing says just the same."""
    if not scores or scores[0] <= 0:
        return "none"
    if bare and not exact:
        return "choices" if scores[0] >= limits.choices * 0.3 else "none"
    if exact:
        return "answer"
    if scores[0] >= limits.answer:
        return "choices" if len(scores) > 1 and scores[0] - scores[1] < TIE else "answer"
    return "choices" if scores[0] >= limits.choices else "none"
