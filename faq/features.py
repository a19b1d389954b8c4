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
from .topics import directions, shipped_topics

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
    "concepts",  # share of the woken lexicon rows that phrasing or answer fulfil
    "concepts_phrasing",
    "concept_gap",  # strongest woken row that neither fulfils
    "topic_phrasing",  # cosine of topics, question against phrasing
    "topic_all",  # … against phrasing and answer together
    "matter_phrasing",  # the question's units that belong to a topic or to the lexicon, covered by the phrasing
    "matter_all",
    "matter_gap",  # rarest of them left out by both
    "phrasing_length",
    "answer_length",
)  # fmt: skip
COUNT = len(NAMES)
#: Columns of `Compared.mass`.
MASSES = 3
_MAX_LOANS = 48


@dataclass(frozen=True, slots=True)
class Compared:
    """C candidate phrasings of one part and their features. `entries` are entry numbers in the part.

    `mass` is the evidence in absolute terms: the summed weight of what the phrasing, the answer, and both together
    cover. Six rare words found say more than two of two.
    """

    phrasings: Ints
    entries: Ints
    features: Floats  # (C, COUNT)
    mass: Floats  # (C, 3)


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
    concept: Floats  # (T, K) wordings of woken rows, grouped by row: share that each term makes up
    concept_worth: Floats  # (K,)
    row_starts: Ints  # (R,) where each row begins among the K
    row_strength: Floats  # (R,)
    topic: Floats  # (1, K) direction
    matter: Floats  # (L,) weights, only for units of a topic or of the lexicon
    phrasing_rarity: Floats  # (T,)
    answer_rarity: Floats


def probe(question: Question, lexicon: Lexicon, statistics: Statistics) -> _Probe:
    """Terms and weights of a question for comparing; done once for all parts."""
    loans = question.loans[:_MAX_LOANS]
    lent_terms = [lexicon.terms_of(n.wording) for n in loans]
    lent_terms += [lexicon.terms_of(a.wording) for a in question.awake]
    every = [question.units, question.pairs, question.sounds, question.triples]
    every += [t for both in lent_terms for t in both]
    slots = np.unique(np.concatenate(every)) if every else np.zeros(0, np.int64)
    phrasing, answer = statistics.phrasing(slots), statistics.answer(slots)
    at = [np.searchsorted(slots, t) for t in every[:4]]
    weight = np.minimum(phrasing, answer)[at[0]] * question.share
    pair_weight = np.minimum(phrasing, answer)[at[1]] * (question.pairs > 0)
    matrix = np.zeros((len(slots), len(loans)), np.float32)
    for j, loan in enumerate(loans):
        _fill(matrix[:, j], slots, lexicon, loan.wording)
    lent_units = np.array([n.positions for n in loans], np.float32).reshape(len(loans), len(question.units))
    strength = np.array([n.strength for n in loans], np.float32)
    woken = woken_rows(question, lexicon)
    wordings = [(w, worth) for _, _, members in woken for w, worth in members]
    concept = np.zeros((len(slots), len(wordings)), np.float32)
    for k, (wording, _) in enumerate(wordings):
        _fill(concept[:, k], slots, lexicon, wording)
    topic, matter = _topic(question, lexicon, weight)
    starts = np.cumsum([0, *(len(members) for _, _, members in woken)])[:-1]
    return _Probe(
        slots, at[0], at[1], at[2], at[3], weight, pair_weight, matrix, strength, lent_units,
        concept, np.array([w for _, w in wordings], np.float32), starts.astype(np.int64),
        np.array([s for _, s, _ in woken], np.float32), topic, matter, phrasing, answer,
    )  # fmt: skip


