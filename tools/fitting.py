"""The numerics of fitting: a ranking and a trust, both linear, with signs that make sense. Plain numpy.

A coverage can only speak for a candidate and a gap only against it. Holding the signs costs nothing on the sets we have
and keeps the weights from learning the habits of those who wrote the questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faq.match import TRUST_NAMES, best_of_entries, context
from faq.names import NAMES

Array = NDArray[np.float64]

AGAINST = {
    "gap_phrasing", "gap_all", "numbers_missing", "negation_differs", "intent_differs", "concept_gap", "matter_gap",
}  # fmt: skip
EITHER = {"bias", "phrasing_length", "answer_length", "length_ratio"}


@dataclass(frozen=True, slots=True)
class Example:
    """One question's candidates. `inside`: something in the bank answers it; `fold`: its cross-validation part."""

    features: Array  # (n, len(NAMES))
    mass: Array
    ids: tuple[str, ...]
    right: NDArray[np.bool_]  # (n,)
    inside: bool
    fold: int
    weight: float = 1.0


def signs(names: Sequence[str]) -> Array:
    """+1, −1 or 0 (either) for each feature."""
    return np.array([0 if n in EITHER else -1 if n in AGAINST else 1 for n in names], np.float64)


def _hold(weights: Array, sign: Array) -> Array:
    return np.where(sign > 0, np.maximum(weights, 0), np.where(sign < 0, np.minimum(weights, 0), weights))


def _descend(gradient: "Gradient", size: int, sign: Array, steps: int = 600, rate: float = 0.08) -> Array:
    """Adam with the signs held, the rate falling to nothing."""
    weights, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, steps + 1):
        g = gradient.at(weights)
        first = 0.9 * first + 0.1 * g
        second = 0.99 * second + 0.01 * g * g
        move = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        weights = _hold(weights - rate * (1 - 0.97 * step / steps) * move, sign)
    return weights


class Gradient(Protocol):
    """Something whose gradient can be asked for."""

    def at(self, weights: Array) -> Array:
        """The gradient at some weights."""


@dataclass(frozen=True, slots=True)
class _Listwise:
    """−log of the softmax share of the right candidates, with a ridge."""

    x: Array
    right: Array
    starts: NDArray[np.int64]
    owner: NDArray[np.int64]
    weight: Array
    ridge: float

    def at(self, weights: Array) -> Array:
        score = self.x @ weights
        odds = np.exp(score - np.maximum.reduceat(score, self.starts)[self.owner])
        every = np.add.reduceat(odds, self.starts)[self.owner]
        good = np.add.reduceat(odds * self.right, self.starts)[self.owner]
        push = (odds / every - odds * self.right / good) * self.weight[self.owner]
        return np.asarray(self.x.T @ push + self.ridge * weights)


@dataclass(frozen=True, slots=True)
class _Logistic:
    x: Array
    target: Array
    weight: Array
    ridge: Array

    def at(self, weights: Array) -> Array:
        likely = 1 / (1 + np.exp(-np.clip(self.x @ weights, -30, 30)))
        return np.asarray(self.x.T @ ((likely - self.target) * self.weight) + self.ridge * weights)


def _scale(x: Array) -> Array:
    spread = x.std(axis=0)
    return np.where(spread < 1e-6, 1e9, spread)


def fit_rank(examples: Sequence[Example], ridge: float = 1e-2) -> Array:
    """Weights that put a right candidate first. Examples without a right and a wrong candidate say nothing."""
    useful = [e for e in examples if e.right.any() and not e.right.all()]
    x = np.concatenate([e.features for e in useful])
    lengths = np.array([len(e.ids) for e in useful])
    weight = np.array([e.weight for e in useful])
    scale = _scale(x)
    loss = _Listwise(
        x / scale,
        np.concatenate([e.right for e in useful]).astype(np.float64),
        (np.cumsum(lengths) - lengths).astype(np.int64),
        np.repeat(np.arange(len(useful)), lengths),
        weight / weight.sum(),
        ridge,
    )
    return _descend(loss, x.shape[1], signs(NAMES)) / scale


@dataclass(frozen=True, slots=True)
class Tops:
    """The first candidate of each question: trust features, whether it is right, whether anything is."""

    x: Array
    right: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    weight: Array


def tops(examples: Sequence[Example], rank: Array) -> Tops:
    """The first candidates under a ranking."""
    rows = []
    for e in examples:
        if not e.ids:
            continue
        score = (e.features @ rank).astype(np.float32)
        best = best_of_entries(score, e.ids)
        around = context(score[best], e.mass[best].astype(np.float32))
        rows.append((np.concatenate([e.features[best[0]], around[0]]), bool(e.right[best[0]]), e.inside, e.weight))
    return Tops(
        np.array([r[0] for r in rows]), np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows]), np.array([r[3] for r in rows]),
    )  # fmt: skip


def fit_trust(first: Tops, ridge: float = 1e-2, wrong_worth: float = 0.6) -> Array:
    """Weights of the trust. A wrong candidate of an answerable question is worth `wrong_worth` of a right one."""
    target = first.inside * wrong_worth + first.right * (1 - wrong_worth)
    bias = TRUST_NAMES.index("bias")
    scale = _scale(first.x)
    scale[bias] = 1.0
    ridges = np.full(len(TRUST_NAMES), ridge)
    ridges[bias] = 1e-6
    loss = _Logistic(first.x / scale, target, first.weight / first.weight.sum(), ridges)
    return _descend(loss, len(TRUST_NAMES), signs(TRUST_NAMES)) / scale


def removed(examples: Sequence[Example], weight: float) -> list[Example]:
    """The same questions with their right entries taken out: questions of the same people that nothing here answers."""
    out = []
    for e in examples:
        keep = ~e.right
        if e.inside and keep.any():
            ids = tuple(i for i, k in zip(e.ids, keep, strict=True) if k)
            none = np.zeros(len(ids), np.bool_)
            out.append(Example(e.features[keep], e.mass[keep], ids, none, False, e.fold, weight))
    return out


def sure_from(scores: Array, right: NDArray[np.bool_], most_wrong: float) -> float:
    """The lowest score from which on at most `most_wrong` of the first candidates are wrong."""
    order = np.argsort(-scores)
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(wrong <= most_wrong)
    return float(scores[order[good[-1]]]) if len(good) else 1.0


def recalls(examples: Sequence[Example], rank: Array) -> tuple[float, float, float]:
    """Recall@1, Recall@3 and the share with a right candidate at all."""
    inside = [e for e in examples if e.inside]
    first = third = found = 0
    for e in inside:
        if e.ids:
            best = best_of_entries((e.features @ rank).astype(np.float32), e.ids)
            first += bool(e.right[best[0]])
            third += bool(e.right[best[:3]].any())
            found += bool(e.right.any())
    n = max(len(inside), 1)
    return first / n, third / n, found / n
