"""What is due of a matter at a moment: lamps to tell, questions to repeat, closing, calling the next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.hotline.states import RUNNING
from bot.hotline.words import State


class Due(StrEnum):
    """Something the passing of time asks for."""

    YELLOW = "yellow"  # 黄灯
    RED = "red"  # 红灯, opens a supervision order
    TRY = "try"  # 回访
    WAIT = "wait"  # nothing more to ask; wait until the days for a rating are over
    UNRATED = "unrated"  # 未评价办结
    ESCALATE = "escalate"  # 呼叫下一位


@dataclass(frozen=True, slots=True)
class DueFacts:
    """What it follows from.

    ``lamp_told`` is the last lamp told, empty for none. ``follow_up_by`` is when something is next to be done about
    a rating, ``closes_at`` the end of the days in which one is waited for. ``reachable``: the citizen can be written
    to. ``called_at``: the latest alarm nobody answered.
    """

    state: State
    due_at: datetime
    yellow_at: datetime
    lamp_told: str = ""
    follow_up_by: datetime | None = None
    closes_at: datetime | None = None
    tries: int = 0
    tries_wanted: int = 3
    reachable: bool = True
    called_at: datetime | None = None
    patience: timedelta = timedelta(minutes=5)


def due_actions(facts: DueFacts, now: datetime) -> list[Due]:
    """What is due, in the order in which it is to be done. Doing it makes it not due any more."""
    return [*_lamp(facts, now), *_follow_up(facts, now), *_alarm(facts, now)]


def _lamp(facts: DueFacts, now: datetime) -> list[Due]:
    if facts.state not in RUNNING:
        return []
    if now >= facts.due_at:
        return [Due.RED] if facts.lamp_told != "red" else []
    return [Due.YELLOW] if now >= facts.yellow_at and not facts.lamp_told else []


def _follow_up(facts: DueFacts, now: datetime) -> list[Due]:
    if facts.state is not State.REPLIED or facts.follow_up_by is None or facts.closes_at is None:
        return []
    if now < facts.follow_up_by:
        return []
    if facts.tries < facts.tries_wanted and facts.reachable:
        return [Due.TRY]
    return [Due.UNRATED] if now >= facts.closes_at else [Due.WAIT]


def _alarm(facts: DueFacts, now: datetime) -> list[Due]:
    waits = facts.called_at is not None and facts.state is State.SUBMITTED
    return [Due.ESCALATE] if waits and facts.called_at and now >= facts.called_at + facts.patience else []
