"""Long polling that acknowledges an update only after it was stored."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram.methods import DeleteWebhook

from adapters.telegram_client import Client, RawUpdates
from adapters.telegram_update import KINDS, Understood
from core.errors import Retryable, SendError
from core.ports import Deliver

log = structlog.get_logger(__name__)

POLL_S = 25
_ANSWER_S = 15
_PAUSE_S = 0.5
_PAUSE_MAX_S = 60.0


class Poller:
    """One poller per bot: Telegram ends an older poll when a newer begins."""

    def __init__(
        self,
        client: Client,
        understand: Callable[[Any], Understood],
        stop_spinner: Callable[[Understood], None],
    ) -> None:
        self._call = client.call
        self._understand = understand
        self._stop_spinner = stop_spinner
        self._offset = 0
        self._failures = 0

    async def run(self, deliver: Deliver) -> None:
        """Polls until cancelled."""
        while not await self._tried(self._drop_webhook):
            pass
        while True:
            await self._tried(lambda: self._round(deliver))

    async def _drop_webhook(self) -> None:
        # What waits at Telegram stays there and comes with the first poll.
        await self._call(DeleteWebhook(drop_pending_updates=False))

    async def _round(self, deliver: Deliver) -> None:
        method = RawUpdates(offset=self._offset, timeout=POLL_S, allowed_updates=list(KINDS))
        updates = await self._call(method, POLL_S + _ANSWER_S) or []
        meanings = [self._understand(update) for update in updates]
        events = [meaning.event for meaning in meanings if meaning.event is not None]
        if events:
            await deliver(events)
        for meaning in meanings:
            self._stop_spinner(meaning)
        # The next poll tells Telegram that everything below its offset is safe.
        self._offset = max([self._offset, *(int(update["update_id"]) + 1 for update in updates)])

    async def _tried(self, step: Callable[[], Awaitable[None]]) -> bool:
        try:
            await step()
        except SendError as error:
            self._failures += 1
            await self._rest(error)
            return False
        except Exception as error:
            # Whatever ``deliver`` raises, nothing was acknowledged: the same updates come again.
            self._failures += 1
            log.error("telegram.not_stored", error=type(error).__name__, failures=self._failures)  # noqa: TRY400
            await self._rest(None)
            return False
        self._failures = 0
        return True

    async def _rest(self, error: SendError | None) -> None:
        pause = min(_PAUSE_MAX_S, _PAUSE_S * 2 ** min(self._failures - 1, 10))
        pause *= random.uniform(0.5, 1)  # noqa: S311 - only spreads the load
        if isinstance(error, Retryable) and error.after is not None:
            pause = max(pause, error.after.total_seconds())
        if error is not None:
            log.warning(
                "telegram.poll_failed",
                outcome=type(error).__name__,
                reason=error.reason,
                code=error.provider_code,
                pause_s=round(pause, 1),
            )
        await asyncio.sleep(pause)
