"""Ending streams when the process is told to stop."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable
from types import FrameType


@contextlib.asynccontextmanager
async def until_stop(close: Callable[[], None]) -> AsyncIterator[None]:
    """For a router's lifespan: calls ``close`` as soon as the process is told to stop, and at the end.

    A server closes its lifespan only after the last connection has ended, which a stream never does by itself. So
    the server's own signal handler is called after ours.
    """
    previous = {}
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            previous[number] = signal.getsignal(number)

            def told(number: int, frame: FrameType | None) -> None:
                loop.call_soon_threadsafe(close)
                before = previous[signal.Signals(number)]
                if callable(before):
                    before(number, frame)

            signal.signal(number, told)
    try:
        yield
    finally:
        close()
        for number, handler in previous.items():
            signal.signal(number, handler)
