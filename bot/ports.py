"""What the conversations need of others, as they see it. ``main`` hands in the real ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from bot.dialogue.ask import Found, Result
from core.messages import Inbound


class Knowledge(Protocol):
    """The knowledge base."""

    async def ask(self, text: str, *, locale: str, channel: str, within: Collection[str] = ()) -> Result:
        """What is known about a question; no transaction is open meanwhile."""

    def note(self, session: Session, now: datetime, asked: Any, channel: str) -> str:
        """Record the question and its outcome; returns the record's id."""

    def feedback(self, session: Session, now: datetime, query: str, *, helpful: bool | None, chosen: str) -> None:
        """What the person thought of it."""

    async def entry(self, entry_id: str) -> Found | None:
        """One entry that may be shown today."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a person takes over: who wrote from where, what they want, and what was said before."""

    kind: str
    text: str
    message: Inbound
    locale: str
    transcript: Sequence[tuple[str, str]]
    danger: str
    dedup_key: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A matter that people now have: its number and access code, and when an answer is due, in words."""

    number: str
    code: str
    due: str


class Desk(Protocol):
    """The people behind the bot (the hotline)."""

    def open(self, session: Session, now: datetime, hand_over: HandOver) -> Opened:
        """Register what a person shall answer; the same ``dedup_key`` twice is one matter."""
