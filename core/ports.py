"""The contract every channel fulfils. ``tests/contract`` runs the same suite over each of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from core.messages import File, Inbound, Media, Outgoing, Receipt, Received, Sent, WebhookRequest


class Can(StrEnum):
    """What a channel is able to do; callers ask for the ability, never for the name."""

    BUTTONS = "buttons"
    FILES = "files"
    RECEIPTS = "receipts"
    TWO_WAY = "two_way"
    THREADS = "threads"
    LINKS = "links"
    OPT_OUT_AT_PROVIDER = "opt_out_at_provider"
    """The provider answers STOP and START itself; we record them and stay silent."""
    IDEMPOTENT = "idempotent"
    """Sending the same message again has no further effect, so an uncertain one is simply sent again."""
    METERED = "metered"
    """Texts cost segments: signature first, short wording, no courtesy replies."""
    SPOKEN = "spoken"
    """Texts are read out on a call to a telephone number: an answer goes to the same number in writing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider accepts. Lengths in characters, rates per second; None is no limit.

    ``rate`` counts segments for each of our senders on a metered channel, messages elsewhere. Addresses that
    begin with ``group_mark`` are groups and have ``rate_per_group`` instead of ``rate_per_address``.
    """

    text: int
    rate: float | None = None
    rate_per_address: float | None = None
    rate_per_group: float | None = None
    group_mark: str = ""
    options: int = 0
    file_bytes: int = 0
    timeout_s: float = 15.0


Deliver = Callable[[Sequence[Inbound | Receipt]], Awaitable[None]]
"""Stores what arrived; returns only after the commit, so that the caller may acknowledge."""


@runtime_checkable
class Channel(Protocol):
    """One way to reach people.

    ``send`` raises only ``core.errors.SendError``. ``receive`` checks the signature before it looks at the body,
    raises ``BadSignature``, makes no network call, and returns an empty ``Received`` for valid but unsupported
    events. ``secrets`` lists values that must never show in a log.
    """

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def can(self) -> Collection[Can]: ...
    async def send(self, message: Outgoing) -> Sent: ...
    async def receive(self, request: WebhookRequest) -> Received: ...
    def secrets(self) -> Collection[str]: ...
    async def aclose(self) -> None: ...


@runtime_checkable
class Lookup(Protocol):
    """Can say what became of an attempt whose answer was lost."""

    async def lookup(self, message: Outgoing, since: datetime) -> Sent | None:
        """The provider's record of this message, or None when it has none. Raises SendError."""


@runtime_checkable
class Status(Protocol):
    """Can be asked about a message whose receipts stay away."""

    async def status(self, provider_id: str) -> Receipt | None:
        """What the provider now says of it, None when nothing can be said yet. Raises SendError."""


@runtime_checkable
class Senders(Protocol):
    """Has several addresses of its own to send from."""

    def sender_for(self, address: str) -> str:
        """Which of them writes to this address, always the same one; empty when the provider chooses."""


@runtime_checkable
class SenderPool(Protocol):
    """Has senders that may stand in for each other."""

    def senders_for(self, address: str) -> Mapping[str, int]:
        """Those that may write to this address, with their weights; empty when the provider chooses."""


@runtime_checkable
class CanFor(Protocol):
    """Can do less towards some addresses (no replies, no links) than it can in general."""

    def can_for(self, address: str) -> Collection[Can]:
        """What is possible towards this address."""


@runtime_checkable
class Fetch(Protocol):
    """Can fetch attached media from the provider's own hosts only."""

    async def fetch(self, media: Media, limit_bytes: int) -> File:
        """The content; raises BadInput when too large or of a refused type, SendError when it cannot be had."""


@runtime_checkable
class Listen(Protocol):
    """Can poll for messages where no webhook reaches us."""

    async def listen(self, deliver: Deliver) -> None:
        """Runs until cancelled; acknowledges to the provider only what ``deliver`` has stored."""


@runtime_checkable
class OpenThread(Protocol):
    """Can open a topic in a group."""

    async def open_thread(self, chat: str, title: str) -> str:
        """The new thread's id; raises SendError."""


@runtime_checkable
class Prepare(Protocol):
    """Has something to do once at start (set a webhook, a menu); failures are logged, not fatal."""

    async def prepare(self, public_url: str) -> None: ...


@runtime_checkable
class Health(Protocol):
    """Can check its credentials against the provider for ``sunline doctor``."""

    async def check(self) -> str:
        """A sentence naming the account; raises SendError."""
