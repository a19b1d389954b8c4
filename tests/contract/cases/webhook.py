"""Webhooks, against a receiver that checks signature and age as the specification asks."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from aiohttp import web

from adapters.webhook import WebhookChannel, WebhookSettings
from core.crypto import signing_secret
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from tests.contract.case import NOW, Arrived, Case, Failure, Rig


class Receiver:
    """Another system. The next answers can be scripted with a status or a delay."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.seen: set[str] = set()
        self.statuses: list[int] = []
        self.delay_s = 0.0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """One webhook; 401 for one that is not signed for this address."""
        body = await request.read()
        if not self.genuine(request, body):
            return web.Response(status=401)
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204 and request.headers["webhook-id"] not in self.seen:
            self.seen.add(request.headers["webhook-id"])
            self.arrived.append(Arrived(json.loads(body)["text"]))
        delay_s, self.delay_s = self.delay_s, 0.0
        await asyncio.sleep(delay_s)
        headers = {"Retry-After": "7"} if status == 429 else {"Location": self.url} if status == 302 else {}
        return web.Response(status=status, headers=headers)

    def genuine(self, request: web.Request, body: bytes) -> bool:
        """Whether the signature is that of the specification."""
        headers = request.headers
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(signing_secret(self.url), signed, hashlib.sha256).digest()).decode()
        fresh = abs(int(headers["webhook-timestamp"]) - NOW.timestamp()) < 300
        return fresh and headers["webhook-signature"] == f"v1,{wanted}"

    def slow(self) -> None:
        """The next answer comes after everybody's patience has ended."""
        self.delay_s = 2.0


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    async with receiving() as receiver:
        settings = WebhookSettings(_env_file=None, origins=receiver.url, timeout_seconds=0.5)
        channel = WebhookChannel(settings, lambda: NOW)
        yield Rig(channel, receiver.url, lambda: receiver.arrived, stand_in=receiver, hang=receiver.slow)
        await channel.aclose()


def _answers(status: int) -> object:
    return lambda receiver: receiver.statuses.append(status)


CASE = Case(
    "webhook",
    _open,
    failures=(
        Failure("busy", _answers(429), Retryable, {"after": timedelta(seconds=7)}),  # type: ignore[arg-type]
        Failure("out of service", _answers(503), Retryable),  # type: ignore[arg-type]
        Failure("refused", _answers(400), Rejected),  # type: ignore[arg-type]
        Failure("sent elsewhere", _answers(302), Rejected),  # type: ignore[arg-type]
        Failure("wants no more", _answers(410), Unreachable),  # type: ignore[arg-type]
        Failure("no answer", lambda receiver: receiver.slow(), Uncertain, accepted=True),
        Failure("another origin", lambda _: None, Unreachable, change={"address": "http://169.254.169.254/hook"}),
        Failure("no address", lambda _: None, Unreachable, change={"address": "duty"}),
        Failure("too long", lambda _: None, Rejected, change={"text": "长" * 30_000}),
    ),
    impossible=(Misconfigured,),
)
