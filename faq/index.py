"""The in-memory index of an office's entries: ask, put, remove, explain. Pure: no database, no clock, no network.

Readers take one reference to an immutable state; writers build the next state beside it and swap the reference, so
asking never waits and never sees half a change.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .corpus import IndexEntry, Part, Statistics, build_part, merge_parts, without
from .decide import Outcome, Thresholds, decide, thresholds
from .lexicon import Lexicon, shipped_lexicon
from .match import TRUST_NAMES, Weights, shipped_weights
from .messages import follow_up, is_bare, split_questions
from .names import NAMES
from .question import Question, prepare
from .search import Gathered, Ranked, Scope, blended, gather, joined, order

__all__ = ["Answered", "Explanation", "FaqIndex", "IndexEntry", "Lexicon", "Match", "Weights"]

#: Changes collect in a small part of at most so many entries before it is closed and merged.
SMALL = 32
#: Parts are merged with their like, so there are never many; parts above this are left for `compact`.
LARGE = 4096
#: Entries sampled for the leave-one-out scores.
SAMPLE = 80


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and how far it can be trusted, 0…1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Near:
    """What the semantic stage found: entries by how near they are, 0…1, and its share in a score."""

    entries: Mapping[str, float]
    weight: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a message. `parts` holds one outcome for each question when a message asks two."""

    outcome: Outcome
    matches: tuple[Match, ...]
    parts: tuple["Answered", ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate with everything that went into its score."""

    id: str
    phrasing: str
    score: float
    rank: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a question had its outcome."""

    raw: str
    canon: str
    lent: tuple[tuple[str, float], ...]
    bare: bool
    thresholds: Thresholds
    outcome: Outcome
    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _State:
    parts: tuple[Part, ...]
    statistics: Statistics
    limits: dict[str, Thresholds]


class FaqIndex:
    """An office's entries, ready for questions. Safe to read from any thread while another changes it."""

    def __init__(
        self, entries: Iterable[IndexEntry], lexicon: Lexicon | None = None, weights: Weights | None = None
    ) -> None:
        self._lexicon = shipped_lexicon() if lexicon is None else lexicon
        self._weights = shipped_weights() if weights is None else weights
        self._writing = threading.Lock()
        unique = list({e.id: e for e in entries}.values())
        part = build_part(unique)
        self._where: dict[str, tuple[int, int]] = {}
        self._left_out: OrderedDict[str, tuple[str, float, float]] = OrderedDict()
        self._state = _State((part,), Statistics.of(part), {})
        self._place((part,))
        self._changes = 0
        self._sample(unique)

    def __len__(self) -> int:
        return len(self._where)

    # ---- asking

    def ask(
        self,
        text: str,
        *,
        today: date,
        limit: int = 3,
        within: Collection[str] = (),
        locale: str | None = None,
        near: Near | None = None,
    ) -> Answered:
        """The outcome for a message, with up to `limit` matches best first (also when the outcome is none)."""
        state = self._state
        if within and follow_up(text):
            inside = self._ask_one(state, text, today, limit, within, locale)
            if inside.matches:
                return Answered("answer", inside.matches)
        questions = split_questions(text)
        whole = self._ask_one(state, text, today, limit, (), locale, near)
        if len(questions) < 2:
            return whole
        parts = tuple(self._ask_one(state, q, today, limit, (), locale) for q in questions)
        firsts = {p.matches[0].id for p in parts if p.outcome != "none"}
        both = len(firsts) >= 2 and sum(p.outcome == "answer" for p in parts) >= 2
        return Answered(whole.outcome, whole.matches, parts if both else ())

    def _ask_one(
        self,
        state: _State,
        text: str,
        today: date,
        limit: int,
        within: Collection[str],
        locale: str | None,
        near: Near | None = None,
    ) -> Answered:
        question = prepare(text, self._lexicon)
        ranked = self._rank(state, question, Scope(today, within, "", locale), near)
        outcome = self._decide(state, question, ranked)
        count = min(max(limit, 1), 10)
        pairs = zip(ranked.ids[:count], ranked.score[:count].tolist(), strict=True)
        return Answered(outcome, tuple(Match(i, round(s, 4)) for i, s in pairs))

    def _decide(self, state: _State, question: Question, ranked: Ranked) -> Outcome:
        exact = bool(len(ranked.ids)) and ranked.features[0, NAMES.index("same_canon")] > 0
        scores: list[float] = ranked.score[:2].tolist()
        return decide(scores, ranked.sure, state.limits[_kind(question)], bare=is_bare(question), exact=exact)

    def gather(self, text: str, scope: Scope | None = None) -> tuple[Question, Gathered]:
        """The question made ready and its candidates with features, unordered: what the weights are fitted on."""
        state = self._state
        question = prepare(text, self._lexicon)
        return question, gather(state.parts, state.statistics, self._lexicon, question, scope or Scope())

    def _rank(self, state: _State, question: Question, scope: Scope, near: Near | None = None) -> Ranked:
        found = gather(state.parts, state.statistics, self._lexicon, question, scope)
        if near is None or not near.entries:
            return order(found, self._weights.of(question), scope.locale)
        if missing := set(near.entries) - set(found.ids):
            beside = replace(scope, within=missing)
            found = joined(found, gather(state.parts, state.statistics, self._lexicon, question, beside))
        return blended(order(found, self._weights.of(question), scope.locale), near.entries, near.weight)

    def explain(self, text: str, *, today: date) -> Explanation:
        """Every candidate with its features, the forms of the question, the thresholds, and why."""
        state = self._state
        question = prepare(text, self._lexicon)
        ranked = self._rank(state, question, Scope(today))
        outcome = self._decide(state, question, ranked)
        limits = state.limits[_kind(question)]
        candidates = tuple(
            Candidate(i, p, float(s), float(r), dict(zip(TRUST_NAMES, map(float, (*f, *a)), strict=True)))
            for i, p, s, r, f, a in zip(
                ranked.ids, ranked.phrasings, ranked.score, ranked.rank, ranked.features, ranked.around, strict=True
            )
        )
        lent = tuple((self._lexicon.wordings[n.wording], n.strength) for n in question.loans)
        best = candidates[0].score if candidates else 0.0
        reason = (
            f"sure of the first {ranked.sure:.2f}, an answer from {limits.answer:.2f}; "
            f"its score {best:.2f}, shown from {limits.choices:.2f}"
        )
        bare = is_bare(question)
        if bare:
            reason = "a bare noun is answered with choices; " + reason
        return Explanation(question.text.raw, question.text.canon, lent, bare, limits, outcome, reason, candidates)

    def similar(self, text: str, limit: int = 5) -> tuple[Match, ...]:
        """The nearest entries, valid or not, for grouping missed questions and for hints at near-duplicates."""
        question = prepare(text, self._lexicon)
        ranked = self._rank(self._state, question, Scope())
        return tuple(
            Match(i, round(float(s), 4)) for i, s in zip(ranked.ids[:limit], ranked.score[:limit], strict=True)
        )

    # ---- changing

    def put(self, entry: IndexEntry) -> None:
        """Add an entry or replace the one of the same id."""
        with self._writing:
            parts = self._without(entry.id)
            fresh = build_part([entry])
            if parts[-1].size < SMALL and len(parts) > 1:
                parts = (*parts[:-1], merge_parts([parts[-1], fresh]))
            else:
                parts = (*parts, fresh)
            self._swap(_tidy(parts))
            self._resample(entry)

    def remove(self, entry_id: str) -> None:
        """Forget an entry; an unknown id changes nothing."""
        with self._writing:
            if entry_id in self._where:
                self._swap(self._without(entry_id))
                self._left_out.pop(entry_id, None)

    def compact(self) -> None:
        """Merge all parts into one and learn how rare terms are anew. Asking goes on meanwhile."""
        with self._writing:
            part = merge_parts(self._state.parts)
            self._state = _State((part,), Statistics.of(part), self._state.limits)
            self._place((part,))

    def _without(self, entry_id: str) -> tuple[Part, ...]:
        parts = list(self._state.parts)
        if entry_id in self._where:
            at, number = self._where.pop(entry_id)
            parts[at] = without(parts[at], number)
        return tuple(parts)

    def _swap(self, parts: tuple[Part, ...]) -> None:
        old = self._state
        statistics = old.statistics
        largest = max(parts, key=lambda p: p.size)
        if largest.phrasings.size >= 2 * statistics.phrasings.size:
            statistics = Statistics.of(largest)
        self._place([p for p in parts if not any(p.ids is q.ids for q in old.parts)], parts)
        self._state = _State(parts, statistics, old.limits)

    def _place(self, fresh: Sequence[Part], parts: Sequence[Part] | None = None) -> None:
        for at, part in enumerate(fresh if parts is None else parts):
            if parts is None or any(part is f for f in fresh):
                alive = part.alive.tolist()
                self._where.update({i: (at, n) for n, i in enumerate(part.ids) if alive[n]})

    # ---- thresholds from the entries themselves

    def _sample(self, entries: Sequence[IndexEntry]) -> None:
        step = max(len(entries) // SAMPLE, 1)
        for entry in entries[::step][:SAMPLE]:
            self._score_left_out(entry)
        self._set_limits()

    def _resample(self, entry: IndexEntry) -> None:
        self._changes += 1
        if entry.id in self._left_out or self._changes % max(len(self._where) // SAMPLE, 1) == 0:
            self._score_left_out(entry)
            while len(self._left_out) > SAMPLE:
                self._left_out.popitem(last=False)
            self._set_limits()

    def _score_left_out(self, entry: IndexEntry) -> None:
        question = prepare(entry.question, self._lexicon)
        ranked = self._rank(self._state, question, Scope(without=entry.id))
        if len(ranked.ids):
            self._left_out[entry.id] = (_kind(question), float(ranked.score[0]), ranked.sure)

    def _set_limits(self) -> None:
        fitted = {"zh": self._weights.zh.answer_from, "latin": self._weights.latin.answer_from}
        limits = {
            kind: thresholds([(t, s) for k, t, s in self._left_out.values() if k == kind], start, kind)
            for kind, start in fitted.items()
        }
        self._state = _State(self._state.parts, self._state.statistics, limits)


def _kind(question: Question) -> str:
    return "latin" if question.is_latin else "zh"


def _tidy(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Merge small parts with their like from the end; the first, large one stays."""
    while len(parts) > 2 and parts[-2].size <= 2 * parts[-1].size <= LARGE:
        parts = (*parts[:-2], merge_parts(parts[-2:]))
    return parts
