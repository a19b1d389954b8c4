"""How large a request may be and how long it may take to arrive: looked at before anything reads it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import AppError, TooLarge, TooSlow
from core.web import render_error


class Patience(NamedTuple):
    """Seconds a body may take: without a byte of it, and in all (25 MB at the 45 kB/s of a poor mobile connection)."""

    silent: float = 30.0
    whole: float = 600.0


class BodyLimit:
    """Refuses bodies over a size before they fill the memory; some paths (uploads) have their own.

    One that stops coming ends too: a caller could else hold as many connections as there are for as long as it likes.
    ``page`` makes an answer for people of a refusal, None for programs; somebody's browser is heard out first, up to
    ``HEARD_OUT`` times the size, because it shows no answer that comes while it still sends.
    """

    HEARD_OUT = 4

    def __init__(
        self,
        app: ASGIApp,
        default: int,
        larger: Iterable[tuple[str, int]] = (),
        patience: Patience | None = None,
        page: Callable[[Scope, AppError], Response | None] | None = None,
    ) -> None:
        self._app = app
        self._default = default
        self._larger = tuple(larger)
        self._patience = patience or Patience()
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((size for prefix, size in self._larger if scope["path"].startswith(prefix)), self._default)
        if _declared(Headers(scope=scope).get("content-length", "")) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        seen, whole, begun, told = 0, False, False, False
        refusal: AppError | None = None
        until = asyncio.get_running_loop().time() + self._patience.whole

        async def counted() -> Message:
            nonlocal seen, whole, refusal
            if whole:  # what comes now is that the caller went away; answers that stream wait for it
                return await receive()
            try:
                async with asyncio.timeout(min(self._patience.silent, until - asyncio.get_running_loop().time())):
                    message = await receive()
            except TimeoutError:
                refusal = TooSlow("The rest of this did not arrive in time; please send it again.")
                raise refusal from None
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if seen > limit:
                refusal = _too_large(limit)
                raise refusal
            return message

        async def answered(message: Message) -> None:
            # Whatever reads the body may take the refusal for an error of its own; the caller hears which it was.
            nonlocal begun, told
            if refusal is None or (begun and not told):
                begun = True
                await send(message)
            elif not told:
                told = True
                answer = (self._page and self._page(scope, refusal)) or render_error(refusal)
                answer.headers["Connection"] = "close"  # the rest of the body is not waited for
                await answer(scope, receive, send)

        await self._app(scope, counted, answered)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Answer what announced itself as too large."""
        error = _too_large(limit)
        answer = self._page(scope, error) if self._page else None
        if answer is not None:
            await self._hear_out(receive, limit * self.HEARD_OUT)
            answer.headers["Connection"] = "close"
        await (answer or render_error(error))(scope, receive, send)

    async def _hear_out(self, receive: Receive, most: int) -> None:
        """Let a body pass by unread, so much of it and as long as any may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.whole):
                while most > 0:
                    message = await receive()
                    most -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return


def _declared(length: str) -> int:
    """Bytes that a Content-Length promises; 0 for nonsense, which is then found out by counting."""
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"This is more than {limit // 1_000_000 or 1} MB; send less at once.")
