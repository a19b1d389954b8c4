"""The columns of a matter that hold its times, computed anew whenever something they follow from changes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.hotline import limits
from bot.hotline.models import Matter, MatterPause
from bot.hotline.office import Desk
from bot.hotline.words import Kind, State
from core.lamps import Lamp
from core.terms import Limit, Pause

_NOT_TAKEN_UP = frozenset({State.SUBMITTED.value, State.REOPENED.value})
_ENDED = frozenset({State.REJECTED.value, State.WITHDRAWN.value, State.MERGED.value})


def pauses(desk: Desk, matter: Matter) -> list[Pause]:
    """When the clock stood still."""
    found = select(MatterPause).where(MatterPause.matter_id == matter.id).order_by(col(MatterPause.id))
    return [Pause(row.starts, row.ends) for row in desk.session.exec(found)]


def after(desk: Desk, matter: Matter, **changes: Any) -> dict[str, Any]:
    """``changes`` with the times that follow from them. A lamp that was told is told again only for a later limit."""
    values = {**matter.model_dump(include=_NEEDED), **changes}
    clocks = limits.Clocks(
        accept_from=values["accept_from"],
        accept=limits.accept_limit(desk.rules, values["emergency"]),
        clock_from=values["clock_from"],
        answer=Limit.parse(values["answer_limit"]),
        statutory=Limit.parse(values["statutory_limit"]),
        extra_days=values["extra_days"],
        taken_up=values["state"] not in _NOT_TAKEN_UP,
    )
    times = asdict(limits.times(clocks, desk.now, desk.calendar, pauses(desk, matter)))
    if times["due_at"] > matter.due_at:
        times["lamp_told"] = ""
    return {**changes, **times}


_NEEDED = {"accept_from", "emergency", "clock_from", "answer_limit", "statutory_limit", "extra_days", "state"}


def restarted(desk: Desk, matter: Matter, limit: Limit | None = None) -> dict[str, Any]:
    """The citizen's clock from now: with the kind's limits, or with one of its own (重办)."""
    rule = desk.rules.kinds[Kind(matter.kind)]
    promised, statutory = limits.answer_limits(rule, limit or desk.rules.sources.get(matter.source))
    return {
        "clock_from": desk.now,
        "answer_limit": str(promised),
        "statutory_limit": str(statutory),
        "extra_days": 0,
        "extended": False,
    }


def lamp(matter: Matter, now: datetime) -> Lamp:
    """The lamp of a matter."""
    done = matter.replied_at
    if done is None and matter.state in _ENDED:
        done = matter.closed_at or matter.changed_at
    return limits.lamp_of(limits.LampFacts(matter.due_at, matter.yellow_at, matter.paused_at, done), now)
