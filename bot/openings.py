"""A matter handed in by message or dialogue: registered first, then everything that is missing asked for once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot import attachments
from bot.desk import source_of
from bot.dialogue import details, follow, form
from bot.dialogue.base import Done, Memory, Question, Say
from bot.effects import Situation
from bot.hotline.intake import NewMatter, Opened, ReplyTo
from bot.hotline.rules import KindRule
from bot.hotline.service import Hotline, Sender
from bot.hotline.words import PROTECTED, Kind
from core.i18n import Catalogue
from core.ports import Channel

A_DAY = 20
"""Matters one sender may hand in within a day; more is no service to anybody."""
_SHORTEST = 2
_SUBJECT = 12
_URGENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Openings:
    """Registers what conversations hand in."""

    hotline: Hotline
    channels: Mapping[str, Channel]
    texts: Catalogue

    def open(self, session: Session, situation: Situation, memory: Memory, data: Mapping[str, Any]) -> Done:
        """Register a matter and say number, code and what follows by when."""
        kind, text = Kind(data["kind"]), str(data["text"]).strip()
        if refused := self._refused(session, situation, kind, text):
            return Done((refused,))
        anonymous = bool(data.get("anonymous"))
        opened = self.hotline.open(session, self._new(situation, kind, text, data))
        if files := data.get("files"):
            attachments.queue(session, situation.at, opened.id, situation.message.channel, files)
        protected = bool(data.get("confidential")) or kind in PROTECTED
        missing = () if data.get("complete") or anonymous else self._missing(situation, kind, text, data)
        say = self._say(session, situation, opened, kind, text, protected=protected, anonymous=anonymous)
        if _visit_wished(kind, text) and not protected and not anonymous:
            say = replace(say, values={**say.values, "next": self._with_visit(situation, str(say.values["next"]))})
        if missing and "退订" not in text:
            say = self._asking(situation, opened, missing, protected=protected)
        elif data.get("complete") and not situation.metered and not anonymous:
            return Done((say, Say("intake.registered_chat")), memory)
        return Done((say,), memory)

    def _refused(self, session: Session, situation: Situation, kind: Kind, text: str) -> Say | None:
        if sum(char.isalnum() for char in text) < _SHORTEST:
            return Say("intake.one_too_short", {"kind": form.kind_word(kind.value, situation.locale)})
        if len(text) > form.MAX_TEXT:
            return Say("intake.too_long", {"most": form.MAX_TEXT})
        own = self.hotline.own(session, Sender(situation.message.channel, situation.message.address))
        if len(own) >= A_DAY and situation.at - own[A_DAY - 1].received_at < timedelta(days=1):
            return Say("intake.enough")
        return None

    def _new(self, situation: Situation, kind: Kind, text: str, data: Mapping[str, Any]) -> NewMatter:
        message, anonymous = situation.message, bool(data.get("anonymous"))
        return NewMatter(
            kind=kind,
            text=text,
            title=subject(text),
            source=self.source(message.channel),
            reply_to=None if anonymous else ReplyTo(message.channel, message.address, message.to, message.thread),
            locale=situation.locale,
            phone=str(data.get("phone", "")),
            for_person=str(data.get("for_person", "")),
            anonymous=anonymous,
            confidential=bool(data.get("confidential")) and not anonymous,
            place=data.get("place") or None,
            vulnerable=details.tells("vulnerable", text),
            home_visit=_visit_wished(kind, text),
            # What links a matter to its message would tell who wrote.
            dedup_key="" if anonymous else situation.dedup_key,
            tell=False,
        )

    def source(self, channel: str) -> str:
        """How a matter came, as the register names it."""
        return source_of(channel, self.channels)

    def _missing(self, situation: Situation, kind: Kind, text: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        rule: KindRule = self.hotline.office.rules.kinds[kind]
        known = {"contact"} if situation.metered else set()
        if data.get("place"):
            known.add("where")
        return details.missing(rule.needs, text, known)

    def _say(
        self,
        session: Session,
        situation: Situation,
        opened: Opened,
        kind: Kind,
        text: str,
        *,
        protected: bool,
        anonymous: bool,
    ) -> Say:
        following = self._following(session, situation, opened, kind)
        if "退订" in text and situation.metered:
            following = self.texts(situation.locale, "intake.opt_out_hint")
        values = {
            "kind": form.kind_word(kind.value, situation.locale),
            "subject": details.subject_of(text),
            "number": opened.number,
            "code": opened.code,
            "next": following,
        }
        key = "anonymous" if anonymous else "private" if protected else ""
        return Say(f"intake.registered_{key}" if key else "intake.registered", values)

    def _with_visit(self, situation: Situation, following: str) -> str:
        """What follows, and that somebody calls about a time (上门服务)."""
        return following + self.texts(situation.locale, "intake.next_visit")

    def _following(self, session: Session, situation: Situation, opened: Opened, kind: Kind) -> str:
        desk = self.hotline.desk(session)
        key = "next_answer" if desk.rules.kinds[kind].from_receipt else "next_accept"
        if opened.accept_by - situation.at <= _URGENT and kind in {Kind.HELP, Kind.COMPLAINT}:
            key = "next_urgent"
        accept = desk.due_words(opened.accept_by, situation.locale)
        due = desk.due_words(opened.answer_by, situation.locale)
        return self.texts(situation.locale, f"intake.{key}", accept=accept, due=due)

    def _asking(self, situation: Situation, opened: Opened, missing: tuple[str, ...], *, protected: bool) -> Say:
        joint: Callable[[Any], str] = (", " if situation.locale == "en" else "、").join
        needs = self.hotline.office.rules.needs
        values = {
            "number": opened.number,
            "code": opened.code,
            "missing": joint(needs[need].get(situation.locale, need) for need in missing),
        }
        question = Question(follow.MISSING, ref=opened.number, data={"number": opened.number, "needs": list(missing)})
        key = "registered_private_missing" if protected else "registered_missing"
        return Say(f"intake.{key}", values, question)


def _visit_wished(kind: Kind, text: str) -> bool:
    return kind in {Kind.HELP, Kind.CONSULTATION} and details.tells("visit", text)


def subject(text: str) -> str:
    """A word or two by which the matter is named; Chinese sentences are parted by spaces as well."""
    clause = details.subject_of(text, longest=200)
    if not clause.isascii():
        clause = clause.split()[0] if clause.split() else clause
    return clause if len(clause) <= _SUBJECT else f"{clause[: _SUBJECT - 1]}…"
