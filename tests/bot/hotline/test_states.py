"""The table of moves: every state, every action, and the conditions beside it."""

import pytest

from bot.hotline.states import CITIZEN, MOVES, ROLES, Facts, allowed, refusal, target
from bot.hotline.words import Action, Kind, State
from core.people import Role

S, A = State, Action
OPEN = "submitted accepted dispatched signed return_asked extension_asked redo reopened"
EXPECTED: dict[Action, dict[str, str]] = {
    A.ACCEPT: {"submitted reopened": "accepted"},
    A.REJECT: {"submitted": "rejected"},
    A.DISPATCH: {"accepted redo": "dispatched"},
    A.DESIGNATE: {"accepted redo return_asked": "dispatched"},
    A.SIGN: {"dispatched": "signed"},
    A.RETURN: {"dispatched": "return_asked"},
    A.EXTEND: {"signed": "extension_asked"},
    A.GRANT: {"return_asked": "accepted", "extension_asked": "signed"},
    A.REFUSE: {"return_asked": "dispatched", "extension_asked": "signed"},
    A.REPLY: {"accepted signed": "replied"},
    A.CHECK: {"signed": "replied"},
    A.UNDO: {"replied": "signed"},
    A.PAUSE: {OPEN: "paused"},
    A.RESUME: {"paused": "accepted"},
    A.FOLLOW_UP: {"replied followed_up": "followed_up"},
    A.REDO: {"followed_up": "redo"},
    A.CLOSE: {"followed_up replied": "closed"},
    A.MERGE: {OPEN + " paused": "merged"},
    A.WITHDRAW: {OPEN + " paused": "withdrawn"},
    A.REOPEN: {"closed": "reopened"},
    A.CONTEST: {"rejected": "submitted"},
    A.RATE: {"replied followed_up": "followed_up", "closed": "closed"},
}
"""The frame of the agreement, written down a second time by hand; actions that stay where they are come below."""
STAYING: dict[Action, str] = {
    A.CLAIM: OPEN + " paused",
    A.RELEASE: OPEN + " paused",
    A.HAND_OVER: OPEN + " paused replied followed_up",
    A.TAKE_OVER: OPEN + " paused replied followed_up",
    A.SUPPLEMENT: "replied followed_up closed",
    A.NOTE: " ".join(State),
    A.OPINION: "dispatched signed return_asked extension_asked paused",
    A.ASK: OPEN,
    A.SUPERVISE: OPEN + " paused replied followed_up",
    A.SET_ASIDE: "replied followed_up closed redo",
    A.APPEND: OPEN + " paused",
    A.URGE: OPEN + " paused",
}


def _expected(action: Action, state: State) -> str | None:
    if action in STAYING:
        return state.value if state in STAYING[action].split() else None
    return next((to for states, to in EXPECTED[action].items() if state in states.split()), None)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_action_in_every_state_leads_where_the_agreement_says_or_is_refused(state: State, action: Action) -> None:
    wanted = _expected(action, state)
    assert target(action, state) == wanted
    if wanted is None:
        assert state in refusal(action, Facts(state, Kind.COMPLAINT))


def test_every_action_belongs_to_roles_or_to_the_citizen_and_never_to_both() -> None:
    assert set(ROLES) | CITIZEN == set(Action) == set(MOVES)
    assert not set(ROLES) & CITIZEN


def test_only_a_supervisor_grants_refuses_designates_and_supervises() -> None:
    alone = {action for action, roles in ROLES.items() if roles == {Role.SUPERVISOR}}
    assert alone == {A.GRANT, A.REFUSE, A.DESIGNATE, A.SUPERVISE, A.SET_ASIDE}
    assert all(Role.SUPERVISOR in roles for roles in ROLES.values()), "supervisors may do everything"


@pytest.mark.parametrize(
    ("action", "facts", "allowed_now"),
    [
        (A.DISPATCH, Facts(S.ACCEPTED, Kind.HELP, dispatches=1), True),
        (A.DISPATCH, Facts(S.ACCEPTED, Kind.HELP, dispatches=2), False),
        (A.DESIGNATE, Facts(S.ACCEPTED, Kind.HELP, dispatches=2), True),
        (A.RETURN, Facts(S.DISPATCHED, Kind.HELP), True),
        (A.RETURN, Facts(S.DISPATCHED, Kind.HELP, designated=True), False),
        (A.RETURN, Facts(S.DISPATCHED, Kind.HELP, return_lapsed=True), False),
        (A.EXTEND, Facts(S.SIGNED, Kind.HELP), True),
        (A.EXTEND, Facts(S.SIGNED, Kind.HELP, extended=True), False),
        (A.EXTEND, Facts(S.SIGNED, Kind.HELP, late=True), False),
        (A.ASK, Facts(S.SUBMITTED, Kind.HELP, asked_already=True), False),
        (A.CHECK, Facts(S.SIGNED, Kind.COMPLAINT), False),
        (A.CHECK, Facts(S.SIGNED, Kind.COMPLAINT, awaits_check=True), True),
        (A.CLOSE, Facts(S.REPLIED, Kind.COMPLAINT), False),
        (A.CLOSE, Facts(S.REPLIED, Kind.INFORMATION_REQUEST, rated_kind=False), True),
        (A.CLOSE, Facts(S.FOLLOWED_UP, Kind.HELP, twice_dissatisfied=True), False),
        (A.CLOSE, Facts(S.FOLLOWED_UP, Kind.HELP, twice_dissatisfied=True, supervisor=True), True),
        (A.REDO, Facts(S.FOLLOWED_UP, Kind.HELP, twice_dissatisfied=True), False),
        (A.REDO, Facts(S.FOLLOWED_UP, Kind.INFORMATION_REQUEST), False),
        (A.URGE, Facts(S.SIGNED, Kind.INFORMATION_REQUEST), False),
        (A.RATE, Facts(S.REPLIED, Kind.INFORMATION_REQUEST, rated_kind=False), False),
        (A.REOPEN, Facts(S.CLOSED, Kind.HELP), True),
        (A.REOPEN, Facts(S.CLOSED, Kind.HELP, reopen_lapsed=True), False),
        (A.CONTEST, Facts(S.REJECTED, Kind.HELP), True),
        (A.CONTEST, Facts(S.REJECTED, Kind.HELP, contested=True), False),
        (A.CONTEST, Facts(S.REJECTED, Kind.HELP, contest_lapsed=True), False),
    ],
)
def test_conditions_beside_the_table(action: Action, facts: Facts, allowed_now: bool) -> None:
    assert (refusal(action, facts) == "") is allowed_now


def test_what_is_offered_to_a_citizen_is_what_is_allowed() -> None:
    offered = allowed(Facts(S.SIGNED, Kind.COMPLAINT), CITIZEN)
    assert offered == [A.APPEND, A.URGE, A.WITHDRAW]
