"""The moves of a matter as forms: which fields each has, how it is shown, and the form read back. Pure."""

from collections.abc import Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bot.hotline.given import Given
from bot.hotline.words import Action
from core.errors import BadInput

ANSWERS = (Action.REPLY, Action.SUPPLEMENT)
"""Moves whose form stands open under the conversation."""

AT_ONCE = (Action.CLAIM, Action.RELEASE, Action.TAKE_OVER, Action.ACCEPT, Action.SIGN, Action.RESUME)
"""Moves of one button."""

FIELDS: Mapping[Action, tuple[str, ...]] = MappingProxyType(
    {
        Action.HAND_OVER: ("to",),
        Action.REJECT: ("reject_reason", "text"),
        Action.DISPATCH: ("unit", "co_units"),
        Action.DESIGNATE: ("unit", "co_units"),
        Action.RETURN: ("reason",),
        Action.EXTEND: ("days", "reason"),
        Action.GRANT: ("text",),
        Action.REFUSE: ("reason",),
        Action.CHECK: ("verdict", "text"),
        Action.NOTE: ("text", "tell"),
        Action.OPINION: ("text",),
        Action.ASK: ("missing",),
        Action.PAUSE: ("pause_reason", "text"),
        Action.FOLLOW_UP: ("reached", "solved", "grade", "text"),
        Action.REDO: ("reason", "unit"),
        Action.CLOSE: ("text",),
        Action.MERGE: ("into",),
        Action.SUPERVISE: ("text",),
        Action.SET_ASIDE: ("reason",),
    }
)
"""The fields of the moves that ask for something. ``…_reason`` and ``verdict`` are other faces of a field of Given."""

RISKY = frozenset({Action.REJECT, Action.RETURN, Action.REFUSE, Action.REDO, Action.CLOSE, Action.MERGE})
"""Moves that cannot be taken back; their button looks like it."""

_YES = frozenset({"1", "on", "true", "yes"})
_LISTS = ("co_units", "missing")


def read(form: Mapping[str, str], lists: Mapping[str, list[str]], zone: ZoneInfo) -> Given:
    """The form of a move as the service takes it; raises BadInput naming the field that cannot be read."""
    values: dict[str, Any] = {name: form[name].strip() for name in _TEXTS if form.get(name, "").strip()}
    values |= {name: [one for one in lists.get(name, []) if one] for name in _LISTS}
    values |= {name: form[name].strip() for name in ("version", "days", "fee_fen") if form.get(name, "").strip()}
    values["force"], values["tell"] = form.get("force", "") in _YES, form.get("tell", "") in _YES
    values["ok"] = form.get("ok", "1") in _YES
    if "reached" in form:
        values["reached"] = form["reached"] in _YES
        values["solved"] = form["solved"] in _YES if form.get("solved") else None
        values["grade"] = form.get("grade") or None
    values["finding"] = form.get("finding") or None
    values["contacted_at"] = moment(form.get("contacted_at", ""), zone, "contacted_at")
    try:
        return Given.model_validate(values)
    except ValidationError as error:
        fields = {
            str(problem["loc"][0]): what_is_wrong(problem["type"]) for problem in error.errors() if problem["loc"]
        }
        raise BadInput("Something does not fit; see fields.", fields=fields) from error


_TEXTS = ("text", "reason", "unit", "into", "to", "done", "contacted_by", "outcome", "ground", "canned")


def what_is_wrong(kind: str) -> str:
    """What a field is said to be that pydantic refuses for this ``type``."""
    return "too long" if kind == "string_too_long" else "does not fit"


def moment(text: str, zone: ZoneInfo, field: str) -> datetime | None:
    """What a browser's field for date and time sends: office time without an offset. A date alone is its noon.

    Raises BadInput for ``field``.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("This is no time.", fields={field: "does not fit"}) from error
    if len(text) <= len("2026-11-22"):
        at = datetime.combine(at.date(), time(12))
    return at.replace(tzinfo=zone)
