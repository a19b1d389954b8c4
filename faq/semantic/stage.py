"""The stage itself: which entries mean nearly the same as a question, and how sure that is, 0…1.

Cosines of different models lie in different ranges, so an office's own entries give the scale, without labels: what an
entry's question has in common with the nearest *other* entry means nothing yet (0), the very same words mean all (1).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from core import leases
from core.db import Database
from core.ids import new_id
from faq.semantic import store
from faq.semantic.embedder import Away, Embedder, Vectors
from faq.store import Published

log = logging.getLogger(__name__)

NEAREST = 12
"""Entries handed on as candidates."""
BATCH = 32
"""Phrasings embedded at once."""
PAUSE_S = 30.0
"""After a failure questions go on without the stage for so long."""
SYNC_S = 5.0
_SAMPLE = 400
"""Entries that the scale is taken from."""
_LEASE = "faq-vectors"
LEASE_LENGTH = timedelta(seconds=120)
"""Longer than the slowest batch takes."""


Names = NDArray[np.object_]
"""Shape (n,): the entry that each row of a matrix belongs to."""


class Semantic:
    """Vectors of all published entries in memory, and the embedder for questions."""

    def __init__(self, db: Database, embedder: Embedder, *, timeout_s: float, weight: float) -> None:
        self._db = db
        self._embedder = embedder
        self._timeout_s = timeout_s
        self._rows: dict[str, tuple[str, Vectors]] = {}
        self._ids: Names = np.zeros(0, object)
        self._matrix: Vectors = np.zeros((0, 1), np.float32)
        self._floor = 0.5
        self._quiet_until = 0.0
        self._process = new_id()
        self.weight = weight

    def __len__(self) -> int:
        return len(self._rows)

    async def near(self, text: str) -> dict[str, float]:
        """Entries by how near they are, 0…1; empty when the embedder is away, slow or has nothing yet."""
        if not len(self._ids) or time.monotonic() < self._quiet_until:
            return {}
        try:
            async with asyncio.timeout(self._timeout_s):
                question = await self._embedder.embed([text], question=True)
        except (Away, TimeoutError) as error:
            self._quiet_until = time.monotonic() + PAUSE_S
            log.warning("semantic stage away (%s), going on without", type(error).__name__)
            return {}
        return nearest(question[0], self._matrix, self._ids, self._floor)

    async def run(self, published: Callable[[], Mapping[str, Published]]) -> None:
        """Follow the entries until cancelled: read vectors others made, make those that are missing."""
        while True:
            try:
                await self.sync(published())
            except Away as error:
                log.warning("semantic stage: no vectors made (%s)", error)
                await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(SYNC_S)

    async def sync(self, published: Mapping[str, Published]) -> int:
        """Bring vectors and entries together; returns how many entries were embedded here. Raises Away."""
        wanted = {entry.id: store.digest_of(_phrasings(entry)) for entry in list(published.values())}
        kept = await self._db.read(store.digests, self._embedder.name)
        await self._take_over(wanted, kept)
        missing = [entry_id for entry_id, digest in wanted.items() if kept.get(entry_id) != digest]
        gone = set(kept) - set(wanted)
        if not missing and not gone:
            return 0
        if not await self._db.write(leases.acquire, _LEASE, self._process, LEASE_LENGTH):
            return 0  # another process makes them
        if gone:
            await self._db.write(store.forget, self._embedder.name, gone)
        for begin in range(0, len(missing), BATCH):
            await self._make([published[one] for one in missing[begin : begin + BATCH] if one in published])
            await self._db.write(leases.acquire, _LEASE, self._process, LEASE_LENGTH)
        await self._take_over(wanted, await self._db.read(store.digests, self._embedder.name))
        return len(missing)

    async def _take_over(self, wanted: Mapping[str, str], kept: Mapping[str, str]) -> None:
        """Read what is new in the database, drop what is no longer published."""
        good = {one: digest for one, digest in kept.items() if wanted.get(one) == digest}
        fresh = [one for one, digest in good.items() if one not in self._rows or self._rows[one][0] != digest]
        stale = [one for one in self._rows if one not in good]
        if not fresh and not stale:
            return
        read = await self._db.read(store.vectors, self._embedder.name, fresh)
        rows = {one: kept_rows for one, kept_rows in self._rows.items() if one in good} | read
        ids = np.array([one for one, (_, vectors) in rows.items() for _ in vectors], object)
        matrix = np.concatenate([vectors for _, vectors in rows.values()]) if rows else np.zeros((0, 1), np.float32)
        self._floor = await asyncio.to_thread(scale, matrix, ids)
        self._rows, self._ids, self._matrix = rows, ids, matrix

    async def _make(self, entries: Sequence[Published]) -> None:
        phrasings = [_phrasings(entry) for entry in entries]
        flat = [text for texts in phrasings for text in texts]
        parts = [await self._embedder.embed(flat[begin : begin + BATCH]) for begin in range(0, len(flat), BATCH)]
        rows, at, made = np.concatenate(parts), 0, {}
        for entry, texts in zip(entries, phrasings, strict=True):
            made[entry.id] = (store.digest_of(texts), rows[at : at + len(texts)])
            at += len(texts)
        await self._db.write(store.save, self._embedder.name, made)

    async def aclose(self) -> None:
        """Let the embedder go."""
        await self._embedder.aclose()


def nearest(question: Vectors, matrix: Vectors, ids: Names, floor: float) -> dict[str, float]:
    """The nearest entries by their best phrasing, scaled so that ``floor`` is 0 and the same words 1. Pure."""
    cosines = matrix @ question
    found: dict[str, float] = {}
    for row in np.argsort(-cosines)[: NEAREST * 4].tolist():
        entry = str(ids[row])
        scaled = (float(cosines[row]) - floor) / max(1 - floor, 1e-6)
        if entry not in found and scaled > 0:
            found[entry] = min(scaled, 1.0)
        if len(found) == NEAREST:
            break
    return found


def scale(matrix: Vectors, ids: Names) -> float:
    """The median cosine between an entry's phrasing and the nearest other entry: from there on it means something."""
    names = np.asarray(ids)
    if len(set(names.tolist())) < 2:
        return 0.5
    chosen = np.arange(0, len(names), max(len(names) // _SAMPLE, 1))
    cosines = matrix[chosen] @ matrix.T
    cosines[names[chosen][:, None] == names[None, :]] = -1.0
    return float(np.clip(np.median(cosines.max(axis=1)), 0.0, 0.98))


def _phrasings(entry: Published) -> list[str]:
    return list(dict.fromkeys(text for text in (entry.content.question, *entry.content.aliases) if text.strip()))
