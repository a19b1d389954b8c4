"""What the contract's tests share: the list of cases, and sending that must end in a SendError."""

import asyncio
import inspect
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from adapters import CHANNELS
from core.errors import SendError
from core.messages import Outgoing
from core.ports import Channel
from tests.contract.case import Arrived, Case

NAMES = [*CHANNELS, "memory", "templated"]
CASES: list[Case] = [
    import_module(f"tests.contract.cases.{name}").CASE for name in NAMES if find_spec(f"tests.contract.cases.{name}")
]
OUTCOMES = frozenset(SendError.__subclasses__())


async def do(result: Any) -> Any:
    """The value of a helper that may be plain or async."""
    return await result if inspect.isawaitable(result) else result


def text_of(arrived: Sequence[Arrived]) -> str:
    """All that was read, in one piece."""
    return "".join(part.text for part in arrived)


async def failed(channel: Channel, outgoing: Outgoing) -> SendError:
    """The SendError that sending ends with; any other ending fails the test."""
    with pytest.raises(SendError) as caught:
        async with asyncio.timeout(channel.limits.timeout_s + 5):
            await channel.send(outgoing)
    return caught.value
