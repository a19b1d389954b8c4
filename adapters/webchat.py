"""Web chat as a channel: a message is sent when its outbox row can be read.

The page's event stream shows rows (``bot/site``), also those that another process wrote; the browser's
acknowledgement is the receipt. What people write comes in through the page's own routes, so there is no webhook.
"""

from collections.abc import Collection

from adapters.env import ChannelEnv
from adapters.texts import check_text
from core.errors import BadSignature
from core.messages import Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Limits


def build(_env: ChannelEnv) -> "WebChatChannel":
    """Needs no settings: where there are pages, there is web chat."""
    return WebChatChannel()


class WebChatChannel:
    """The channel named ``webchat``; an address is a chat session."""

    name = "webchat"
    limits = Limits(text=20_000, options=20)
    can: Collection[Can] = frozenset({Can.BUTTONS, Can.TWO_WAY, Can.LINKS, Can.RECEIPTS})

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, self.limits.text)
        return Sent(provider_id=message.id)

    async def receive(self, request: WebhookRequest) -> Received:  # noqa: ARG002 - the contract's signature
        raise BadSignature

    def secrets(self) -> Collection[str]:
        return ()

    async def aclose(self) -> None:
        """Holds nothing."""
