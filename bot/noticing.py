"""Notices in conversation: objecting, confirming or disputing one's row, a number that belongs to somebody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from sqlmodel import Session, col, select

from bot.dialogue import follow
from bot.dialogue import notice as dialogue
from bot.dialogue.base import Act, Done, Memory, Question, Say
from bot.effects import Doer, Situation
from bot.hotline.intake import ReplyTo
from bot.hotline.service import Hotline, Sender
from bot.hotline.words import Action
from bot.notice_case import NoticeCase
from bot.objections import Handed, NewObjection, Objections
from bot.subscribing import Subscribing
from core import people
from core.errors import AppError
from core.i18n import Catalogue
from core.people import Person, address_index, contacts_of
from core.text import mask_name, trim
from notify.outbox.fallback import ToPerson, put_to_person
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from notify.publicity import objecting, rows_store
from notify.publicity.models import Beneficiary, Notice, NoticeRecipient
from notify.publicity.service import Publicity
from notify.publicity.states import FINISHED
from notify.publicity.subscriptions import ALERTS

LISTED, CURRENT = 5, 3
"""Notices in one list: those this address got, else those that are current."""
_SHORTEST = 2
_LABEL = 24


@dataclass(frozen=True, slots=True)
class Parts:
    """What the doer works with. ``contest`` does 异议 against a matter that was not accepted."""

    hotline: Hotline
    objections: Objections
    publicity: Publicity
    subscribing: Subscribing
    outbox: Outbox
    contest: Doer


class Noticing:
    """The doer of every act whose owner is "notice"."""

    def __init__(self, parts: Parts, phone: str) -> None:
        self._parts = parts
        self._phone = phone
        self._texts = Catalogue.load(files("bot") / "texts" / "notice")
        self._works: Mapping[str, Callable[[NoticeCase], Done]] = {
            "object": self._object,
            "confirm": self._confirm,
            "dispute": self._dispute,
            "not_me": self._not_me,
            **parts.subscribing.works,
        }

    def __call__(self, session: Session, situation: Situation, memory: Memory, act: Act) -> Done:
        """Do one act; a refusal is a sentence, never a failure."""
        return self._works[act.what](NoticeCase(session, situation, memory, act.data, self._texts, self._phone))

    # --- objecting (异议)

    def _object(self, case: NoticeCase) -> Done:
        if notice_id := str(case.data.get("notice", "")):
            return self._object_to(case, notice_id)
        notices = self._at_hand(case)
        matters = self._contestable(case)
        if not notices and matters:
            return self._contest(case)
        if len(notices) == 1 and not matters:
            return self._object_to(case, notices[0].id)
        notices = notices or current(case.session)
        if not notices:
            return Done((case.say("no_notice"),))
        labels = [trim(notice.title, chars_max=_LABEL) for notice in notices]
        labels += [case.word("which_matter", number=number) for number in matters]
        choices = [["notice", notice.id] for notice in notices] + [["matter", number] for number in matters]
        data = {"choices": choices, "text": case.text}
        return Done((case.say("which", Question(dialogue.WHICH, tuple(labels), zero="person", data=data)),))

    def _object_to(self, case: NoticeCase, notice_id: str) -> Done:
        notice = case.session.get(Notice, notice_id)
        if notice is None or notice.state in {state.value for state in FINISHED}:
            return Done((case.say("over"),))
        if sum(char.isalnum() for char in case.text) < _SHORTEST:
            question = Question(dialogue.WHAT, ref=notice_id, data={"notice": notice_id})
            return Done((case.say("what", question, title=trim(notice.title, chars_max=_LABEL)),))
        message = case.situation.message
        rows = [found.row for found in self._rows(case, public=True) if found.notice.id == notice_id]
        new = NewObjection(
            notice_id=notice_id,
            text=case.text,
            row=rows[0] if len(rows) == 1 else None,
            reply_to=ReplyTo(message.channel, message.address, message.to, message.thread),
            via=message.channel,
            locale=case.locale,
            key=f"{case.situation.dedup_key}:{notice_id}",
            tell=False,
        )
        try:
            with case.session.begin_nested():
                handed = self._parts.objections.hand_in(case.session, new)
        except AppError:
            return Done((case.say("over"),))
        return Done((self._said(case, handed),))

    def _said(self, case: NoticeCase, handed: Handed) -> Say:
        due = self._parts.hotline.desk(case.session).due_words(handed.due_at, case.locale)
        values = {"number": handed.number, "code": handed.code, "reviewer": handed.reviewer, "due": due}
        if not handed.secret:
            return case.say("objected", **values)
        if objecting.says_enough(case.text):
            return case.say("reported", **values)
        question = Question(follow.MISSING, ref=handed.number, data={"number": handed.number, "needs": ["who"]})
        text = case.word("reported_more", **{**values, "phone": handed.report_phone})
        return Say("ready", {"text": text}, question)

    def _contestable(self, case: NoticeCase) -> list[str]:
        sender = Sender(case.channel, case.address)
        own = self._parts.hotline.own(case.session, sender)
        return [view.number for view in own if Action.CONTEST.value in view.can][:CURRENT]

    def _contest(self, case: NoticeCase) -> Done:
        act = Act(follow.OWNER, "contest", {"number": "", "code": "", "text": case.text})
        return self._parts.contest(case.session, case.situation, case.memory, act)

    # --- which notices

    def _rows(self, case: NoticeCase, *, public: bool) -> list[rows_store.Found]:
        if not case.situation.metered:
            return []
        found = rows_store.find_rows_by_phone(case.session, case.address)
        return [one for one in found if one.public is public]

    def _at_hand(self, case: NoticeCase) -> list[Notice]:
        """The notices this address stands in or was told of, that are not over; the newest first."""
        found = {one.notice.id: one.notice for one in self._rows(case, public=True)}
        found |= {notice.id: notice for notice in sent_to(case.session, case.channel, case.address)}
        over = {state.value for state in FINISHED}
        return [notice for notice in found.values() if notice.state not in over][:LISTED]

    # --- one's own row, before the notice is public (确认, 有误)

    def _confirm(self, case: NoticeCase) -> Done:
        found = self._rows(case, public=False)
        waiting = [one.row for one in found if one.row.confirmation != "confirmed"]
        if not waiting:
            return Done((case.say("confirmed_again" if found else "nothing_to_confirm"),))
        for row in waiting:
            self._parts.publicity.confirm_row(case.session, _id(row), case.actor, case.channel)
        return Done((case.say("confirmed", what=self._listed(case, waiting)),))

    def _dispute(self, case: NoticeCase) -> Done:
        rows = [one.row for one in self._rows(case, public=False)]
        if not rows:
            return self._object(case)
        wanted = [row for row in rows if row.id == case.data.get("row")] or (rows if len(rows) == 1 else [])
        if not wanted:
            labels = tuple(self._listed(case, [row]) for row in rows[:LISTED])
            data = {"choices": [row.id for row in rows[:LISTED]], "text": case.text}
            question = Question(dialogue.ROW_WHICH, labels, zero="person", data=data)
            return Done((case.say("dispute_which", question),))
        row = wanted[0]
        if sum(char.isalnum() for char in case.text) < _SHORTEST:
            question = Question(dialogue.ROW_WHAT, ref=str(row.id), data={"row": row.id})
            return Done((case.say("dispute_what", question),))
        self._parts.publicity.dispute_row(case.session, _id(row), case.text, case.actor, case.channel)
        return Done((case.say("disputed", text=trim(case.text, chars_max=_LABEL)),))

    def _listed(self, case: NoticeCase, rows: Sequence[Beneficiary]) -> str:
        joint = ", " if case.locale == "en" else "、"
        return joint.join(
            case.word("row", name=mask_name(row.name), area="", quantity="").strip() for row in rows[:LISTED]
        )

    # --- a number that changed hands (不是本人)

    def _not_me(self, case: NoticeCase) -> Done:
        """The number is removed at once, nothing more is sent to it, and whoever keeps the list is told."""
        session, now = case.session, case.situation.at
        notices = self._parts.publicity.remove_number(session, case.address, case.actor)
        people.set_consent(session, now, case.channel, case.address, ALERTS, allowed=False, reason="not_me")
        for notice_id in notices:
            notice = session.get(Notice, notice_id)
            if notice and session.get(Person, notice.author) and contacts_of(session, notice.author):
                payload = {
                    "number": notice.number,
                    "title": notice.title,
                    "what": "一个号码不是本人，已去掉，请改为入户告知",
                }
                message = Message("notice_work", "", "", payload, f"not_me:{notice_id}:{case.situation.dedup_key}")
                put_to_person(session, now, self._parts.outbox, ToPerson(notice.author, message))
        return Done((case.say("not_me"),))


def sent_to(session: Session, channel: str, address: str) -> list[Notice]:
    """The notices of which an address was told, the latest first."""
    sent = select(OutboxMessage.id).where(
        OutboxMessage.channel == channel,
        OutboxMessage.address_index == address_index(channel, address),
        col(OutboxMessage.kind).startswith("notice_"),
    )
    ids = list(session.exec(sent.order_by(col(OutboxMessage.id).desc()).limit(LISTED * 2)))
    found = session.exec(
        select(Notice)
        .join(NoticeRecipient, col(NoticeRecipient.notice_id) == col(Notice.id))
        .where(col(NoticeRecipient.message_id).in_(ids))
        .order_by(col(Notice.id).desc())
    )
    return list({notice.id: notice for notice in found}.values())


def current(session: Session) -> list[Notice]:
    """The notices that are public and not over, the newest first: what somebody may mean who got none."""
    over = {state.value for state in FINISHED}
    found = rows_store.published_notices(session, "", LISTED * 4)
    return [notice for notice, _ in found if notice.state not in over][:CURRENT]


def _id(row: Beneficiary) -> int:
    assert row.id is not None  # noqa: S101 - read from the database
    return row.id
