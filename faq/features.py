"""Features: how a question and a candidate phrasing agree, as a row of numbers around 0…1.

Coverage is measured per unit of the question, softly: a unit counts fully inside a shared pair, less when shared alone,
heard alike, or only reached through the lexicon. The same is measured the other way round, and against the answer.
"""

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
from .terms import SOUND_BASE, Ints
from .topics import directions

_COLUMN = {name: i for i, name in enumerate(NAMES)}
_PAIRS_FROM = 1 << 21


@dataclass(frozen=True, slots=True)
class Compared:
    """C candidate phrasings of one part and their features. `entries` are entry numbers in the part.

    `mass` is the evidence in absolute terms: the summed weight of what the phrasing, the answer, and both together
    cover. Six rare words found say more than two of two.
    """

    entries: Ints
    features: Floats  # (C, COUNT)
    mass: Floats  # (C, MASSES)


@dataclass(frozen=True, slots=True)
class _Held:
    """What some texts hold of a question's terms: (T, C) ones, and the texts' own terms as (owner, place)."""

    ones: Floats
    owner: Ints
    terms: Ints


def compare(question: Question, query: Probe, part: Part, statistics: Statistics, phrasings: Ints) -> Compared:
    """Features of candidate phrasings of one part."""
    entries = part.entry_of[phrasings].astype(np.int64)
    out = np.zeros((COUNT, len(phrasings)), np.float32)
    held = _hold(part.phrasings, phrasings, query.slots)
    distinct, inverse = np.unique(entries, return_inverse=True)
    answers = _hold(part.answers, distinct, query.slots).ones[:, inverse]
    mass = _coverage(out, question, query, held.ones, answers)
    _back(out, part, statistics, held, query)
    _topics(out, query, part, phrasings, entries)
    _texts(out, question, part, phrasings)
    out[_COLUMN["bias"]] = 1.0
    out[_COLUMN["spelling"]] = held.ones[query.triple_at].sum(axis=0) / max(len(query.triple_at), 1)
    out[_COLUMN["phrasing_length"]] = np.log1p(np.diff(part.phrasings.text_starts)[phrasings]) / 5
    out[_COLUMN["answer_length"]] = np.log1p(np.diff(part.answers.text_starts)[entries]) / 6
    return Compared(entries, np.ascontiguousarray(out.T), mass)


def _hold(field: Field, texts: Ints, slots: Ints) -> _Held:
    located = field.locate(slots)
    known = np.flatnonzero(located >= 0)
    owner, terms = field.rows(texts)
    ones = np.zeros((len(slots), len(texts)), np.float32)
    if len(known):
        positions = located[known].astype(np.int32)
        place = np.minimum(np.searchsorted(positions, terms), len(positions) - 1)
        same = np.flatnonzero(positions[place] == terms)
        ones[known[place[same]], owner[same]] = 1.0
    return _Held(ones, owner, terms.astype(np.int64))


def _units_in(pairs: Floats, length: int) -> Floats:
    """(L − 1, C) shared pairs → (L, C) units inside one."""
    out = np.zeros((length, pairs.shape[1]), np.float32)
    if length > 1:
        out[:-1] = pairs
        np.maximum(out[1:], pairs, out=out[1:])
    return out


def _wordings_in(ones: Floats, query: Probe) -> Floats:
    """(W, C) the share of each lexicon wording that a text holds."""
    if not len(query.wording_starts):
        return np.zeros((0, ones.shape[1]), np.float32)
    weighted = ones[query.wording_at] * query.wording_share[:, None]
    return np.asarray(np.add.reduceat(weighted, query.wording_starts, axis=0), np.float32)


def _answered_for(found: Floats, query: Probe, length: int) -> Floats:
    """(J, C) strength of the lent wordings found → (L, C) units of the question they speak for."""
    out = np.zeros((length, found.shape[1]), np.float32)
    if not len(found):
        return out
    strongest = np.zeros((len(query.awake_units), found.shape[1]), np.float32)
    np.maximum.at(strongest, query.awake_of, found)
    for units, values in zip(query.awake_units, strongest, strict=True):
        places = np.flatnonzero(units)
        out[places] = np.maximum(out[places], values)
    return out


