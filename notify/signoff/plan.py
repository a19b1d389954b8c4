"""The reminder plan of a document (PRODUCT 3): which step falls when and to whom. Pure, and frozen at issue.

At once and at half of the time to A; at five sixths the lamp turns yellow; at the limit it turns red, and A, B,
the leader and the supervisor's list hear of it; from then every 30 minutes, at most six times. Roles are frozen
here; who holds a role is looked up when a step fires.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from core.calendar_days import Days
from core.lamps import DOCUMENTS
from core.office_hours import OfficeHours
from core.terms import Limit, Measure, Term, begin, moment_at_share, until
from core.worktime import add_working_time


class Step(StrEnum):
    """What a reminder is for, in their order."""

    ISSUED = "issued"
    HALF = "half"
    YELLOW = "yellow"
    LIMIT = "limit"
    OVERDUE = "overdue"


class To(StrEnum):
    """A role in a document: A person (A岗), deputy (B岗), leader (负责人), supervisors (督办)."""

    A = "a"
    B = "b"
    LEADER = "leader"
    SUPERVISOR = "supervisor"


_HALF = Fraction(1, 2)
_TO_SIGN: tuple[To, ...] = (To.A,)
_TO_ALL: tuple[To, ...] = (To.A, To.B, To.LEADER, To.SUPERVISOR)
_AFTER: tuple[To, ...] = (To.A, To.B, To.LEADER)


@dataclass(frozen=True, slots=True)
class Planned:
    """One step: when, what, to which roles; ``n`` counts the overdue ones from 1, else 0."""

    at: datetime
    step: Step
    to: tuple[To, ...]
    n: int = 0

    def to_json(self) -> list[Any]:
        """As the recipient's row keeps it."""
        return [self.at.isoformat(), self.step.value, [role.value for role in self.to], self.n]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> "Planned":
        """What ``to_json`` wrote."""
        at, step, to, n = kept
        return _planned(at, step, tuple(to), n)


@lru_cache(maxsize=4096)
def _planned(at: str, step: str, to: tuple[str, ...], n: int) -> Planned:
    """Documents issued together have their steps in common, and thousands may fall due in one second."""
    return Planned(datetime.fromisoformat(at), Step(step), tuple(To(role) for role in to), n)


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in order, and the two moments at which the lamp turns."""

    steps: tuple[Planned, ...]
    yellow_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OverdueRule:
    """How often it is said again after the limit."""

    every: Limit
    times: int


def make_plan(
    issued_at: datetime,
    limit: Limit,
    overdue: OverdueRule,
    hours: OfficeHours,
    days: Days,
    *,
    due_at: datetime | None = None,
) -> Plan:
    """The plan of a document from the moment of issue.

    ``limit`` gives the time to sign in and, by its measure, the clock all steps follow; an explicit ``due_at`` goes
    before it. Raises ValueError for naive times.
    """
    if due_at is None:
        term = begin(issued_at, limit, hours, days)
    else:
        term = until(issued_at, due_at, limit.measure, hours, days)
    half = _share(term, _HALF, hours, days)
    yellow = _share(term, DOCUMENTS.yellow_share, hours, days)
    steps = [
        Planned(term.starts, Step.ISSUED, _TO_SIGN),
        Planned(half, Step.HALF, _TO_SIGN),
        Planned(yellow, Step.YELLOW, _TO_SIGN),
        Planned(term.due, Step.LIMIT, _TO_ALL),
        *_overdue(term, overdue, hours, days),
    ]
    return Plan(tuple(steps), yellow, term.due)


def _share(term: Term, share: Fraction, hours: OfficeHours, days: Days) -> datetime:
    return _whole_second(moment_at_share(term, share, term.starts, hours, days), term.starts)


def _whole_second(moment: datetime, not_before: datetime) -> datetime:
    """Fractions of a second say nothing to anybody."""
    return max(moment.replace(microsecond=0), not_before)


def _overdue(term: Term, rule: OverdueRule, hours: OfficeHours, days: Days) -> Iterable[Planned]:
    gap = rule.every.amount * timedelta(minutes=1)
    for n in range(1, rule.times + 1):
        if term.measure is Measure.ROUND_THE_CLOCK:
            at = term.due + n * gap
        else:
            at = add_working_time(term.due, n * gap, hours, days)
        yield Planned(at.astimezone(UTC), Step.OVERDUE, _AFTER, n)


def to_fire(steps: Sequence[Planned], now: datetime) -> list[tuple[datetime, tuple[int, ...]]]:
    """When which steps go out, by their place in the plan: those already past at ``now`` all at once, as one."""
    past = tuple(place for place, step in enumerate(steps) if step.at <= now)
    later = [(step.at, (place,)) for place, step in enumerate(steps) if step.at > now]
    return ([(now, past)] if past else []) + later


def as_one(steps: Iterable[Planned]) -> Planned:
    """Several steps that go out together: the latest of them, to everybody any of them is for."""
    ordered = sorted(steps, key=lambda step: step.at)
    if len(ordered) == 1:
        return ordered[0]
    roles = {role for step in ordered for role in step.to}
    last = ordered[-1]
    return Planned(last.at, last.step, tuple(role for role in To if role in roles), last.n)
