"""What the house uses of the knowledge base: ask, record, judge, and learn from what people answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from rapidfuzz import fuzz
from sqlmodel import Session

from core.db import Database
from core.ids import new_id
from core.text import mask_personal
from faq import queries, review, store
from faq.decide import Outcome
from faq.index import Answered, Match
from faq.live import LiveIndex
from faq.misses import Misses
from faq.models import FaqEntry, FaqQuery
from faq.normalise import normalise
from faq.queries import UNANSWERED, Recorder
from faq.review import Author
from faq.semantic.suggest import Suggester

MAX_TEXT = 1000
"""Characters of a question that are kept."""
SAME_MATTER = 0.6
"""Trust from which an entry is taken to be about the very matter a person answered."""
SAME_ANSWER = 80.0
"""Likeness (rapidfuzz ratio over canonical text, 0…100) from which two answers say the same."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """A published entry as it is shown for one question; ``score`` is the trust in it, 0…1."""

    id: str
    question: str
    answer: str
    score: float
    category: str
    unit: str
    source: str
    source_number: str = ""
    source_url: str = ""
    source_date: date | None = None
    valid_until: date | None = None
    locale: str = "zh-Hans"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question. ``parts`` holds one outcome for each when a message asks two."""

    text: str
    outcome: Outcome
    matches: tuple[EntryView, ...]
    parts: tuple["Asked", ...] = ()
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of an answer a person gave: a new phrasing of an entry, or a new draft."""

    what: str
    entry_id: str
    version: int
    state: str


class FaqService:
    """One knowledge base: ``start`` it before questions come."""

    def __init__(self, db: Database, live: LiveIndex, suggester: Suggester | None = None) -> None:
        self.live = live
        self.suggester = suggester
        self.misses = Misses(db, live)
        self._db = db
        self._recorder = Recorder(db)

    async def start(self) -> None:
        """Read the entries; questions can be answered afterwards."""
        await self.live.start()

    async def follow(self) -> None:
        """Keep the index in step with the database until cancelled. Every process that answers runs this."""
        await self.live.run()

    async def tidy(self) -> None:
        """Group what was missed and forget old changes; a periodic job of the worker."""
        while await self.misses.collect():
            pass
        await self._db.write(store.purge_changes, self.live.now())

    def close(self) -> None:
        """Let the index's threads end."""
        self.live.close()

    async def ask(
        self, text: str, *, locale: str = "", limit: int = 3, within: Collection[str] = (), channel: str = "api"
    ) -> Asked:
        """Find the answer, in a thread and with no transaction open. Records nothing: see ``note``.

        ``within`` are the entries just shown, for a question that follows on (那要多少钱).
        """
        del channel  # what is asked does not depend on where; kept so that callers need not care
        found = await self.live.ask(text, limit=limit, within=within, locale=locale or None)
        return self._asked(text, locale, found, limit)

    def _asked(self, text: str, locale: str, found: Answered, limit: int) -> Asked:
        matches = tuple(view for match in found.matches[:limit] if (view := self._view(match)))
        outcome: Outcome = found.outcome if matches else "none"
        parts = tuple(self._asked(text, locale, part, limit) for part in found.parts)
        return Asked(text, outcome, matches, parts, locale)

    def _view(self, match: Match) -> EntryView | None:
        return self.view(match.id, match.score)

    def view(self, entry_id: str, score: float = 1.0) -> EntryView | None:
        """A published entry by id, None when there is none (any more)."""
        entry = self.live.published.get(entry_id)
        if entry is None:
            return None
        content = entry.content
        return EntryView(
            id=entry.id,
            question=content.question,
            answer=content.answer,
            score=score,
            category=content.category,
            unit=content.unit,
            source=content.source,
            source_number=content.source_number,
            source_url=content.source_url,
            source_date=content.source_date,
            valid_until=content.valid_until,
            locale=content.locale,
        )

    # --- recording

    def note(self, session: Session, now: datetime, asked: Asked, channel: str) -> str:
        """Keep the question, masked, in the caller's transaction; returns its id. One without answer is missed."""
        row = query_row(now, asked, channel)
        queries.add(session, [row])
        return str(row["id"])

    async def record(self, now: datetime, asked: Asked, channel: str) -> str:
        """As ``note`` in a transaction of its own, shared with whoever records at the same moment."""
        row = query_row(now, asked, channel)
        await self._recorder.add(row)
        return str(row["id"])

    def feedback(
        self, session: Session, now: datetime, query_id: str, helpful: bool, chosen: str | None = None
    ) -> FaqQuery:
        """What the person said; "not helpful" (and "none of these") makes the question a missed one."""
        del now
        return queries.feedback(session, query_id, helpful=helpful, chosen=chosen)

    # --- learning

    async def nearest(self, text: str) -> Match | None:
        """The published entry closest to a text."""
        found = await self.live.similar(text, 1)
        return found[0] if found else None

    def answered_by_person(
        self,
        session: Session,
        now: datetime,
        question: str,
        answer: str,
        author: Author,
        *,
        nearest: Match | None = None,
    ) -> Learned:
        """What a person answered, offered as knowledge: nothing is published before another person approved it.

        A phrasing is added where an entry about the matter says the same already, else a draft entry is made.
        Numbers of persons are masked. Hand in ``nearest`` (awaited before the transaction) to keep it short.
        """
        question, answer = mask_personal(question.strip())[:500], mask_personal(answer.strip())[:20_000]
        if nearest is None:
            nearest = next(iter(self.live.similar_now(question, 1)), None)
        if nearest and (entry := self._says_the_same(session, nearest, answer)):
            entry = review.add_phrasings(session, now, author, entry.id, [question], why="answered by a person")
            return Learned("phrasing", entry.id, entry.version, entry.state)
        content = review.checked({"question": question, "answer": answer})
        if near := self.live.published.get(nearest.id) if nearest else None:
            content = replace(content, category=near.content.category, unit=near.content.unit)
        entry = review.create(session, now, author, content, why="answered by a person")
        return Learned("entry", entry.id, entry.version, entry.state)

    def _says_the_same(self, session: Session, nearest: Match, answer: str) -> FaqEntry | None:
        known = self.live.published.get(nearest.id)
        if known is None or nearest.score < SAME_MATTER or not same_answer(known.content.answer, answer):
            return None
        entry = session.get(FaqEntry, nearest.id)
        return entry if entry and entry.state != review.ARCHIVED else None


