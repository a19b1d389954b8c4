"""Before an entry is saved: how a citizen would read it, who would find it, and which entries say much the same."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlmodel import Session, col, select

from bot.house import House
from faq.content import Content
from faq.likeness import Alike, Rarity
from faq.models import FaqMiss, FaqQuery
from faq.service import EntryView

LATELY = timedelta(days=30)
_QUERIES = 2_000
"""Questions looked through: the newest ones, enough for a month of a county."""
_PHRASINGS = 5_000
_SHOWN = 12
_ENTRY = 1


@dataclass(frozen=True, slots=True)
class Finder:
    """A question somebody asked, how often, and whether it went without an answer."""

    text: str
    count: int
    missed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What the editor sees before saving."""

    content: Content
    finders: tuple[Finder, ...]
    similar: tuple[EntryView, ...]


async def preview(house: House, content: Content, entry_id: str) -> Preview:
    """Look through what was asked lately, and for entries that are near."""
    asked = await house.db.read(_asked, house.clock() - LATELY)
    known = islice(list(house.faq.live.published.values()), _PHRASINGS)
    phrasings = [text for one in known for text in (one.content.question, *one.content.aliases)]
    finders = await asyncio.to_thread(finding, content, asked, phrasings)
    near = await house.faq.live.similar(content.question, 4)
    similar = [view for match in near if match.id != entry_id and (view := house.faq.view(match.id, match.score))]
    return Preview(content, tuple(finders), tuple(similar[:3]))


def finding(content: Content, asked: Sequence[Finder], phrasings: Iterable[str]) -> list[Finder]:
    """Of the questions asked, those like one of the entry's phrasings, the missed and frequent ones first. Pure."""
    rarity = Rarity(phrasings)
    wordings = []
    for text in (content.question, *content.aliases):
        alike = Alike(rarity)
        alike.add(_ENTRY, text)
        wordings.append(alike)
    found = [one for one in asked if any(wording.nearest(one.text) for wording in wordings)]
    return sorted(found, key=lambda one: (not one.missed, -one.count))[:_SHOWN]


def _asked(session: Session, since: datetime) -> list[Finder]:
    """Groups of missed questions, and the wordings of answered ones with how often each came."""
    missed = session.exec(select(FaqMiss).where(FaqMiss.state == "open").order_by(col(FaqMiss.count).desc()).limit(300))
    found = [Finder(group.text, group.count, missed=True) for group in missed]
    rows = session.exec(
        select(FaqQuery.text)
        .where(col(FaqQuery.at) >= since, FaqQuery.missed == "")
        .order_by(col(FaqQuery.id).desc())
        .limit(_QUERIES)
    )
    counts: dict[str, int] = {}
    for text in rows:
        counts[text] = counts.get(text, 0) + 1
    return found + [Finder(text, count, missed=False) for text, count in counts.items()]
