"""The list in memory, which other tests rely on, keeps the contract itself."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import count

from adapters.memory import SIGNATURE, MemoryChannel
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from core.messages import WebhookRequest
from tests.contract.case import Arrived, Case, Failure, Rig, unsigned

SECRET = "a secret of the memory channel"
_numbers = count(1)


def _request(body: object, secret: str = SECRET) -> WebhookRequest:
    url = "https://sunline.example/hooks/memory"
    return WebhookRequest("POST", url, {SIGNATURE: secret}, {}, json.dumps(body).encode())


def _says(text: str) -> WebhookRequest:
    return _request({"id": str(next(_numbers)), "address": "somebody", "text": text})


def arrived(channel: MemoryChannel) -> list[Arrived]:
    """What the recipient reads."""
    return [
        Arrived(text, tuple(o.label for o in sent.options), tuple(f.name for f in sent.files), sent.thread)
        for text, sent in zip(channel.texts, channel.sent, strict=True)
    ]


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    channel = MemoryChannel(secret=SECRET)
    yield Rig(
        channel,
        "somebody",
        partial(arrived, channel),
        stand_in=channel,
        forged={"wrong secret": _request({}, "another secret"), "no signature": unsigned()},
        webhook=_says,
        unsupported={"no text": _request({"id": "1", "what": "typing"})},
    )
    await channel.aclose()


CASE = Case(
    "memory",
    _open,
    in_process=True,
    failures=(
        Failure(
            "told to wait",
            lambda channel: channel.fail_next(Retryable("wait", after=timedelta(seconds=3))),
            Retryable,
            {"after": timedelta(seconds=3)},
        ),
        Failure("refused", lambda channel: channel.fail_next(Rejected("no")), Rejected),
        Failure("gone", lambda channel: channel.fail_next(Unreachable("gone")), Unreachable),
        Failure("wrong key", lambda channel: channel.fail_next(Misconfigured("key")), Misconfigured),
        Failure("no answer", lambda channel: channel.fail_next(Uncertain("silence")), Uncertain),
    ),
)
