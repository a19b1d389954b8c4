"""The clocks of a matter: which limit holds, and where it ends. Pure; the limits are the office's rules.

Two clocks (OFFICE): the citizen's runs from 受理 (or, where the rules say so, from receipt) and never starts anew
because a matter is returned or sent elsewhere; the unit's runs from dispatch, signed for or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.hotline.rules import KindRule, Rules
from bot.hotline.words import Kind
from core.calendar_days import Days
from core.lamps import MATTERS, Lamp, LampTimes, lamp, lamp_times
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

    def lamp(self, term: Term, now: datetime, done_at: datetime | None = None) -> Lamp:
        """The lamp of a matter's clock."""
        return lamp(term, MATTERS, now, self.hours, self.days, done_at=done_at)

    def lamp_times(self, term: Term, now: datetime) -> LampTimes:
        """When that lamp turns."""
        return lamp_times(term, MATTERS, now, self.hours, self.days)


@dataclass(frozen=True, slots=True)
class Opening:
    """The limits of a matter that has just come in."""

    accept_by: datetime
    answer_by: datetime
    statutory_by: datetime
    answer: Limit
    statutory: Limit


def opening(rules: Rules, kind: Kind, source: str, category: str, now: datetime, calendar: Calendar) -> Opening:
    """The limits at receipt. The answer's is a forecast where the clock will run from acceptance."""
    urgency = rules.urgency(category)
    accept = urgency.accept if urgency else rules.limits["accept"]
    answer, statutory = answer_limits(rules.kinds[kind], rules.sources.get(source))
    return Opening(
        accept_by=calendar.due(now, accept, now),
        answer_by=calendar.due(now, answer, now),
        statutory_by=calendar.due(now, statutory, now),
        answer=answer,
        statutory=statutory,
    )


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
