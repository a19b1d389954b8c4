"""How a matter stands, put into a citizen's words: unit, date, next step, never "in progress, please wait"."""

from datetime import datetime

from bot.hotline.citizen_view import CitizenView
from bot.hotline.office import Desk
from bot.hotline.words import Action, State
from core.i18n import Catalogue
from core.text import trim

_METERED_ANSWER = 40
"""Characters of an answer repeated in an SMS; it was sent in full before."""
_WORKING = {
    State.DISPATCHED: "dispatched",
    State.RETURN_ASKED: "dispatched",
    State.SIGNED: "signed",
    State.EXTENSION_ASKED: "signed",
    State.ACCEPTED: "accepted",
    State.PAUSED: "paused",
    State.REDO: "redo",
}
_EVENT = {
    "submitted": "submitted",
    "accepted": "accept",
    "dispatched": "dispatch",
    "signed": "sign",
    "paused": "pause",
    "redo": "redo",
    "reopened": "reopen",
    "replied": "reply",
    "closed": "close",
    "rejected": "reject",
    "withdrawn": "withdraw",
}
"""The line of the record that a sentence takes its date from."""
_OFFICE = {"zh-Hans": "本热线", "zh-Hant": "本熱線", "en": "this office"}


class Stories:
    """Puts views into words, for one transaction."""

    def __init__(self, texts: Catalogue, desk: Desk, locale: str, *, metered: bool) -> None:
        self._texts = texts
        self._desk = desk
        self._locale = locale
        self._metered = metered

    def subject(self, view: CitizenView) -> str:
        """What the citizen knows it by, set apart from the number that follows where words are set apart."""
        return f"{view.subject.strip()} " if self._locale == "en" else view.subject

    def unit(self, view: CitizenView) -> str:
        """Who has it: the unit, or the office itself."""
        return view.unit or _OFFICE.get(self._locale, _OFFICE["zh-Hans"])

    def due(self, at: datetime) -> str:
        """A limit as a citizen reads it."""
        return self._desk.due_words(at, self._locale)

    def day(self, at: datetime) -> str:
        """The day something happened."""
        day = at.astimezone(self._desk.office.hours.zone)
        today = self._desk.now.astimezone(self._desk.office.hours.zone)
        if self._locale == "en":
            return f"on {day.day} {day:%B}"
        same = (day.year, day.month) == (today.year, today.month)
        return f"{day.day}日" if same else f"{day.month}月{day.day}日"

    def moment(self, at: datetime) -> str:
        """When somebody comes: the day and the hour."""
        local = at.astimezone(self._desk.office.hours.zone)
        return (
            f"{self.day(at).removeprefix('on ')} {local:%H:%M}"
            if self._locale == "en"
            else f"{self.day(at)}{local:%H:%M}"
        )

    def overdue(self, view: CitizenView) -> bool:
        """Whether the answer is late."""
        running = State(view.state) in _WORKING and view.state != State.PAUSED
        return running and self._desk.now > view.limits.answer

    def line(self, view: CitizenView) -> str:
        """One line of a list."""
        key = self._line_key(view)
        values = {
            "unit": self.unit(view),
            "due": self.due(view.limits.answer).removesuffix("前"),
            "accept": self.due(view.limits.accept),
        }
        if view.visit and key == "i_working":
            key, values = "i_visit", {"due": self.moment(view.visit)}
        status = self._texts(self._locale, f"follow.{key}", **values)
        return self._texts(self._locale, "follow.list_item", subject=view.subject.strip(), status=status)

    def _line_key(self, view: CitizenView) -> str:
        if self.overdue(view):
            return "i_overdue"
        state = State(view.state)
        if state in _WORKING:
            return "i_working"
        plain = {State.REOPENED: "submitted", State.FOLLOWED_UP: "replied"}.get(state, state.value)
        return f"i_{plain}"

    def detail(self, view: CitizenView) -> str:
        """What happened, and what follows."""
        values = {
            "subject": self.subject(view),
            "number": view.number,
            "story": self.story(view),
            "next": self._next(view),
        }
        return self._texts(self._locale, "follow.detail", **values)

    def story(self, view: CitizenView) -> str:
        """Where it stands, with the day it got there."""
        state = State(view.state)
        plain = _WORKING.get(state) or {State.FOLLOWED_UP: "replied"}.get(state, state.value)
        values = {
            "at": self.day(self._when(view, _EVENT.get(plain, ""))),
            "unit": self.unit(view),
            "accept": self.due(view.limits.accept),
            "answer": self._answer(view),
            "into": view.merged_into or "",
        }
        return self._join(self._texts(self._locale, f"follow.s_{plain}", **values), self._progress(view, state))

    def _when(self, view: CitizenView, what: str) -> datetime:
        wanted = {what, "designate"} if what == "dispatch" else {what}
        found = [event.at for event in view.events if event.what in wanted]
        return found[-1] if found else view.events[-1].at if view.events else view.received_at

    def _answer(self, view: CitizenView) -> str:
        found = [event.text for event in view.events if event.what == "reply" and event.text]
        if not found:
            return ""
        answer = found[-1]
        return trim(answer, chars_max=_METERED_ANSWER) if self._metered else answer

    def _progress(self, view: CitizenView, state: State) -> str:
        if state not in _WORKING:
            return ""
        told = [event.text for event in view.events if event.what == "progress" and event.text]
        return trim(told[-1], chars_max=_METERED_ANSWER if self._metered else 500) if told else ""

    def _next(self, view: CitizenView) -> str:
        say, state = self._texts, State(view.state)
        parts = []
        if view.visit:
            parts.append(say(self._locale, "follow.next_visit", due=self.moment(view.visit)))
        if self.overdue(view):
            parts.append(say(self._locale, "follow.next_overdue"))
        elif state in _WORKING and state is not State.PAUSED:
            parts.append(say(self._locale, "follow.next_due", due=self.due(view.limits.answer)))
        if Action.URGE.value in view.can and state in _WORKING:
            parts.append(say(self._locale, "follow.next_urge"))
        if Action.RATE.value in view.can and state is not State.CLOSED:
            parts.append(say(self._locale, "follow.next_rate"))
        for action, key, limit in (
            (Action.REOPEN, "next_reopen", "reopen"),
            (Action.CONTEST, "next_contest", "contest"),
        ):
            if action.value in view.can:
                parts.append(say(self._locale, f"follow.{key}", last=self._last_day(view, limit)))
        return self._join(*parts)

    def _last_day(self, view: CitizenView, limit: str) -> str:
        ended = self._when(view, "close" if limit == "reopen" else "reject")
        left = self._desk.rules.days[limit] - (self._desk.now - ended).days
        return self._desk.date_words(self._desk.days_later(left), self._locale)

    def _join(self, *parts: str) -> str:
        return (" " if self._locale == "en" else "").join(part for part in parts if part)
