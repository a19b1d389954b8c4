"""A stand-in for providers that send approved templates only: kind and locale choose the wording."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from adapters.memory import MemoryChannel, Template
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from core.messages import Outgoing
from core.ports import Limits
from tests.contract.case import Case, Failure, Rig
from tests.contract.cases.memory import arrived

TEMPLATES = {
    ("announcement", "zh-Hans"): Template("SMS_0001", "【示例办】{text}"),
    ("announcement", "en"): Template("SMS_0002", "[Example Office] {text}"),
}


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    channel = MemoryChannel(name="templated", limits=Limits(text=500, timeout_s=1), can=(), templates=TEMPLATES)
    yield Rig(channel, "somebody", partial(arrived, channel), stand_in=channel)
    await channel.aclose()


def _shown(message: Outgoing) -> str:
    return TEMPLATES[message.kind, message.locale].text.format_map(message.params)


CASE = Case(
    "templated",
    _open,
    in_process=True,
    failures=(
        Failure("no template for the kind", lambda _: None, Rejected, change={"kind": "free_words"}),
        Failure(
            "no template for the locale",
            lambda _: None,
            Rejected,
            {"provider_code": "no_template"},
            change={"locale": "zh-Hant"},
        ),
    ),
    impossible=(Retryable, Unreachable, Misconfigured, Uncertain),
    shown=_shown,
)
