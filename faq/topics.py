"""Matters of daily life, by the words that belong to them: a coarse sense of what a text is about.

Words (`faq/data/topics.txt`) are looked for as units and pairs, which every index holds already, so a text's
topics cost one look-up. Two texts that share no word may still be about one matter; two that share 遗失 need not
be.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .normalise import fold, read_list, to_units
from .segment import Field, Floats
from .terms import Ints, codes, pair_terms, unit_mask


@dataclass(frozen=True, slots=True)
class Topics:
    """K topics: names, sorted terms (T,), and how strongly each term points at each topic (T, K)."""

    names: tuple[str, ...]
    terms: Ints
    weights: Floats
    most: Floats  # (T,) the strongest of each term

    def total(self, terms: Ints) -> Floats:
        """The summed topic weights of terms. Shape (K,)."""
        at, known = self._locate(terms)
        return np.asarray(self.weights[at[known]].sum(axis=0), np.float32)

    def known(self, terms: Ints) -> Floats:
        """How much each term belongs to any topic, 0…1. Shape (len(terms),)."""
        at, known = self._locate(terms)
        return self.most[at] * known

    def _locate(self, terms: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        at = np.minimum(self.terms.searchsorted(terms), len(self.terms) - 1)
        return at, self.terms[at] == terms

    def of_field(self, field: Field, *, strongest: bool = False) -> Floats:
        """Topic weights of every text of a field, summed over its distinct terms or the strongest. Shape (N, K)."""
        out = np.zeros((field.size, len(self.names)), np.float32)
        for at, weights in zip(field.locate(self.terms).tolist(), self.weights, strict=True):
            if at >= 0:
                texts = field.texts[field.starts[at] : field.starts[at + 1]]
                out[texts] = np.maximum(out[texts], weights) if strongest else out[texts] + weights
        return out


@lru_cache(maxsize=1)
def shipped_topics() -> Topics:
    """The topics that come with the product. A word under n names points at each with 1/√n."""
    lines = [line.partition(":") for line in read_list("topics.txt")]
    names = tuple(name.strip() for name, _, _ in lines)
    found: dict[int, dict[int, float]] = {}
    for topic, (_, _, words) in enumerate(lines):
        for word in {to_units(fold(w.strip())).replace(" ", "") for w in words.split("|")} - {""}:
            row = codes(word)
            terms = row.tolist() if len(row) == 1 else pair_terms(row, unit_mask(row)).tolist()
            for term in terms:
                weight = 1.0 if len(terms) == 1 else 1.3 / len(terms)
                known = found.setdefault(term, {})
                known[topic] = max(known.get(topic, 0.0), min(weight, 1.0))
    order = sorted(t for t in found if t)
    weights = np.zeros((len(order), len(names)), np.float32)
    for i, term in enumerate(order):
        spread = len(found[term]) ** 0.5
        for topic, weight in found[term].items():
            weights[i, topic] = weight / spread
    return Topics(names, np.array(order, np.int64), weights, weights.max(axis=1, initial=0.0))


def direction(totals: Floats) -> Floats:
    """Topic sums (K,) as a direction of length 1 (0 stays 0); repeated words count by their root."""
    return np.asarray(np.sqrt(totals) / np.sqrt(np.maximum(totals.sum(), 1e-12)), np.float32)


def cosines(totals: Floats, toward: Floats) -> Floats:
    """Of the directions of topic sums (…, K) with one direction (K,)."""
    return np.asarray(np.sqrt(totals) @ toward / np.sqrt(np.maximum(totals.sum(axis=-1), 1e-12)), np.float32)
