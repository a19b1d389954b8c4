"""The rules that hold and the days to come: what the rules plan, what was promised already, what is still free."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import func, or_
from sqlmodel import col, select

from core.absence import Absence
from core.calendar_days import Days
from notify.reception import days as pure
from notify.reception.days import IsAway, Leader, Planned, Rules, Slot
from notify.reception.models import CANCELLED, ReceptionBooking, ReceptionDay, ReceptionRules
from notify.reception.office import Work

_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Part:
    """A slot and the places it has left."""

    slot: Slot
    free: int


@dataclass(frozen=True, slots=True)
class ComingDay:
    """A reception day to come; ``open`` while its places can be booked. The rest as in ``days.Planned``."""

    planned: Planned
    place: str
    parts: tuple[Part, ...]
    open: bool = True

    @property
    def day(self) -> date:
        """The day it is held on."""
        return self.planned.day

    @property
    def free(self) -> int:
        """Places left."""
        return sum(part.free for part in self.parts)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that hold, and their version."""

    version: int
    rules: Rules


def in_force(work: Work) -> InForce | None:
    """The rules that hold; None as long as the office has not laid down any."""
    row = work.session.exec(select(ReceptionRules).order_by(col(ReceptionRules.version).desc()).limit(1)).first()
    return InForce(row.version, Rules.model_validate(row.body)) if row else None


def coming(work: Work) -> list[ComingDay]:
    """The days from today on, as far ahead as the rules say, in order."""
    held = in_force(work)
    if held is None:
        return []
    last = work.today + timedelta(days=held.rules.ahead_days)
    return between(work, held.rules, work.today, last)


def between(work: Work, rules: Rules, first: date, last: date) -> list[ComingDay]:
    """The reception days from one day to another. A day that somebody booked stands as it was promised.

    So does one that was moved: what the rules would make of its named day now (a holiday was published) is not
    held besides.
    """
    calendar, is_away = work.days(), _absences(work, rules)
    planned = {one.day: one for one in pure.plan(rules, first, last, calendar, is_away)}
    rows = _promised(work, first, last, {one.named for one in planned.values()})
    taken = taken_places(work, min([first, *rows]), max([last, *rows]))
    targets = {row.moved_to for row in rows.values()}
    settled = {row.named for row in rows.values() if row.moved_to or taken.get(row.day)}
    shown = []
    for day in sorted(day for day in planned.keys() | rows.keys() if first <= day <= last):
        row, plan = rows.get(day), planned.get(day)
        if row and not row.moved_to and (plan or day in targets or taken.get(day)):
            promise = _promise(row, calendar, is_away)
            shown.append(_shown(work, rules, calendar, row, promise, taken.get(day, {})))
        elif row is None and plan and plan.named not in settled:
            shown.append(_shown(work, rules, calendar, None, plan, {}))
    return shown


def _promised(work: Work, first: date, last: date, named: set[date]) -> dict[date, ReceptionDay]:
    """Days written down that lie here, were moved here, or stand for a named day of here."""
    found = select(ReceptionDay).where(
        or_(
            col(ReceptionDay.day).between(first, last),
            col(ReceptionDay.moved_to).between(first, last),
            col(ReceptionDay.named).in_(named),
        )
    )
    return {row.day: row for row in work.session.exec(found)}


def _promise(row: ReceptionDay, calendar: Days, is_away: IsAway) -> Planned:
    leader, former = promised_leader(row)
    covered = not is_away(leader, row.day)
    return Planned(row.day, row.named, leader, former, covered=covered, assumed=calendar.is_assumed(row.day))


def _shown(
    work: Work, rules: Rules, calendar: Days, row: ReceptionDay | None, planned: Planned, taken: dict[str, int]
) -> ComingDay:
    day = planned.day
    parts = tuple(
        Part(slot, max(0, slot.places - taken.get(slot.name, 0)) if work.moment(day, slot.begins) > work.now else 0)
        for slot in (slots_of(row) if row else rules.slots)
    )
    open_ = work.today <= pure.last_day_to_book(day, rules, calendar)
    return ComingDay(planned, row.place if row else rules.place, parts, open_)


def promised_leader(row: ReceptionDay) -> tuple[Leader, Leader | None]:
    """Who receives on a day that was promised, and in whose place."""
    former = Leader.model_validate(row.in_place_of) if row.in_place_of else None
    return Leader.model_validate(row.leader), former


def slots_of(row: ReceptionDay) -> tuple[Slot, ...]:
    """The slots a day was promised with."""
    return tuple(Slot.model_validate(slot) for slot in row.slots)


def taken_places(work: Work, first: date, last: date) -> dict[date, dict[str, int]]:
    """How many places are taken, by day and slot."""
    found = work.session.execute(
        select(col(ReceptionBooking.day), col(ReceptionBooking.slot), func.count())
        .where(col(ReceptionBooking.day).between(first, last), ReceptionBooking.state != CANCELLED)
        .group_by(col(ReceptionBooking.day), col(ReceptionBooking.slot))
    )
    taken: dict[date, dict[str, int]] = {}
    for day, slot, count in found:
        taken.setdefault(day, {})[slot] = count
    return taken


def _absences(work: Work, rules: Rules) -> IsAway:
    """Who is away on a day by the absences (外出) of linked persons; away at noon is away on that day."""
    everyone = (*rules.leaders, *((rules.substitute,) if rules.substitute else ()))
    wanted = [leader.person for leader in everyone if leader.person]
    open_ = select(Absence).where(
        col(Absence.person_id).in_(wanted), col(Absence.ended_at).is_(None), col(Absence.ends_at) > work.now
    )
    rows = list(work.session.exec(open_)) if wanted else []

    def is_away(leader: Leader, day: date) -> bool:
        noon = work.moment(day, _NOON)
        return any(row.person_id == leader.person and row.starts_at <= noon < row.ends_at for row in rows)

    return is_away
