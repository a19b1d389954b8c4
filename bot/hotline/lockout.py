"""Wrong codes are counted by who asks and by number, so that neither many numbers nor many addresses help."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from bot.hotline import numbers
from core.clock import Clock
from core.errors import TooMany

FAILURES = 5
WINDOW = timedelta(minutes=15)
_MAX_KEYS = 20_000


class Lockout:
    """After five wrong codes within 15 minutes the asker, or the number, waits until those minutes are over.

    Kept in this process's memory, alike for numbers that exist and numbers that do not. With six digits and five
    tries in 15 minutes for a number, a guess succeeds with a chance of 1 in 2,000 a day for each process.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, asker: str, number: str) -> None:
        """Raises TooMany while locked."""
        now = self._clock()
        for key in _keys(asker, number):
            with self._lock:
                recent = [at for at in self._failures.get(key, ()) if now - at < WINDOW]
            if len(recent) >= FAILURES:
                wait = recent[0] + WINDOW - now
                raise TooMany("Too many wrong codes. Please try again later.", retry_after=wait)

    def failed(self, asker: str, number: str) -> None:
        """Count a wrong code."""
        now = self._clock()
        with self._lock:
            for key in _keys(asker, number):
                recent = [at for at in self._failures.get(key, ()) if now - at < WINDOW]
                self._failures[key] = [*recent, now][-FAILURES:]
                self._failures.move_to_end(key)
            while len(self._failures) > _MAX_KEYS:
                self._failures.popitem(last=False)

    def passed(self, number: str) -> None:
        """The right code: what was counted for the number is forgotten."""
        with self._lock:
            self._failures.pop(f"number:{numbers.normal(number) or number}", None)


def _keys(asker: str, number: str) -> tuple[str, ...]:
    plain = numbers.normal(number) or number.strip()[:20]
    return (f"asker:{asker}", f"number:{plain}")
