"""Which moves a matter may make, who may make them, what else must hold. One table; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.hotline.words import Action, Kind, State
from core.people import Role

_S = State
WORKING = frozenset(
    {
        _S.SUBMITTED, _S.ACCEPTED, _S.DISPATCHED, _S.SIGNED, _S.RETURN_ASKED, _S.EXTENSION_ASKED,
        _S.PAUSED, _S.REDO, _S.REOPENED,
    }
)  # fmt: skip
"""Not answered yet: "any open" of the table."""
RUNNING = WORKING - {_S.PAUSED}
FINAL = frozenset({_S.REJECTED, _S.CLOSED, _S.MERGED, _S.WITHDRAWN})
ANSWERED = frozenset({_S.REPLIED, _S.FOLLOWED_UP})
IN_A_UNIT = frozenset({_S.DISPATCHED, _S.SIGNED, _S.RETURN_ASKED, _S.EXTENSION_ASKED})


def _stay(*states: State) -> dict[State, State]:
    return {state: state for state in states}


def _to(target: State, *states: State) -> dict[State, State]:
    return dict.fromkeys(states, target)


MOVES: Mapping[Action, Mapping[State, State]] = MappingProxyType(
    {
        Action.CLAIM: _stay(*WORKING),
        Action.RELEASE: _stay(*WORKING),
        Action.HAND_OVER: _stay(*WORKING, *ANSWERED),
        Action.TAKE_OVER: _stay(*WORKING, *ANSWERED),
        Action.ACCEPT: _to(_S.ACCEPTED, _S.SUBMITTED, _S.REOPENED),
        Action.REJECT: _to(_S.REJECTED, _S.SUBMITTED),
        Action.DISPATCH: _to(_S.DISPATCHED, _S.ACCEPTED, _S.REDO),
        Action.DESIGNATE: _to(_S.DISPATCHED, _S.ACCEPTED, _S.REDO, _S.RETURN_ASKED),
        Action.SIGN: _to(_S.SIGNED, _S.DISPATCHED),
        Action.RETURN: _to(_S.RETURN_ASKED, _S.DISPATCHED),
        Action.EXTEND: _to(_S.EXTENSION_ASKED, _S.SIGNED),
        Action.GRANT: {_S.RETURN_ASKED: _S.ACCEPTED, _S.EXTENSION_ASKED: _S.SIGNED},
        Action.REFUSE: {_S.RETURN_ASKED: _S.DISPATCHED, _S.EXTENSION_ASKED: _S.SIGNED},
        Action.REPLY: _to(_S.REPLIED, _S.ACCEPTED, _S.SIGNED),
        Action.SUPPLEMENT: _stay(_S.REPLIED, _S.FOLLOWED_UP, _S.CLOSED),
        Action.CHECK: {_S.SIGNED: _S.REPLIED},
        Action.UNDO: {_S.REPLIED: _S.SIGNED},
        Action.NOTE: _stay(*State),
        Action.OPINION: _stay(*IN_A_UNIT, _S.PAUSED),
        Action.ASK: _stay(*RUNNING),
        Action.PAUSE: _to(_S.PAUSED, *RUNNING),
        Action.RESUME: {_S.PAUSED: _S.ACCEPTED},
        Action.FOLLOW_UP: {_S.REPLIED: _S.FOLLOWED_UP, _S.FOLLOWED_UP: _S.FOLLOWED_UP},
        Action.REDO: _to(_S.REDO, _S.FOLLOWED_UP),
        Action.CLOSE: _to(_S.CLOSED, _S.FOLLOWED_UP, _S.REPLIED),
        Action.MERGE: _to(_S.MERGED, *WORKING),
        Action.SUPERVISE: _stay(*WORKING, *ANSWERED),
        Action.SET_ASIDE: _stay(_S.REPLIED, _S.FOLLOWED_UP, _S.CLOSED, _S.REDO),
        Action.APPEND: _stay(*WORKING),
        Action.URGE: _stay(*WORKING),
        Action.WITHDRAW: _to(_S.WITHDRAWN, *WORKING),
        Action.RATE: {_S.REPLIED: _S.FOLLOWED_UP, _S.FOLLOWED_UP: _S.FOLLOWED_UP, _S.CLOSED: _S.CLOSED},
        Action.REOPEN: _to(_S.REOPENED, _S.CLOSED),
        Action.CONTEST: _to(_S.SUBMITTED, _S.REJECTED),
    }
)
"""From each state the state an action leads to; what is not here is refused.

