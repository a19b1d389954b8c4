"""What is said in a matter's topic: its card, what happens to it, what became of an answer.

Of confidential matters and reports there is the number and the way to the console, nothing else (PRODUCT 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.dialogue.form import kind_word
from bot.dialogue.staff import button
from bot.hotline.models import Matter, MatterEvent, MatterMessage, MatterReply
from bot.hotline.service import Hotline
from bot.hotline.words import Grade, State
from bot.staff_models import StaffGroup, StaffTopic
from core.i18n import Catalogue
from core.messages import Option
from core.people import Unit
from notify.outbox.models import OutboxMessage
from notify.outbox.states import State as OutboxState

_LOCALE = "zh-Hans"
_GRADES = {
    Grade.VERY_SATISFIED: "非常满意",
    Grade.SATISFIED: "满意",
    Grade.FAIR: "基本满意",
    Grade.DISSATISFIED: "不满意",
    Grade.VERY_DISSATISFIED: "非常不满意",
}
_SOURCES = {"sms": "短信", "telegram": "Telegram", "webchat": "网页", "web": "网页", "phone": "电话"}
_ARRIVED = {OutboxState.DELIVERED.value, OutboxState.SENT.value}
_NEVER = {OutboxState.FAILED.value, OutboxState.UNDELIVERABLE.value, OutboxState.SUPPRESSED.value}
_FROM_CITIZEN = frozenset({"append", "urge", "withdraw", "rate", "reopen", "contest", "file"})
_FROM_STAFF = frozenset(
    {
        "reply",
        "undo",
        "supervise",
        "grant",
        "refuse",
        "close",
        "dispatch",
        "designate",
        "sign",
        "progress",
        "reply_waits",
        "opinion",
        "return",
        "extend",
        "visited",
    }
)
_ALWAYS = frozenset({"reply_waits", "opinion", "return", "extend", "visited"})
"""Told also when it was done in a group of the same network: it was another group's."""
_DECIDED_BY_HOTLINE = frozenset({"return", "extend"})
"""Asked by a unit, decided by a supervisor: told in the hotline's own group, with buttons."""