def _topic(question: Question, lexicon: Lexicon, weight: Floats) -> tuple[Floats, Floats]:
    """The question's direction among the topics, and the weights of those units that name a matter."""
    topics = shipped_topics()
    total = topics.rows(np.unique(np.concatenate([question.units, question.pairs]))).sum(axis=0, keepdims=True)
    for loan in question.loans[:24]:
        terms = np.concatenate(lexicon.terms_of(loan.wording))
        total += 0.4 * loan.strength * topics.rows(terms).max(axis=0, initial=0.0, keepdims=True)
    named = np.maximum(topics.known(question.units), 0.3)
    pairs = topics.known(question.pairs) > 0
    named[:-1][pairs] = 1.0
    named[1:][pairs] = 1.0
    for loan in question.loans:
        named = np.maximum(named, loan.positions * min(1.0, loan.strength * 1.2))
    return directions(total), (weight * (named - 0.25).clip(0)).astype(np.float32)


def _fill(column: Floats, slots: Ints, lexicon: Lexicon, wording: int) -> None:
    """The share of a wording that each term makes up; a unit counts 0.4 of a pair."""
    for terms, factor in zip(lexicon.terms_of(wording), (0.4, 1.0), strict=True):
        column[np.searchsorted(slots, terms)] = factor * lexicon.rarity(terms)
    column /= max(float(column.sum()), 1e-6)


def woken_rows(question: Question, lexicon: Lexicon) -> list[tuple[int, float, list[tuple[int, float]]]]:
    """(row, strength, [(wording, worth)]) of the rows a question wakes: the wording it holds, and those lent by the row."""
    strength = {a.wording: a.share for a in question.awake}
    rows: dict[int, tuple[float, dict[int, float]]] = {}
    for loan in question.loans[:_MAX_LOANS]:
        by = max((w for w in lexicon.members(loan.row) if w in strength), key=lambda w: strength[w], default=-1)
        best, members = rows.setdefault(loan.row, (0.0, {} if by < 0 else {by: 1.0}))
        members[loan.wording] = 1.0 if loan.strength >= 0.5 * best else 0.7
        rows[loan.row] = (max(best, loan.strength), members)
    return [(row, best, list(members.items())) for row, (best, members) in rows.items()]


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
    named = max(float(query.matter.sum()), 1e-6)
    put("matter_phrasing", with_lent @ query.matter / named)
    put("matter_all", everything @ query.matter / named)
    put("matter_gap", ((1 - everything) * query.matter).max(axis=1, initial=0))
    about = part.phrasing_topics[phrasings].astype(np.float32)
    put("topic_phrasing", (directions(about) @ query.topic.T)[:, 0])
    put("topic_all", (directions(2 * about + part.answer_topics[entries].astype(np.float32)) @ query.topic.T)[:, 0])
    put("phrasing_length", np.log1p(np.diff(part.phrasings.text_starts)[phrasings]) / 5)
    put("answer_length", np.log1p(np.diff(part.answers.text_starts)[entries]) / 6)
    covered = [with_lent, answer_lent, everything]
    mass = np.stack([m @ query.weight for m in covered], axis=1).astype(np.float32)
    _concepts(out, column, question, query, hits, answer_hits)
    return Compared(phrasings, entries, out, mass)


def _concepts(out: Floats, column: dict[str, int], question: Question, query: _Probe, hits: Floats, answers: Floats) -> None:
    """What the lexicon recognised in the question, row by row: fulfilled by the phrasing, by the answer, or not."""
    if not query.row_strength.size:
        out[:, column["concepts"]] = out[:, column["concepts_phrasing"]] = 0.5
        return
    in_phrasing = np.clip((hits @ query.concept - 0.4) / 0.6, 0, 1) * query.concept_worth
    in_answer = np.clip((answers @ query.concept - 0.5) / 0.5, 0, 1) * query.concept_worth * 0.8
    phrasing = np.maximum.reduceat(in_phrasing, query.row_starts, axis=1)
    both = np.maximum(phrasing, np.maximum.reduceat(in_answer, query.row_starts, axis=1))
    total = float(query.row_strength.sum())
    out[:, column["concepts"]] = both @ query.row_strength / total
    out[:, column["concepts_phrasing"]] = phrasing @ query.row_strength / total
    out[:, column["concept_gap"]] = ((1 - both) * query.row_strength).max(axis=1)


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
