"""What was missed: grouped with its like as it comes, shown by frequency, and turned into phrasings and entries.

Grouping is incremental: each missed question is compared with the groups there are (an inverted index, see
``likeness``), once, outside any transaction. One process at a time does it (a named lease); the very same wording
always ends in one group, whoever writes it, because the group's key is unique.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from core import leases
from core.audit import record
from core.crypto import index as keyed
from core.db import Database
from core.errors import BadInput, NotFound
from core.ids import new_id
from faq import review
from faq.index import Match
from faq.likeness import Alike, Rarity
from faq.live import LiveIndex
from faq.models import FaqEntry, FaqMiss, FaqQuery
from faq.normalise import normalise
from faq.review import IllegalMove

OPEN, ANSWERED, DISMISSED = "open", "answered", "dismissed"
_LEASE = timedelta(seconds=30)
_BATCH = 200
_REMEMBERED = 20_000
"""Groups held in memory for comparing; the most recently begun ones."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One question that waits for its group."""

    query_id: str
    text: str
    locale: str
    reason: str
    at: datetime


class Misses:
    """Puts missed questions into groups; every process may have one."""

    def __init__(self, db: Database, live: LiveIndex) -> None:
        self._db = db
        self._live = live
        self._holder = new_id()
        self._one_at_a_time = asyncio.Lock()
        self._alike: Alike | None = None
        self._seen = 0

    async def collect(self) -> int:
        """Group the questions that wait; returns how many, 0 also while another process is at it."""
        async with self._one_at_a_time:
            waiting = await self._db.read(pending, _BATCH)
            if not waiting or not await self._db.write(leases.acquire, "faq.misses", self._holder, _LEASE):
                return 0
            try:
                await self._remember_groups()
                for same in _by_wording(waiting).values():
                    await self._place(same)
            finally:
                await self._db.write(leases.release, "faq.misses", self._holder)
            return len(waiting)

    async def _remember_groups(self) -> None:
        groups = await self._db.read(groups_after, self._seen, _REMEMBERED)
        if self._alike is None:
            contents = [entry.content for entry in list(self._live.published.values())]
            phrasings = (text for content in contents for text in (content.question, *content.aliases))
            self._alike = await asyncio.to_thread(lambda: Alike(Rarity(phrasings)))
        for group, text in groups:
            self._alike.add(group, text)
            self._seen = max(self._seen, group)

    async def _place(self, same: list[Missed]) -> None:
        assert self._alike is not None  # noqa: S101 - _remember_groups made it; narrows the type
        near = await asyncio.to_thread(self._alike.nearest, same[0].text)
        closest = None
        if near is None:
            closest = next(iter(await self._live.similar(same[0].text, 1)), None)
        group = await self._db.write(join, same, near, closest)
        if near is None:
            self._alike.add(group, same[0].text)
            self._seen = max(self._seen, group)


def _by_wording(waiting: Iterable[Missed]) -> dict[str, list[Missed]]:
    wordings: dict[str, list[Missed]] = {}
    for missed in waiting:
        wordings.setdefault(_wording(missed.text), []).append(missed)
    return wordings


def _wording(text: str) -> str:
    return normalise(text).canon.replace(" ", "") or text


def pending(session: Session, limit: int) -> list[Missed]:
    """Missed questions without a group, oldest first."""
    rows = session.execute(
        select(col(FaqQuery.id), col(FaqQuery.text), col(FaqQuery.locale), col(FaqQuery.missed), col(FaqQuery.at))
        .where(col(FaqQuery.missed) != "", col(FaqQuery.miss_id).is_(None))
        .order_by(col(FaqQuery.id))
        .limit(limit)
    )
    return [Missed(*row) for row in rows]


def groups_after(session: Session, after: int, limit: int) -> list[tuple[int, str]]:
    """Groups begun since, id and wording; the newest ``limit`` of them."""
    rows = session.execute(
        select(col(FaqMiss.id), col(FaqMiss.text))
        .where(col(FaqMiss.id) > after)
        .order_by(col(FaqMiss.id).desc())
        .limit(limit)
    )
    return [(row.id, row.text) for row in rows][::-1]


