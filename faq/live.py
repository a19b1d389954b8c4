"""The index in memory, kept in step with the database: read at the start, then change by change.

A bell rings at a commit in this process (or, on PostgreSQL, in another); a slow poll stands behind it. Few changes
go into the index one by one, many make a new index in a thread while the old one still answers.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from core.clock import Clock, office_day
from core.db import Database
from core.errors import Unavailable
from faq import store
from faq.index import Answered, Explanation, FaqIndex, IndexEntry, Match, Near
from faq.lexicon import Lexicon
from faq.semantic.stage import Semantic
from faq.store import EVERYTHING, Published

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

POLL_S = 1.0
_FEW = 64
"""Up to so many changed entries (or a twentieth of all) are put in one by one; above, building anew is quicker."""
_READ = 5000
"""Changes read at once; when there are as many, everything is read anew."""
_REMEMBERED = 2048
"""Answers kept for the same words again: ids and scores only, a megabyte or two."""
_LONG_S = 1.0
"""A reading that took longer than this is followed by a rest as long."""
_COMPACT_AFTER = 512
"""Changes put in one by one after which the index's parts are merged and word statistics learned anew."""


class LiveIndex:
    """Published entries, ready for questions. ``start`` once, ``run`` as a task, ``close`` at the end."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        zone: ZoneInfo,
        lexicon: Lexicon | None = None,
        semantic: Semantic | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._zone = zone
        self._lexicon = lexicon
        self.semantic = semantic
        self._asking = ThreadPoolExecutor(2, thread_name_prefix="faq")
        self._building = ThreadPoolExecutor(1, thread_name_prefix="faq-build")
        self._one_at_a_time = asyncio.Lock()
        self._index: FaqIndex | None = None
        self._published: dict[str, Published] = {}
        self._head = 0
        self._patched = 0
        self._rest_until = 0.0
        self._answers: OrderedDict[tuple[object, ...], tuple[int, Answered]] = OrderedDict()
        self.generation = 0
        """Grows with every change that was taken over."""

    @property
    def ready(self) -> bool:
        """Whether the entries have been read."""
        return self._index is not None

    @property
    def published(self) -> Mapping[str, Published]:
        """Every published entry by id, expired ones included. Not to be changed."""
        return self._published

    async def start(self) -> None:
        """Read everything; returns when questions can be answered."""
        async with self._one_at_a_time:
            await self._rebuild()

    async def run(self) -> None:
        """Follow the database until cancelled."""
        with self._db.bells.listening(store.TOPIC) as bell:
            while True:
                try:
                    await self.catch_up()
                except Unavailable:
                    log.warning("faq index: the database is away, still answering from what was read")
                await bell.wait(POLL_S)

    def close(self) -> None:
        """Let the threads end."""
        self._asking.shutdown(wait=True, cancel_futures=True)
        self._building.shutdown(wait=True, cancel_futures=True)

    # --- asking

    async def ask(
        self, text: str, *, limit: int = 3, within: Collection[str] = (), locale: str | None = None
    ) -> Answered:
        """The index's answer, worked out in a thread; never an entry outside its days.

        The same words within the same generation of the index on the same day are not worked out twice: what
        everybody asks today comes word for word.
        """
        key = (text, limit, tuple(within), locale, self.today())
        known, generation = self._answers.get(key), self.generation
        if known and known[0] == generation:
            self._answers.move_to_end(key)
            return known[1]
        near = await self._near(text)
        answered = await self._in_thread(self.ask_now, text, limit=limit, within=within, locale=locale, near=near)
        if self.semantic and near is None:
            return answered  # the stage was away: the next who asks this may get more
        self._answers[key] = (generation, answered)
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return answered

    def ask_now(
        self,
        text: str,
        *,
        limit: int = 3,
        within: Collection[str] = (),
        locale: str | None = None,
        near: Near | None = None,
    ) -> Answered:
        """As ``ask``, in the calling thread."""
        return self._ready().ask(text, today=self.today(), limit=limit, within=within, locale=locale, near=near)

    async def _near(self, text: str) -> Near | None:
        """What the semantic stage finds, None without it."""
        if self.semantic is None:
            return None
        found = await self.semantic.near(text)
        return Near(found, self.semantic.weight) if found else None

    def now(self) -> datetime:
        """The time, aware."""
        return self._clock()

    def today(self) -> date:
        """The office's day."""
        return office_day(self._clock(), self._zone)

    async def explain(self, text: str) -> Explanation:
        """Why a question has its outcome."""
        return await self._in_thread(self._ready().explain, text, today=self.today())

    async def similar(self, text: str, limit: int = 5) -> tuple[Match, ...]:
        """The nearest published entries, whatever their days."""
        return await self._in_thread(self.similar_now, text, limit)

    def similar_now(self, text: str, limit: int = 5) -> tuple[Match, ...]:
        """As ``similar``, in the calling thread."""
        return self._ready().similar(text, limit) if self._published else ()

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._asking, lambda: work(*args, **kwargs))

    def _ready(self) -> FaqIndex:
        if self._index is None:
            raise Unavailable("The entries are still being read; please try again in a moment.")
        return self._index

    # --- following

    async def catch_up(self) -> int:
        """Take over what changed since the last time; returns how many changes."""
        async with self._one_at_a_time:
            if self._index is None:
                await self._rebuild()
            changes = await self._db.read(store.changes_after, self._head, _READ)
            if not changes:
                return 0
            ids = {entry_id for _, entry_id in changes}
            if EVERYTHING in ids or len(ids) > max(_FEW, len(self._published) // 20):
                if time.monotonic() < self._rest_until:
                    return 0  # a long import is under way: see _rebuild
                await self._rebuild()
            else:
                await self._patch(ids, changes[-1][0])
            return len(changes)

    async def _rebuild(self) -> None:
        """A new index from everything. A long one is followed by a rest, lest a long import starve us."""
        loop = asyncio.get_running_loop()
        begun = time.monotonic()
        head, entries = await self._db.read(_everything)
        index = await loop.run_in_executor(self._building, self._build, entries)
        self._published, self._index = {entry.id: entry for entry in entries}, index
        self._head, self._patched = head, 0
        self.generation += 1
        took = time.monotonic() - begun
        self._rest_until = time.monotonic() + took if took > _LONG_S else 0.0
        log.info("faq index: %d entries read in %.2f s", len(entries), took)

    def _build(self, entries: list[Published]) -> FaqIndex:
        if self._lexicon is None:
            self._lexicon = Lexicon()
        return FaqIndex([as_indexed(entry) for entry in entries], self._lexicon)

    async def _patch(self, ids: set[str], head: int) -> None:
        now = {entry.id: entry for entry in await self._db.read(store.published, sorted(ids))}
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._building, self._apply, ids, now)
        self._head = head
        self._patched += len(ids)
        self.generation += 1
        if self._patched >= _COMPACT_AFTER:
            self._patched = 0
            await loop.run_in_executor(self._building, self._ready().compact)

    def _apply(self, ids: set[str], now: Mapping[str, Published]) -> None:
        index = self._ready()
        for entry_id in sorted(ids):
            if entry := now.get(entry_id):
                self._published[entry_id] = entry
                index.put(as_indexed(entry))
            else:
                index.remove(entry_id)
                self._published.pop(entry_id, None)


def _everything(session: Session) -> tuple[int, list[Published]]:
    """The log's head first: what commits between the two reads is then applied once more, never missed."""
    return store.head(session), store.published(session)


def as_indexed(entry: Published) -> IndexEntry:
    """An entry as the index wants it."""
    content = entry.content
    return IndexEntry(
        id=entry.id,
        question=content.question,
        aliases=content.aliases,
        answer=content.answer,
        category=content.category,
        unit=content.unit,
        locale=content.locale,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
    )
