"""What editors should look at: entries nobody asks for, expired ones, doubles and contradictions."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from sqlalchemy import exists, select
from sqlmodel import Session, col

from faq.index import Match
from faq.models import FaqEntry, FaqQuery
from faq.normalise import normalise
from faq.service import same_answer
from faq.store import Published

Kind = Literal["never_asked", "expired", "expiring", "similar", "contradicting"]
KINDS: tuple[Kind, ...] = ("never_asked", "expired", "expiring", "similar", "contradicting")
NEARLY_THE_SAME = 0.8
"""Trust from which two entries are shown as nearly the same; editors decide, so it is generous."""
SCANNED = 150
"""Entries compared in one call for near doubles: about half a second."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One finding. ``other`` is the second entry of a pair, ``day`` when validity ends or ended."""

    kind: Kind
    id: str
    question: str
    other: str = ""
    other_question: str = ""
    score: float | None = None
    day: date | None = None


def never_asked(session: Session, now: datetime, days: int, after: str, limit: int) -> list[Hint]:
    """Entries live for at least so many days that answered nothing in that time, by id."""
    since = now - timedelta(days=days)
    asked = exists().where(col(FaqQuery.entry_id) == col(FaqEntry.id), col(FaqQuery.at) >= since)
    rows = session.execute(
        select(col(FaqEntry.id), col(FaqEntry.question))
        .where(col(FaqEntry.live_version).is_not(None), col(FaqEntry.published_at) <= since, col(FaqEntry.id) > after)
        .where(~asked)
        .order_by(col(FaqEntry.id))
        .limit(limit)
    )
    return [Hint("never_asked", row.id, row.question) for row in rows]


def validity(published: Mapping[str, Published], today: date, days: int) -> list[Hint]:
    """Entries that are over (never answered any more) or will be within so many days, by day."""
    ends = ((entry, entry.content.valid_until) for entry in list(published.values()))
    found = [
        Hint("expired" if end < today else "expiring", entry.id, entry.content.question, day=end)
        for entry, end in ends
        if end and end <= today + timedelta(days=days)
    ]
    return sorted(found, key=lambda hint: (hint.day or today, hint.id))


def contradictions(published: Mapping[str, Published]) -> list[Hint]:
    """Entries that ask the very same in the same language, valid at the same time, and answer differently."""
    by_wording: defaultdict[tuple[str, str], dict[str, Published]] = defaultdict(dict)
    for entry in list(published.values()):
        for phrasing in (entry.content.question, *entry.content.aliases):
            if wording := normalise(phrasing).canon.replace(" ", ""):
                by_wording[entry.content.locale[:2], wording][entry.id] = entry
    pairs = {}
    for alike in by_wording.values():
        entries = sorted(alike.values(), key=lambda e: e.id)
        for one, other in pairwise(entries):
            if _at_once(one, other) and not same_answer(one.content.answer, other.content.answer):
                pairs[one.id, other.id] = _pair("contradicting", one, other, None)
    return [pairs[ids] for ids in sorted(pairs)]


def doubles(
    published: Mapping[str, Published], ids: Sequence[str], similar: Callable[[str, int], Sequence[Match]]
) -> list[Hint]:
    """Pairs that are nearly the same among these entries and all others; each pair once, under its lower id."""
    found: dict[tuple[str, str], Hint] = {}
    for entry_id in ids:
        entry = published.get(entry_id)
        if entry is None:
            continue
        for match in similar(entry.content.question, 4):
            other = published.get(match.id)
            if other is None or match.id == entry_id or match.score < NEARLY_THE_SAME or not _at_once(entry, other):
                continue
            one, two = sorted((entry, other), key=lambda e: e.id)
            found[one.id, two.id] = _pair("similar", one, two, match.score)
    return [found[pair] for pair in sorted(found)]


def _pair(kind: Kind, one: Published, other: Published, score: float | None) -> Hint:
    return Hint(kind, one.id, one.content.question, other.id, other.content.question, score)


def _at_once(one: Published, other: Published) -> bool:
    """Whether there is a day on which both are valid, for readers of the same language."""
    a, b = one.content, other.content
    begin = max(a.valid_from or date.min, b.valid_from or date.min)
    end = min(a.valid_until or date.max, b.valid_until or date.max)
    return begin <= end and a.locale[:2] == b.locale[:2]
