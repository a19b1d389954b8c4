"""The staff's side in chats and by SMS: who wrote is known, what they may is the hotline's to say.

In a group only linked members are heard; what they write in a topic is a note, and only an answer goes out. By SMS
the code from the dispatch message shows that the sender is no forgery (PRODUCT 2).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from hmac import compare_digest
from importlib.resources import files

from sqlmodel import Session, select

from bot import staff_canned, staff_more, staff_replies
from bot.choosing import number_in
from bot.dialogue.base import Act, Done, Memory, Say
from bot.dialogue.staff import days_in
from bot.effects import Situation
from bot.hotline import duty
from bot.hotline.errors import IllegalMove
from bot.hotline.listing import Filter
from bot.hotline.office import Doer as Acting
from bot.hotline.paging import staff_code
from bot.hotline.service import Hotline
from bot.hotline.units import find_unit
from bot.hotline.words import Action
from bot.staff_case import STAFF, NothingHere, StaffCase, principal
from bot.staff_models import StaffGroup
from core.audit import record
from core.errors import AppError, BadInput, Forbidden, NotFound, StaleVersion
from core.expectations import expect, standing
from core.i18n import Catalogue
from core.people import Role, address_index, person_at

_HINTED = "staff.hinted"
_QUEUE = 8
_MOST = 200
_NEED_CODE = frozenset(
    {"reply", "return", "extend", "sign", "take", "opinion", "grant", "refuse", "checking", "visit", "checked"}
)
"""By SMS a sender can be forged, so these carry the person's code."""

_OFFICIALS = frozenset({Role.OFFICIAL})
_FOR_OFFICIALS = frozenset({"check", "send_back", "checking", "visit", "checked", "hand_in"})
"""What an official does who is neither agent nor handler: check as a leader, go there, hand in from a grid."""


class Staff:
    """The doer of every act whose owner is "staff"."""

    def __init__(self, hotline: Hotline, page: str = "") -> None:
        self._hotline = hotline
        self._page = page
        self._texts = Catalogue.load(files("bot") / "texts" / "staff")
        self._works: Mapping[str, Callable[[StaffCase], Done]] = {
            "note": _note,
            "reply": staff_replies.reply,
            "supplement": staff_replies.supplement,
            "find": staff_replies.found,
            "force": staff_replies.force,
            "now": staff_replies.now,
            "undo": staff_replies.undo,
            "edit": staff_replies.edit,
            "sign": _sign,
            "accept": _accept,
            "claim": _claim,
            "return": _return,
            "extend": _extend,
            "dispatch": _dispatch,
            "reject": _reject,
            "take": _take,
            "queue": _queue,
            "canned": staff_canned.listed,
            "canned_use": staff_replies.use_canned,
            "opinion": staff_more.opinion,
            "grant": staff_more.grant,
            "refuse": staff_more.refuse,
            "checking": staff_more.check,
            "visit": staff_more.visited,
            "checked": staff_more.visited,
            "hand_in": staff_more.hand_in,
            "check": lambda case: _check(case, ok=True),
            "send_back": lambda case: _check(case, ok=False),
            "unit": _unit,
            "help": lambda case: Done((case.say("help"),)),
        }

    def __call__(self, session: Session, situation: Situation, _memory: Memory, act: Act) -> Done:
        """Do it; a refusal is a sentence, never a failure."""
        message = situation.message
        person = person_at(session, message.channel, message.sender or message.address)
        data = dict(act.data)
        verb = str(data.get("verb", act.what))
        if person is None or not (STAFF | (_OFFICIALS if verb in _FOR_OFFICIALS else frozenset())) & set(person.roles):
            return self._unknown(situation, act)
        who = principal(person, message.channel)
        case = StaffCase(self._hotline, self._texts, session, situation, who, data, self._page)
        if situation.metered and verb in _NEED_CODE and not data.get("asked") and act.what != "press":
            number = str(data.get("number", ""))
            if not compare_digest(str(data.get("code", "")), staff_code(number, person.id)):
                return Done((case.say("code_needed", number=number),))
        try:
            with session.begin_nested():
                return self._works[verb](case)
        except AppError as error:
            return Done((self._refusal(case, verb, error),))

    def _unknown(self, situation: Situation, act: Act) -> Done:
        """Nobody linked: in a group words are not heard at all, a press is told how to link."""
        if not situation.message.private and act.what != "press":
            return Done()
        if situation.message.private:
            return Done((Say("follow.not_found"),))
        return Done((Say("ready", {"text": self._texts(situation.locale, "link_first")}),))

    def _refusal(self, case: StaffCase, verb: str, error: AppError) -> Say:
        if isinstance(error, NothingHere):
            return case.say("nothing_here")
        if isinstance(error, NotFound):
            return case.say("not_found", number=case.data.get("number", ""))
        if isinstance(error, StaleVersion | IllegalMove):
            matter = case.matter()
            case.session.refresh(matter)
            what = case.words(f"b_{verb}") if f"b_{verb}" in self._texts.keys else verb
            key = "stale" if isinstance(error, StaleVersion) else "illegal"
            return case.say(key, number=matter.number, state=case.state(matter), what=what)
        if isinstance(error, Forbidden):
            return case.say("forbidden")
        if isinstance(error, BadInput):
            return case.say("bad", why="；".join(error.fields.values()) or error.detail)
        return case.say("bad", why=error.detail)


