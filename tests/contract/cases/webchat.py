"""Web chat: what was sent is what the page's stream may show."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from adapters.webchat import WebChatChannel
from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable
from core.messages import Outgoing, Sent
from core.ports import Channel
from tests.contract.case import Arrived, Case, Failure, Rig

NO_NETWORK: Collection[type[SendError]] = (Retryable, Unreachable, Misconfigured, Uncertain)


class Page:
    """Stands for the stream of a page: shows each row that its channel let pass."""

    def __init__(self, channel: Channel) -> None:
        self.shown: list[Arrived] = []
        self._send = channel.send
        channel.send = self.send  # type: ignore[method-assign]

    async def send(self, message: Outgoing) -> Sent:
        """The channel's own send; what passes is shown."""
        sent = await self._send(message)
        self.shown.append(Arrived(message.text, tuple(option.label for option in message.options)))
        return sent


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    channel = WebChatChannel()
    page = Page(channel)
    yield Rig(channel, "session-1", lambda: page.shown, stand_in=page)
    await channel.aclose()


CASE = Case(
    "webchat",
    _open,
    in_process=True,
    failures=(Failure("too long", lambda _: None, Rejected, change={"text": "长" * 20_001}),),
    impossible=NO_NETWORK,
)
