"""Candidates: a few dozen phrasings of a part that are worth comparing closely with a question.

Three lists are joined: phrasings that share terms with the question itself, phrasings that share terms with the
wordings the lexicon lends it, and entries whose answers share terms with either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .corpus import Part, Statistics
from .lexicon import UNIT_LIMIT, Lexicon
from .question import Question
from .segment import Field, Floats
from .terms import Ints

#: How many entries each list may contribute. Half as many again find no more and cost a fifth of the time.
DIRECT, LENT, ANSWERED = 30, 30, 30
#: Best phrasings of an entry that are compared closely.
PER_ENTRY = 2
#: A term in more texts than this (and in more than this share of them) finds nothing; it still counts in comparing.
FREQUENT, FREQUENT_SHARE = 3000, 0.04


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's terms with weights: its own and the lent ones."""

    own: Ints
    own_phrasing: Floats
    own_answer: Floats
    lent: Ints
    lent_phrasing: Floats
    lent_answer: Floats


def weigh(question: Question, lexicon: Lexicon, statistics: Statistics) -> Asked:
    """The terms that look for candidates. A unit counts a third of a pair, a sound half of one."""
    pairs, sounds = question.pairs[question.pairs > 0], question.sounds[question.sounds > 0]
    families = ((question.units[question.share > 0], 0.35), (pairs, 1.0), (sounds, 0.45), (question.triples, 0.3))
    own = np.concatenate([f for f, _ in families])
    factor = np.concatenate([np.full(len(f), w, np.float32) for f, w in families])
    own, first = np.unique(own, return_index=True)
    factor = factor[first]
    lent, strength = _lent(question, lexicon)
    return Asked(
        own, factor * statistics.phrasing(own), factor * statistics.answer(own),
        lent, strength * statistics.phrasing(lent), strength * statistics.answer(lent),
    )  # fmt: skip


def _lent(question: Question, lexicon: Lexicon) -> tuple[Ints, Floats]:
    """Distinct terms of the lent wordings and the strongest weight each has; long wordings spread theirs."""
    if not question.loans:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    wordings = np.array([n.wording for n in question.loans], np.int64)
    terms, _, starts = lexicon.postings(wordings)
    lengths = np.diff(np.append(starts, len(terms)))
    base = np.array([n.strength for n in question.loans], np.float32) / np.sqrt(np.maximum(lengths / 2, 1))
    weights = np.repeat(base, lengths) * np.where(terms < UNIT_LIMIT, 0.25, 1.0)
    order = np.lexsort((-weights, terms))
    first = np.concatenate([[True], terms[order][1:] != terms[order][:-1]])
    return terms[order][first], weights[order][first].astype(np.float32)


def find(part: Part, asked: Asked, allowed: NDArray[np.bool_]) -> Ints:
    """Phrasing numbers worth comparing, at most `PER_ENTRY` for an entry. `allowed` is a mask over entries."""
    direct = _scores(part.phrasings, asked.own, asked.own_phrasing)
    both = direct + _scores(part.phrasings, asked.lent, asked.lent_phrasing)
    answers = _scores(part.answers, asked.own, asked.own_answer)
    answers += _scores(part.answers, asked.lent, asked.lent_answer)
    if not allowed.all():
        of_phrasing = allowed[part.entry_of]
        direct, both, answers = direct * of_phrasing, both * of_phrasing, answers * allowed
    lists = (part.entry_of[_top(direct, 2 * DIRECT)], part.entry_of[_top(both, 2 * LENT)], _top(answers, ANSWERED))
    return _best_phrasings(part, np.unique(np.concatenate(lists).astype(np.int64)), both)


def _scores(field: Field, terms: Ints, weights: Floats) -> Floats:
    located = field.locate(terms)
    counts = field.frequency(located)
    rare = counts <= max(FREQUENT, int(FREQUENT_SHARE * field.size))
    return np.asarray(field.accumulate(located[rare], weights[rare]) / field.norms, np.float32)


def _top(scores: Floats, count: int) -> Ints:
    """The texts with the highest scores, in no order; never one that scores nothing."""
    found = np.flatnonzero(scores > 0)
    if len(found) <= count:
        return found
    held = scores[found]
    if len(found) > 50 * count:
        # A sample says where the top begins, with room to spare, so that only a few are ordered.
        sample = held[:: max(len(held) // 1000, 1)]
        enough = held >= np.quantile(sample, 1 - min(4 * count / len(held) + 0.01, 1.0))
        if int(enough.sum()) >= count:
            found, held = found[enough], held[enough]
    return found[np.argpartition(held, len(held) - count)[-count:]]


def _best_phrasings(part: Part, entries: Ints, scores: Floats) -> Ints:
    """The best phrasings of each entry by first score, at most PER_ENTRY of each."""
    counts = part.first[entries + 1] - part.first[entries]
    owner = np.repeat(np.arange(len(entries)), counts)
    numbers = (
        np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(part.first[entries], counts)
    )
    order = np.lexsort((-scores[numbers], owner))
    starts = np.cumsum(counts) - counts
    place = np.arange(len(owner)) - np.repeat(starts, counts)
    return np.asarray(numbers[order][place < PER_ENTRY], np.int64)
