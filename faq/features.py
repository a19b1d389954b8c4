"""Features: how a question and a candidate phrasing agree, as a row of numbers around 0…1.

Coverage is measured per unit of the question, softly: a unit counts fully inside a shared pair, less when shared alone,
heard alike, or only reached through the lexicon. The same is measured the other way round, and against the answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from .corpus import Part, Statistics
from .intents import compare_intents, intents_of
from .lexicon import Lexicon
from .question import Question
from .segment import Field, Floats
from .terms import Ints

NAMES = (
    "bias",
    "cover_pairs",  # question covered by pairs of the phrasing
    "cover_units",
    "cover_soft",  # best of pair, unit (half), sound (0.7)
    "cover_sounds",
    "cover_lent",  # best of soft and lexicon
    "cover_answer_pairs",
    "cover_answer_units",
    "cover_answer_lent",
    "cover_all",  # phrasing, lexicon and answer together
    "cover_all_pairs",
    "gap_phrasing",  # rarest unit that the phrasing leaves out
    "gap_all",  # rarest unit that phrasing and answer leave out
    "lent_phrasing",  # strongest lent wording found in the phrasing
    "lent_answer",
    "lent_sum",
    "back_pairs",  # phrasing covered by the question
    "back_units",
    "back_sounds",
    "back_lent",
    "bm25_phrasing",
    "bm25_answer",
    "ratio_canon",
    "ratio_raw",
    "partial_canon",
    "longest_run",
    "numbers_shared",
    "numbers_missing",
    "negation_differs",
    "intent_shared",
    "intent_differs",
    "length_ratio",
    "same_canon",
    "latin_shared",
    "spelling",
)  # fmt: skip
COUNT = len(NAMES)
_MAX_LOANS = 48


@dataclass(frozen=True, slots=True)
class Compared:
    """C candidate phrasings of one part and their features. `entries` are entry numbers in the part."""

    phrasings: Ints
    entries: Ints
    features: Floats  # (C, COUNT)


@dataclass(frozen=True, slots=True)
class _Probe:
    """The question's terms and weights in the order the comparison uses them."""

    slots: Ints  # sorted distinct terms
    unit_at: Ints
    pair_at: Ints
    sound_at: Ints
    triple_at: Ints
    weight: Floats  # (L,) what each unit tells
    pair_weight: Floats
    lent: Floats  # (T, J) share of each lent wording that a term makes up
    strength: Floats  # (J,)
    lent_units: Floats  # (J, L)
    phrasing_rarity: Floats  # (T,)
    answer_rarity: Floats


def probe(question: Question, lexicon: Lexicon, statistics: Statistics) -> _Probe:
    """Terms and weights of a question for comparing; done once for all parts."""
    loans = question.loans[:_MAX_LOANS]
    lent_terms = [lexicon.terms_of(n.wording) for n in loans]
    every = [question.units, question.pairs, question.sounds, question.triples]
    every += [t for both in lent_terms for t in both]
    slots = np.unique(np.concatenate(every)) if every else np.zeros(0, np.int64)
    phrasing, answer = statistics.phrasing(slots), statistics.answer(slots)
    at = [np.searchsorted(slots, t) for t in every[:4]]
    weight = np.minimum(phrasing, answer)[at[0]] * question.share
    pair_weight = np.minimum(phrasing, answer)[at[1]] * (question.pairs > 0)
    matrix = np.zeros((len(slots), len(loans)), np.float32)
    for j, (units, pairs) in enumerate(lent_terms):
        for terms, factor in ((units, 0.4), (pairs, 1.0)):
            matrix[np.searchsorted(slots, terms), j] = factor * lexicon.rarity(terms)
    matrix /= np.maximum(matrix.sum(axis=0), 1e-6)
    lent_units = np.array([n.positions for n in loans], np.float32).reshape(len(loans), len(question.units))
    strength = np.array([n.strength for n in loans], np.float32)
    return _Probe(slots, at[0], at[1], at[2], at[3], weight, pair_weight, matrix, strength, lent_units, phrasing, answer)