Three targets depend on the past: RESUME goes back to where the pause began, UNDO to where the answer was written,
RATE on to ``closed`` when the citizen is content.
"""

_AGENT = frozenset({Role.AGENT, Role.SUPERVISOR})
_UNIT = frozenset({Role.HANDLER, Role.SUPERVISOR})
_EITHER = _AGENT | _UNIT
_SUPERVISOR = frozenset({Role.SUPERVISOR})

CITIZEN = frozenset({Action.APPEND, Action.URGE, Action.WITHDRAW, Action.RATE, Action.REOPEN, Action.CONTEST})
"""What the citizen does; never by a role."""

ROLES: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        **dict.fromkeys((Action.SIGN, Action.RETURN, Action.EXTEND, Action.OPINION), _UNIT),
        **dict.fromkeys((Action.REPLY, Action.SUPPLEMENT, Action.NOTE, Action.UNDO), _EITHER),
        Action.CHECK: _AGENT | {Role.HANDLER, Role.OFFICIAL},
        **dict.fromkeys(
            (Action.GRANT, Action.REFUSE, Action.SUPERVISE, Action.DESIGNATE, Action.SET_ASIDE), _SUPERVISOR
        ),
        **dict.fromkeys(
            (
                Action.CLAIM, Action.RELEASE, Action.HAND_OVER, Action.TAKE_OVER, Action.ACCEPT, Action.REJECT,
                Action.DISPATCH, Action.ASK, Action.PAUSE, Action.RESUME, Action.FOLLOW_UP,
                Action.REDO, Action.CLOSE, Action.MERGE,
            ),
            _AGENT,
        ),
    }
)  # fmt: skip
"""Which roles may do what. A handler only with its own unit's matters; that is the barrier's business. A check is also
for the leader of whoever wrote the answer (``actions``), whatever else their role."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the further conditions look at. ``free_dispatches``: so many, then only a supervisor designates."""

    state: State
    kind: Kind
    dispatches: int = 0
    free_dispatches: int = 2
    designated: bool = False
    return_lapsed: bool = False
    extended: bool = False
    late: bool = False
    contested: bool = False
    contest_lapsed: bool = False
    reopen_lapsed: bool = False
    asked_already: bool = False
    rated_kind: bool = True
    awaits_check: bool = False
    twice_dissatisfied: bool = False
    supervisor: bool = False


def target(action: Action, state: State) -> State | None:
    """Where an action leads by the table alone; None when the state does not allow it."""
    return MOVES[action].get(state)


def refusal(action: Action, facts: Facts) -> str:
    """Why an action is not allowed now, as a sentence; empty when it is."""
    if target(action, facts.state) is None:
        return f"A matter that is {facts.state} does not allow {action}."
    return next((sentence for applies, sentence in _conditions(action, facts) if applies), "")


def _conditions(action: Action, facts: Facts) -> list[tuple[bool, str]]:
    """For each further condition: whether it stands in the way, and the sentence that says so."""
    unrated = facts.kind is Kind.INFORMATION_REQUEST
    conditions: dict[Action, list[tuple[bool, str]]] = {
        Action.DISPATCH: [
            (
                facts.dispatches >= facts.free_dispatches and facts.state is not State.REDO,
                "It was returned twice: from the third dispatch on a supervisor designates the unit.",
            )
        ],
        Action.RETURN: [
            (facts.designated, "A designated unit cannot return the matter."),
            (facts.return_lapsed, "The time to ask for a return is over: the unit has taken it on."),
        ],
        Action.EXTEND: [
            (facts.extended, "It was extended once already."),
            (facts.late, "An extension is asked for before the limit, not after it."),
        ],
        Action.ASK: [(facts.asked_already, "What is missing is asked for once, completely; that was done.")],
        Action.CHECK: [(not facts.awaits_check, "No answer waits to be checked.")],
        Action.CLOSE: [
            (facts.state is State.REPLIED and facts.rated_kind, "It is followed up first, then closed."),
            (facts.twice_dissatisfied and not facts.supervisor, "Dissatisfied twice: a supervisor decides."),
        ],
        Action.REDO: [
            (unrated, "A request for information is not done over."),
            (facts.twice_dissatisfied and not facts.supervisor, "Dissatisfied twice: a supervisor decides."),
        ],
        Action.FOLLOW_UP: [(unrated, "A request for information is not followed up.")],
        Action.URGE: [(unrated, "A request for information is not urged.")],
        Action.RATE: [(not facts.rated_kind, "Matters of this kind are not rated.")],
        Action.REOPEN: [(facts.reopen_lapsed, "The days in which it could be taken up again are over.")],
        Action.CONTEST: [
            (facts.contested, "The rejection was contested once already."),
            (facts.contest_lapsed, "The days in which the rejection could be contested are over."),
        ],
    }
    return conditions.get(action, [])


def allowed(facts: Facts, actions: frozenset[Action]) -> list[Action]:
    """Those of ``actions`` that are open now, in the order of the table."""
    return [action for action in MOVES if action in actions and not refusal(action, facts)]
