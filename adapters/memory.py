"""A channel that keeps messages in a list: for tests, benches and trials. It never leaves the process."""

import hmac
import json
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from core.errors import BadSignature, Misconfigured, Rejected, SendError
from core.messages import Inbound, Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Limits

SIGNATURE = "x-memory-signature"
"""Header that carries the shared secret on requests to ``receive``."""


@dataclass(frozen=True, slots=True)
class Template:
    """A provider's approved wording: its id and the text, with ``{placeholders}`` filled from the parameters."""

    id: str
    text: str


class MemoryChannel:
    """Keeps what it is given in ``sent``; ``fail_next`` scripts what happens to the following messages.

    With ``templates`` (by kind and locale) it behaves like a provider that takes approved templates only: the
    rendered text is ignored and a message without a template is Rejected, as domestic SMS gateways and WhatsApp
    outside its 24 hours do.
    """

    def __init__(
        self,
        *,
        name: str = "memory",
        secret: str = "memory-secret",  # noqa: S107 - nothing outside this process can use it
        limits: Limits | None = None,
        can: Collection[Can] = (Can.TWO_WAY, Can.BUTTONS, Can.FILES),
        templates: dict[tuple[str, str], Template] | None = None,
    ) -> None:
        self._name = name
        self._secret = secret
        default = Limits(text=20_000, options=20, file_bytes=1_000_000, timeout_s=1)
        self._limits = limits or default
        self._can = frozenset(can)
        self._templates = templates
        self._script: deque[SendError | None] = deque()
        self._numbers = count(1)
        self._closed = False
        self.sent: list[Outgoing] = []
        self.texts: list[str] = []
        """What the recipient reads, one for each of ``sent``."""
        self.on_send: Callable[[Outgoing], None] | None = None
        """Called with each accepted message, for tests that wait for one."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def can(self) -> Collection[Can]:
        return self._can

    def fail_next(self, *errors: SendError | None) -> None:
        """The next messages end with these errors, one each; None lets one pass."""
        self._script.extend(errors)

    async def send(self, message: Outgoing) -> Sent:
        if self._closed:
            raise Misconfigured("the channel is closed", provider_code="closed")
        if self._script and (error := self._script.popleft()) is not None:
            raise error
        text = self._fitting(message)
        self.sent.append(message)
        self.texts.append(text)
        if self.on_send is not None:
            self.on_send(message)
        return Sent(provider_id=f"{self._name}:{next(self._numbers)}", delivered=True)

    def _fitting(self, message: Outgoing) -> str:
        if not message.text.strip() and not message.files:
            raise Rejected("nothing to send", provider_code="empty")
        if len(message.text) > self._limits.text:
            raise Rejected("text too long", provider_code="too_long")
        if any(len(file.content) > self._limits.file_bytes for file in message.files):
            raise Rejected("file too large", provider_code="file_too_large")
        if self._templates is None:
            return message.text
        template = self._templates.get((message.kind, message.locale))
        if template is None:
            raise Rejected("no approved template for this kind and locale", provider_code="no_template")
        return template.text.format_map(message.params)

    async def receive(self, request: WebhookRequest) -> Received:
        """Understands ``{"id", "address", "text", "choice"?}`` signed with the shared secret."""
        given = request.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise BadSignature
        body = json.loads(request.body)
        if "text" not in body:
            return Received()
        return Received((self.inbound(body["id"], body["address"], body["text"], body.get("choice", "")),))

    def inbound(
        self, provider_id: str, address: str, text: str, choice: str = "", sent_at: datetime | None = None
    ) -> Inbound:
        """A message from a person, as ``receive`` would give it."""
        return Inbound(self._name, provider_id, address, text=text, choice=choice, sent_at=sent_at)

    def secrets(self) -> Collection[str]:
        return (self._secret,)

    async def aclose(self) -> None:
        self._closed = True
