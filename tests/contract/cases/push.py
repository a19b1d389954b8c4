"""Push through Apprise, against a small receiver of its JSON."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.push import PushChannel, PushSettings
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from tests.contract.case import Arrived, Case, Failure, Rig

TOKEN = "a-token-of-the-duty-room"


class Receiver:
    """Takes what Apprise posts; the next answers can be scripted with a status or a delay."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.statuses: list[int] = []
        self.delay_s = 0.0

    async def take(self, request: web.Request) -> web.Response:
        """One posted message."""
        posted = await request.json()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.arrived.append(Arrived(posted["message"]))
        delay_s, self.delay_s = self.delay_s, 0.0
        await asyncio.sleep(delay_s)
        return web.Response(status=status)

    def slow(self) -> None:
        """The next answer comes after everybody's patience has ended."""
        self.delay_s = 2.0


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    """A receiver and its Apprise address."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post(f"/{TOKEN}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield receiver, f"json://127.0.0.1:{runner.addresses[0][1]}/{TOKEN}"
    await runner.cleanup()


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    async with receiving() as (receiver, url):
        settings = PushSettings(_env_file=None, targets={"duty": url}, timeout_seconds=0.5)
        channel = PushChannel(settings, title="示例办")
        yield Rig(channel, "duty", lambda: receiver.arrived, stand_in=receiver, hang=receiver.slow)
        await channel.aclose()


CASE = Case(
    "push",
    _open,
    failures=(
        Failure("refused", lambda receiver: receiver.statuses.append(403), Retryable),
        Failure("out of service", lambda receiver: receiver.statuses.append(503), Retryable),
        Failure("no answer", lambda receiver: receiver.slow(), Uncertain, accepted=True),
        Failure("unknown name", lambda _: None, Unreachable, change={"address": "nobody"}),
        Failure("kind not allowed", lambda _: None, Unreachable, change={"address": "json://example.com/x"}),
        Failure("too long", lambda _: None, Rejected, change={"text": "长" * 2_000}),
    ),
    impossible=(Misconfigured,),
)
