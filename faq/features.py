"""Features: how a question and a candidate phrasing agree, as a row of numbers around 0…1.

Coverage is measured per unit of the question, softly: a unit counts fully inside a shared pair, less when shared alone,
heard alike, or only reached through the lexicon. The same is measured the other way round, and against the answer.
"""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from .corpus import Part, Statistics
from .intents import KINDS, NEGATIVE, NUMBERED, bit_count, wishes
from .names import COUNT, NAMES
from .normalise import WORD_BASE
from .probe import Probe
from .question import Question
from .segment import Field, Floats
from .terms import Ints, family_of
from .topics import cosines

_COLUMN = {name: i for i, name in enumerate(NAMES)}
#: The coverages in the order they are worked out.
_COVERS = [
    _COLUMN[name]
    for name in (
        "cover_pairs", "cover_units", "cover_soft", "cover_sounds", "cover_answer_pairs", "cover_answer_units",
        "cover_all_pairs", "cover_lent", "cover_answer_lent", "cover_all",
    )
]  # fmt: skip
#: From which share of a wording on it counts as found, in a phrasing and in an answer.
_FOUND_FROM = (0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Compared:
    """C candidate phrasings of one part and their features. `entries` are entry numbers in the part.

    `mass` is the evidence in absolute terms: the summed weight of what the phrasing, the answer, and both together
    cover. Six rare words found say more than two of two.
    """

    entries: Ints
    features: Floats  # (C, COUNT)
    mass: Floats  # (C, MASSES)


class _Scratch(threading.local):
    """A thread's own table of terms → 1 + place in the question, zero between uses: far quicker than searching."""

    def __init__(self) -> None:
        self.table = np.zeros(0, np.int16)

    def of(self, size: int) -> NDArray[np.int16]:
        if len(self.table) < size:
            self.table = np.zeros(size, np.int16)
        return self.table


_scratch = _Scratch()


def compare(question: Question, query: Probe, part: Part, statistics: Statistics, phrasings: Ints) -> Compared:
    """Features of candidate phrasings of one part."""
    entries = part.entry_of[phrasings].astype(np.int64)
    count = len(phrasings)
    out = np.zeros((COUNT, count), np.float32)
    held = np.zeros((len(query.slots), 2 * count), np.float32)
    _hold(held[:, :count], part.phrasings, phrasings, query)
    _hold(held[:, count:], part.answers, entries, query)
    mass = _coverage(out, question, query, held)
    _back(out, statistics.masses_of(part, phrasings), held[:, :count], query)
    _topics(out, query, part, phrasings, entries)
    _texts(out, question, part, phrasings)
    out[_COLUMN["bias"]] = 1.0
    out[_COLUMN["spelling"]] = held[query.triple_at, :count].sum(axis=0) / max(len(query.triple_at), 1)
    out[_COLUMN["phrasing_length"]] = np.log1p(part.phrasings.sizes(phrasings)) / 5
    out[_COLUMN["answer_length"]] = np.log1p(part.answers.sizes(entries)) / 6
    return Compared(entries, np.ascontiguousarray(out.T), mass)


def _hold(out: Floats, field: Field, texts: Ints, query: Probe) -> None:
    """1 where a text holds a term of the question, into zeros of shape (T, C)."""
    located = query.places(field)
    known = np.flatnonzero(located >= 0)
    table = _scratch.of(len(field.terms))
    table[located[known]] = known + 1
    terms, ends = field.rows(texts)
    slots = table[terms]
    table[located[known]] = 0
    hits = np.flatnonzero(slots)
    out[slots[hits] - 1, np.searchsorted(ends, hits, "right")] = 1.0


def _units_in(pairs: Floats, length: int) -> Floats:
    """(L − 1, C) shared pairs → (L, C) units inside one."""
    out = np.zeros((length, pairs.shape[1]), np.float32)
    if length > 1:
        out[:-1] = pairs
        np.maximum(out[1:], pairs, out=out[1:])
    return out


def _wordings_in(held: Floats, query: Probe, from_: Floats) -> Floats:
    """(W, 2C) how far phrasings and answers hold each lexicon wording: 0 up to the least share, then rising to 1."""
    if not len(query.wording_starts):
        return np.zeros((0, held.shape[1]), np.float32)
    weighted = held[query.wording_at]
    weighted *= query.wording_share[:, None]
    share = np.add.reduceat(weighted, query.wording_starts, axis=0)
    share -= from_
    share /= 1 - from_
    return np.clip(share, 0, 1, out=share)


def _answered_for(found: Floats, query: Probe, length: int) -> Floats:
    """(J, 2C) strength of the lent wordings found → (L, 2C) units of the question they speak for."""
    out = np.zeros((length, found.shape[1]), np.float32)
    if len(found):
        strongest = np.maximum.reduceat(found, query.awake_starts, axis=0)
        for units, values in zip(query.awake_units, strongest, strict=True):
            np.maximum(out, units[:, None] * values, out=out)
    return out


def _coverage(out: Floats, question: Question, query: Probe, held: Floats) -> Floats:
    """Everything measured per unit of the question. `held` is (T, 2C), phrasings then answers; returns (C, MASSES)."""
    length, count = len(question.units), held.shape[1] // 2
    from_ = np.repeat(np.array(_FOUND_FROM, np.float32), count)
    shared = held[query.pair_at]
    inside = _units_in(shared, length)
    alone = held[query.unit_at]
    alone[question.share <= 0] = 0
    wordings = _wordings_in(held, query, from_)
    found = query.strength[:, None] * wordings[: len(query.strength)]
    lent = _answered_for(found, query, length)
    covers = np.empty((len(_COVERS), length, count), np.float32)
    pairs, units, soft, heard, answer_pairs, answer_units, all_pairs, with_lent, answer_lent, everything = covers
    pairs[:], answer_pairs[:] = inside[:, :count], inside[:, count:]
    units[:], answer_units[:] = alone[:, :count], alone[:, count:]
    heard[:] = _units_in(held[query.sound_at, :count], length)
    np.maximum(pairs, np.maximum(units * 0.5, heard * 0.7), out=soft)
    np.maximum(pairs, answer_pairs, out=all_pairs)
    np.maximum(soft, lent[:, :count], out=with_lent)
    np.maximum(np.maximum(answer_pairs, answer_units * 0.4), lent[:, count:], out=answer_lent)
    np.maximum(with_lent, answer_lent, out=everything)
    both = np.stack([query.weight, query.matter]) @ covers  # (covers, 2, C)
    mass, matter = both[:, 0], both[:, 1]
    out[_COVERS] = mass / max(float(query.weight.sum()), 1e-6)
    _gaps(out, query, with_lent, everything)
    named = max(float(query.matter.sum()), 1e-6)
    out[_COLUMN["matter_phrasing"]], out[_COLUMN["matter_all"]] = matter[7] / named, matter[9] / named
    _concepts(out, query, wordings)
    most = found.max(axis=0, initial=0)
    out[_COLUMN["lent_phrasing"]], out[_COLUMN["lent_answer"]] = most[:count], most[count:]
    out[_COLUMN["lent_sum"]] = np.tanh(found[:, :count].sum(axis=0))
    out[_COLUMN["bm25_phrasing"]] = _own_share(query.phrasing_rarity * query.own, held[:, :count])
    out[_COLUMN["bm25_answer"]] = _own_share(query.answer_rarity * query.own, held[:, count:])
    out[_COLUMN["longest_run"]] = _longest(shared[:, :count]) / max(min(length, 12), 1)
    _words(out, question, units, held[query.unit_at[question.numeric], :count])
    return np.ascontiguousarray(mass[7:].T)


def _own_share(weights: Floats, held: Floats) -> Floats:
    """The share of the question's own terms that texts hold, by weight."""
    return np.asarray(weights @ held / max(float(weights.sum()), 1e-6), np.float32)


def _words(out: Floats, question: Question, units: Floats, numbers: Floats) -> None:
    """Numbers and Latin words of the question that the phrasing holds."""
    latin = question.units >= WORD_BASE
    if latin.any():
        out[_COLUMN["numbers_shared"]] = numbers.sum(axis=0) / max(len(numbers), 1)
        out[_COLUMN["latin_shared"]] = units[latin].sum(axis=0) / int(latin.sum())


def _gaps(out: Floats, query: Probe, with_lent: Floats, everything: Floats) -> None:
    """The most telling unit left out, of all and of those that name a matter."""
    left_by_both = 1 - everything
    out[_COLUMN["gap_phrasing"]] = ((1 - with_lent) * query.weight[:, None]).max(axis=0, initial=0)
    out[_COLUMN["gap_all"]] = (left_by_both * query.weight[:, None]).max(axis=0, initial=0)
    out[_COLUMN["matter_gap"]] = (left_by_both * query.matter[:, None]).max(axis=0, initial=0)


def _concepts(out: Floats, query: Probe, wordings: Floats) -> None:
    """What the lexicon recognised in the question, row by row: fulfilled by the phrasing, by the answer, or not."""
    if not len(query.row_starts):
        out[_COLUMN["concepts"]] = out[_COLUMN["concepts_phrasing"]] = 0.5
        return
    count = wordings.shape[1] // 2
    worth = wordings[query.concept] * query.concept_worth[:, None]
    rows = np.maximum.reduceat(worth, query.row_starts, axis=0)
    phrasing = rows[:, :count]
    both = np.maximum(phrasing, 0.8 * rows[:, count:])
    total = float(query.row_strength.sum())
    out[_COLUMN["concepts"]] = query.row_strength @ both / total
    out[_COLUMN["concepts_phrasing"]] = query.row_strength @ phrasing / total
    out[_COLUMN["concept_gap"]] = ((1 - both) * query.row_strength[:, None]).max(axis=0)


def _longest(shared: Floats) -> Floats:
    """Length in units of the longest run of shared pairs."""
    if not len(shared):
        return np.zeros(shared.shape[1], np.float32)
    place = np.arange(1, len(shared) + 1, dtype=np.float32)[:, None]
    broken = np.maximum.accumulate(np.where(shared > 0, 0, place), axis=0)
    best = (place - broken).max(axis=0)
    return np.asarray(best + (best > 0), np.float32)


def _back(out: Floats, masses: Floats, ones: Floats, query: Probe) -> None:
    """How much of each phrasing the question covers, by family of terms."""
    lent = np.zeros(len(query.slots), np.float32)
    lent[query.wording_at] = float(query.strength.max(initial=0)) * 0.8
    family = family_of(query.slots)
    weight = query.phrasing_rarity * (family == np.arange(3)[:, None])
    weights = np.concatenate([weight * query.own, (weight[1] * np.maximum(query.own, lent))[None]])
    covered = weights @ ones
    masses = np.maximum(masses, 1e-6)
    for number, name in enumerate(("back_units", "back_pairs", "back_sounds")):
        out[_COLUMN[name]] = covered[number] / masses[number]
    out[_COLUMN["back_lent"]] = covered[3] / masses[1]


def _topics(out: Floats, query: Probe, part: Part, phrasings: Ints, entries: Ints) -> None:
    """Cosine of topics, question against phrasing, and against phrasing and answer together."""
    totals = np.empty((2, len(phrasings), len(query.topic)), np.float32)
    totals[0] = part.phrasing_topics[phrasings]
    totals[1] = part.answer_topics[entries]
    totals[1] += 2 * totals[0]
    out[[_COLUMN["topic_phrasing"], _COLUMN["topic_all"]]] = cosines(totals, query.topic)


def _texts(out: Floats, question: Question, part: Part, phrasings: Ints) -> None:
    """Features of the two texts as wholes."""
    mine = question.text
    canon = [part.canon[i] for i in phrasings.tolist()]
    raw = [part.raw[i] for i in phrasings.tolist()]
    out[_COLUMN["ratio_canon"]] = process.cdist([mine.canon], canon, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    out[_COLUMN["ratio_raw"]] = process.cdist([mine.raw], raw, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    if question.is_latin:
        partial = process.cdist([mine.canon], canon, scorer=fuzz.partial_ratio, dtype=np.float32)[0]
        out[_COLUMN["partial_canon"]] = partial / 100
    out[_COLUMN["same_canon"]] = out[_COLUMN["ratio_canon"]] >= 1  # nothing but the same text is as like as that
    lengths = part.lengths[phrasings]
    size = len(mine.canon)
    out[_COLUMN["length_ratio"]] = np.minimum(lengths, size) / np.maximum(np.maximum(lengths, size), 1)
    _wishes(out, wishes(mine.canon), part.wishes[phrasings])
    if question.numeric.any():
        others = (part.wishes[phrasings] & NUMBERED) > 0
        out[_COLUMN["numbers_missing"]] = (1 - out[_COLUMN["numbers_shared"]]) * others


def _wishes(out: Floats, asked: int, other: Ints) -> None:
    """What both want to know, and whether one says no where the other does not."""
    mine = np.int64(asked)
    shared, either = bit_count(mine & other), bit_count(mine | other)
    out[_COLUMN["intent_shared"]] = shared / np.maximum(either, 1)
    differs = (shared == 0) & ((other & KINDS) > 0) & bool(asked & KINDS)
    out[_COLUMN["intent_differs"]] = differs
    out[_COLUMN["negation_differs"]] = ((mine ^ other) & NEGATIVE) > 0
