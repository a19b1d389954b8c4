"""One search over the parts of an index: gather candidates with their features, then order and weigh them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .candidates import find
from .corpus import Part, Statistics
from .features import compare
from .lexicon import Lexicon
from .match import CONTEXT, Linear, best_of_entries, context, sureness, trust
from .names import COUNT, MASSES
from .probe import probe
from .question import Question
from .segment import Floats

#: What an entry in another language loses in rank when a locale is asked for: it decides between equals only.
OTHER_LANGUAGE = 0.05


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries may be found: valid on a day (None: any), only some ids, never one id; the locale preferred."""

    day: date | None = None
    within: Collection[str] = ()
    without: str = ""
    locale: str | None = None

    def allowed(self, part: Part) -> NDArray[np.bool_]:
        """The mask of a part's entries that may be found. Shape (E,)."""
        mask = part.alive
        if self.day is not None:
            day = self.day.toordinal()
            mask = mask & (part.days[:, 0] <= day) & (part.days[:, 1] >= day)
        if self.within:
            mask = mask & np.fromiter((i in self.within for i in part.ids), np.bool_, part.size)
        if self.without in part.ids:
            mask = mask.copy()
            mask[part.ids.index(self.without)] = False
        return mask


@dataclass(frozen=True, slots=True)
class Gathered:
    """n candidate phrasings, in no order; an entry may stand here with two of its phrasings."""

    ids: tuple[str, ...]
    phrasings: tuple[str, ...]
    locales: tuple[str, ...]
    features: Floats  # (n, COUNT)
    mass: Floats  # (n, MASSES)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Entries best first, each with its best phrasing."""

    ids: tuple[str, ...]
    phrasings: tuple[str, ...]
    rank: Floats
    score: Floats
    sure: float  # of the first
    features: Floats  # (n, COUNT)
    around: Floats  # (n, len(CONTEXT))


def gather(
    parts: Sequence[Part], statistics: Statistics, lexicon: Lexicon, question: Question, scope: Scope
) -> Gathered:
    """The candidates of all parts."""
    query = probe(question, lexicon, statistics)
    ids: list[str] = []
    phrasings: list[str] = []
    locales: list[str] = []
    features, mass = [np.zeros((0, COUNT), np.float32)], [np.zeros((0, MASSES), np.float32)]
    for part in parts:
        allowed = scope.allowed(part)
        rows = _all_phrasings(part, allowed) if scope.within else find(part, query, allowed)
        if not len(rows):
            continue
        compared = compare(question, query, part, statistics, rows)
        ids += [part.ids[e] for e in compared.entries.tolist()]
        locales += [part.locale[e] for e in compared.entries.tolist()]
        phrasings += [part.canon[p] for p in rows.tolist()]
        features.append(compared.features)
        mass.append(compared.mass)
    return Gathered(tuple(ids), tuple(phrasings), tuple(locales), np.concatenate(features), np.concatenate(mass))


def order(found: Gathered, linear: Linear, locale: str | None = None) -> Ranked:
    """Candidates as entries, best first, with their trust."""
    rank = found.features @ linear.rank
    if locale is not None:
        other = [spoken.split("-")[0] != locale.split("-")[0] for spoken in found.locales]
        rank = rank - OTHER_LANGUAGE * np.array(other, np.float32)
    rows = best_of_entries(rank, found.ids)
    if not rows:
        none = np.zeros(0, np.float32)
        return Ranked((), (), none, none, 0.0, found.features, np.zeros((0, len(CONTEXT)), np.float32))
    around = context(rank[rows], found.mass[rows])
    score = trust(linear, found.features[rows], around)
    sure = sureness(linear, found.features[rows[:1]], around[:1])
    ids, phrasings = tuple(found.ids[r] for r in rows), tuple(found.phrasings[r] for r in rows)
    return Ranked(ids, phrasings, rank[rows], score, sure, found.features[rows], around)


def joined(one: Gathered, other: Gathered) -> Gathered:
    """The candidates of two searches together."""
    return Gathered(
        one.ids + other.ids,
        one.phrasings + other.phrasings,
        one.locales + other.locales,
        np.concatenate([one.features, other.features]),
        np.concatenate([one.mass, other.mass]),
    )


def blended(ranked: Ranked, near: Mapping[str, float], weight: float) -> Ranked:
    """Trust and sureness mixed with how near the semantic stage finds each entry, best first again."""
    if not near or not len(ranked.ids):
        return ranked
    meant = np.array([near.get(entry, 0.0) for entry in ranked.ids], np.float32)
    score = (1 - weight) * ranked.score + weight * meant
    at = np.argsort(-score, kind="stable")
    sure = ranked.sure if at[0] == 0 else float(ranked.score[at[0]])
    return Ranked(
        tuple(ranked.ids[n] for n in at),
        tuple(ranked.phrasings[n] for n in at),
        ranked.rank[at],
        np.asarray(score[at], np.float32),
        (1 - weight) * sure + weight * float(meant[at[0]]),
        ranked.features[at],
        ranked.around[at],
    )


def _all_phrasings(part: Part, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.flatnonzero(allowed[part.entry_of]).astype(np.int64)
