"""The entries as arrays: one immutable part of the index, with its phrasings and its answers.

Parts are small after a change and merged later; all of them share the statistics of the largest one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .intents import wishes
from .normalise import Normalised, answer_units, latin_words, normalise
from .question import term_share
from .segment import PORTION, Field, Floats, Int32s, build_field, merge_fields
from .terms import FAMILIES, Ints, family_of, line_pairs, text_pairs, word_pairs
from .topics import shipped_topics

#: Only the head of an answer is searched; what it is about stands there.
ANSWER_CHARS = 600
#: Phrasings longer than this are cut.
PHRASING_CHARS = 160
_FOREVER = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry as the index needs it. `id` is the entry's own id."""

    id: str
    question: str
    aliases: tuple[str, ...] = ()
    answer: str = ""
    category: str = ""
    unit: str = ""
    locale: str = "zh-Hans"
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """E entries with P phrasings. `first[e]` … `first[e + 1]` are the phrasings of entry e."""

    ids: tuple[str, ...]
    alive: NDArray[np.bool_]  # (E,)
    first: Ints  # (E + 1,)
    entry_of: Int32s  # (P,)
    canon: tuple[str, ...]  # (P,) canonical phrasings
    raw: tuple[str, ...]  # (P,)
    wishes: Ints  # (P,) bits, see intents
    lengths: Ints  # (P,) characters of the canonical phrasings
    days: Ints  # (E, 2) first and last valid day as ordinals
    category: tuple[str, ...]  # (E,)
    locale: tuple[str, ...]  # (E,)
    phrasings: Field
    answers: Field
    phrasing_topics: NDArray[np.float16]  # (P, K) sums, see Topics.of_field
    answer_topics: NDArray[np.float16]  # (E, K)

    @property
    def size(self) -> int:
        """How many entries it was built with."""
        return len(self.ids)


def build_part(entries: Sequence[IndexEntry]) -> Part:
    """A part from entries; repeated phrasings of one entry count once."""
    forms = [
        [normalise(t, PHRASING_CHARS) for t in dict.fromkeys((e.question, *e.aliases)) if t.strip()] for e in entries
    ]
    forms = [rows or [normalise("", 1)] for rows in forms]
    flat = [form for rows in forms for form in rows]
    counts = np.array([len(rows) for rows in forms], np.int64)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    phrasing_field = build_field(len(flat), _phrasing_portions(flat))
    answer_field = build_field(len(entries), _answer_portions(entries))
    topics = shipped_topics()
    return Part(
        ids=tuple(e.id for e in entries),
        alive=np.ones(len(entries), np.bool_),
        first=first,
        entry_of=np.repeat(np.arange(len(entries), dtype=np.int32), counts),
        canon=tuple(f.canon for f in flat),
        raw=tuple(f.raw for f in flat),
        wishes=np.array([wishes(f.canon) for f in flat], np.int64),
        lengths=np.array([len(f.canon) for f in flat], np.int64),
        days=np.array([_days(e) for e in entries], np.int64).reshape(len(entries), 2),
        category=tuple(e.category for e in entries),
        locale=tuple(e.locale for e in entries),
        phrasings=phrasing_field,
        answers=answer_field,
        phrasing_topics=topics.of_field(phrasing_field).astype(np.float16),
        answer_topics=topics.of_field(answer_field).astype(np.float16),
    )


def _phrasing_portions(forms: Sequence[Normalised]) -> Iterator[tuple[Int32s, Ints]]:
    for begin in range(0, len(forms), PORTION):
        some = forms[begin : begin + PORTION]
        yield text_pairs([f.units for f in some], sounds=True, base=begin)
        yield word_pairs([latin_words(f.canon) for f in some], base=begin)


def _answer_portions(entries: Sequence[IndexEntry]) -> Iterator[tuple[Int32s, Ints]]:
    for begin in range(0, len(entries), PORTION):
        units = answer_units([e.answer for e in entries[begin : begin + PORTION]], ANSWER_CHARS)
        yield line_pairs(units, sounds=False, base=begin)


def _days(entry: IndexEntry) -> tuple[int, int]:
    start = entry.valid_from.toordinal() if entry.valid_from else 0
    return start, entry.valid_until.toordinal() if entry.valid_until else _FOREVER


def without(part: Part, number: int) -> Part:
    """The part with one entry no longer alive; everything else is shared."""
    alive = part.alive.copy()
    alive[number] = False
    return replace(part, alive=alive)


