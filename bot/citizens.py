"""What a citizen asks of their matters in conversation, done by the hotline and put into words.

The dialogues say what was meant (``bot/dialogue/follow.py``); here it is found which matter is meant, done, and
answered: result first, then the next step with its date, then how to reply. A wrong code, an unknown number and
somebody else's matter are answered with one and the same sentence.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlmodel import Session

from bot import attachments, citizen_lists
from bot.cases import Case
from bot.dialogue import follow
from bot.dialogue.base import Act, Done, Memory, Question, Say
from bot.effects import Situation
from bot.hotline.citizen_view import CitizenView
from bot.hotline.closing import RatedAlready
from bot.hotline.errors import IllegalMove, UrgedAlready
from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.service import Hotline
from bot.hotline.states import WORKING
from bot.hotline.words import Action, Kind
from bot.openings import Openings
from bot.ratings import rate
from bot.subscribing import Subscribing
from core.errors import AppError, NotFound, TooMany
from core.expectations import expect, forget, standing
from core.i18n import Catalogue
from core.ports import Channel

SHOWN = "matter.shown"
"""Which matter was shown last: a bare 催办 after it means that one. Answers nothing itself."""
LISTED = 5
RECENT = timedelta(days=15)


class Citizens:
    """The doer of every act whose owner is "citizen"."""

    def __init__(
        self, hotline: Hotline, channels: Mapping[str, Channel], texts: Catalogue, others: Subscribing | None = None
    ) -> None:
        """``others`` knows the cases of other systems, which 查询 shows as well."""
        self._hotline = hotline
        self._others = others
        self._texts = texts
        self._openings = Openings(hotline, channels, texts)
        self._works: Mapping[str, Callable[[Case, str], Done]] = {
            "status": self._status,
            "urge": self._urge,
            "append": self._append,
            "files": self._files,
            "complete": self._complete,
            "safe": self._safe,
            "call_back": self._call_back,
            "withdraw": self._withdraw,
            "rate": rate,
            "reopen": self._reopen,
            "contest": self._contest,
            "person": self._person,
        }

    def __call__(self, session: Session, situation: Situation, memory: Memory, act: Act) -> Done:
        """Do it, and say what came of it; a refusal is a sentence, never a failure."""
        if act.what == "open":
            return self._openings.open(session, situation, memory, act.data)
        case = Case.of(self._hotline, self._texts, session, situation, memory, act.data)
        number = case.number
        if not number and act.what not in {"status", "person"}:
            found = self._meant(case, act)
            if isinstance(found, Say):
                return Done((found,))
            number = found
        try:
            with session.begin_nested():
                return self._works[act.what](case, number)
        except AppError as error:
            return Done((self._refusal(case, act.what, number, error),))

    # --- which one is meant

    def _meant(self, case: Case, act: Act) -> str | Say:
        """The number of the only matter it can be, or of the one shown last; else a list, or that there is none."""
        needed = _NEEDS.get(act.what, act.what)
        fits = [view for view in self._hotline.own(case.session, case.sender) if _allows(view, needed)]
        if not fits and act.what == "files":
            return Say("unreadable.media")
        if not fits:
            return Say("follow.nothing_to", {"what": case.word(act.what)})
        if len(fits) == 1:
            return fits[0].number
        message = case.situation.message
        asked = standing(case.session, case.situation.at, message.channel, message.address)
        shown = next((str(one.data["number"]) for one in asked if one.owner == SHOWN), "")
        if any(view.number == shown for view in fits):
            return shown
        values = {"count": len(fits), "what": case.word(act.what)}
        data = {"numbers": [view.number for view in fits[:LISTED]], "what": act.what, "act": dict(case.data)}
        labels = tuple(f"{view.subject.strip()}{view.number}" for view in fits[:LISTED])
        key = "follow.pick" if len(fits) <= LISTED else "follow.pick_many"
        return Say(key, values, Question(follow.PICK, labels, zero="person", data=data))

    def _refusal(self, case: Case, what: str, number: str, error: AppError) -> Say:
        match error:
            case NotFound():
                return Say("follow.not_found")
            case UrgedAlready():
                view = case.view(number)
                due = case.stories.due(case.desk.due_in("progress"))
                return Say("follow.urged_already", {**case.names(view), "due": due})
            case TooMany():
                return Say("follow.enough" if what in {"append", "complete", "files"} else "follow.slower")
            case RatedAlready():
                return Say("follow.rated_already")
            case IllegalMove():
                return case.not_now(case.view(number), what)
        raise error

    # --- looking

    def _status(self, case: Case, number: str) -> Done:
        if number:
            return self._shown(case, case.view(number))
        start = int(case.data.get("start", 0))
        views, total = self._hotline.own_page(case.session, case.sender, start, citizen_lists.LISTED, RECENT)
        more = () if start else self._cases(case)
        if not views:
            return Done(more or (Say("follow.none"),))
        if total == 1:
            shown = self._shown(case, views[0])
            return Done((*shown.say, *more))
        return Done((citizen_lists.page(case, views, start, total), *more))

    def _cases(self, case: Case) -> tuple[Say, ...]:
        """The open cases of other systems, in a message of their own."""
        if self._others is None:
            return ()
        sender, locale = case.sender, case.situation.locale
        text = self._others.listed(case.session, sender.channel, sender.address, locale)
        return (Say("ready", {"text": text}),) if text else ()

    def _shown(self, case: Case, view: CitizenView) -> Done:
        if not case.data.get("code"):
            message = case.situation.message
            given = {"number": view.number}
            expect(case.session, case.situation.at, message.channel, message.address, SHOWN, given)
        return Done((Say("ready", {"text": case.stories.detail(view)}),))

    # --- doing

    def _urge(self, case: Case, number: str) -> Done:
        urged = self._hotline.urge(case.session, number, case.proof)
        view = case.view(number)
        key = "follow.urged_overdue" if case.stories.overdue(view) else "follow.urged"
        values = {"due": case.stories.due(urged.progress_by), "answer_by": _bare(case.stories.due(view.limits.answer))}
        return Done((Say(key, {**case.names(view), **values}),))

    def _append(self, case: Case, number: str) -> Done:
        if not case.text and case.data.get("files"):
            return self._files(case, number)
        if not case.text:
            return self._ask_words(case, number, "append")
        view = self._hotline.append(case.session, number, case.proof, case.text)
        self._keep_files(case, number)
        return Done((Say("follow.appended", {**case.names(view), "next": self._due_next(case, view)}),))

    def _files(self, case: Case, number: str) -> Done:
        """Pictures or voice without words: they belong to the only matter they can, or to the one that is chosen."""
        view = case.view(number)
        if Action.APPEND.value not in view.can:
            return Done((case.not_now(view, "append"),))
        count = self._keep_files(case, number)
        return Done((Say("follow.filed", {**case.names(view), "count": count, "next": self._due_next(case, view)}),))

    def _keep_files(self, case: Case, number: str) -> int:
        """Note what was sent along, to be fetched after the commit; returns how many."""
        media = list(case.data.get("files") or ())
        if media:
            matter, message = self._hotline.find(case.session, number, case.proof), case.situation.message
            attachments.queue(case.session, case.situation.at, matter.id, message.channel, media)
        return len(media)

    def _complete(self, case: Case, number: str) -> Done:
        view = self._hotline.append(case.session, number, case.proof, case.text)
        self._keep_files(case, number)
        rule = self._hotline.office.rules.kinds[Kind(view.kind)]
        following = case.say(
            "intake.next_answer" if rule.from_receipt or view.state != "submitted" else "intake.next_accept",
            accept=case.stories.due(view.limits.accept),
            due=case.stories.due(view.limits.answer),
        )
        self._forget_missing(case, number)
        return Done((Say("intake.complete", {"next": following}),))

    def _forget_missing(self, case: Case, number: str) -> None:
        message = case.situation.message
        forget(case.session, message.channel, message.address, follow.MISSING, ref=number)

    def _due_next(self, case: Case, view: CitizenView) -> str:
        if view.state in {"submitted", "reopened"}:
            return case.say("intake.next_accept", accept=case.stories.due(view.limits.accept))
        return case.say("follow.next_due", due=case.stories.due(view.limits.answer))

    def _safe(self, case: Case, number: str) -> Done:
        self._hotline.append(case.session, number, case.proof, case.text)
        return Done((Say("after.safe"),))

    def _call_back(self, case: Case, number: str) -> Done:
        note = self._texts("zh-Hans", "follow.call_note")
        view = self._hotline.append(case.session, number, case.proof, note)
        due = case.stories.due(case.desk.due_in("call_back"))
        return Done((Say("follow.person", {**case.names(view), "due": due}),))

    def _withdraw(self, case: Case, number: str) -> Done:
        view = case.view(number)
        if not case.data.get("sure") and Action.WITHDRAW.value in view.can:
            act = {"number": number, "code": case.data.get("code", ""), "text": case.text}
            question = Question(follow.WITHDRAW, ("follow.withdraw_yes",), data={"act": act, "only": True}, said=True)
            return Done((Say("follow.withdraw_sure", case.names(view), question),))
        self._hotline.withdraw(case.session, number, case.proof, case.text)
        key = "follow.withdrawn_report" if view.kind == Kind.REPORT.value else "follow.withdrawn"
        return Done((Say(key, case.names(view)),))

    def _reopen(self, case: Case, number: str) -> Done:
        if not case.text:
            return self._ask_words(case, number, "reopen")
        view = self._hotline.reopen(case.session, number, case.proof, case.text)
        return Done((Say("follow.reopened", {**case.names(view), **self._dates(case, view)}),))

    def _contest(self, case: Case, number: str) -> Done:
        if not case.text:
            return self._ask_words(case, number, "contest")
        view = self._hotline.contest(case.session, number, case.proof, case.text)
        return Done((Say("follow.contested", {**case.names(view), **self._dates(case, view)}),))

    def _dates(self, case: Case, view: CitizenView) -> dict[str, str]:
        return {"accept": case.stories.due(view.limits.accept), "due": case.stories.due(view.limits.answer)}

    def _ask_words(self, case: Case, number: str, what: str) -> Done:
        view = case.view(number)
        if what not in view.can:
            return Done((case.not_now(view, what),))
        data = {"what": what, "number": number, "code": case.data.get("code", "")}
        return Done((Say(f"follow.{what}_what", case.names(view), Question(follow.WORDS, ref=number, data=data)),))

    # --- a person

    def _person(self, case: Case, number: str) -> Done:
        """0 under a question about a matter: it stays with whoever has it, or a consultation is opened."""
        if number:
            view = case.view(number)
            if Action.APPEND.value in view.can:
                return self._call_back(case, number)
        message, words = case.situation.message, [text for who, text in case.memory.recent if who == "citizen"]
        about = f"{number} " if number else ""
        new = NewMatter(
            kind=Kind.CONSULTATION,
            text=f"{about}{words[-1] if words else self._texts('zh-Hans', 'follow.call_note')}",
            source=self._openings.source(message.channel),
            reply_to=ReplyTo(message.channel, message.address, message.to, message.thread),
            locale=case.situation.locale,
            transcript=case.memory.recent,
            dedup_key=case.situation.dedup_key,
            tell=False,
        )
        opened = self._hotline.open(case.session, new)
        values = {"number": opened.number, "code": opened.code, "due": case.stories.due(opened.answer_by)}
        return Done((Say("human.opened_new", values),))


_NEEDS = {"call_back": "append", "complete": "append", "safe": "append", "files": "append"}
"""What a matter must allow for an act of another name."""


def _allows(view: CitizenView, what: str) -> bool:
    """Whether a matter may be meant; one that was urged today still is, and hears so."""
    if what == Action.URGE.value:
        return view.state in {state.value for state in WORKING}
    return what in view.can


def _bare(due: str) -> str:
    """A limit within a sentence that already says "by"."""
    return due.removesuffix("前")
