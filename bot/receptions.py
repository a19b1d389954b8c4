"""Reception days in conversation: the days to come numbered, a choice, one line about what it is, a place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from sqlmodel import Session

from bot.dialogue import reception as dialogue
from bot.dialogue.base import Act, Done, Memory, Question, Say
from bot.effects import Situation
from core.errors import AppError, BadInput, NotFound
from core.expectations import forget
from core.i18n import Catalogue
from core.people import normal_phone
from notify.reception.booking import BookedAlready, NewBooking, NoPlaceLeft, NotOpen, TooLate, who_key
from notify.reception.coming import ComingDay
from notify.reception.models import ReceptionBooking
from notify.reception.service import Reception
from notify.reception.wording import day_words, label_words

LISTED, LISTED_METERED = 6, 3
"""Days in one list: as many as fit two segments by SMS."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One act under way."""

    session: Session
    situation: Situation
    data: Mapping[str, Any]

    @property
    def phone(self) -> str:
        """The sender's number where the channel's addresses are telephone numbers, else nothing."""
        if not self.situation.metered:
            return ""
        try:
            return normal_phone(self.situation.message.address)
        except BadInput:
            return ""

    @property
    def who(self) -> str:
        """Under which whoever writes is found again."""
        return who_key(self.phone, self.situation.message.channel, self.situation.message.address)


class Receptions:
    """The doer of every act whose owner is "reception"."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._texts = Catalogue.load(files("bot") / "texts" / "reception")
        self._works: Mapping[str, Callable[[_Case], Say]] = {
            "list": self._list,
            "choose": self._choose,
            "book": self._book,
            "cancel": self._cancel,
        }

    def __call__(self, session: Session, situation: Situation, memory: Memory, act: Act) -> Done:
        """Do one act; a refusal is a sentence, never a failure."""
        case = _Case(session, situation, act.data)
        try:
            with session.begin_nested():
                return Done((self._works[act.what](case),), memory)
        except AppError as error:
            return Done((self._refusal(case, error),), memory)

    def _say(self, case: _Case, key: str, question: Question | None = None, /, **values: str) -> Say:
        text = self._texts(case.situation.locale, key, phone=self._reception.office.phone, **values)
        return Say("ready", {"text": text}, question)

    # --- the days

    def _list(self, case: _Case) -> Say:
        mine = {booking.day: booking for booking in self._reception.own(case.session, case.who)}
        shown = [day for day in self._reception.coming(case.session) if day.open and day.free and day.day not in mine]
        shown = shown[: LISTED_METERED if case.situation.metered else LISTED]
        if mine:
            first = next(iter(mine.values()))
            held = self._values(case, first)
            return self._say(case, "held_more" if shown else "held", self._days(case, shown) if shown else None, **held)
        if not shown:
            return self._say(case, "none")
        return self._say(case, "which", self._days(case, shown))

    def _days(self, case: _Case, shown: list[ComingDay]) -> Question:
        labels = tuple(self._label(case, day) for day in shown)
        data = {"days": [day.day.isoformat() for day in shown]}
        return Question(dialogue.DAY, labels, zero="person", data=data)

    def _label(self, case: _Case, day: ComingDay) -> str:
        locale = case.situation.locale
        key = "label_assumed" if day.planned.assumed else "label"
        return self._texts(locale, key, day=label_words(day.day, locale), leader=day.planned.leader.title)

    def _choose(self, case: _Case) -> Say:
        wanted = date.fromisoformat(str(case.data["day"]))
        if any(booking.day == wanted for booking in self._reception.own(case.session, case.who)):
            raise BookedAlready("booked")
        day = next((one for one in self._reception.coming(case.session) if one.day == wanted), None)
        if day is None:
            raise NotFound("no such day")
        if not day.open:
            raise TooLate("too late")
        if not day.free:
            raise NoPlaceLeft("full")
        question = Question(dialogue.TOPIC, data={"day": wanted.isoformat()})
        return self._say(case, "topic", question, day=day_words(wanted, case.situation.locale))

    # --- the place

    def _book(self, case: _Case) -> Say:
        message = case.situation.message
        booked = self._reception.book(
            case.session,
            NewBooking(
                day=date.fromisoformat(str(case.data["day"])),
                topic=str(case.data["text"]),
                phone=case.phone,
                channel=message.channel,
                address=message.address,
                sender=message.to,
                thread=message.thread,
                locale=case.situation.locale,
                via=message.channel,
            ),
        )
        forget(case.session, message.channel, message.address, dialogue.TOPIC)
        return self._say(
            case,
            "booked",
            day=day_words(booked.day, case.situation.locale),
            at=booked.slot.name,
            leader=booked.leader,
            place=booked.place,
            number=booked.number,
            code=booked.code,
        )

    def _cancel(self, case: _Case) -> Say:
        mine = self._reception.own(case.session, case.who)
        number = str(case.data.get("number", ""))
        if not number and len(mine) > 1:
            labels = tuple(label_words(booking.day, case.situation.locale) for booking in mine)
            data = {"numbers": [booking.number for booking in mine]}
            return self._say(case, "cancel_which", Question(dialogue.CANCEL, labels, zero="person", data=data))
        if not mine:
            return self._say(case, "nothing")
        via = case.situation.message.channel
        booking = self._reception.cancel_own(case.session, number or mine[0].number, case.who, via)
        return self._say(case, "cancelled", **self._values(case, booking))

    def _values(self, case: _Case, booking: ReceptionBooking) -> dict[str, str]:
        day = day_words(booking.day, case.situation.locale)
        return {"day": day, "at": booking.slot, "number": booking.number}

    def _refusal(self, case: _Case, error: AppError) -> Say:
        match error:
            case NoPlaceLeft():
                return self._say(case, "full")
            case TooLate() | NotFound():
                return self._say(case, "too_late")
            case BookedAlready():
                mine = self._reception.own(case.session, case.who)
                return self._say(case, "held", **self._values(case, mine[0])) if mine else self._say(case, "too_late")
            case NotOpen():
                return self._say(case, "nothing")
            case BadInput():
                return self._say(case, "topic_again")
        raise error
