"""Live answers: pages wait here for outbox rows that have become readable, whichever process wrote them.

One follower in each process asks the database for all waiting pages together, when a send was recorded and at
the latest after a second; so a thousand open pages cost one query, not a thousand.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import timedelta

from bot.pages.stopping import until_stop
from bot.site import talk
from bot.site.talk import Line
from core.clock import Clock
from core.db import Database
from core.errors import TooMany, Unavailable
from core.people import address_index
from notify.outbox.dispatch import RECORDED

POLL_S = 1.0
PAUSE_S = 0.05
"""Sends recorded within this time are looked up together."""
CHECK_S = 15.0
"""How often an idle stream returns to its owner, who sees whether the talk still lasts."""
MAX_PAGES = 2_000
MAX_PER_ADDRESS = 6

Key = tuple[str, str]


class Waiting:
    """One page that waits: ids of messages it has not been given."""

    def __init__(self, keys: frozenset[Key]) -> None:
        self.keys = keys
        self.told: set[str] = set()
        self._ids: list[str] = []
        self._bell = asyncio.Event()

    def tell(self, message_id: str) -> None:
        """There is a message to show; telling twice changes nothing."""
        if message_id not in self.told:
            self.told.add(message_id)
            self._ids.append(message_id)
            self._bell.set()

    def ring(self) -> None:
        """Wake the page without news."""
        self._bell.set()

    async def next(self, timeout_s: float) -> list[str]:
        """What came since the last call; empty when nothing did for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._bell.wait()
        self._bell.clear()
        ids, self._ids = self._ids, []
        return ids


class Hub:
    """The pages of this process that wait for answers."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._pages: defaultdict[Key, set[Waiting]] = defaultdict(set)
        self._count = 0
        self._follower: asyncio.Task[None] | None = None
        self.closing = False

    def close(self) -> None:
        """The server stops: every stream ends now, browsers come back by themselves."""
        self.closing = True
        for pages in self._pages.values():
            for page in pages:
                page.ring()

    def nudge(self, channel: str, address: str) -> None:
        """Let the pages of this address look now whether their talk still lasts."""
        for page in self._pages.get((channel, address_index(channel, address)), ()):
            page.ring()

    @contextlib.contextmanager
    def waiting(self, channel: str, addresses: Sequence[str]) -> Iterator[Waiting]:
        """Wait for these addresses while the block runs; raises TooMany when too many pages are open."""
        keys = frozenset((channel, address_index(channel, address)) for address in addresses)
        if self._count >= MAX_PAGES or any(len(self._pages.get(key, ())) >= MAX_PER_ADDRESS for key in keys):
            raise TooMany("Too many pages of this talk are open; close one.", retry_after=timedelta(seconds=10))
        page = Waiting(keys)
        for key in keys:
            self._pages[key].add(page)
        self._count += 1
        if self._follower is None or self._follower.done():
            self._follower = asyncio.create_task(self._follow(), name="site-follower")
        try:
            yield page
        finally:
            self._count -= 1
            for key in keys:
                self._pages[key].discard(page)
                if not self._pages[key]:
                    del self._pages[key]

    async def lines(self, channel: str, addresses: Sequence[str], last_id: str) -> AsyncGenerator[list[Line], None]:
        """What these addresses are told from now on, and what they missed since ``last_id``.

        Each message once. Yields an empty list now and then, so that the caller can end the stream. Ends when the
        database is away: browsers come back by themselves.
        """
        with contextlib.suppress(Unavailable), self.waiting(channel, addresses) as page:
            missed = await self._db.read(talk.since, channel, addresses, last_id)
            page.told.update(line.id for line in missed)
            yield missed
            given = {line.id for line in missed}
            while not self.closing:
                ids = set(await page.next(CHECK_S)) - given
                given |= ids
                yield await self._db.read(talk.by_ids, ids) if ids else []

    async def _follow(self) -> None:
        with self._db.bells.listening(RECORDED) as bell:
            while self._pages and not self.closing:
                await bell.wait(POLL_S)
                with contextlib.suppress(Unavailable):
                    rows = await self._db.read(talk.fresh, self._clock(), frozenset(self._pages))
                    for channel, index, message_id in rows:
                        for page in self._pages.get((channel, index), ()):
                            page.tell(message_id)
                await asyncio.sleep(PAUSE_S)


def open_until_stop(hub: Hub) -> contextlib.AbstractAsyncContextManager[None]:
    """For a router's lifespan: ends the streams as soon as the process is told to stop."""
    return until_stop(hub.close)
