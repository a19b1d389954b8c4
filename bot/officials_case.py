"""One official's message being dealt with: who it is, the work, and the words for the answer."""

from dataclasses import dataclass

from bot.dialogue.base import Say
from bot.effects import Situation
from core.audit import Actor
from core.i18n import Catalogue
from core.people import Person
from notify.signoff import store
from notify.signoff.office import Work
from notify.signoff.signing import Signer
from notify.signoff.wording import Item


@dataclass(frozen=True, slots=True)
class Case:
    """An official on a channel."""

    work: Work
    person: Person
    situation: Situation
    texts: Catalogue

    @property
    def locale(self) -> str:
        """The language of the conversation."""
        return self.situation.locale

    @property
    def signer(self) -> Signer:
        """The official as the record names them."""
        via = self.situation.message.channel
        return Signer(self.person.id, via, Actor(self.person.id, via))

    def text(self, key: str, **values: object) -> str:
        """Words of the officials' catalogue."""
        return self.texts(self.locale, key, **values)

    def say(self, key: str, **values: object) -> Say:
        """One message of these words."""
        return Say("ready", {"text": self.text(key, **values)})

    @property
    def metered(self) -> bool:
        """Whether answers cost segments."""
        return self.situation.metered

    def name_of(self, person_id: str) -> str:
        """Somebody's name, empty for nobody."""
        found = self.work.session.get(Person, person_id) if person_id else None
        return found.name if found else ""

    def item(self, recipient_id: str) -> Item:
        """One document for one unit."""
        return store.items(self.work.session, [recipient_id])[0]
