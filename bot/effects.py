"""What a turn leads to, carried out in one transaction: effects first, then what is said, into the outbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.choosing import button
from bot.dialogue.base import (
    Act,
    Done,
    Effect,
    Feedback,
    Memory,
    NoteQuestion,
    OpenMatter,
    Question,
    Say,
    SetConsent,
    Turn,
)
from bot.ports import Desk, HandOver, Knowledge
from core import people
from core.config import Settings
from core.expectations import expect
from core.i18n import Catalogue
from core.messages import Inbound, Option
from core.script import to_traditional
from notify.outbox.service import Message, Outbox

SHORT_LABEL = 40
"""Characters of a choice inside a numbered list; a button may be as long as the channel shows."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Which message a turn answers, and on what kind of channel."""

    message: Inbound
    locale: str
    buttons: bool
    metered: bool
    dedup_key: str
    at: datetime


Doer = Callable[[Session, Situation, Memory, Act], Done]
"""Does the acts of one owner, in the transaction of their turn."""


class Voice:
    """Says things: fills texts, numbers choices, remembers what was asked, puts messages into the outbox."""

    def __init__(
        self,
        texts: Catalogue,
        outbox: Outbox,
        knowledge: Knowledge,
        desk: Desk,
        settings: Settings,
        doers: Mapping[str, Doer] | None = None,
        in_writing: Mapping[str, str] | None = None,
    ) -> None:
        """``in_writing``: channels that speak only (``Can.SPOKEN``) → the one that writes to the same number."""
        self._texts = texts
        self._outbox = outbox
        self._knowledge = knowledge
        self._desk = desk
        self._settings = settings
        self._doers = dict(doers or {})
        self._in_writing = dict(in_writing or {})

    def carry_out(self, session: Session, situation: Situation, turn: Turn) -> Memory:
        """Do and say everything of a turn; returns the memory to keep, with what the effects gave."""
        facts: dict[str, Any] = {"phone": self._settings.office_phone, "office": self._settings.office_name}
        memory, says = turn.memory, list(turn.say)
        for effect in turn.effects:
            if isinstance(effect, Act):
                done = self._doers[effect.owner](session, situation, memory, effect)
                memory, says = done.memory or memory, [*done.say, *says]
            else:
                facts |= self._do(session, situation, memory, effect)
        answered = self._written(situation)
        for place, say in enumerate(says):
            self._say(session, answered, say, facts, f"{situation.dedup_key}:{place}")
        if memory.last and not memory.last.query and "query" in facts:
            memory = replace(memory, last=replace(memory.last, query=facts["query"]))
        return memory

    def _written(self, situation: Situation) -> Situation:
        """Where an answer goes: what was pressed in a call is answered to the same number in writing."""
        message = situation.message
        channel = self._in_writing.get(message.channel)
        return replace(situation, message=replace(message, channel=channel, to="")) if channel else situation

    def _do(self, session: Session, situation: Situation, memory: Memory, effect: Effect) -> Mapping[str, Any]:
        match effect:
            case NoteQuestion(asked):
                query = self._knowledge.note(session, situation.at, asked, situation.message.channel)
                return {"query": query}
            case Feedback(query, helpful, chosen):
                self._knowledge.feedback(session, situation.at, query, helpful=helpful, chosen=chosen)
            case OpenMatter(kind, text, danger):
                opened = self._desk.open(
                    session,
                    situation.at,
                    HandOver(
                        kind, text, situation.message, situation.locale, memory.recent, danger, situation.dedup_key
                    ),
                )
                return {"number": opened.number, "code": opened.code, "due": opened.due}
            case SetConsent():
                self._consent(session, situation, effect)
        return {}

    def _consent(self, session: Session, situation: Situation, wish: SetConsent) -> None:
        channel, address = situation.message.channel, situation.message.address
        if wish.allowed and wish.topic == people.EVERYTHING:
            people.clear_consents(session, situation.at, channel, address, wish.reason)
            return
        people.set_consent(
            session, situation.at, channel, address, wish.topic, allowed=wish.allowed, reason=wish.reason
        )

    def _say(self, session: Session, situation: Situation, say: Say, facts: Mapping[str, Any], key: str) -> None:
        message, locale = situation.message, situation.locale
        text = self._texts(locale, say.key, **{**facts, **say.values})
        options = tuple(Option(value, self._label(locale, label)) for value, label in say.options)
        if say.question:
            text, options = self._ask(session, situation, say.question, text, facts)
        if locale == "zh-Hant":
            text = to_traditional(text)
            options = tuple(Option(option.value, to_traditional(option.label)) for option in options)
        self._outbox.put(
            session,
            Message(
                kind="reply",
                channel=message.channel,
                address=message.address,
                sender=message.to,
                thread=message.thread,
                locale=locale,
                payload={"text": text},
                options=options,
                dedup_key=f"reply:{key}",
            ),
        )

    def _ask(
        self, session: Session, situation: Situation, question: Question, text: str, facts: Mapping[str, Any]
    ) -> tuple[str, tuple[Option, ...]]:
        """Note the question; returns the text with its numbered list, or the buttons."""
        labels = [self._label(situation.locale, label) for label in question.labels]
        zero = self._label(situation.locale, question.zero)
        about = {"query": facts.get("query", ""), "number": facts.get("number", "")}
        data = {"labels": labels, **about, **question.data}
        question_id = expect(
            session,
            situation.at,
            situation.message.channel,
            situation.message.address,
            question.owner,
            data,
            ref=question.ref,
        )
        numbered = list(enumerate(labels, 1)) + ([(0, zero)] if zero else [])
        if situation.buttons:
            return text, tuple(Option(button(question_id, number), label) for number, label in numbered)
        if not labels or question.said or question.owner in _SAID_IN_WORDS:
            return text, ()
        listed = " ".join(f"{number}{label[:SHORT_LABEL]}" for number, label in numbered)
        return text + self._texts(situation.locale, "list_hint") + listed, ()

    def _label(self, locale: str, label: str) -> str:
        return self._texts(locale, label) if label in self._texts.keys else label


_SAID_IN_WORDS = frozenset({"faq.offer", "faq.helpful"})
"""Questions whose text already says which number means what; no list is added."""
