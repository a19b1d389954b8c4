"""The limit of a case: what it comes to with its pauses, and its lamp. Pure."""

from collections.abc import Sequence
from datetime import datetime

from core.calendar_days import Days
from core.errors import BadInput
from core.lamps import DOCUMENTS, Lamp, LampTimes, lamp, lamp_times
from core.office_hours import OfficeHours
from core.terms import Limit, Measure, Pause, Term, begin, until


def checked(limit: str) -> str:
    """A limit as it is kept: ``20 working days``, or a moment in ISO form; raises BadInput."""
    if not limit or _moment(limit):
        return limit
    try:
        return str(Limit.parse(limit))
    except ValueError as error:
        raise BadInput("A limit is like '20 working days' or '48 hours'.", fields={"limit": str(error)}) from error


def term_of(
    start: datetime,
    limit: str,
    pauses: Sequence[Sequence[str]],
    paused_at: datetime | None,
    hours: OfficeHours,
    days: Days,
) -> Term | None:
    """The term of a case; None for one without a limit. ``pauses`` are pairs of moments in ISO form."""
    if not limit:
        return None
    stood = [Pause(*(datetime.fromisoformat(moment) for moment in pair)) for pair in pauses]
    if paused_at:
        stood.append(Pause(paused_at))
    if due := _moment(limit):
        return until(start, due, Measure.ROUND_THE_CLOCK, hours, days, stood)
    return begin(start, Limit.parse(limit), hours, days, stood)


def times(term: Term, now: datetime, hours: OfficeHours, days: Days) -> LampTimes:
    """When its lamp turns, with the pauses so far."""
    return lamp_times(term, DOCUMENTS, now, hours, days)


def lamp_of(term: Term, now: datetime, done_at: datetime | None, hours: OfficeHours, days: Days) -> Lamp:
    """Its lamp now."""
    return lamp(term, DOCUMENTS, now, hours, days, done_at=done_at)


def _moment(limit: str) -> datetime | None:
    try:
        return datetime.fromisoformat(limit)
    except ValueError:
        return None