@dataclass(frozen=True, slots=True)
class TopicWords:
    """Puts matters into the words of a staff group."""

    hotline: Hotline
    texts: Catalogue
    page: str = ""

    def _say(self, key: str, **values: Any) -> str:
        return self.texts(_LOCALE, key, **values)

    def title(self, _session: Session, matter: Matter) -> str:
        """The topic's name."""
        if matter.protected:
            return self._say("topic_protected", number=matter.number)
        kind = kind_word(matter.kind, _LOCALE)
        return self._say("topic", number=matter.number, kind=kind, title=matter.title)

    def card(
        self,
        session: Session,
        matter: Matter,
        group: StaffGroup,
        alike: Sequence[str],
        hint: str,
        *,
        again: bool = False,
    ) -> str:
        """The first message of a topic."""
        head = self._say("card_again" if again else "card_dispatched" if group.unit_id else "card_new")
        if matter.emergency:
            head = self._say("card_alarm")
        if matter.protected:
            return self._say("card_protected", head=head, number=matter.number, link=self._link(matter))
        desk = self.hotline.desk(session)
        waits = matter.state in {State.SUBMITTED, State.REOPENED}
        due = desk.due_words(matter.accept_by if waits else matter.answer_by, _LOCALE)
        lines = [
            self._say(
                "card",
                head=head,
                number=matter.number,
                kind=kind_word(matter.kind, _LOCALE),
                title=matter.text[:200],
                source=_SOURCES.get(matter.source, matter.source),
                due=self._say("due_accept" if waits else "due_answer", due=due),
            )
        ]
        if alike:
            lines.append(self._say("alike", list="、".join(alike)))
        if hint:
            lines.append(self._say("faq", question=hint))
        return "\n".join(lines)

    def _link(self, matter: Matter) -> str:
        return f"{self.page}/console/tickets/{matter.number}" if self.page else matter.number

    def card_buttons(self, matter: Matter, group: StaffGroup) -> tuple[Option, ...]:
        """What can be done from the card."""
        if matter.protected and not matter.emergency:
            return ()
        verbs = ["sign", "return", "extend", "reply"] if group.unit_id else ["accept", "claim", "dispatch", "reply"]
        if group.unit_id and group.unit_id != matter.unit_id:
            verbs = ["sign", "opinion"]
        if matter.emergency:
            verbs = ["take", *verbs]
        return tuple(Option(button(verb, matter.number), self._say(f"b_{verb}")) for verb in verbs)

    def event(self, session: Session, matter: Matter, group: StaffGroup, event: MatterEvent) -> str:
        """A line of the record as the group reads it; empty for what it need not hear, or said itself."""
        own = event.what in _FROM_STAFF - _ALWAYS and event.via == group.channel
        if event.what not in _FROM_CITIZEN | _FROM_STAFF or own:
            return ""
        if event.what in _DECIDED_BY_HOTLINE and group.unit_id:
            return ""
        if event.what == "designate":
            return self._say("e_dispatch", unit=_unit(session, str(event.data.get("unit", ""))))
        hidden = "（保密）" if matter.protected and event.text else event.text or ""
        values = {
            "text": hidden,
            "name": event.actor_name,
            "count": event.data.get("count", 1),
            "unit": _unit(session, str(event.data.get("unit", ""))),
            "days": event.data.get("days", 0),
            "grade": _GRADES.get(Grade(event.data["grade"]), "") if event.data.get("grade") else "",
        }
        return self._say(f"e_{event.what}", **values).removesuffix("。") + "。"

    def event_buttons(self, matter: Matter, event: MatterEvent) -> tuple[Option, ...]:
        """What can be done about a line of the record."""
        waits = {"return": State.RETURN_ASKED, "extend": State.EXTENSION_ASKED}.get(event.what)
        verbs: tuple[str, ...] = ()
        if event.what == "reply_waits" and not matter.protected:
            verbs = ("check", "send_back")
        elif waits and matter.state == waits:
            verbs = ("grant", "refuse")
        return tuple(Option(button(verb, matter.number), self._say(f"b_{verb}")) for verb in verbs)

    def answers(self, session: Session, since: datetime) -> list[tuple[StaffTopic, StaffGroup, str, str]]:
        """What became of the answers of late, for each topic that was not told yet."""
        rows = session.exec(
            select(MatterMessage, OutboxMessage, StaffTopic, StaffGroup)
            .join(MatterReply, col(MatterReply.id) == col(MatterMessage.reply_id))
            .join(OutboxMessage, col(OutboxMessage.id) == col(MatterMessage.outbox_id))
            .join(StaffTopic, col(StaffTopic.matter_id) == col(MatterMessage.matter_id))
            .join(StaffGroup, col(StaffGroup.id) == col(StaffTopic.group_id))
            .where(
                col(MatterReply.at) > since,
                MatterReply.state == "held",
                col(OutboxMessage.state).in_(_ARRIVED | _NEVER),
            )
        )
        told = []
        for message, row, topic, group in rows:
            arrived = row.state in _ARRIVED
            key = f"answer:{message.reply_id}:{row.state}"
            told.append((topic, group, key, self._arrival(session, row) if arrived else self._failure(row)))
        return told

    def _arrival(self, session: Session, row: OutboxMessage) -> str:
        at = self._time(session, row.changed_at)
        delivered = self._say("delivered", time=at) if row.state == OutboxState.DELIVERED.value else ""
        return self._say("e_delivered", sent=self._time(session, row.not_before), delivered=delivered)

    def _failure(self, row: OutboxMessage) -> str:
        return self._say("e_not_told", why=row.reason or row.state)

    def _time(self, session: Session, at: datetime) -> str:
        return f"{at.astimezone(self.hotline.desk(session).office.hours.zone):%H:%M}"


def _unit(session: Session, unit_id: str) -> str:
    unit = session.get(Unit, unit_id) if unit_id else None
    return unit.name if unit else ""
