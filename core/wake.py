"""Waking sleepers: whoever waits for work is told at the commit that made it, inside this process or across."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlmodel import Session


def wake(session: Session, topic: str) -> None:
    """Tell the waiters on ``topic`` once this session's transaction has committed."""
    session.info.setdefault("wake", set()).add(topic)


class Bell:
    """One waiter on one topic. A ring while nobody waits is kept, so no wake-up is lost between two waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake the waiter; callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closing: nobody is left to be woken
            self._loop.call_soon_threadsafe(self._event.set)

    def ring_here(self) -> None:
        """As ``ring``, for callers in the waiter's own loop: costs next to nothing."""
        self._event.set()

    async def wait(self, timeout_s: float) -> bool:
        """Sleep until rung or until the time is over; True when rung."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True


class Bells:
    """The waiters of this process, by topic."""

    def __init__(self) -> None:
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)

    @contextlib.contextmanager
    def listening(self, *topics: str) -> Iterator[Bell]:
        """A bell that rings for any of these topics while the block runs."""
        bell = Bell()
        for topic in topics:
            self._bells[topic].add(bell)
        try:
            yield bell
        finally:
            for topic in topics:
                self._bells[topic].discard(bell)

    def ring(self, topics: Iterable[str]) -> None:
        """Wake everybody who waits for one of these topics."""
        for topic in topics:
            for bell in tuple(self._bells.get(topic, ())):
                bell.ring()
