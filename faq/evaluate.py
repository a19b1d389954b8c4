"""Measuring the matching on labelled questions: recall, rank, knowing when to keep silent, and learning week by
week.

Pure: labelled questions and an index go in, figures come out. A labelled question names the entry that answers
it, other entries that are right as well, or none when nothing here answers it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from .index import FaqIndex, IndexEntry

#: Matches looked at for each question.
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the ids that answer it; empty when nothing does."""

    text: str
    right: frozenset[str]
    tag: str = ""

    @classmethod
    def parse(cls, line: str) -> "Labelled":
        """One line `{"q", "id"|null, "alt"?, "tag"?}`. Raises ValueError or KeyError for anything else."""
        row = json.loads(line)
        right = [row["id"], *(row.get("alt") or [])] if row["id"] is not None else []
        return cls(row["q"], frozenset(right), row.get("tag") or "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a labelled question: the place of the first right match (0: none), the top score, the outcome."""

    question: Labelled
    place: int
    score: float
    answered: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One threshold of the abstention curve; shares of questions."""

    threshold: float
    answered: float  # of questions that have an answer here
    wrong: float  # wrong answers among the given ones
    refused: float  # of questions that have none
    f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over a set of questions. Those that need both kinds of question are 0 where one is missing."""

    questions: int
    answerable: int
    recall: dict[int, float]
    mrr: float
    auroc: float
    f1: float
    wrong_among_answers: float
    refused: float
    curve: tuple[CurvePoint, ...] = ()
    by_tag: tuple[tuple[str, "Report"], ...] = ()


def ask_all(index: FaqIndex, questions: Iterable[Labelled], today: date) -> list[Asked]:
    """Ask every question once."""
    out = []
    for question in questions:
        answered = index.ask(question.text, today=today, limit=DEPTH)
        place = next((n for n, m in enumerate(answered.matches, 1) if m.id in question.right), 0)
        score = answered.matches[0].score if answered.matches else 0.0
        out.append(Asked(question, place, score, answered.outcome == "answer"))
    return out


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How often a question that has an answer scores above one that has none; ties count half."""
    if not inside or not outside:
        return 0.0
    low = np.sort(np.asarray(outside))
    high = np.asarray(inside)
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float((below / 2).mean() / len(low))


def _point(asked: Sequence[Asked], given: Sequence[bool], threshold: float) -> CurvePoint:
    inside = sum(bool(a.question.right) for a in asked)
    outside = len(asked) - inside
    answers = sum(given)
    good = sum(g and a.place == 1 for a, g in zip(asked, given, strict=True))
    kept = sum(not g and not a.question.right for a, g in zip(asked, given, strict=True))
    precision, recall = good / max(answers, 1), good / max(inside, 1)
    return CurvePoint(
        threshold,
        sum(g and bool(a.question.right) for a, g in zip(asked, given, strict=True)) / max(inside, 1),
        1 - precision if answers else 0.0,
        kept / max(outside, 1),
        2 * precision * recall / max(precision + recall, 1e-9),
    )


def report(asked: Sequence[Asked], *, by_tag: bool = True) -> Report:
    """The figures of questions that were asked."""
    inside = [a for a in asked if a.question.right]
    count = max(len(inside), 1)
    now = _point(asked, [a.answered for a in asked], 0.0)
    steps = [n / 20 for n in range(1, 20)]
    tags = sorted({a.question.tag for a in asked if a.question.tag})
    return Report(
        questions=len(asked),
        answerable=len(inside),
        recall={k: sum(0 < a.place <= k for a in inside) / count for k in (1, 3, 5, 10)},
        mrr=sum(1 / a.place for a in inside if a.place) / count,
        auroc=auroc([a.score for a in inside], [a.score for a in asked if not a.question.right]),
        f1=now.f1,
        wrong_among_answers=now.wrong,
        refused=now.refused,
        curve=tuple(_point(asked, [a.score >= t for a in asked], t) for t in steps) if by_tag else (),
        by_tag=tuple((t, report([a for a in asked if a.question.tag == t], by_tag=False)) for t in tags)
        if by_tag
        else (),
    )


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the learning loop: phrasings added until then, and recall on other people's wording."""

    week: int
    learned: int
    recall_1: float
    recall_3: float


def learn(
    entries: Sequence[IndexEntry], lessons: Sequence[Labelled], later: Sequence[Labelled], today: date, *,
    weeks: int = 4, index: FaqIndex | None = None,
) -> list[Week]:  # fmt: skip
    """The loop in fast time: each week a share of the questions missed is reviewed and becomes a phrasing of its entry.

    `lessons` are one person's wordings, `later` another person's of the same matters. A lesson whose first match is
    confident and right is no miss and teaches nothing. Week 0 is before any learning.
    """
    current = {e.id: e for e in entries}
    index = index or FaqIndex(entries)
    out = [_week(index, later, today, 0, 0)]
    learned = 0
    size = -(-len(lessons) // weeks)
    for week in range(1, weeks + 1):
        batch = lessons[(week - 1) * size : week * size]
        missed = [a.question for a in ask_all(index, batch, today) if a.place != 1 or not a.answered]
        for lesson in missed:
            entry_id = next((i for i in sorted(lesson.right) if i in current), None)
            if entry_id is not None and lesson.text not in current[entry_id].aliases:
                current[entry_id] = replace(current[entry_id], aliases=(*current[entry_id].aliases, lesson.text))
                index.put(current[entry_id])
                learned += 1
        out.append(_week(index, later, today, week, learned))
    return out


def _week(index: FaqIndex, later: Sequence[Labelled], today: date, week: int, learned: int) -> Week:
    figures = report(ask_all(index, later, today), by_tag=False)
    return Week(week, learned, figures.recall[1], figures.recall[3])


def split_writers(questions: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """The first wording of each matter as lessons, the others for afterwards. Out-of-scope questions go nowhere."""
    seen: set[frozenset[str]] = set()
    lessons: list[Labelled] = []
    later: list[Labelled] = []
    for question in questions:
        if question.right:
            (later if question.right in seen else lessons).append(question)
            seen.add(question.right)
    matters = {q.right for q in later}
    return [q for q in lessons if q.right in matters], later
