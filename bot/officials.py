"""What officials ask for on their phones, carried out in the transaction of their turn: signing and giving back.

A ``bot.effects.Doer`` for the acts of ``bot.dialogue.official``; what comes of them is put into words here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlmodel import Session

from bot.dialogue import official
from bot.dialogue.base import Act, Done, Memory, Say
from bot.effects import Situation
from bot.officials_away import AWAY_ACTS
from bot.officials_case import Case
from bot.officials_lists import to_sign, todo
from core import audit
from core.audit import Actor
from core.contact_codes import give_code, use_code
from core.errors import Conflict
from core.i18n import Catalogue
from core.people import address_index, person_at
from notify.signoff import reminding, returns, signing, store, wording
from notify.signoff.models import OPEN, RETURNING
from notify.signoff.returns import Decision
from notify.signoff.service import SignOff
from notify.signoff.signing import Outcome, Signed
from notify.signoff.wording import Item

Doing = Callable[[Case, Mapping[str, Any]], tuple[Say, ...]]
_NAMED = 5


class Officials:
    """Does the acts of officials."""

    def __init__(self, signoff: SignOff) -> None:
        self._signoff = signoff
        self._texts = Catalogue.load(files("bot") / "texts" / "official")

    def __call__(self, session: Session, situation: Situation, _memory: Memory, act: Act) -> Done:
        """Do one act; whoever is not known as an official is told so, and that they tried is recorded."""
        message, work = situation.message, self._signoff.work(session, situation.at)
        if act.what == "verify" or (act.what == "link" and act.data.get("code")):
            return Done((self._use_code(session, situation, str(act.data["code"])),))
        person = person_at(session, self._written(message.channel), message.address)
        if person is None:
            self._refuse(session, situation, act)
            return Done((self._say(situation, "unknown", phone=self._signoff.office.phone),))
        case = Case(work, person, situation, self._texts)
        return Done(_ACTS[act.what](case, act.data))

    def _written(self, channel: str) -> str:
        """Whose telephone rings is whose number it is in writing."""
        office = self._signoff.office
        return office.phone_channel if channel == office.call_channel else channel

    def _refuse(self, session: Session, situation: Situation, act: Act) -> None:
        message = situation.message
        subject = f"contact:{address_index(message.channel, message.address)}"
        audit.record(session, situation.at, Actor("stranger", message.channel), f"official.{act.what}", subject)

    def _use_code(self, session: Session, situation: Situation, code: str) -> Say:
        message = situation.message
        try:
            found = use_code(session, situation.at, message.channel, message.address, code)
        except Conflict:
            return self._say(situation, "code.taken")
        if found is None:
            return self._say(situation, "code.wrong")
        return self._say(situation, "code.verified", name=found.name)

    def _say(self, situation: Situation, key: str, **values: object) -> Say:
        return Say("ready", {"text": self._texts(situation.locale, key, **values)})


# --- signing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a signing leads to: the list its number came from, so that the others keep theirs."""

    signed: Signed
    listed: Sequence[str] = ()


