"""Which function carries out which action of staff. One table; the gate before it is ``moves.begin``."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.hotline import alerts, barrier, canned, closing, disclosure, handling, moves, owning, replies, unit_work
from bot.hotline.errors import illegal
from bot.hotline.given import Given
from bot.hotline.models import Matter, MatterReply
from bot.hotline.office import Desk, Doer
from bot.hotline.words import Action, Kind, State
from core.auth import Principal
from core.errors import Forbidden, SamePerson
from core.people import Role

Work = Callable[[Desk, Matter, Doer, Given], None]

_PLAIN: Mapping[Action, Work] = MappingProxyType(
    {
        Action.CLAIM: owning.claim,
        Action.RELEASE: owning.release,
        Action.HAND_OVER: owning.hand_over,
        Action.TAKE_OVER: owning.take_over,
        Action.NOTE: owning.note,
        Action.ACCEPT: handling.accept,
        Action.REJECT: handling.reject,
        Action.DISPATCH: handling.dispatch,
        Action.DESIGNATE: handling.designate,
        Action.PAUSE: handling.pause,
        Action.RESUME: handling.resume,
        Action.ASK: handling.ask,
        Action.MERGE: handling.merge,
        Action.SUPERVISE: handling.supervise,
        Action.SIGN: unit_work.sign,
        Action.RETURN: unit_work.give_back,
        Action.EXTEND: unit_work.extend,
        Action.OPINION: unit_work.opinion,
        Action.FOLLOW_UP: closing.follow_up,
        Action.REDO: closing.redo,
        Action.CLOSE: closing.close,
        Action.SET_ASIDE: closing.set_aside,
    }
)
_DECISIONS: Mapping[tuple[Action, State], Work] = MappingProxyType(
    {
        (Action.GRANT, State.RETURN_ASKED): unit_work.return_granted,
        (Action.GRANT, State.EXTENSION_ASKED): unit_work.extension_granted,
        (Action.REFUSE, State.RETURN_ASKED): unit_work.return_refused,
        (Action.REFUSE, State.EXTENSION_ASKED): unit_work.extension_refused,
    }
)


def perform(desk: Desk, number: str, action: Action, who: Principal, given: Given) -> Matter:
    """Do it, or raise why not: NotFound, Forbidden, StaleVersion, IllegalMove, BadInput and its kin."""
    matter = moves.begin(desk, number, action, who, given.version)
    doer = Doer.staff(who)
    if action in _PLAIN:
        if action is Action.NOTE and given.tell and barrier.only_a_handler(who):
            raise Forbidden("What the citizen is told goes through the hotline.")
        _PLAIN[action](desk, matter, doer, given)
    elif action in {Action.GRANT, Action.REFUSE}:
        _DECISIONS[action, State(matter.state)](desk, matter, doer, given)
    else:
        _OTHERS[action](desk, matter, who, given)
    return matter


def _reply(desk: Desk, matter: Matter, who: Principal, given: Given) -> None:
    if barrier.only_a_handler(who):
        unit_work.lead_only(desk, matter, Doer.staff(who))
    replies.may_handle(matter, who)
    waits = barrier.only_a_handler(who) and desk.rules.kinds[Kind(matter.kind)].checked
    answer = _answer(desk, matter, who, given)
    if Kind(matter.kind) is Kind.INFORMATION_REQUEST:
        answer = replace(answer, details=disclosure.outcome_details(given.outcome, given.ground, given.fee_fen))
    reply = replies.write(desk, matter, answer, Doer.staff(who), wait_for_check=waits)
    _list_brush_off(desk, matter, reply)
    if waits:
        replies.ask_for_check(desk, matter, reply)


def _answer(desk: Desk, matter: Matter, who: Principal, given: Given) -> replies.Answer:
    """The answer as given, or a kept one (常用答复) in its place."""
    if not given.canned:
        return given.answer()
    text = canned.take(desk, who, matter, given.canned)
    return given.model_copy(update={"text": given.text.strip() or text}).answer()


def _supplement(desk: Desk, matter: Matter, who: Principal, given: Given) -> None:
    if barrier.only_a_handler(who) and desk.rules.kinds[Kind(matter.kind)].checked:
        raise Forbidden("Answers of this kind go through the hotline: write a note.")
    reply = replies.supplement(desk, matter, _answer(desk, matter, who, given), Doer.staff(who))
    _list_brush_off(desk, matter, reply)


def _list_brush_off(desk: Desk, matter: Matter, reply: MatterReply) -> None:
    if reply.forced and not reply.forced.startswith(replies.PASTED):
        alerts.reach(desk, matter, "brush_off", key=reply.id, data={"why": reply.forced})


def _check(desk: Desk, matter: Matter, who: Principal, given: Given) -> None:
    reply = replies.waiting(desk, matter)
    if reply is None:
        raise illegal(matter, "No answer waits to be checked.")
    if reply.by_ref == who.identity:
        raise SamePerson("Somebody else checks what one wrote.")
    if barrier.only_a_handler(who) and not moves.leads(desk, who, reply.by_ref):
        raise Forbidden("An answer is checked by the hotline, or by the leader of whoever wrote it.")
    replies.checked(desk, matter, reply, Doer.staff(who), ok=given.ok, why=given.text or given.reason)


def _undo(desk: Desk, matter: Matter, who: Principal, _given: Given) -> None:
    reply = replies.last(desk, matter)
    if reply and reply.by_ref != who.identity and not who.has(Role.SUPERVISOR, Role.AGENT):
        raise Forbidden("Whoever wrote an answer takes it back, or the hotline.")
    replies.undo(desk, matter, Doer.staff(who))


_OTHERS: Mapping[Action, Callable[[Desk, Matter, Principal, Given], None]] = MappingProxyType(
    {
        Action.REPLY: _reply,
        Action.SUPPLEMENT: _supplement,
        Action.CHECK: _check,
        Action.UNDO: _undo,
    }
)
