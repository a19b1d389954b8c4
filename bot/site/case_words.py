"""A matter in a citizen's words: where it stands, what happened, what can be done. Keys and values of texts; pure.

Every line names what happened, who has it and what follows by when (OFFICE "What annoys": never 流转中).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.hotline.citizen_view import CitizenView, EventOut
from bot.hotline.rules import Rules
from bot.hotline.words import Action, State

Due = Callable[[datetime], str]
"""A limit as a citizen reads it."""

_STATE_KEYS = {
    State.SUBMITTED: "submitted",
    State.ACCEPTED: "accepted",
    State.REJECTED: "rejected",
    State.DISPATCHED: "dispatched",
    State.SIGNED: "signed",
    State.RETURN_ASKED: "dispatched",
    State.EXTENSION_ASKED: "signed",
    State.PAUSED: "paused",
    State.REPLIED: "replied",
    State.FOLLOWED_UP: "followed_up",
    State.REDO: "redo",
    State.CLOSED: "closed",
    State.REOPENED: "reopened",
    State.MERGED: "merged",
    State.WITHDRAWN: "withdrawn",
}
"""What goes on between offices (申请退单, 申请延期) is no news for a citizen: the unit that has it stands."""
_TOLD = frozenset(
    {
        "submitted", "accept", "reject", "dispatch", "designate", "pause", "resume", "ask", "merge", "append", "urge",
        "withdraw", "reopen", "contest", "rate", "redo", "close", "grant", "reply", "supplement", "progress", "file",
        "staff_file", "file_shown",
    }
)  # fmt: skip
_BY_OFFICE = frozenset({"reply", "supplement", "progress"})
_WORKING = frozenset(
    {
        State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.SIGNED, State.RETURN_ASKED, State.EXTENSION_ASKED,
        State.REDO, State.REOPENED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: a text's key with its values, and what was said. ``office``: an answer of ours."""

    at: datetime
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    office: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """Where it stands: the word for the state, a sentence about what follows, the lamp, and the trail, newest first.

    ``coming``: an answer was written and has not left yet, so that there is nothing to read or to rate.
    """

    state: str
    now: str
    values: Mapping[str, Any]
    lamp: str
    trail: tuple[Line, ...]
    answer: Line | None
    coming: bool = False


def story(view: CitizenView, rules: Rules, locale: str, due: Due, now: datetime) -> Story:
    """The matter as its page tells it."""
    state = State(view.state)
    trail = tuple(_line(event, rules, locale) for event in reversed(view.events) if event.what in _TOLD)
    answers = [line for line in trail if line.key in {"event.reply", "event.supplement"}]
    coming = state is State.REPLIED and not answers
    values = {
        "unit": view.unit or "",
        "accept": due(view.limits.accept),
        "answer": due(view.limits.answer),
        "into": view.merged_into or "",
        "days": rules.days["reopen"],
    }
    return Story(
        state="state.accepted" if coming else f"state.{_STATE_KEYS[state]}",
        now="now.answer_coming" if coming else f"now.{_now_key(view, state, now)}",
        values=values,
        lamp="" if coming else _lamp(view, state),
        trail=trail,
        answer=answers[0] if answers else None,
        coming=coming,
    )


def _now_key(view: CitizenView, state: State, now: datetime) -> str:
    incoming = state in {State.SUBMITTED, State.REOPENED}
    if incoming and now > view.limits.accept:
        return "accept_overdue"
    if state in _WORKING and not incoming and now > view.limits.answer:
        return "overdue" if view.unit else "overdue_here"
    if state in {State.REPLIED, State.FOLLOWED_UP}:
        return "rate" if Action.RATE.value in view.can else "rated"
    key = _STATE_KEYS[state]
    if state is State.PAUSED:
        key = f"paused_{_pause_reason(view.events)}"
    elif key in {"dispatched", "signed", "redo"} and not view.unit:
        key = "accepted"
    elif state is State.CLOSED and Action.REOPEN.value not in view.can:
        key = "closed_for_good"
    return key


def _pause_reason(events: Sequence[EventOut]) -> str:
    reasons = [str(event.about.get("reason", "")) for event in events if event.what == "pause"]
    return "third_party" if reasons and reasons[-1] == "third_party" else "citizen"


def _lamp(view: CitizenView, state: State) -> str:
    """The lamp while a limit runs or after it was answered; none where no limit was met or missed."""
    return "" if state in {State.REJECTED, State.MERGED, State.WITHDRAWN} else view.lamp


def _line(event: EventOut, rules: Rules, locale: str) -> Line:
    about, said, key = event.about, event.text or "", event.what
    values: dict[str, Any] = {"unit": about.get("unit", "")}
    if key in {"dispatch", "designate"}:
        key = "dispatch" if about.get("unit") else "dispatch_unnamed"
    elif key == "reject" and (reason := rules.reasons.get(str(about.get("reason", "")))):
        said = " ".join(part for part in (said, reason.why.get(locale, ""), reason.where.get(locale, "")) if part)
    elif key == "ask":
        needs = [rules.needs[need].get(locale, need) for need in about.get("missing", ()) if need in rules.needs]
        said = (", " if locale == "en" else "、").join(needs)
    elif key == "merge":
        values["into"] = about.get("into", "")
    elif key == "rate":
        values |= {"grade": about.get("grade", ""), "solved": bool(about.get("solved"))}
    elif key == "file_shown":
        key = "staff_file"
    elif key == "close" and about.get("unrated"):
        key = "close_unrated"
    return Line(event.at, f"event.{key}", values, said, office=event.what in _BY_OFFICE)
