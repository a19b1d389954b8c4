"""One thing a member of staff wants done in a chat, with what is needed to do it and to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.dialogue.base import Question, Say
from bot.dialogue.staff import button
from bot.effects import Situation
from bot.hotline import moves
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.service import Given, Hotline
from bot.hotline.words import Action
from bot.staff_models import StaffGroup, StaffTopic
from core.auth import Principal
from core.errors import NotFound
from core.i18n import Catalogue
from core.people import Person, Role, Unit, address_index

STAFF = frozenset({Role.AGENT, Role.HANDLER, Role.SUPERVISOR})


class NothingHere(NotFound):
    """No number was given and the topic belongs to no matter."""


def principal(person: Person, via: str) -> Principal:
    """A linked person as the hotline knows them."""
    roles = frozenset(Role(role) for role in person.roles if role in set(Role))
    return Principal(person.id, person.name, roles, via, person_id=person.id, unit_id=person.unit_id)


@dataclass(frozen=True, slots=True)
class StaffCase:
    """Who wants what, where."""

    hotline: Hotline
    texts: Catalogue
    session: Session
    situation: Situation
    who: Principal
    data: Mapping[str, Any]
    page: str = ""

    @property
    def desk(self) -> Desk:
        """The hotline's desk in this transaction."""
        return self.hotline.desk(self.session)

    @property
    def in_group(self) -> bool:
        """Whether others read along."""
        return not self.situation.message.private

    @property
    def text(self) -> str:
        """The words that were given."""
        return str(self.data.get("text", "")).strip()

    def words(self, key: str, **values: Any) -> str:
        """A text for staff."""
        return self.texts(self.situation.locale, key, **values)

    def say(
        self,
        key: str,
        *,
        options: tuple[tuple[str, str], ...] = (),
        question: Question | None = None,
        **values: Any,
    ) -> Say:
        """Something said to staff."""
        return Say("ready", {"text": self.words(key, **values)}, question, options)

    def buttons(self, number: str, *verbs: str) -> tuple[tuple[str, str], ...]:
        """Buttons of a matter."""
        return tuple((button(verb, number), self.words(f"b_{verb}")) for verb in verbs)

    def matter(self) -> Matter:
        """The matter that is meant, as far as this person may see it. Raises NotFound, NothingHere."""
        number = str(self.data.get("number", "")) or self._of_topic()
        if not number:
            raise NothingHere("Which one?")
        return moves.find_for(self.desk, number, self.who)

    def _of_topic(self) -> str:
        message = self.situation.message
        found = select(Matter.number).join(StaffTopic).join(StaffGroup)
        found = found.where(
            StaffGroup.channel == message.channel,
            StaffGroup.address_index == address_index(message.channel, message.address),
            StaffTopic.thread == message.thread,
            StaffTopic.thread != "",
        )
        return str(self.session.exec(found).first() or "")

    def perform(self, matter: Matter, action: Action, **given: Any) -> Matter:
        """One action on the matter as it is now: in a chat nobody has an older version before their eyes."""
        values = Given(version=matter.version, **given)
        return self.hotline.perform(self.session, matter.number, action, self.who, values)

    def state(self, matter: Matter) -> str:
        """The state in words."""
        return self.words(f"s_{matter.state}")

    def link(self, matter: Matter) -> str:
        """Where the console shows the matter."""
        return f"{self.page}/console/tickets/{matter.number}" if self.page else matter.number

    def clock(self, at: datetime) -> str:
        """A time of day as staff read it."""
        local = at.astimezone(self.desk.office.hours.zone)
        today = self.desk.now.astimezone(self.desk.office.hours.zone).date()
        return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"

    def unit(self, unit_id: str | None) -> str:
        """A unit's name, the office's for none."""
        found = self.session.get(Unit, unit_id) if unit_id else None
        return found.name if found else self.desk.office.name