def _hits(field: Field, texts: Ints, slots: Ints) -> tuple[Floats, Ints, Ints]:
    """(C, T) 1 where a text holds a term; and the texts' own terms as (owner, term position)."""
    located = field.locate(slots)
    known = np.flatnonzero(located >= 0)
    owner, terms = field.rows(texts)
    hits = np.zeros((len(texts), len(slots)), np.float32)
    if len(known):
        positions = located[known]
        place = np.minimum(np.searchsorted(positions, terms), len(positions) - 1)
        same = positions[place] == terms
        hits[owner[same], known[place[same]]] = 1.0
    return hits, owner, terms.astype(np.int64)


def _spread_pairs(pairs: Floats, length: int) -> Floats:
    """(C, L − 1) shared pairs → (C, L) units inside one."""
    out = np.zeros((len(pairs), length), np.float32)
    if length > 1:
        out[:, :-1] = pairs
        np.maximum(out[:, 1:], pairs, out=out[:, 1:])
    return out


def _lent_units(found: Floats, query: _Probe) -> Floats:
    """(C, J) strength of the lent wordings found → (C, L) units of the question they answer for."""
    out = np.zeros((len(found), query.lent_units.shape[1]), np.float32)
    for j in range(found.shape[1]):
        np.maximum(out, found[:, j : j + 1] * query.lent_units[j], out=out)
    return out


def compare(question: Question, query: _Probe, part: Part, statistics: Statistics, phrasings: Ints) -> Compared:
    """Features of candidate phrasings of one part."""
    entries = part.entry_of[phrasings].astype(np.int64)
    out = np.zeros((len(phrasings), COUNT), np.float32)
    column = {name: i for i, name in enumerate(NAMES)}
    hits, owner, terms = _hits(part.phrasings, phrasings, query.slots)
    distinct, inverse = np.unique(entries, return_inverse=True)
    answer_hits = _hits(part.answers, distinct, query.slots)[0][inverse]
    length, total = len(question.units), max(float(query.weight.sum()), 1e-6)

    def put(name: str, values: NDArray[np.float32] | NDArray[np.float64]) -> None:
        out[:, column[name]] = values

    def cover(matrix: Floats) -> Floats:
        return (matrix @ query.weight / total).astype(np.float32)

    pairs = hits[:, query.pair_at] * (question.pairs > 0)
    in_pairs = _spread_pairs(pairs, length)
    alone = hits[:, query.unit_at] * (question.share > 0)
    heard = _spread_pairs(hits[:, query.sound_at] * (question.sounds > 0), length)
    soft = np.maximum(in_pairs, np.maximum(alone * 0.5, heard * 0.7))
    found = query.strength * np.clip((hits @ query.lent - 0.4) / 0.6, 0, 1)
    with_lent = np.maximum(soft, _lent_units(found, query))
    answer_pairs = _spread_pairs(answer_hits[:, query.pair_at] * (question.pairs > 0), length)
    answer_alone = answer_hits[:, query.unit_at] * (question.share > 0)
    answer_found = query.strength * np.clip((answer_hits @ query.lent - 0.5) / 0.5, 0, 1)
    answer_lent = np.maximum(np.maximum(answer_pairs, answer_alone * 0.4), _lent_units(answer_found, query))
    everything = np.maximum(with_lent, answer_lent)
    put("bias", np.ones(len(phrasings), np.float32))
    put("cover_pairs", cover(in_pairs))
    put("cover_units", cover(alone))
    put("cover_soft", cover(soft))
    put("cover_sounds", cover(heard))
    put("cover_lent", cover(with_lent))
    put("cover_answer_pairs", cover(answer_pairs))
    put("cover_answer_units", cover(answer_alone))
    put("cover_answer_lent", cover(answer_lent))
    put("cover_all", cover(everything))
    put("cover_all_pairs", cover(np.maximum(in_pairs, answer_pairs)))
    put("gap_phrasing", ((1 - with_lent) * query.weight).max(axis=1, initial=0))
    put("gap_all", ((1 - everything) * query.weight).max(axis=1, initial=0))
    put("lent_phrasing", found.max(axis=1, initial=0))
    put("lent_answer", answer_found.max(axis=1, initial=0))
    put("lent_sum", np.tanh(found.sum(axis=1)))
    _back(out, column, part, statistics, (hits, owner, terms), query, found)
    own = np.unique(np.concatenate([query.unit_at, query.pair_at, query.sound_at]))
    for name, matrix, rarity in (
        ("bm25_phrasing", hits, query.phrasing_rarity),
        ("bm25_answer", answer_hits, query.answer_rarity),
    ):
        put(name, matrix[:, own] @ rarity[own] / max(float(rarity[own].sum()), 1e-6))
    _texts(out, column, question, part, phrasings)
    put("longest_run", _longest(pairs) / max(min(length, 12), 1))
    put("latin_shared", _share(alone, question.units >= 0xF0000))
    put("spelling", _share(hits[:, query.triple_at], np.ones(len(query.triple_at), np.bool_)))
    return Compared(phrasings, entries, out)


