"""A question weighed against an office's entries: its terms in one sorted row, and what each of them tells."""

from dataclasses import dataclass

import numpy as np

from .corpus import Statistics
from .lexicon import UNIT_LIMIT, Lexicon
from .question import Question
from .segment import Field, Floats
from .terms import Ints, distinct
from .topics import direction, shipped_topics

#: A unit that belongs to no topic and no woken wording keeps this much less of its weight as the name of a matter.
_NAMELESS = 0.25
#: What a unit, a sound and a letter triple count in looking for candidates, beside a pair (1).
_UNIT, _SOUND, _TRIPLE = 0.35, 0.45, 0.3
#: What a unit of a lent wording counts beside a pair of it.
_LENT_UNIT = 0.25


@dataclass(frozen=True, slots=True)
class Probe:
    """T distinct terms, L units, W wordings of the lexicon (lent or awake), J loans, R woken rows.

    The first J wordings are the lent ones, loan by loan; loans for the same awake wording stand together.
    """

    slots: Ints  # (T,) sorted
    unit_at: Ints  # (L,) places in slots
    pair_at: Ints  # (L − 1,)
    sound_at: Ints  # (L − 1,)
    triple_at: Ints
    own: Floats  # (T,) 1 for the question's own terms
    weight: Floats  # (L,) what each unit tells
    matter: Floats  # (L,) the same, only for units that name a matter
    wording_at: Ints  # places of the wordings' terms, wording after wording
    wording_share: Floats  # what each makes up of its wording
    wording_starts: Ints  # (W,)
    strength: Floats  # (J,)
    awake_starts: Ints  # (A,) where the loans of each awake wording that lends begin
    awake_units: Floats  # (A, L) the units that hold each of them
    concept: Ints  # which of the W wordings, row after row
    concept_worth: Floats
    row_starts: Ints  # (R,)
    row_strength: Floats  # (R,)
    topic: Floats  # (K,) direction
    phrasing_rarity: Floats  # (T,)
    answer_rarity: Floats  # (T,)
    seek_own: Floats  # (T,) what each term counts in looking for candidates, as the question's own
    seek_lent: Floats  # (T,) and as a part of what is lent
    statistics: Statistics
    phrasing_at: Ints  # (T,) places in the statistics' phrasings, −1 where a term does not occur
    answer_at: Ints  # (T,) and in their answers

    def places(self, field: Field) -> Ints:
        """Where the terms stand in a field: worked out once for the large part, whose field the statistics share."""
        if field is self.statistics.phrasings:
            return self.phrasing_at
        return self.answer_at if field is self.statistics.answers else field.locate(self.slots)


def probe(question: Question, lexicon: Lexicon, statistics: Statistics) -> Probe:
    """Terms and weights of a question for finding and comparing; done once for all parts."""
    loans = sorted(question.loans, key=lambda loan: loan.by)
    strength = np.array([n.strength for n in loans], np.float32)
    wordings = list(dict.fromkeys([*(n.wording for n in loans), *(a.wording for a in question.awake)]))
    terms, share, starts = lexicon.postings(np.array(wordings, np.int64))
    families = (question.units, question.pairs, question.sounds, question.triples)
    slots = distinct(*families, terms)
    unit_at, pair_at, sound_at, triple_at, wording_at = (slots.searchsorted(f) for f in (*families, terms))
    found = statistics.look_up(slots)
    weight = np.minimum(found.phrasing, found.answer)[unit_at] * question.share
    place = {w: i for i, w in enumerate(wordings)}
    concept, worth, row_starts, row_strength = _rows(question, place)
    topic, named = _topic(question, lexicon, strength, np.array(wordings[: len(loans)], np.int64))
    own = np.zeros(len(slots), np.float32)
    for at in (unit_at, pair_at, sound_at, triple_at):
        own[at] = 1
    by = np.array([n.by for n in loans], np.int64)
    awake_starts = np.flatnonzero(np.concatenate([[True], by[1:] != by[:-1]])) if len(by) else by
    held = [question.awake[n].positions for n in by[awake_starts].tolist()]
    return Probe(
        slots, unit_at, pair_at, sound_at, triple_at, own, weight, weight * named,
        wording_at, share, starts, strength,
        awake_starts, np.array(held, np.float32).reshape(len(held), len(question.units)),
        concept, worth, row_starts, row_strength, topic, found.phrasing, found.answer,
        _seek_own(question, slots, (unit_at, pair_at, sound_at, triple_at)),
        _seek_lent(slots, wording_at, starts, strength),
        statistics, found.phrasing_at, found.answer_at,
    )  # fmt: skip


def _seek_own(question: Question, slots: Ints, places: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    unit_at, pair_at, sound_at, triple_at = places
    out = np.zeros(len(slots), np.float32)
    out[unit_at[question.share > 0]] = _UNIT
    out[pair_at] = 1.0
    out[sound_at] = _SOUND
    out[triple_at] = _TRIPLE
    if len(slots) and slots[0] == 0:  # where two units are no pair
        out[0] = 0.0
    return out


def _seek_lent(slots: Ints, at: Ints, starts: Ints, strength: Floats) -> Floats:
    """The strongest weight each term has in any lent wording; long wordings spread theirs."""
    out = np.zeros(len(slots), np.float32)
    if not len(strength):
        return out
    lengths = np.diff(np.append(starts, len(at)))[: len(strength)]
    at = at[: int(lengths.sum())]
    weights = np.repeat(strength / np.sqrt(np.maximum(lengths / 2, 1)), lengths)
    weights = weights * np.where(slots[at] < UNIT_LIMIT, _LENT_UNIT, 1.0)
    order = np.argsort(weights)
    out[at[order]] = weights[order]
    return out


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


def _topic(question: Question, lexicon: Lexicon, strength: Floats, lent: Ints) -> tuple[Floats, Floats]:
    """The question's direction among the topics (K,), and how much each unit names a matter (L,)."""
    topics = shipped_topics()
    total = topics.total(distinct(question.units, question.pairs))
    if len(lent):
        total = total + 0.4 * (strength @ lexicon.topics[lent])
    named = np.maximum(topics.known(question.units), _NAMELESS)
    pairs = topics.known(question.pairs) > 0
    named[:-1][pairs] = 1.0
    named[1:][pairs] = 1.0
    strongest = [0.0] * len(question.awake)
    for loan in question.loans:
        strongest[loan.by] = max(strongest[loan.by], loan.strength)
    for awake, most in zip(question.awake, strongest, strict=True):
        named = np.maximum(named, awake.positions * min(1.0, most * 1.2))
    return direction(total.astype(np.float32)), np.maximum(named - _NAMELESS, 0).astype(np.float32)