def _coverage(out: Floats, question: Question, query: Probe, ones: Floats, answers: Floats) -> Floats:
    """Everything measured per unit of the question. Returns the masses (C, MASSES)."""
    length, total = len(question.units), max(float(query.weight.sum()), 1e-6)
    telling = (question.share > 0).astype(np.float32)[:, None]

    def cover(name: str, units: Floats) -> Floats:
        mass = query.weight @ units
        out[_COLUMN[name]] = mass / total
        return np.asarray(mass, np.float32)

    shared = ones[query.pair_at]
    pairs = _units_in(shared, length)
    alone = ones[query.unit_at] * telling
    heard = _units_in(ones[query.sound_at], length)
    soft = np.maximum(pairs, np.maximum(alone * 0.5, heard * 0.7))
    wordings, answer_wordings = _wordings_in(ones, query), _wordings_in(answers, query)
    strength = query.strength[:, None]
    found = strength * np.clip((wordings[query.loan] - 0.4) / 0.6, 0, 1)
    answer_found = strength * np.clip((answer_wordings[query.loan] - 0.5) / 0.5, 0, 1)
    with_lent = np.maximum(soft, _answered_for(found, query, length))
    answer_pairs = _units_in(answers[query.pair_at], length)
    answer_alone = answers[query.unit_at] * telling
    answer_lent = np.maximum(np.maximum(answer_pairs, answer_alone * 0.4), _answered_for(answer_found, query, length))
    everything = np.maximum(with_lent, answer_lent)
    cover("cover_pairs", pairs)
    cover("cover_units", alone)
    cover("cover_soft", soft)
    cover("cover_sounds", heard)
    cover("cover_answer_pairs", answer_pairs)
    cover("cover_answer_units", answer_alone)
    cover("cover_all_pairs", np.maximum(pairs, answer_pairs))
    masses = [
        cover("cover_lent", with_lent), cover("cover_answer_lent", answer_lent), cover("cover_all", everything),
    ]  # fmt: skip
    left, left_by_both = 1 - with_lent, 1 - everything
    _gaps(out, query, left, left_by_both)
    _concepts(out, query, wordings, answer_wordings)
    out[_COLUMN["lent_phrasing"]] = found.max(axis=0, initial=0)
    out[_COLUMN["lent_answer"]] = answer_found.max(axis=0, initial=0)
    out[_COLUMN["lent_sum"]] = np.tanh(found.sum(axis=0))
    out[_COLUMN["bm25_phrasing"]] = _own_share(query, ones, query.phrasing_rarity)
    out[_COLUMN["bm25_answer"]] = _own_share(query, answers, query.answer_rarity)
    out[_COLUMN["longest_run"]] = _longest(shared) / max(min(length, 12), 1)
    latin = question.units >= WORD_BASE
    numbers = ones[query.unit_at][question.numeric]
    out[_COLUMN["numbers_shared"]] = numbers.sum(axis=0) / max(len(numbers), 1)
    out[_COLUMN["latin_shared"]] = alone[latin].sum(axis=0) / max(int(latin.sum()), 1)
    return np.stack(masses, axis=1)


def _own_share(query: Probe, ones: Floats, rarity: Floats) -> Floats:
    own = rarity[query.own]
    return np.asarray(own @ ones[query.own] / max(float(own.sum()), 1e-6), np.float32)


