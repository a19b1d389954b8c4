"""The states of a notice (公示) and its moves. Pure.

    draft → in_review → approved → scheduled → sending → public → period_over → final
    with confirming (households check their rows), paused, corrected (a correction is being written), cancelled

Changing the content of what is in review, approved or scheduled makes a draft of it again: approval is void.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    CONFIRMING = "confirming"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    PUBLIC = "public"
    PERIOD_OVER = "period_over"
    FINAL = "final"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can be done to a notice; the first eight are the routes of CONTRACT."""

    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    CORRECT = "correct"
    FINALISE = "finalise"
    EDIT = "edit"
    REJECT = "reject"
    SHIFT = "shift"
    ASK = "ask"
    REVIEWED = "reviewed"
    SEND = "send"
    SENT = "sent"
    END = "end"


_S = State
EDITABLE = frozenset({_S.DRAFT, _S.CORRECTED})
"""States in which content is written; from the three before sending an edit leads back to them."""
SHOWN = frozenset({_S.SENDING, _S.PAUSED, _S.PUBLIC, _S.PERIOD_OVER, _S.FINAL})
"""States of a notice whose present revision the public may read (if it was ever published)."""
FINISHED = frozenset({_S.FINAL, _S.CANCELLED})

MOVES: dict[Move, dict[State, State]] = {
    Move.SUBMIT: {_S.DRAFT: _S.IN_REVIEW, _S.CORRECTED: _S.IN_REVIEW},
    Move.APPROVE: {_S.IN_REVIEW: _S.APPROVED},
    Move.REJECT: {_S.IN_REVIEW: _S.DRAFT},
    Move.EDIT: {
        _S.DRAFT: _S.DRAFT,
        _S.CORRECTED: _S.CORRECTED,
        _S.IN_REVIEW: _S.DRAFT,
        _S.APPROVED: _S.DRAFT,
        _S.CONFIRMING: _S.DRAFT,
        _S.SCHEDULED: _S.DRAFT,
    },
    Move.SHIFT: {_S.APPROVED: _S.IN_REVIEW, _S.SCHEDULED: _S.IN_REVIEW},
    Move.ASK: {_S.APPROVED: _S.CONFIRMING},
    Move.REVIEWED: {_S.CONFIRMING: _S.APPROVED},
    Move.PUBLISH: {_S.APPROVED: _S.SCHEDULED},
    Move.SEND: {_S.SCHEDULED: _S.SENDING},
    Move.SENT: {_S.SENDING: _S.PUBLIC},
    Move.PAUSE: {_S.SENDING: _S.PAUSED},
    Move.RESUME: {_S.PAUSED: _S.SENDING},
    Move.CANCEL: {state: _S.CANCELLED for state in State if state not in FINISHED},
    Move.CORRECT: dict.fromkeys((_S.SENDING, _S.PAUSED, _S.PUBLIC, _S.PERIOD_OVER), _S.CORRECTED),
    Move.END: {_S.PUBLIC: _S.PERIOD_OVER},
    Move.FINALISE: {_S.PERIOD_OVER: _S.FINAL},
}
"""For each move the states it may start from and where it leads."""


def after(state: State, move: Move, *, correcting: bool = False) -> State | None:
    """Where a move leads, None when it is not allowed. ``correcting``: it was published before, so that what would
    be a draft again is the correction again.
    """
    target = MOVES[move].get(state)
    return _S.CORRECTED if correcting and target is _S.DRAFT else target


def possible(state: State) -> tuple[Move, ...]:
    """The moves that may be made from a state, in the order of ``Move``."""
    return tuple(move for move in Move if state in MOVES[move])


AFTER_STEPS = ("no_objection", "objections_reviewed", "reported", "determined", "paid")
"""公示期满 → 无异议 or 异议已复核 → 上报审核 → 审定 → 发放 (OFFICE "Notices")."""
_NEXT_STEP: dict[str, frozenset[str]] = {
    "": frozenset({"no_objection", "objections_reviewed"}),
    "no_objection": frozenset({"reported"}),
    "objections_reviewed": frozenset({"reported"}),
    "reported": frozenset({"determined"}),
    "determined": frozenset({"paid"}),
    "paid": frozenset(),
}


def next_steps(last: str) -> frozenset[str]:
    """The steps that may follow the last one recorded (``""``: none was)."""
    return _NEXT_STEP[last]
