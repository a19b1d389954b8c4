"""The clocks of a matter: which limit holds, and where it ends. Pure; the limits are the office's rules.

Two clocks (OFFICE): the citizen's runs from 受理 (or, where the rules say so, from receipt) and never starts anew
because a matter is returned or sent elsewhere; the unit's runs from dispatch, signed for or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.hotline.rules import KindRule, Rules
from core.calendar_days import Days
from core.lamps import MATTERS, Lamp, LampTimes, lamp_times
from core.office_hours import OfficeHours
from core.terms import Limit, Measure, Pause, Term, begin, due_after_pauses


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the office works: what every computation of a limit needs."""

    hours: OfficeHours
    days: Days

    def due(self, start: datetime, limit: Limit, now: datetime, pauses: Iterable[Pause] = ()) -> datetime:
        """Where a limit ends, the pauses known at ``now`` given back."""
        return due_after_pauses(self.term(start, limit, pauses), now, self.hours, self.days)

    def term(self, start: datetime, limit: Limit, pauses: Iterable[Pause] = ()) -> Term:
        """The limit as it runs."""
        return begin(start, limit, self.hours, self.days, pauses)

    def lamp_times(self, term: Term, now: datetime) -> LampTimes:
        """When that lamp turns."""
        return lamp_times(term, MATTERS, now, self.hours, self.days)


@dataclass(frozen=True, slots=True)
class LampFacts:
    """What a lamp follows from; ``done_at`` is when it was answered or ended otherwise."""

    due_at: datetime
    yellow_at: datetime
    paused_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Everything the times of one matter follow from.

    ``accept_from`` is when it came in (or came back), ``clock_from`` when the citizen's clock began; ``extra_days``
    are an extension's working days; ``taken_up``: accepted, so that the answer's limit governs.
    """

    accept_from: datetime
    accept: Limit
    clock_from: datetime
    answer: Limit
    statutory: Limit
    extra_days: int = 0
    taken_up: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """Where the limits end, and when the lamp of the one that governs turns."""

    accept_by: datetime
    answer_by: datetime
    statutory_by: datetime
    due_at: datetime
    yellow_at: datetime


def times(clocks: Clocks, now: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Times:
    """The times of a matter, the pauses known at ``now`` given back."""
    accept = calendar.term(clocks.accept_from, clocks.accept, pauses)
    answer = calendar.term(clocks.clock_from, stretched(clocks.answer, clocks.extra_days), pauses)
    statutory = stretched(clocks.statutory, clocks.extra_days)
    accept_turns, answer_turns = calendar.lamp_times(accept, now), calendar.lamp_times(answer, now)
    governs = answer_turns if clocks.taken_up else accept_turns
    return Times(
        accept_by=accept_turns.red_at,
        answer_by=answer_turns.red_at,
        statutory_by=calendar.due(clocks.clock_from, statutory, now, pauses),
        due_at=governs.red_at,
        yellow_at=governs.yellow_at,
    )


def accept_limit(rules: Rules, category: str) -> Limit:
    """How soon a matter is to be accepted; emergencies within minutes, round the clock."""
    urgency = rules.urgency(category)
    return urgency.accept if urgency else rules.limits["accept"]


def lamp_of(facts: LampFacts, now: datetime) -> Lamp:
    """The lamp a supervisor sees; while paused it keeps the colour it had."""
    if facts.done_at is not None:
        return Lamp.DONE if facts.done_at <= facts.due_at else Lamp.DONE_LATE
    moment = facts.paused_at or now
    if moment >= facts.due_at:
        return Lamp.RED
    return Lamp.YELLOW if moment >= facts.yellow_at else Lamp.GREEN


def answer_limits(rule: KindRule, source: Limit | None) -> tuple[Limit, Limit]:
    """The promised and the statutory limit of an answer; what came by a certain way may have its own."""
    return (source, source) if source else (rule.promise, rule.answer)


def stretched(limit: Limit, days: int) -> Limit:
    """A limit with an extension (延期) of so many working days; limits of another measure cannot be stretched."""
    if not days:
        return limit
    if limit.measure is not Measure.WORKING_DAYS:
        raise ValueError("only a limit in working days can be extended")
    return replace(limit, amount=limit.amount + days)
