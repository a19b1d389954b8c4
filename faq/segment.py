"""An immutable inverted and forward index over some texts, and what can be read from it.

Both directions are kept as compressed rows: term → texts, for finding candidates, and text → terms, for comparing with
them. Segments never change; a change makes a new small segment, so readers need no lock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .terms import Ints

Int32s = NDArray[np.int32]
Floats = NDArray[np.float32]

#: Texts that are taken apart at once.
PORTION = 4096
#: Terms are below 2⁴⁵, so a text number of up to 18 bits can be packed beside one.
_OWNER_BITS = 18


@dataclass(frozen=True, slots=True)
class Field:
    """One inverted and forward index. `terms` is sorted; rows are located by `starts` and `text_starts`."""

    terms: Ints  # (T,) sorted distinct terms
    starts: Ints  # (T + 1,) where each term's texts begin in `texts`
    texts: Int32s  # (P,) text numbers, ascending within a term
    text_starts: Ints  # (N + 1,) where each text's terms begin in `text_terms`
    text_terms: Int32s  # (P,) positions in `terms`
    norms: Floats  # (N,) what a text's score is divided by: long texts hold more by chance

    @property
    def size(self) -> int:
        """How many texts it holds."""
        return len(self.text_starts) - 1

    def locate(self, terms: Ints) -> Ints:
        """Position of each term in `terms`, −1 where it does not occur."""
        if not len(self.terms):
            return np.full(len(terms), -1, np.int64)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        return np.where(self.terms[at] == terms, at, -1)

    def frequency(self, located: Ints) -> Ints:
        """In how many texts each located term occurs; 0 for −1."""
        known = np.maximum(located, 0)
        if not len(self.terms):
            return np.zeros(len(located), np.int64)
        return np.where(located >= 0, self.starts[known + 1] - self.starts[known], 0)

    def accumulate(self, located: Ints, weights: Floats) -> NDArray[np.float64]:
        """Sum of the weights of the terms each text holds; every term must be known. Shape (N,)."""
        begin, end = self.starts[located], self.starts[located + 1]
        texts = _slices(self.texts, begin, end)
        return np.asarray(np.bincount(texts, np.repeat(weights, end - begin), self.size), np.float64)

    def sizes(self, numbers: Ints) -> Ints:
        """How many distinct terms some texts hold."""
        return self.text_starts[numbers + 1] - self.text_starts[numbers]

    def rows(self, numbers: Ints) -> tuple[Int32s, Ints]:
        """The terms of some texts, one after the other, as positions in `terms`; and where each text's end."""
        begin, end = self.text_starts[numbers], self.text_starts[numbers + 1]
        return _slices(self.text_terms, begin, end), np.cumsum(end - begin)


def _slices(values: Int32s, begin: Ints, end: Ints) -> Int32s:
    """Some slices of a long row, one after the other. Copying each beats working out where every value stands."""
    if not len(begin):
        return values[:0]
    return np.concatenate([values[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)])


def build_field(size: int, portions: Iterable[tuple[Int32s, Ints]]) -> Field:
    """A field over `size` texts from (text, term) pairs in any order, repeats allowed.

    They come in portions, each freed of repeats on its own, so that the whole is never held in its raw form.
    """
    if size > 1 << _OWNER_BITS:
        return _assembled(size, *_distinct_by_both(list(portions)))
    packed = [_packed(owner, terms) for owner, terms in portions]
    whole = np.concatenate([*packed, np.zeros(0, np.int64)])
    del packed
    whole.sort(kind="stable")  # it merges the portions, which are sorted already
    texts = (whole & ((1 << _OWNER_BITS) - 1)).astype(np.int32)
    whole >>= _OWNER_BITS
    return _assembled(size, whole, texts)


def _packed(owner: Int32s, terms: Ints) -> Ints:
    """Distinct pairs of one portion, each packed into 63 bits: term, then text."""
    packed = terms << _OWNER_BITS
    packed |= owner
    packed.sort()
    return packed[np.concatenate([[True], packed[1:] != packed[:-1]])] if len(packed) else packed


def _distinct_by_both(portions: list[tuple[Int32s, Ints]]) -> tuple[Ints, Int32s]:
    """Distinct pairs by term, then text, for more texts than can be packed."""
    owner, terms = np.concatenate([o for o, _ in portions]), np.concatenate([t for _, t in portions])
    order = np.lexsort((owner, terms))
    terms, owner = terms[order], owner[order]
    fresh = np.concatenate([[True], (terms[1:] != terms[:-1]) | (owner[1:] != owner[:-1])])[: len(terms)]
    return terms[fresh], owner[fresh]


def _assembled(size: int, terms: Ints, texts: Int32s) -> Field:
    """A field from distinct pairs in order."""
    first = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]])[: len(terms)])
    starts = np.append(first, len(terms))
    names = terms[first]
    by_text = texts.astype(np.int64)
    by_text <<= 32
    by_text |= np.repeat(np.arange(len(first), dtype=np.int32), np.diff(starts))
    by_text.sort()
    by_text &= 0xFFFFFFFF
    text_starts = np.concatenate([[0], np.cumsum(np.bincount(texts, minlength=size))]).astype(np.int64)
    return Field(names, starts, texts, text_starts, by_text.astype(np.int32), _norms(text_starts))


def _norms(text_starts: Ints) -> Floats:
    lengths = np.diff(text_starts).astype(np.float32)
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    return np.asarray(0.6 + 0.4 * np.sqrt(lengths / mean), np.float32)


def merge_fields(fields: list[Field], kept: list[NDArray[np.bool_]]) -> Field:
    """One field from several, leaving out texts that are not kept; the kept ones are numbered in order."""

    def portions() -> Iterator[tuple[Int32s, Ints]]:
        base = 0
        for field, keep in zip(fields, kept, strict=True):
            numbers = (np.cumsum(keep) - 1 + base).astype(np.int32)
            for begin in range(0, field.size, PORTION):
                texts = begin + np.flatnonzero(keep[begin : begin + PORTION])
                terms, _ = field.rows(texts)
                yield np.repeat(numbers[texts], field.sizes(texts)), field.terms[terms]
            base += int(keep.sum())

    return build_field(sum(int(keep.sum()) for keep in kept), portions())
