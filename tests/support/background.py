"""An event loop in a thread of its own: the stand-ins for providers live there while a test waits elsewhere."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_ANSWER_S = 60


class Background:
    """Runs what is handed to it in one loop; what was entered is left again at the end."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background")
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self._stack.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine."""
        return self.begin(work).result(_ANSWER_S)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine; its result is asked for later."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a plain function that needs the running loop."""

        async def called() -> T:
            return function(*args, **kwargs)

        return self.run(called())

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter a context manager for as long as the loop lives."""
        return self.run(self._stack.enter_async_context(manager))
