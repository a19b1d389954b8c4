"""Candidates: a few dozen phrasings of a part that are worth comparing closely with a question.

Three lists are joined: phrasings that share terms with the question itself, phrasings that share terms with the
wordings the lexicon lends it, and entries whose answers share terms with either.
"""

import numpy as np
from numpy.typing import NDArray

from .corpus import Part
from .probe import Probe
from .segment import Field, Floats
from .terms import Ints

Doubles = NDArray[np.float64]

#: How many entries each list may contribute. Half as many again put no more right entries first on the city set, its
#: noisy twin and our own questions, and cost a third of the time.
DIRECT, LENT, ANSWERED = 15, 20, 20
#: Best phrasings of an entry that are compared closely.
PER_ENTRY = 2
#: A term in more texts than this (and in more than this share of them) finds nothing; it still counts in comparing.
FREQUENT, FREQUENT_SHARE = 3000, 0.04
#: Values from which the place of the top is guessed.
_SAMPLE = 1000


def find(part: Part, query: Probe, allowed: NDArray[np.bool_]) -> Ints:
    """Phrasing numbers worth comparing, at most `PER_ENTRY` for an entry. `allowed` is a mask over entries."""
    rarity = query.phrasing_rarity
    direct = _scores(part.phrasings, query, query.seek_own * rarity)
    both = direct + _scores(part.phrasings, query, query.seek_lent * rarity)
    answers = _scores(part.answers, query, (query.seek_own + query.seek_lent) * query.answer_rarity)
    if not allowed.all():
        of_phrasing = allowed[part.entry_of]
        direct, both, answers = direct * of_phrasing, both * of_phrasing, answers * allowed
    lists = (part.entry_of[_top(direct, 2 * DIRECT)], part.entry_of[_top(both, 2 * LENT)], _top(answers, ANSWERED))
    chosen = np.zeros(part.size, np.bool_)
    for entries in lists:
        chosen[entries] = True
    return _best_phrasings(part, np.flatnonzero(chosen), both)


def _scores(field: Field, query: Probe, weights: Floats) -> Doubles:
    """What the weighed terms of a question make of each text."""
    at = query.places(field)
    known = np.flatnonzero((at >= 0) & (weights > 0))
    at, weights = at[known], weights[known]
    if len(at):
        rare = field.starts[at + 1] - field.starts[at] <= max(FREQUENT, int(FREQUENT_SHARE * field.size))
        at, weights = at[rare], weights[rare]
    return field.accumulate(at, weights) / field.norms


def _top(scores: Doubles, count: int) -> Ints:
    """The texts with the highest scores, in no order; never one that scores nothing."""
    least = 0.0
    if len(scores) > 20 * _SAMPLE:
        # A sample says where the top begins, with room to spare, so that only a few are looked at closely.
        sample = scores[:: len(scores) // _SAMPLE]
        room = min(int(4 * count * len(sample) / len(scores)) + 10, len(sample))
        least = float(np.partition(sample, len(sample) - room)[-room])
    found = np.flatnonzero(scores > least)
    if least and len(found) < count:
        found = np.flatnonzero(scores > 0)
    if len(found) <= count:
        return found
    return found[np.argpartition(scores[found], len(found) - count)[-count:]]


def _best_phrasings(part: Part, entries: Ints, scores: Doubles) -> Ints:
    """The best phrasings of each entry by first score, at most PER_ENTRY of each."""
    counts = part.first[entries + 1] - part.first[entries]
    starts = np.cumsum(counts) - counts
    numbers = np.arange(int(counts.sum())) + np.repeat(part.first[entries] - starts, counts)
    if not len(counts) or counts.max() <= PER_ENTRY:
        return np.asarray(numbers, np.int64)
    order = np.lexsort((-scores[numbers], np.repeat(np.arange(len(entries)), counts)))
    place = np.arange(len(numbers)) - np.repeat(starts, counts)
    return np.asarray(numbers[order][place < PER_ENTRY], np.int64)