def _gaps(out: Floats, query: Probe, left: Floats, left_by_both: Floats) -> None:
    """The most telling unit left out, and how much of the matter is covered."""
    named = max(float(query.matter.sum()), 1e-6)
    out[_COLUMN["gap_phrasing"]] = (left * query.weight[:, None]).max(axis=0, initial=0)
    out[_COLUMN["gap_all"]] = (left_by_both * query.weight[:, None]).max(axis=0, initial=0)
    out[_COLUMN["matter_phrasing"]] = query.matter @ (1 - left) / named
    out[_COLUMN["matter_all"]] = query.matter @ (1 - left_by_both) / named
    out[_COLUMN["matter_gap"]] = (left_by_both * query.matter[:, None]).max(axis=0, initial=0)


def _concepts(out: Floats, query: Probe, wordings: Floats, answer_wordings: Floats) -> None:
    """What the lexicon recognised in the question, row by row: fulfilled by the phrasing, by the answer, or not."""
    if not len(query.row_starts):
        out[_COLUMN["concepts"]] = out[_COLUMN["concepts_phrasing"]] = 0.5
        return
    worth = query.concept_worth[:, None]
    in_phrasing = np.clip((wordings[query.concept] - 0.4) / 0.6, 0, 1) * worth
    in_answer = np.clip((answer_wordings[query.concept] - 0.5) / 0.5, 0, 1) * worth * 0.8
    phrasing = np.maximum.reduceat(in_phrasing, query.row_starts, axis=0)
    both = np.maximum(phrasing, np.maximum.reduceat(in_answer, query.row_starts, axis=0))
    total = float(query.row_strength.sum())
    out[_COLUMN["concepts"]] = query.row_strength @ both / total
    out[_COLUMN["concepts_phrasing"]] = query.row_strength @ phrasing / total
    out[_COLUMN["concept_gap"]] = ((1 - both) * query.row_strength[:, None]).max(axis=0)


def _longest(shared: Floats) -> Floats:
    """Length in units of the longest run of shared pairs."""
    run = np.zeros(shared.shape[1], np.float32)
    best = np.zeros(shared.shape[1], np.float32)
    for row in shared:
        run = (run + 1) * row
        np.maximum(best, run, out=best)
    return np.asarray(best + (best > 0), np.float32)


def _back(out: Floats, part: Part, statistics: Statistics, held: _Held, query: Probe) -> None:
    """How much of each phrasing the question covers, by family of terms."""
    terms = part.phrasings.terms[held.terms]
    if part.phrasings is statistics.phrasings:
        rarity = statistics.phrasing_rarity[held.terms]
    else:
        rarity = statistics.phrasing(terms)
    own = np.zeros(len(query.slots), np.float32)
    own[query.own] = 1
    lent = np.zeros(len(query.slots), np.float32)
    lent[query.wording_at] = float(query.strength.max(initial=0)) * 0.8
    family, slot_family = _family(terms), _family(query.slots)
    for number, name in enumerate(("back_units", "back_pairs", "back_sounds")):
        chosen = family == number
        mass = np.maximum(np.bincount(held.owner[chosen], rarity[chosen], out.shape[1]), 1e-6)
        weight = query.phrasing_rarity * (slot_family == number)
        out[_COLUMN[name]] = (own * weight) @ held.ones / mass
        if name == "back_pairs":
            out[_COLUMN["back_lent"]] = (np.maximum(own, lent) * weight) @ held.ones / mass


def _family(terms: Ints) -> NDArray[np.int8]:
    """0 units, 1 pairs, 2 sounds and letter triples."""
    return (terms >= _PAIRS_FROM).astype(np.int8) + (terms >= SOUND_BASE)


def _topics(out: Floats, query: Probe, part: Part, phrasings: Ints, entries: Ints) -> None:
    """Cosine of topics, question against phrasing, and against phrasing and answer together."""
    about = part.phrasing_topics[phrasings].astype(np.float32)
    out[_COLUMN["topic_phrasing"]] = directions(about) @ query.topic
    out[_COLUMN["topic_all"]] = directions(2 * about + part.answer_topics[entries]) @ query.topic


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
    out[_COLUMN["same_canon"]] = np.fromiter((text == mine.canon for text in canon), np.float32, len(canon))
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
