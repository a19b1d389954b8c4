"""One request of a citizen about a matter, with what is needed to carry it out and to answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.dialogue.base import Memory, Say
from bot.effects import Situation
from bot.hotline.citizen_view import CitizenView
from bot.hotline.office import Desk
from bot.hotline.service import Code, Hotline, Proof, Sender
from bot.stories import Stories
from core.i18n import Catalogue
from core.people import address_index


@dataclass(frozen=True, slots=True)
class Case:
    """One act under way: who wrote, what was meant, and the hotline at hand."""

    hotline: Hotline
    texts: Catalogue
    session: Session
    situation: Situation
    memory: Memory
    data: Mapping[str, Any]
    stories: Stories

    @property
    def number(self) -> str:
        """The number that was given, empty for none."""
        return str(self.data.get("number", ""))

    @property
    def text(self) -> str:
        """The words that were given."""
        return str(self.data.get("text", "")).strip()

    @property
    def sender(self) -> Sender:
        """Who wrote, as the channel knows them."""
        return Sender(self.situation.message.channel, self.situation.message.address)

    @property
    def proof(self) -> Proof:
        """Number and code when a code was given, else the sender."""
        message = self.situation.message
        if code := str(self.data.get("code", "")):
            asker = f"{message.channel}:{address_index(message.channel, message.address)}"
            return Code(code, asker, via=message.channel)
        return self.sender

    def names(self, view: CitizenView) -> dict[str, Any]:
        """How a matter is named in a sentence."""
        return {
            "subject": self.stories.subject(view),
            "number": view.number,
            "unit": view.unit or self.say("follow.who_has_it"),
        }

    @classmethod
    def of(
        cls,
        hotline: Hotline,
        texts: Catalogue,
        session: Session,
        situation: Situation,
        memory: Memory,
        data: Mapping[str, Any],
    ) -> "Case":
        """A case with its words."""
        stories = Stories(texts, hotline.desk(session), situation.locale, metered=situation.metered)
        return cls(hotline, texts, session, situation, memory, data, stories)

    @property
    def desk(self) -> Desk:
        """The hotline's desk in this transaction."""
        return self.hotline.desk(self.session)

    def view(self, number: str) -> CitizenView:
        """The matter as its citizen sees it; raises NotFound, TooMany."""
        return self.hotline.view(self.session, number, self.proof)

    def say(self, key: str, **values: Any) -> str:
        """A text in the citizen's language."""
        return self.texts(self.situation.locale, key, **values)

    def word(self, what: str) -> str:
        """What is wanted, as a sentence names it."""
        known = {"complete": "append", "safe": "append", "files": "append"}.get(what, what)
        return self.say(f"follow.w_{known}")

    def not_now(self, view: CitizenView, what: str) -> Say:
        """The matter does not allow this: how it stands."""
        status = self.stories.story(view).rstrip("。. ")
        return Say("follow.not_now", {**self.names(view), "what": self.word(what), "status": status})
