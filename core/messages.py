"""The values that travel between channels, inbox and outbox. Frozen: nobody changes a message on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Lane(StrEnum):
    """How a message queues: urgent never waits behind bulk."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Media:
    """Something attached to an inbound message, not fetched yet.

    ``ref`` is the channel's own handle (a file id, a URL on the provider's host); only that channel's ``fetch``
    knows how to open it. ``size`` is in bytes when the provider tells.
    """

    ref: str
    mime: str = ""
    name: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A shared location, in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person, as a channel understood it.

    Attributes:
        channel: name of the channel it came by.
        provider_id: the provider's id of this message (or update); unique within the channel, so that a
            redelivery ends at the unique key of the inbox.
        address: where an answer goes: a phone number in E.164, a chat id, a web chat session.
        to: our own address that it was sent to (a number, a bot's name); answers leave from there.
        text: what was written; for a button its label when the channel knows it.
        choice: the value behind a pressed button, empty for typed text.
        sender: who wrote, when that differs from the address (a member of a group).
        sender_name: display name as the channel gives it; never trusted, never logged.
        private: False in groups.
        thread: topic within a group.
        reply_to: provider's id of the message this one answers or whose button was pressed.
        locale: language the channel reports (``zh-hans``), empty when unknown.
        opt_out: set when the provider itself handled an opt-out word: "stop", "start" or "help".
    """

    channel: str
    provider_id: str
    address: str
    text: str = ""
    to: str = ""
    choice: str = ""
    sender: str = ""
    sender_name: str = ""
    private: bool = True
    thread: str = ""
    reply_to: str = ""
    locale: str = ""
    opt_out: str = ""
    media: tuple[Media, ...] = ()
    place: Place | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A choice offered with a message: a button where the channel has buttons, else a number in the text."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to send. ``content`` is loaded by the dispatcher, with no session open while it travels."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way to one address.

    ``text`` is rendered; ``kind``, ``locale`` and ``params`` go along for channels that may only send approved
    templates. ``id`` is the outbox row's id, ``attempt`` this attempt's own id (it travels in the status
    callback). ``callback_url`` is where the provider reports progress, empty when it cannot reach us.
    ``sender`` is our own address to send from, empty for the channel's default.
    """

    id: str
    attempt: str
    channel: str
    address: str
    text: str
    kind: str = ""
    locale: str = "zh-Hans"
    params: Mapping[str, Any] = field(default_factory=dict)
    sender: str = ""
    thread: str = ""
    options: tuple[Option, ...] = ()
    files: tuple[File, ...] = ()
    lane: Lane = Lane.NORMAL
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted it. ``delivered`` when acceptance is already delivery (a chat API)."""

    provider_id: str
    segments: int = 1
    sender: str = ""
    delivered: bool = False


class Progress(StrEnum):
    """What a receipt can say, in the only order in which it may move."""

    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's word on a message sent before.

    At least one of ``provider_id`` and ``attempt`` is set; ``attempt`` comes back from our own callback address.
    ``outcome`` is what the code means in our closed list, None for progress and success.
    """

    channel: str
    progress: Progress
    provider_id: str = ""
    attempt: str = ""
    code: str = ""
    outcome: Exception | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What a channel needs of an HTTP request: ``url`` is the public address the provider called."""

    method: str
    url: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """What a webhook held, and the body the provider wants to hear once it is safely stored."""

    events: tuple[Inbound | Receipt, ...] = ()
    reply: bytes = b""
    reply_type: str = "text/plain"
