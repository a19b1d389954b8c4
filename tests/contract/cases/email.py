"""E-mail through Apprise: the same receiver of JSON stands where the office's mail server is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.push import EmailChannel, PushSettings
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from tests.contract.case import Case, Failure, Rig
from tests.contract.cases.push import receiving


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    async with receiving() as (receiver, url):
        settings = PushSettings(_env_file=None, email=url, timeout_seconds=0.5)
        channel = EmailChannel(settings, title="示例办")
        yield Rig(channel, "anna@sun.example", lambda: receiver.arrived, stand_in=receiver, hang=receiver.slow)
        await channel.aclose()


CASE = Case(
    "email",
    _open,
    failures=(
        Failure("refused", lambda receiver: receiver.statuses.append(403), Retryable),
        Failure("out of service", lambda receiver: receiver.statuses.append(503), Retryable),
        Failure("no answer", lambda receiver: receiver.slow(), Uncertain, accepted=True),
        Failure("no address", lambda _: None, Unreachable, change={"address": "nobody"}),
        Failure("more than an address", lambda _: None, Unreachable, change={"address": "a@sun.example?cc=b@c.d"}),
        Failure("too long", lambda _: None, Rejected, change={"text": "长" * 2_000}),
    ),
    impossible=(Misconfigured,),
)
