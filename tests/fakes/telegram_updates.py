"""How Telegram hands updates over: an offset-acknowledging long poll, or a webhook called until it answers 200."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from tests.fakes.telegram_state import ApiError, Json

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Webhook:
    """What setWebhook left behind, and how the last delivery went."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    delivered: int = 0
    statuses: list[int] = field(default_factory=list)


class Updates:
    """The queue of updates that nobody has acknowledged yet.

    ``times`` delivers each update that many times to a webhook; ``retry_s`` is the pause before a redelivery.
    """

    def __init__(self) -> None:
        self.pending: deque[Json] = deque()
        self.webhook = Webhook()
        self.times = 1
        self.retry_s = 0.05
        self._ids = count(700_001)
        self.polls = 0
        self._news = asyncio.Event()
        self._tails: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None

    def add(self, chat: int, kind: str, body: Json) -> int:
        """Queue an update of one kind; returns its id."""
        update = {"update_id": next(self._ids), kind: body}
        self.pending.append(update)
        self._wake()
        if self.webhook.url:
            self._deliver(chat, update)
        return int(update["update_id"])

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # --- long polling ----------------------------------------------------------------------------------------

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """getUpdates: everything below ``offset`` is acknowledged, a newer call ends an older one."""
        if self.webhook.url:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self.polls += 1
        mine = self.polls
        self._wake()
        while self.pending and 0 < offset > self.pending[0]["update_id"]:
            self.pending.popleft()
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not self.pending and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await self._wait(left)
            if mine != self.polls:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
        return [self.pending[index] for index in range(min(limit, len(self.pending)))]

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    # --- webhook ---------------------------------------------------------------------------------------------

    def set_webhook(self, url: str, secret: str, connections: int) -> None:
        self.webhook = Webhook(url, secret, connections)
        self._slots = asyncio.Semaphore(connections)
        self._wake()
        for update in self.pending if url else ():
            self._deliver(_chat_of(update), update)

    def _deliver(self, chat: int, update: Json) -> None:
        """Updates of one chat go one after the other, chats beside each other."""
        before = self._tails.get(chat)
        self._tails[chat] = asyncio.create_task(self._until_taken(before, update, self.webhook))

    async def _until_taken(self, before: asyncio.Task[None] | None, update: Json, hook: Webhook) -> None:
        if before is not None:
            await asyncio.wait([before])
        taken = 0
        while hook is self.webhook and taken < self.times:
            async with self._slots:
                status = await self._post(update, hook)
            hook.statuses.append(status)
            if 200 <= status < 300:
                taken += 1
                continue
            hook.last_error = f"Wrong response from the webhook: {status}"
            await asyncio.sleep(self.retry_s)
        if taken and update in self.pending:
            self.pending.remove(update)
            hook.delivered += 1

    async def _post(self, update: Json, hook: Webhook) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        headers = {HEADER: hook.secret} if hook.secret else {}
        try:
            async with self._session.post(hook.url, json=update, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def aclose(self) -> None:
        tasks = list(self._tails.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _chat_of(update: Json) -> int:
    body: Any = next(value for key, value in update.items() if key != "update_id")
    message = body.get("message", body)
    return int(message["chat"]["id"])
