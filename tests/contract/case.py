"""What a channel's case file tells the contract suite.

``cases/<name>.py`` defines ``CASE = Case(name=…, open=…, failures=(…))``. ``open`` is an async context manager
that starts the provider's stand-in, builds the real channel against it and yields a ``Rig``; leaving closes both.
Everything optional in a ``Rig`` stays None when the channel has no such ability; the suite then checks that the
channel does not claim it either.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from core.errors import SendError
from core.messages import Media, Outgoing, WebhookRequest
from core.ports import Channel

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday morning at the office; cases build their channels with a clock that shows it."""

Arm = Callable[[Any], Awaitable[None] | None]
"""Scripts the stand-in (``rig.stand_in``) so that the next send meets a fault."""


@dataclass(frozen=True)
class Arrived:
    """One message as the person at ``Rig.address`` got it; a long text may arrive as several."""

    text: str
    options: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    thread: str = ""


@dataclass(frozen=True)
class Failure:
    """A scripted fault and what the channel has to make of it.

    ``expect`` names attributes of the raised error and their values (``{"after": timedelta(seconds=7)}``).
    ``accepted`` says that the stand-in took the message although the channel could not know.
    """

    name: str
    arm: Arm
    outcome: type[SendError]
    expect: Mapping[str, object] = field(default_factory=dict)
    accepted: bool = False
    change: Mapping[str, object] = field(default_factory=dict)
    """Fields of the outgoing message that differ in this case (an unknown address, say)."""


def unsigned(body: bytes = b"{}") -> WebhookRequest:
    """A request with no signature at all: no channel may accept it."""
    return WebhookRequest("POST", "https://sunline.example/hooks/any", {}, {}, body)


@dataclass
class Rig:
    """A running channel beside its stand-in. Helpers may be plain or async functions."""

    channel: Channel
    address: str
    """Where a message reaches somebody."""
    arrived: Callable[[], Sequence[Arrived]]
    """All that the person at ``address`` has got so far, oldest first."""
    stand_in: Any = None
    forged: Mapping[str, WebhookRequest] = field(default_factory=lambda: {"no signature": unsigned()})
    """Requests that must raise BadSignature, by what is wrong with them."""
    webhook: Callable[[str], WebhookRequest] | None = None
    """A rightly signed request in which a person at ``address`` writes this text; each call a new message."""
    unsupported: Mapping[str, WebhookRequest] = field(default_factory=dict)
    """Rightly signed requests that mean nothing to us, by what they are."""
    receipt: Callable[[str, str], WebhookRequest] | None = None
    """A rightly signed report that the message with this (provider_id, attempt) was delivered."""
    hang: Callable[[], Awaitable[None] | None] | None = None
    """Makes the provider's next answer take longer than ``channel.limits.timeout_s`` (keep that ≤ 1 s here)."""
    lose_answer: Callable[[], Awaitable[None] | None] | None = None
    """Makes the provider accept the next message and never say so; needed where the channel has ``lookup``."""
    write: Callable[[str], Awaitable[None] | None] | None = None
    """A person writes this at the stand-in, for channels that ``listen``."""
    media: Callable[[], tuple[Media, bytes]] | None = None
    """An attachment and its true content, for channels that ``fetch``."""
    foreign_media: Sequence[Media] = ()
    """References that point away from the provider; ``fetch`` must refuse each."""
    group: str = ""
    """A group in which a topic can be opened."""
    public_url: str = "https://sunline.example"


@dataclass(frozen=True)
class Case:
    """The contract suite's view of one channel."""

    name: str
    open: Callable[[], AbstractAsyncContextManager[Rig]]
    failures: tuple[Failure, ...] = ()
    impossible: Collection[type[SendError]] = ()
    """Outcomes this channel can never have (a list in memory is never Uncertain)."""
    in_process: bool = False
    """No network at all, so nothing can hang."""
    kind: str = "announcement"
    locale: str = "zh-Hans"
    shown: Callable[[Outgoing], str] = lambda message: message.text
    """The text that should arrive for a message: a templated channel renders its own."""
    oversize: str = "长" * 100_000
    """Longer than the channel can ever take."""


def message(case: Case, rig: Rig, **changes: Any) -> Outgoing:
    """An ordinary message from this case to its working address."""
    plain = Outgoing(
        id="018f0000-0000-7000-8000-000000000001",
        attempt="018f0000-0000-7000-8000-00000000000a",
        channel=case.name,
        address=rig.address,
        text="您好，您反映的路灯问题已修好 ✅ 感谢 🙏",
        kind=case.kind,
        locale=case.locale,
        params={"text": "您好"},
    )
    return replace(plain, **changes)
