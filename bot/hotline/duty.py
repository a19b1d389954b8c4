"""Somebody is always on duty (值班): the roster, calling the person on duty, and the next after five minutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.hotline import paging, record
from bot.hotline.duty_models import Alarm, DutyShift
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from core import audit
from core.errors import BadInput, NotFound
from core.people import Person, Role, Unit
from core.sheet import read_table

PATIENCE = timedelta(minutes=5)
MAX_CALLS = 12
"""An hour of calling; by then the red lamp has opened a supervision order."""
LOOK_AHEAD = timedelta(days=14)
SUBJECT = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    starts: datetime
    ends: datetime


def uncovered(shifts: Iterable[Span], first: datetime, last: datetime) -> list[Span]:
    """The gaps between these shifts from one moment to another. Pure."""
    gaps, covered_to = [], first
    for shift in sorted(shifts, key=lambda span: span.starts):
        if shift.starts > covered_to:
            gaps.append(Span(covered_to, min(shift.starts, last)))
        covered_to = max(covered_to, shift.ends)
        if covered_to >= last:
            return gaps
    return [*gaps, Span(covered_to, last)] if covered_to < last else gaps


def on_duty(session: Session, now: datetime, unit_id: str | None = None) -> list[Person]:
    """Whom to call, in order: the shifts of now, their leaders, then whoever supervises."""
    found = (
        select(Person)
        .join(DutyShift, col(DutyShift.person_id) == col(Person.id))
        .where(DutyShift.unit_id == unit_id, col(DutyShift.starts) <= now, col(DutyShift.ends) > now)
        .where(col(Person.active).is_(True))
        .order_by(col(DutyShift.position), col(DutyShift.starts))
    )
    people = list(session.exec(found))
    people += paging.leaders(session, people) + paging.holders(session, Role.SUPERVISOR)
    return list({person.id: person for person in people}.values())


def raise_alarm(desk: Desk, matter: Matter) -> Person | None:
    """Call the next person who was not called yet; all of them once, then the first again. None: nobody there.

    Whoever has no address is passed over at once: five minutes are not lost on them.
    """
    people = on_duty(desk.session, desk.now)
    called = [alarm.person_id for alarm in alarms(desk, matter)]
    fresh = [person for person in people if person.id not in called]
    for person in fresh or people:
        if _call(desk, matter, person, len(called)):
            return person
        called.append(person.id)
    if not people:
        desk.session.add(Alarm(matter_id=matter.id, at=desk.now, reached=False))
        desk.session.flush()
    return None


def _call(desk: Desk, matter: Matter, person: Person, number: int) -> bool:
    """Call one; False when they cannot be reached at all."""
    what, due = matter.body[:SUBJECT], matter.accept_by
    reached = bool(paging.page(desk, matter, [person], "staff_alarm", f"alarm:{number}", due, text=what))
    desk.session.add(Alarm(matter_id=matter.id, person_id=person.id, at=desk.now, reached=reached))
    desk.session.flush()
    return reached


def alarms(desk: Desk, matter: Matter) -> list[Alarm]:
    """Who was called about a matter, oldest first."""
    return list(desk.session.exec(select(Alarm).where(Alarm.matter_id == matter.id).order_by(col(Alarm.id))))


def answer_alarm(desk: Desk, matter: Matter, doer: Doer) -> None:
    """Somebody takes an emergency in hand: nobody else is called. Raises NotFound when there was no alarm."""
    rows = alarms(desk, matter)
    if not rows:
        raise NotFound("There was no alarm for this matter.")
    for row in rows:
        row.answered_at, row.answered_by = row.answered_at or desk.now, row.answered_by or doer.ref
        desk.session.add(row)
    record.note(desk, matter, "alarm_answered", doer)


def gaps(session: Session, now: datetime, unit_id: str | None = None) -> list[Span]:
    """When nobody is on duty within the next 14 days."""
    last = now + LOOK_AHEAD
    found = select(DutyShift).where(
        DutyShift.unit_id == unit_id, col(DutyShift.ends) > now, col(DutyShift.starts) < last
    )
    return uncovered([Span(shift.starts, shift.ends) for shift in session.exec(found)], now, last)


def shifts(session: Session, first: datetime, last: datetime, unit_id: str | None = None) -> list[DutyShift]:
    """The roster between two moments."""
    found = select(DutyShift).where(
        DutyShift.unit_id == unit_id, col(DutyShift.ends) > first, col(DutyShift.starts) < last
    )
    return list(session.exec(found.order_by(col(DutyShift.starts), col(DutyShift.position))))


def swap(desk: Desk, shift_id: str, person_id: str, doer: Doer) -> DutyShift:
    """Somebody else takes a shift (换班). Raises NotFound."""
    shift, person = desk.session.get(DutyShift, shift_id), desk.session.get(Person, person_id)
    if shift is None or person is None or not person.active:
        raise NotFound("There is no such shift or person.")
    before = {"person": shift.person_id}
    shift.person_id = person_id
    desk.session.add(shift)
    after = {"person": person_id}
    audit.record(desk.session, desk.now, doer.actor, "duty.swap", f"shift:{shift_id}", before=before, after=after)
    desk.session.flush()
    return shift


HEADS = {
    "person": ("工号", "人员"), "unit": ("单位",), "starts": ("开始",), "ends": ("结束",), "position": ("顺序",)
}  # fmt: skip


def load(desk: Desk, sheet: bytes, doer: Doer) -> tuple[int, list[str]]:
    """Add shifts from a CSV or XLSX sheet (``person`` by staff number, ``unit``, ``starts``, ``ends``, ``position``).

    Times without an offset are the office's. Returns how many were new and a sentence for each bad row; the good
    ones are kept, and the same sheet again adds nothing. Raises BadInput or TooLarge for what is no such sheet.
    """
    added, bad = 0, []
    for row in read_table(sheet, HEADS, ("person", "starts", "ends")).rows:
        try:
            added += _add(desk, row.cells)
        except (BadInput, ValueError) as error:
            bad.append(f"line {row.number}: {error}")
    after = {"added": added, "bad": len(bad)}
    audit.record(desk.session, desk.now, doer.actor, "duty.import", "duty", after=after)
    return added, bad


def _add(desk: Desk, row: Mapping[str, Any]) -> int:
    staff_no = str(row.get("person") or "").strip()
    person = desk.session.exec(select(Person).where(Person.staff_no == staff_no)).first()
    if person is None:
        raise BadInput(f"nobody has the staff number {staff_no!r}")
    name = str(row.get("unit") or "").strip()
    unit = desk.session.exec(select(Unit).where(Unit.name == name)).first() if name else None
    if name and unit is None:
        raise BadInput(f"there is no unit {name!r}")
    starts, ends = _moment(desk, row.get("starts")), _moment(desk, row.get("ends"))
    if ends <= starts:
        raise BadInput("a shift ends after it starts")
    unit_id = unit.id if unit else None
    same = select(DutyShift).where(
        DutyShift.person_id == person.id, DutyShift.unit_id == unit_id, DutyShift.starts == starts
    )
    if desk.session.exec(same).first():
        return 0
    position = int(row.get("position") or 0)
    desk.session.add(DutyShift(unit_id=unit_id, person_id=person.id, starts=starts, ends=ends, position=position))
    desk.session.flush()
    return 1


def _moment(desk: Desk, value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return found if found.tzinfo else found.replace(tzinfo=desk.office.hours.zone)