def same_answer(one: str, other: str) -> bool:
    """Whether two answers say the same in about the same words, or one holds the other."""
    left, right = (normalise(text, 600).canon.replace(" ", "") for text in (one, other))
    held = min(len(left), len(right)) >= 12 and (left in right or right in left)
    return held or fuzz.ratio(left, right) >= SAME_ANSWER


def query_row(now: datetime, asked: Asked, channel: str) -> dict[str, Any]:
    """A question as its row. One that says nothing at all (an emoji) is kept, and missed by nobody."""
    text = mask_personal(asked.text)[:MAX_TEXT]
    outcomes: Sequence[Asked] = asked.parts or (asked,)
    missed = asked.outcome == "none" and not asked.parts and bool(normalise(asked.text).canon)
    return {
        "id": new_id(),
        "at": now,
        "channel": channel[:20],
        "locale": asked.locale[:10],
        "text": text,
        "outcome": "answer" if asked.parts else asked.outcome,
        "score": max((m.score for a in outcomes for m in a.matches[:1]), default=0.0),
        "entry_ids": list(dict.fromkeys(m.id for a in (asked, *asked.parts) for m in a.matches)),
        "entry_id": next((a.matches[0].id for a in outcomes if a.outcome == "answer" and a.matches), None),
        "helpful": None,
        "missed": UNANSWERED if missed else "",
        "miss_id": None,
    }
