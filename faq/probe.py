"""A question weighed against an office's entries: its terms in one sorted row, and what each of them tells."""

from dataclasses import dataclass

import numpy as np

from .corpus import Statistics
from .lexicon import Lexicon
from .question import Question
from .segment import Floats
from .terms import Ints
from .topics import directions, shipped_topics

#: A unit that belongs to no topic and no woken wording keeps this much less of its weight as the name of a matter.
_NAMELESS = 0.25


@dataclass(frozen=True, slots=True)
class Probe:
    """T distinct terms, L units, W wordings of the lexicon (awake or lent), J loans, R woken rows."""

    slots: Ints  # (T,) sorted
    unit_at: Ints  # (L,) places in slots
    pair_at: Ints  # (L − 1,)
    sound_at: Ints  # (L − 1,)
    triple_at: Ints
    own: Ints  # distinct places of the question's own terms
    weight: Floats  # (L,) what each unit tells
    matter: Floats  # (L,) the same, only for units that name a matter
    wording_at: Ints  # places of the wordings' terms, wording after wording
    wording_share: Floats  # what each makes up of its wording
    wording_starts: Ints  # (W,)
    loan: Ints  # (J,) which of the W wordings
    strength: Floats  # (J,)
    awake_of: Ints  # (J,) which awake wording each loan speaks for
    awake_units: Floats  # (A, L) the units that hold each awake wording
    concept: Ints  # which of the W wordings, row after row
    concept_worth: Floats
    row_starts: Ints  # (R,)
    row_strength: Floats  # (R,)
    topic: Floats  # (K,) direction
    phrasing_rarity: Floats  # (T,)
    answer_rarity: Floats  # (T,)


def probe(question: Question, lexicon: Lexicon, statistics: Statistics) -> Probe:
    """Terms and weights of a question for comparing; done once for all parts."""
    wordings = list(dict.fromkeys([*(n.wording for n in question.loans), *(a.wording for a in question.awake)]))
    place = {w: i for i, w in enumerate(wordings)}
    terms, share, starts = lexicon.postings(np.array(wordings, np.int64))
    families = (question.units, question.pairs, question.sounds, question.triples)
    slots = np.unique(np.concatenate([*families, terms]))
    unit_at, pair_at, sound_at, triple_at = (np.searchsorted(slots, f) for f in families)
    phrasing, answer = statistics.phrasing(slots), statistics.answer(slots)
    weight = (np.minimum(phrasing, answer)[unit_at] * question.share).astype(np.float32)
    concept, worth, row_starts, row_strength = _rows(question, place)
    topic, named = _topic(question, lexicon)
    own = np.unique(np.concatenate([unit_at, pair_at, sound_at, triple_at]))
    return Probe(
        slots, unit_at, pair_at, sound_at, triple_at, own, weight, (weight * named).astype(np.float32),
        np.searchsorted(slots, terms), share, starts,
        np.array([place[n.wording] for n in question.loans], np.int64),
        np.array([n.strength for n in question.loans], np.float32),
        np.array([n.by for n in question.loans], np.int64),
        np.array([a.positions for a in question.awake], np.float32).reshape(len(question.awake), len(question.units)),
        concept, worth, row_starts, row_strength, topic, phrasing, answer,
    )  # fmt: skip


def _rows(question: Question, place: dict[int, int]) -> tuple[Ints, Floats, Ints, Floats]:
    """The woken rows: the wordings of each (the one held and those lent), their worth, and the rows' strengths."""
    rows: dict[int, dict[int, float]] = {}
    best: dict[int, float] = {}
    for loan in question.loans:
        by = question.awake[loan.by].wording
        members = rows.setdefault(loan.row, {})
        members[by] = 1.0
        best[loan.row] = max(best.get(loan.row, 0.0), loan.strength)
        members.setdefault(loan.wording, 1.0 if loan.strength >= 0.5 * best[loan.row] else 0.7)
    flat = [(place[w], worth) for members in rows.values() for w, worth in members.items()]
    starts = np.cumsum([0, *(len(m) for m in rows.values())])[:-1].astype(np.int64)
    strength = np.array([best[r] for r in rows], np.float32)
    return np.array([w for w, _ in flat], np.int64), np.array([v for _, v in flat], np.float32), starts, strength


def _topic(question: Question, lexicon: Lexicon) -> tuple[Floats, Floats]:
    """The question's direction among the topics (K,), and how much each unit names a matter (L,)."""
    topics = shipped_topics()
    total = topics.rows(np.unique(np.concatenate([question.units, question.pairs]))).sum(axis=0)
    if question.loans:
        wordings = np.array([n.wording for n in question.loans], np.int64)
        strength = np.array([n.strength for n in question.loans], np.float32)
        total = total + 0.4 * (lexicon.topics[wordings] * strength[:, None]).sum(axis=0)
    named = np.maximum(topics.known(question.units), _NAMELESS)
    pairs = topics.known(question.pairs) > 0
    named[:-1][pairs] = 1.0
    named[1:][pairs] = 1.0
    strongest = [0.0] * len(question.awake)
    for loan in question.loans:
        strongest[loan.by] = max(strongest[loan.by], loan.strength)
    for awake, most in zip(question.awake, strongest, strict=True):
        named = np.maximum(named, awake.positions * min(1.0, most * 1.2))
    return directions(total[None, :].astype(np.float32))[0], (named - _NAMELESS).clip(0).astype(np.float32)
