"""What the stand-in for Telegram remembers: chats, messages, faults to come, calls made."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer of Telegram's that is not ok."""

    def __init__(self, status: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = dict(parameters or {})


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call; build it with the methods below."""

    what: str
    error: ApiError | None = None
    seconds: float = 0
    accept: bool = True
    body: bytes = b""
    status: int = 200

    @classmethod
    def too_many(cls, retry_after: int = 7) -> "Fault":
        """429 with ``retry_after``."""
        text = f"Too Many Requests: retry after {retry_after}"
        return cls("error", ApiError(429, text, {"retry_after": retry_after}))

    @classmethod
    def error_of(cls, status: int, description: str) -> "Fault":
        """Any refusal, before anything was done."""
        return cls("error", ApiError(status, description))

    @classmethod
    def delay(cls, seconds: float, *, accept: bool = True) -> "Fault":
        """Does it at once (or not), answers late."""
        return cls("delay", seconds=seconds, accept=accept)

    @classmethod
    def cut(cls, *, accept: bool = True) -> "Fault":
        """Does it (or not) and cuts the connection instead of answering."""
        return cls("cut", accept=accept)

    @classmethod
    def garbage(cls, body: bytes = b"\xff\xfe<html>gateway</html>", status: int = 200) -> "Fault":
        """Does it and answers with something that is not JSON."""
        return cls("garbage", body=body, status=status)


@dataclass
class Chat:
    """A private chat or group as Telegram sees it."""

    id: int
    kind: str = "private"
    title: str = ""
    language: str = "zh-hans"
    forum: bool = False
    blocked: bool = False
    deactivated: bool = False
    kicked: bool = False
    moved_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    last_id: int = 0

    def as_json(self) -> Json:
        shown: Json = {"id": self.id, "type": self.kind}
        shown |= {"first_name": self.title} if self.kind == "private" else {"title": self.title}
        return shown | ({"is_forum": True} if self.forum else {})

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id


@dataclass(frozen=True)
class Post:
    """Something the bot posted, as its reader sees it."""

    chat: int
    id: int
    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    """Label and value of each button, row after row."""
    file: str = ""
    content: bytes = b""
    thread: int | None = None
    method: str = "sendMessage"
    parse_mode: str = ""


@dataclass(frozen=True)
class Call:
    """One call of the bot's, whatever became of it."""

    method: str
    params: Json
    status: int


@dataclass
class Memory:
    """All state but the updates."""

    chats: dict[int, Chat] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    """The conversation in reading order: "bot → 1001: …" and "1001 → bot: …"."""
    calls: list[Call] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    commands: dict[str, list[Json]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By file id: the path to download it from, and the content."""
    hide_sizes: bool = False
    """Telegram need not tell a file's size."""
    open_queries: set[str] = field(default_factory=set)
    answered_queries: list[str] = field(default_factory=list)

    def next_fault(self, method: str) -> Fault | None:
        for queue in (self.faults[method], self.faults["*"]):
            if queue:
                return queue.popleft()
        return None