def merge_parts(parts: Sequence[Part]) -> Part:
    """One part from several, dead entries left out. No text is analysed again."""
    kept_phrasings = [p.alive[p.entry_of] for p in parts]
    counts = np.concatenate([np.diff(p.first)[p.alive] for p in parts])
    return Part(
        ids=_chosen([p.ids for p in parts], [p.alive for p in parts]),
        alive=np.ones(len(counts), np.bool_),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        entry_of=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        canon=_chosen([p.canon for p in parts], kept_phrasings),
        raw=_chosen([p.raw for p in parts], kept_phrasings),
        wishes=np.concatenate([p.wishes[k] for p, k in zip(parts, kept_phrasings, strict=True)]),
        lengths=np.concatenate([p.lengths[k] for p, k in zip(parts, kept_phrasings, strict=True)]),
        days=np.concatenate([p.days[p.alive] for p in parts]),
        category=_chosen([p.category for p in parts], [p.alive for p in parts]),
        locale=_chosen([p.locale for p in parts], [p.alive for p in parts]),
        phrasings=merge_fields([p.phrasings for p in parts], kept_phrasings),
        answers=merge_fields([p.answers for p in parts], [p.alive for p in parts]),
        phrasing_topics=np.concatenate([p.phrasing_topics[k] for p, k in zip(parts, kept_phrasings, strict=True)]),
        answer_topics=np.concatenate([p.answer_topics[p.alive] for p in parts]),
    )


def _chosen(rows: Iterable[tuple[str, ...]], kept: Iterable[NDArray[np.bool_]]) -> tuple[str, ...]:
    return tuple(v for row, keep in zip(rows, kept, strict=True) for v, k in zip(row, keep.tolist(), strict=True) if k)


@dataclass(frozen=True, slots=True)
class Found:
    """Terms in the phrasings and answers of some statistics: their places (−1: never seen) and how rare they are."""

    phrasing_at: Ints
    phrasing: Floats
    answer_at: Ints
    answer: Floats


@dataclass(frozen=True, slots=True)
class Statistics:
    """How rare terms are, learned from one part; used for every part so that scores compare."""

    phrasings: Field
    answers: Field
    phrasing_rarity: Floats
    answer_rarity: Floats
    masses: Floats  # (FAMILIES, P) the summed rarity of each phrasing's terms by family

    @classmethod
    def of(cls, part: Part) -> "Statistics":
        """Rarity 0…1 of every term of a part, stop words weakened."""
        field, rarity = part.phrasings, _rarity(part.phrasings)
        weighed = masses(rarity[field.text_terms], family_of(field.terms)[field.text_terms], field.text_starts[1:])
        return cls(field, part.answers, rarity, _rarity(part.answers), weighed)

    def look_up(self, terms: Ints) -> "Found":
        """Where terms stand and how rare they are; a term never seen is as rare as can be (times its share)."""
        unseen = term_share(terms)
        phrasing_at, answer_at = self.phrasings.locate(terms), self.answers.locate(terms)
        return Found(
            phrasing_at,
            _known(phrasing_at, self.phrasing_rarity, unseen),
            answer_at,
            _known(answer_at, self.answer_rarity, unseen),
        )

    def masses_of(self, part: Part, phrasings: Ints) -> Floats:
        """What phrasings of a part weigh by family of their terms. Shape (FAMILIES, len(phrasings))."""
        if part.phrasings is self.phrasings:
            return self.masses[:, phrasings]
        at, ends = part.phrasings.rows(phrasings)
        terms = part.phrasings.terms[at]
        rarity = _known(self.phrasings.locate(terms), self.phrasing_rarity, term_share(terms))
        return masses(rarity, family_of(terms), ends)


def masses(weights: Floats, family: NDArray[np.int8], ends: Ints) -> Floats:
    """The summed weights of each text's terms by family of term, texts one after the other. Shape (FAMILIES, texts)."""
    out = np.zeros((FAMILIES, len(ends)), np.float32)
    for number in range(FAMILIES):
        sums = np.concatenate([[0.0], np.cumsum(np.where(family == number, weights, 0), dtype=np.float64)])
        out[number] = np.diff(sums[np.concatenate([[0], ends])])
    return out


def _rarity(field: Field) -> Floats:
    return _scale(np.diff(field.starts), field.size) * term_share(field.terms)


def _scale(counts: Ints, size: int) -> Floats:
    """ln(1 + (N − n + ½)/(n + ½)), divided by its largest value; banks of any size give 0…1."""
    top = np.log1p((size + 0.5) / 0.5)
    return np.asarray(np.log1p((np.maximum(size - counts, 0) + 0.5) / (counts + 0.5)) / top, np.float32)


def _known(at: Ints, rarity: Floats, unseen: Floats) -> Floats:
    if not len(rarity):
        return unseen
    return np.where(at >= 0, rarity[np.maximum(at, 0)], unseen).astype(np.float32)