def _sign(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """签收 alone, with a code, or with an id (a button)."""
    code = str(data.get("code", ""))
    waiting = signing.to_sign(case.work, case.person.id)
    if data.get("id"):
        return _sign_pressed(case, str(data["id"]))
    if not code:
        if len(waiting) == 1:
            return _sign_item(case, waiting[0])
        return (to_sign(case, waiting),)
    found = signing.by_code(waiting, code) or signing.by_code(signing.lately(case.work, case.person.id), code)
    if not found:
        return (case.say("code_unknown", code=code),)
    if len(found) > 1 and all(item in waiting for item in found):
        return (to_sign(case, found),)
    return _sign_item(case, found[0])


def _sign_pressed(case: Case, pressed: str) -> tuple[Say, ...]:
    """A button or a key of a call: it signs what was shown with it. What was opened again since is shown anew."""
    recipient_id, _, generation = pressed.partition(".")
    found = store.items(case.work.session, [recipient_id])
    if not found:  # no button of ours
        return (case.say("code_unknown", code=""),)
    if found[0].state == OPEN and generation and generation != str(found[0].generation):
        return (to_sign(case, found),)
    return _sign_item(case, found[0])


def _sign_item(case: Case, item: Item, listed: Sequence[str] = ()) -> tuple[Say, ...]:
    return _say_signed(case, _Answer(signing.sign(case.work, item.recipient_id, case.signer), listed))


def _sign_one(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """``1`` after a reminder of one document. With several open it is not guessed which: the list is shown."""
    recipient_id = str(data["ids"][0])
    waiting = signing.to_sign(case.work, case.person.id)
    meant = [item for item in waiting if item.recipient_id == recipient_id]
    others = [item for item in waiting if item.recipient_id != recipient_id]
    if meant and others:
        return (to_sign(case, [*meant, *others]),)
    return _say_signed(case, _Answer(signing.sign(case.work, recipient_id, case.signer)))


def _sign_listed(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    ids = [str(each) for each in data["ids"]]
    return _say_signed(case, _Answer(signing.sign(case.work, ids[int(data["number"]) - 1], case.signer), ids))


def _sign_all(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """全部签收: everything that waits; a button below a list signs what stands in that list."""
    waiting = signing.to_sign(case.work, case.person.id)
    if data.get("id"):
        listed = signing.bundled(case.work, case.person.id, str(data["id"]))
        waiting = [item for item in waiting if item.recipient_id in listed]
    if not waiting:
        return (case.say("nothing"),)
    if len(waiting) == 1:
        return _sign_item(case, waiting[0])
    ids = sorted(item.recipient_id for item in waiting)  # locked in the same order by everybody
    done = [signing.sign(case.work, recipient_id, case.signer) for recipient_id in ids]
    late = sum(signed.late_minutes is not None for signed in done)
    named = "、".join(wording.short_number(item.number) for item in waiting[:_NAMED])
    named += "…" if len(waiting) > _NAMED else ""
    return (case.say("signed.many_late" if late else "signed.many", count=len(done), listed=named, late=late),)


def _say_signed(case: Case, answer: _Answer) -> tuple[Say, ...]:
    signed = answer.signed
    number = signed.item.number
    if signed.outcome is Outcome.NOT_YOURS:
        return (case.say("signed.not_yours", number=number),)
    if signed.outcome is Outcome.WITHDRAWN or signed.at is None:
        return (case.say("signed.withdrawn", number=number),)
    values = {"number": number, "at": case.work.clock_words(signed.at), "minutes": signed.late_minutes or 0}
    if signed.outcome is Outcome.ALREADY:
        by = signed.by or ""
        key = "signed.already" if by == case.person.id else "signed.already_other"
        text = case.text(key, name=case.name_of(by), **values)
        return (Say("ready", {"text": text + _others(case, answer, always=False)}),)
    key = f"signed.{'for_' if signed.in_place_of else ''}{'on_time' if signed.late_minutes is None else 'late'}"
    text = case.text(key, name=case.name_of(signed.in_place_of or ""), **values)
    options: tuple[tuple[str, str], ...] = ()
    if case.situation.buttons:
        options = ((wording.press("not_me", signed.item.recipient_id), case.text("signed.not_me_button")),)
    return (Say("ready", {"text": text + _others(case, answer, always=True)}, options=options),)


def _others(case: Case, answer: _Answer, *, always: bool) -> str:
    """What else waits: with its number in the list that stands, else with its code."""
    others = [
        item
        for item in signing.to_sign(case.work, case.person.id)
        if item.recipient_id != answer.signed.item.recipient_id
    ]
    if not others:
        return case.text("others.none") if always else ""
    if len(others) > 1:
        return case.text("others.many", count=len(others))
    item = others[0]
    values = {"number": item.number, "due": reminding.due_for_list(case.work, item, case.locale), "code": item.code}
    if item.recipient_id in answer.listed:
        return case.text("others.one_number", n=answer.listed.index(item.recipient_id) + 1, **values)
    return case.text("others.one_code", **values)


def _not_me(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    lately = signing.lately(case.work, case.person.id)
    code = str(data.get("code", ""))
    if data.get("id"):
        found = [item for item in lately if item.recipient_id == data["id"]]
    else:
        signed = [item for item in lately if item.state == "signed"]
        found = signing.by_code(signed, code) if code else signed
    if not found:
        return (case.say("not_me.nothing"),)
    if len(found) > 1 and not code:
        return (case.say("not_me.which"),)
    done = signing.not_me(case.work, found[0].recipient_id, case.signer)
    if done.outcome is not Outcome.SIGNED:
        return (case.say("not_me.nothing"),)
    return (case.say("not_me.done", number=found[0].number, code=found[0].code),)


# --- giving back -------------------------------------------------------------------------------------------------


def _give_back(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    waiting = signing.to_sign(case.work, case.person.id)
    code, reason = str(data.get("code", "")), str(data.get("reason", ""))
    found = signing.by_code(waiting, code) if code else waiting
    example = waiting[0].code if waiting else "12"
    if code and not found:
        return (case.say("code_unknown", code=code),)
    if not found:
        return (case.say("nothing"),)
    if len(found) > 1:
        return (case.say("back.which", code=example),)
    if len(reason) < 2:
        return (case.say("back.reason", code=found[0].code),)
    done = returns.ask(case.work, found[0].recipient_id, case.signer, reason)
    if done.outcome is not Outcome.SIGNED:
        return (case.say("signed.not_yours", number=found[0].number),)
    return (case.say("back.asked", number=found[0].number),)


def _decide(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """The issuer's ``1`` or ``2``."""
    row = returns.waiting_for(case.work, str(data["ids"][0]), case.person.id)
    if row is None or row.state != RETURNING:
        return (case.say("back.decided"),)
    granted = data["number"] == 1
    number = case.item(row.id).number
    returns.decide(case.work, row.id, case.person.id, case.signer.actor, Decision(granted))
    return (case.say("back.granted" if granted else "back.refused", number=number),)


# --- addresses ---------------------------------------------------------------------------------------------------


def _link(case: Case, _data: Mapping[str, Any]) -> tuple[Say, ...]:
    """绑定 alone: a code for another channel."""
    code = give_code(case.work.session, case.work.now, case.signer.actor, case.person)
    return (case.say("code.give", code=code),)


_ACTS: dict[str, Doing] = {
    "sign": _sign,
    "sign_all": _sign_all,
    "todo": todo,
    "give_back": _give_back,
    "not_me": _not_me,
    "link": _link,
    official.SIGN_ONE: _sign_one,
    official.SIGN_LIST: _sign_listed,
    official.DECIDE: _decide,
    **AWAY_ACTS,
}
