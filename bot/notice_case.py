"""One act about notices under way: who wrote, what was meant, and the words to answer with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.dialogue.base import Memory, Question, Say
from bot.effects import Situation
from core.audit import Actor
from core.i18n import Catalogue


@dataclass(frozen=True, slots=True)
class NoticeCase:
    """An act with its session and its words; ``phone`` is the telephone named where a person is needed."""

    session: Session
    situation: Situation
    memory: Memory
    data: Mapping[str, Any]
    texts: Catalogue
    phone: str

    @property
    def text(self) -> str:
        """The words that were given."""
        return str(self.data.get("text", "")).strip()

    @property
    def channel(self) -> str:
        """Where it came from."""
        return self.situation.message.channel

    @property
    def address(self) -> str:
        """Who wrote, as the channel knows them."""
        return self.situation.message.address

    @property
    def locale(self) -> str:
        """The language they read."""
        return self.situation.locale

    @property
    def actor(self) -> Actor:
        """The citizen, as the audit trail names them: by channel, never by who."""
        return Actor("citizen", self.channel)

    def word(self, key: str, /, **values: object) -> str:
        """A text of the catalogue."""
        return self.texts(self.locale, key, **values)

    def say(self, key: str, question: Question | None = None, /, **values: object) -> Say:
        """One message."""
        return Say("ready", {"text": self.word(key, phone=self.phone, **values)}, question)