def _share(matrix: Floats, columns: NDArray[np.bool_]) -> Floats:
    return (matrix[:, columns].sum(axis=1) / max(int(columns.sum()), 1)).astype(np.float32)


def _longest(pairs: Floats) -> Floats:
    """Length in units of the longest run of shared pairs."""
    run = np.zeros(len(pairs), np.float32)
    best = np.zeros(len(pairs), np.float32)
    for column in pairs.T:
        run = (run + 1) * column
        np.maximum(best, run, out=best)
    return best + (best > 0)


def _back(
    out: Floats, column: dict[str, int], part: Part, statistics: Statistics,
    rows: tuple[Floats, Ints, Ints], query: _Probe, found: Floats,
) -> None:  # fmt: skip
    """How much of each phrasing the question covers, by family of terms."""
    hits, owner, at = rows
    terms = part.phrasings.terms[at]
    rarity = statistics.phrasing(terms) if part.phrasings is not statistics.phrasings else statistics.phrasing_rarity[at]
    families = (("back_units", terms < 1 << 21), ("back_pairs", (terms >= 1 << 21) & (terms < 1 << 43)), ("back_sounds", terms >= 1 << 43))
    slot_family = (query.slots < 1 << 21, (query.slots >= 1 << 21) & (query.slots < 1 << 43), query.slots >= 1 << 43)
    own = np.zeros(len(query.slots), np.float32)
    for places in (query.unit_at, query.pair_at, query.sound_at, query.triple_at):
        own[places] = 1
    lent = np.clip(query.lent.max(axis=1, initial=0) > 0, 0, 1) * float(query.strength.max(initial=0)) * 0.8
    for (name, chosen), slots in zip(families, slot_family, strict=True):
        mass = np.maximum(np.bincount(owner[chosen], rarity[chosen], len(out)), 1e-6)
        out[:, column[name]] = hits @ (own * slots * query.phrasing_rarity) / mass
        if name == "back_pairs":
            both = np.maximum(own, lent) * slots * query.phrasing_rarity
            out[:, column["back_lent"]] = hits @ both / mass


def _texts(out: Floats, column: dict[str, int], question: Question, part: Part, phrasings: Ints) -> None:
    """Features of the two texts as wholes."""
    canon = [part.canon[i] for i in phrasings.tolist()]
    raw = [part.raw[i] for i in phrasings.tolist()]
    mine = question.text
    out[:, column["ratio_canon"]] = process.cdist([mine.canon], canon, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    out[:, column["ratio_raw"]] = process.cdist([mine.raw], raw, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    out[:, column["partial_canon"]] = process.cdist([mine.canon], canon, scorer=fuzz.partial_ratio, dtype=np.float32)[0] / 100
    asked = intents_of(mine.canon)
    for i, text in enumerate(canon):
        other = intents_of(text)
        for name, value in compare_intents(asked, other).items():
            out[i, column[name]] = value
        out[i, column["length_ratio"]] = min(len(mine.canon), len(text)) / max(len(mine.canon), len(text), 1)
        out[i, column["same_canon"]] = float(bool(text) and text.replace(" ", "") == mine.canon.replace(" ", ""))
