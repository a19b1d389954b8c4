"""A chat channel with groups that have topics, kept in memory."""

from adapters.memory import MemoryChannel
from core.errors import Rejected
from core.messages import Outgoing, Sent
from core.ports import Can


class ForumChannel(MemoryChannel):
    """As ``MemoryChannel``; topics can be opened, and deleted behind the service's back."""

    def __init__(self, name: str = "chat", staff_chat: str = "") -> None:
        super().__init__(name=name, can=(Can.BUTTONS, Can.TWO_WAY, Can.FILES, Can.THREADS))
        self.staff_chat = staff_chat
        self.threads: dict[str, str] = {}
        self.deleted: set[str] = set()

    async def open_thread(self, chat: str, title: str) -> str:
        """A new topic; its title is remembered."""
        thread = str(len(self.threads) + 101)
        self.threads[thread] = f"{chat} {title}"
        return thread

    async def send(self, message: Outgoing) -> Sent:
        if message.thread in self.deleted:
            raise Rejected("no such topic", provider_code="thread_not_found")
        return await super().send(message)
