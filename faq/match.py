"""Scoring: features → one number per candidate that ranks, and one 0…1 that says how far to trust it.

Both are linear; the weights are data (`faq/data/weights.json`), fitted by `python -m tools.fit_weights`, one set for
Chinese and one for Latin text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from .names import COUNT, NAMES
from .question import Question
from .segment import Floats

#: What the trust in a candidate looks at besides its own features.
CONTEXT = ("rank", "margin", "lead", "mass_phrasing", "mass_answer", "mass_all")
TRUST_NAMES = (*NAMES, *CONTEXT)


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of the ranking (NAMES), of the trust and of being sure (TRUST_NAMES), and where sure begins.

    Trust says whether anything here answers the question; sure says whether this entry does.
    """

    rank: Floats
    trust: Floats
    sure: Floats
    answer_from: float


@dataclass(frozen=True, slots=True)
class Weights:
    """One set for Chinese text and one for Latin text."""

    zh: Linear
    latin: Linear

    def of(self, question: Question) -> Linear:
        """The set for a question."""
        return self.latin if question.is_latin else self.zh


def vector(names: Sequence[str], values: Mapping[str, float]) -> Floats:
    """Named weights as an array; a name that is missing weighs nothing, an unknown name is an error."""
    unknown = set(values) - set(names)
    if unknown:
        raise ValueError(f"Unknown features: {', '.join(sorted(unknown))}")
    return np.array([values.get(n, 0.0) for n in names], np.float32)


def read_weights(text: str) -> Weights:
    """Weights from their JSON text."""
    data = json.loads(text)
    sets = {
        kind: Linear(
            vector(NAMES, data[kind]["rank"]),
            vector(TRUST_NAMES, data[kind]["trust"]),
            vector(TRUST_NAMES, data[kind]["sure"]),
            float(data[kind]["answer_from"]),
        )
        for kind in ("zh", "latin")
    }
    return Weights(sets["zh"], sets["latin"])


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights that come with the product."""
    return read_weights(resources.files("faq").joinpath("data", "weights.json").read_text(encoding="utf-8"))


def best_of_entries(rank: Floats, entries: Sequence[object]) -> list[int]:
    """Rows best first, only the best row of each entry. Equal scores keep their order."""
    seen: set[object] = set()
    out = []
    for row in np.argsort(-rank, kind="stable").tolist():
        if entries[row] not in seen:
            seen.add(entries[row])
            out.append(row)
    return out


def context(rank: Floats, mass: Floats) -> Floats:
    """The context features of candidates in order of rank."""
    out = np.zeros((len(rank), len(CONTEXT)), np.float32)
    if len(rank):
        out[:, 0] = rank
        best_other = np.full(len(rank), rank[0])
        best_other[0] = rank[1] if len(rank) > 1 else rank[0] - 4.0
        out[:, 1] = np.clip(rank - best_other, -4, 4)
        out[:, 2] = np.exp(rank - rank[0]) / np.exp(rank[:10] - rank[0]).sum()
        out[:, 3:] = np.log1p(mass)
    return out


def trust(weights: Linear, features: Floats, around: Floats) -> Floats:
    """Calibrated 0…1 for candidates in order of rank; never more for a later one than for an earlier one."""
    score = _squeeze(np.concatenate([features, around], axis=1) @ weights.trust)
    return np.minimum.accumulate(score).astype(np.float32)


def sureness(weights: Linear, features: Floats, around: Floats) -> float:
    """How likely the first candidate is the right one, 0…1."""
    if not len(features):
        return 0.0
    return float(_squeeze(np.concatenate([features[0], around[0]]) @ weights.sure))


def _squeeze(raw: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))), np.float32)


__all__ = [
    "CONTEXT",
    "COUNT",
    "TRUST_NAMES",
    "Linear",
    "Weights",
    "best_of_entries",
    "context",
    "read_weights",
    "sureness",
    "trust",
]
