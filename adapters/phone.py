"""The built-in pretend phone network: SMS that several handsets on a page send and receive, for demo and tests.

Like web chat, a message is sent when its row can be read. Everything else is as on a real SMS channel: texts
cost segments, are limited in length, go both ways and have receipts.
"""

from collections.abc import Collection

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.env import ChannelEnv
from adapters.texts import check_text
from core.errors import BadSignature, StartupError
from core.messages import Outgoing, Received, Sent, WebhookRequest
from core.ports import Can, Limits
from core.text import segments

TEXT_MAX = 1600
"""As on Twilio, so that what works in the demo works outside."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    channels: str = Field("", validation_alias="SUNLINE_CHANNELS")


def build(env: ChannelEnv) -> "PhoneChannel | None":
    """The channel in the demo, None elsewhere. Raises StartupError when it is asked for outside of the demo."""
    if env.demo:
        return PhoneChannel()
    if PhoneChannel.name in map(str.strip, _Settings().channels.split(",")):
        raise StartupError("SUNLINE_CHANNELS names phone, the pretend phone network, which exists in the demo only")
    return None


class PhoneChannel:
    """The channel named ``phone``; an address is a pretend number."""

    name = "phone"
    limits = Limits(text=TEXT_MAX)
    can: Collection[Can] = frozenset({Can.METERED, Can.TWO_WAY, Can.RECEIPTS})

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, TEXT_MAX)
        return Sent(provider_id=message.id, segments=segments(message.text), sender=message.sender)

    async def receive(self, request: WebhookRequest) -> Received:  # noqa: ARG002 - the contract's signature
        raise BadSignature

    def secrets(self) -> Collection[str]:
        return ()

    async def aclose(self) -> None:
        """Holds nothing."""