# --- the verbs -----------------------------------------------------------------------------------------------------


def _note(case: StaffCase) -> Done:
    """Words in a topic are among staff; said once a day to each person."""
    if not case.situation.message.thread or not case.text:
        return Done()
    try:
        matter = case.matter()
    except NotFound:
        return Done()
    case.perform(matter, Action.NOTE, text=case.text[:2000])
    return Done((case.say("note_hint"),)) if _first_today(case) else Done()


def _first_today(case: StaffCase) -> bool:
    channel, place = case.situation.message.channel, f"hint:{case.who.identity}"
    today = f"{case.desk.now.astimezone(case.desk.office.hours.zone):%Y-%m-%d}"
    if any(one.ref == today for one in standing(case.session, case.desk.now, channel, place)):
        return False
    expect(case.session, case.desk.now, channel, place, _HINTED, {}, ref=today, lifetime=timedelta(days=1))
    return True


def _sign(case: StaffCase) -> Done:
    matter = case.perform(case.matter(), Action.SIGN)
    unit, at = case.unit(matter.unit_id), case.clock(case.desk.now)
    return Done((case.say("done_sign", name=case.who.name, unit=unit, time=at),))


def _accept(case: StaffCase) -> Done:
    case.perform(case.matter(), Action.ACCEPT)
    return Done((case.say("done_accept", name=case.who.name, time=case.clock(case.desk.now)),))


def _claim(case: StaffCase) -> Done:
    matter = case.perform(case.matter(), Action.CLAIM)
    return Done((case.say("done_claim", name=case.who.name, number=matter.number),))


def _return(case: StaffCase) -> Done:
    matter = case.matter()
    if not case.text:
        return Done((case.say("how_to_return"),))
    case.perform(matter, Action.RETURN, reason=case.text[:500])
    return Done((case.say("done_return"),))


def _extend(case: StaffCase) -> Done:
    matter = case.matter()
    days, reason = days_in(case.text)
    if not days or not reason:
        return Done((case.say("how_to_extend"),))
    case.perform(matter, Action.EXTEND, days=days, reason=reason[:500])
    return Done((case.say("done_extend", days=days),))


def _dispatch(case: StaffCase) -> Done:
    matter = case.matter()
    if not case.text:
        return Done((case.say("how_to_dispatch"),))
    moved = case.perform(matter, Action.DISPATCH, unit=case.text[:100])
    return Done((case.say("done_dispatch", unit=case.unit(moved.unit_id)),))


def _reject(case: StaffCase) -> Done:
    matter = case.matter()
    if not case.text:
        reasons = "、".join(reason.label for reason in case.desk.rules.reasons.values())
        return Done((case.say("how_to_reject", reasons=reasons),))
    case.perform(matter, Action.REJECT, reason=case.text[:500])
    return Done((case.say("done_reject"),))


def _check(case: StaffCase, *, ok: bool) -> Done:
    """审核: a handler's answer goes out, or back to be written better."""
    matter = case.matter()
    if not ok and not case.text:
        return Done((case.say("how_to_send_back"),))
    case.perform(matter, Action.CHECK, ok=ok, text=case.text[:500])
    return Done((staff_replies.shown_back(case, matter, bare=True) if ok else case.say("done_send_back"),))


def _take(case: StaffCase) -> Done:
    """我来处理: the alarm is answered, nobody else is called."""
    matter = case.matter()
    duty.answer_alarm(case.desk, matter, Acting.staff(case.who))
    return Done((case.say("done_take", number=matter.number),))


def _unit(case: StaffCase) -> Done:
    """/unit 城管局: this group is that unit's. Only for those who supervise or administer."""
    message = case.situation.message
    if message.private or not case.who.has(Role.SUPERVISOR, Role.ADMIN):
        raise Forbidden("Only a supervisor says whose group this is.")
    unit = find_unit(case.session, case.text)
    index = address_index(message.channel, message.address)
    known = select(StaffGroup).where(StaffGroup.channel == message.channel, StaffGroup.address_index == index)
    group = case.session.exec(known).first() or StaffGroup(
        channel=message.channel, address=message.address, address_index=index, created_at=case.desk.now
    )
    group.unit_id, group.by_ref = unit.id, case.who.identity
    case.session.add(group)
    record(case.session, case.desk.now, case.who.actor, "group.unit", f"unit:{unit.id}", after={"group": index})
    return Done((case.say("done_unit", unit=unit.name),))


def _queue(case: StaffCase) -> Done:
    """队列, page by page: the most urgent first."""
    rows, more = case.hotline.queue(case.session, case.who, Filter(state="open"), _MOST)
    if not rows:
        return Done((case.say("queue_none"),))
    page = max(1, min(number_in(case.text) or 1, -(-len(rows) // _QUEUE)))
    shown = rows[(page - 1) * _QUEUE : page * _QUEUE]
    lines = [case.words("queue", count=f"{len(rows)}+" if more else len(rows))]
    for row in shown:
        named = replace(case, data={"number": row.number})
        due = case.clock(row.due_at)
        state = named.words(f"s_{row.state}")
        lines.append(case.words("queue_line", number=row.number, title=row.title, state=state, due=due))
    if left := len(rows) - page * _QUEUE:
        lines += [case.words("queue_more", left=left, page=page + 1)] if left > 0 else []
    return Done((Say("ready", {"text": "\n".join(lines)}),))