def join(session: Session, same: list[Missed], near: int | None, closest: Match | None) -> int:
    """Put questions of one wording into their group, or begin one; returns the group's id.

    A group that was answered opens again when its entry is published and people still miss it.
    """
    key = keyed(_wording(same[0].text), "faq_miss.key")
    group = session.scalars(select(FaqMiss).where(col(FaqMiss.key) == key)).first()
    if group is None and near is not None:
        group = session.get(FaqMiss, near)
    if group is None:
        group = FaqMiss(
            key=key, text=same[0].text, reason=same[0].reason, locale=same[0].locale,
            first_at=min(m.at for m in same), last_at=max(m.at for m in same),
            nearest_id=closest.id if closest else None, nearest_score=closest.score if closest else 0.0,
        )  # fmt: skip
        session.add(group)
        session.flush()
    joined = session.execute(
        update(FaqQuery)
        .where(col(FaqQuery.id).in_([m.query_id for m in same]), col(FaqQuery.miss_id).is_(None))
        .values(miss_id=group.id)
    )
    group.count += int(getattr(joined, "rowcount", 0))
    group.last_at = max(group.last_at, *(m.at for m in same))
    if group.state == ANSWERED and group.entry_id:
        entry = session.get(FaqEntry, group.entry_id)
        if entry is None or entry.state in {review.PUBLISHED, review.ARCHIVED}:
            group.state = OPEN
    session.add(group)
    session.flush()
    return group.id or 0


# --- what editors do with them ------------------------------------------------------------------------------


def page(session: Session, state: str, reason: str, after: tuple[int, int] | None, limit: int) -> list[FaqMiss]:
    """Groups most frequent first; ``after`` is the count and id of the last one seen."""
    rows = select(FaqMiss).where(col(FaqMiss.state) == state)
    if reason:
        rows = rows.where(col(FaqMiss.reason) == reason)
    if after:
        count, last = after
        rows = rows.where(or_(col(FaqMiss.count) < count, and_(col(FaqMiss.count) == count, col(FaqMiss.id) > last)))
    return list(session.scalars(rows.order_by(col(FaqMiss.count).desc(), col(FaqMiss.id)).limit(limit)))


def find(session: Session, miss_id: int) -> FaqMiss:
    """One group; raises NotFound."""
    group = session.get(FaqMiss, miss_id)
    if group is None:
        raise NotFound("There is no such group of missed questions.")
    return group


def members(session: Session, miss_id: int, limit: int = 50) -> list[FaqQuery]:
    """The newest questions of a group."""
    rows = select(FaqQuery).where(col(FaqQuery.miss_id) == miss_id).order_by(col(FaqQuery.id).desc()).limit(limit)
    return list(session.scalars(rows))


def add_as_phrasing(
    session: Session, now: datetime, author: review.Author, miss_id: int, *, entry_id: str = "", text: str = ""
) -> FaqEntry:
    """Add a group's wording (or an edited one) to an entry, by default the nearest; another person approves it."""
    group = _open(session, miss_id)
    wanted = entry_id or group.nearest_id or ""
    if not wanted:
        raise BadInput("No entry is near this; name one.", fields={"entry": "missing"})
    entry = review.add_phrasings(
        session, now, author, wanted, [text.strip() or group.text], why=f"missed question {miss_id}"
    )
    _close(session, now, author, group, ANSWERED, entry_id=entry.id)
    return entry


def write_entry(
    session: Session,
    now: datetime,
    author: review.Author,
    miss_id: int,
    values: Mapping[str, object],
    *,
    entry_id: str = "",
) -> FaqEntry:
    """A draft entry for a group; the group's wording is its question, or a phrasing of the one given."""
    group = _open(session, miss_id)
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    aliases = given.get("aliases", [])
    phrasings = [*(aliases if isinstance(aliases, list) else []), group.text]
    content = review.checked({"question": group.text, **given, "aliases": phrasings})
    entry = review.create(session, now, author, content, entry_id=entry_id, why=f"missed question {miss_id}")
    _close(session, now, author, group, ANSWERED, entry_id=entry.id)
    return entry


def dismiss(session: Session, now: datetime, author: review.Author, miss_id: int, note: str = "") -> FaqMiss:
    """Take a group off the list; further questions like it are still counted."""
    group = _open(session, miss_id)
    _close(session, now, author, group, DISMISSED, note=note)
    return group


def _open(session: Session, miss_id: int) -> FaqMiss:
    group = find(session, miss_id)
    session.refresh(group, with_for_update=True)
    if group.state != OPEN:
        raise IllegalMove(f"This group is {group.state} already.", fields={"state": group.state})
    return group


def _close(
    session: Session,
    now: datetime,
    author: review.Author,
    group: FaqMiss,
    state: str,
    *,
    entry_id: str | None = None,
    note: str = "",
) -> None:
    group.state, group.entry_id, group.note = state, entry_id, note[:200]
    group.closed_by, group.closed_at = author.identity, now
    session.add(group)
    session.flush()
    after = {"state": state, "entry": entry_id, "count": group.count}
    record(session, now, author.actor, f"faq.miss.{state}", f"faq-miss:{group.id}", after=after)


def nearest_of(session: Session, groups: Iterable[FaqMiss]) -> dict[str, FaqEntry]:
    """The entries groups point at, by id."""
    ids = {i for group in groups for i in (group.nearest_id, group.entry_id) if i}
    return {e.id: e for e in session.scalars(select(FaqEntry).where(col(FaqEntry.id).in_(ids)))} if ids else {}
