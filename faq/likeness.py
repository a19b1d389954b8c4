"""Which missed questions mean much the same: an index over groups that grows one wording at a time. Pure.

Two wordings are alike by the weight of the characters and pairs of characters they share (Dice's coefficient);
how much each weighs comes from the office's own entries: 怎么 and 证 say little there, 充电桩 much.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from faq.normalise import normalise

ALIKE = 0.58
"""From here on two wordings are one group; tried on pairs of both kinds in ``tests/faq/test_misses.py``."""
_PAIR = 0.6
"""A pair of characters beside its two characters: their order counts, but 怎么养猫 and 猫怎么养 are one."""
_SAMPLE = 20_000
"""Phrasings the weights are learned from at the most."""


class Rarity:
    """What a character or a Latin word weighs, 0…1: common ones next to nothing."""

    def __init__(self, phrasings: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        size = 0
        for phrasing in phrasings:
            size += 1
            counts.update(set(_units(phrasing)))
            if size == _SAMPLE:
                break
        self._counts = counts
        self._size = max(size, 20)
        self._top = math.log1p(self._size)

    def __call__(self, unit: str) -> float:
        """The weight of one unit."""
        return math.log1p(self._size / (1 + self._counts[unit])) / self._top if self._counts[unit] else 1.0


class Alike:
    """Wordings by group, found again by likeness."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity
        self._groups: dict[int, float] = {}
        self._holding: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, group: int, text: str) -> None:
        """Remember a group by the wording that began it."""
        if group not in self._groups:
            features = self._features(text)
            self._groups[group] = sum(features.values())
            for feature in features:
                self._holding[feature].append(group)

    def nearest(self, text: str) -> int | None:
        """The group most like this wording, None when none is like it."""
        features = self._features(text)
        shared: defaultdict[int, float] = defaultdict(float)
        for feature, weight in features.items():
            for group in self._holding.get(feature, ()):
                shared[group] += weight
        total = sum(features.values())
        likeness = {g: 2 * weight / (total + self._groups[g]) for g, weight in shared.items()}
        best = max(likeness, key=lambda g: (likeness[g], -g), default=None)
        return best if best is not None and likeness[best] >= ALIKE else None

    def _features(self, text: str) -> Mapping[str, float]:
        units = _units(text)
        weights = {unit: self._rarity(unit) ** 2 for unit in units}
        pairs = {a + b: _PAIR * math.sqrt(weights[a] * weights[b]) for a, b in pairwise(units)}
        return {**weights, **pairs}


def _units(text: str) -> str:
    return normalise(text).units.replace(" ", "")
