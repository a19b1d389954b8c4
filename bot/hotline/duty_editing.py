"""Shifts of the duty roster one by one: added, changed, removed. Whole sheets come in by ``duty.load``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.hotline.duty_models import DutyShift
from bot.hotline.office import Desk, Doer
from core import audit
from core.errors import BadInput, NotFound
from core.people import Person, Unit

LONGEST = timedelta(days=7)
"""Nobody is on duty for longer in one go; a longer shift is a slip in the date."""
MAX_POSITION = 99


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift as it is to be. ``unit_id`` empty: the hotline's own; ``position``: who is called first (0)."""

    person_id: str
    starts: datetime
    ends: datetime
    unit_id: str = ""
    position: int = 0


def find(session: Session, shift_id: str) -> DutyShift:
    """One shift. Raises NotFound."""
    row = session.get(DutyShift, shift_id)
    if row is None:
        raise NotFound("There is no such shift.")
    return row


def add(desk: Desk, shift: Shift, doer: Doer) -> DutyShift:
    """One shift more. Raises BadInput."""
    _check(desk.session, shift)
    row = DutyShift(**_values(shift))
    desk.session.add(row)
    desk.session.flush()
    audit.record(desk.session, desk.now, doer.actor, "duty.add", f"shift:{row.id}", after=_facts(row))
    return row


def change(desk: Desk, shift_id: str, shift: Shift, doer: Doer) -> DutyShift:
    """Somebody else, other hours, another place in the order. Raises NotFound, BadInput."""
    row = find(desk.session, shift_id)
    _check(desk.session, shift, but=shift_id)
    before = _facts(row)
    row.sqlmodel_update(_values(shift))
    desk.session.add(row)
    desk.session.flush()
    subject, after = f"shift:{shift_id}", _facts(row)
    audit.record(desk.session, desk.now, doer.actor, "duty.change", subject, before=before, after=after)
    return row


def remove(desk: Desk, shift_id: str, doer: Doer) -> Shift:
    """Take a shift out; what it was, so that it can be put back. Raises NotFound."""
    row = find(desk.session, shift_id)
    before = _facts(row)
    gone = Shift(row.person_id, row.starts, row.ends, row.unit_id or "", row.position)
    desk.session.delete(row)
    desk.session.flush()
    audit.record(desk.session, desk.now, doer.actor, "duty.remove", f"shift:{shift_id}", before=before)
    return gone


def _check(session: Session, shift: Shift, but: str = "") -> None:
    person = session.get(Person, shift.person_id)
    if person is None or not person.active:
        raise BadInput("There is no such person.", fields={"person": "unknown person"})
    if shift.unit_id and session.get(Unit, shift.unit_id) is None:
        raise BadInput("There is no such unit.", fields={"unit": "unknown unit"})
    if shift.ends <= shift.starts:
        raise BadInput("A shift ends after it starts.", fields={"ends": "ends before it starts"})
    if shift.ends - shift.starts > LONGEST:
        raise BadInput(f"A shift lasts at most {LONGEST.days} days.", fields={"ends": "too long a shift"})
    if not 0 <= shift.position <= MAX_POSITION:
        raise BadInput("The order is a small number.", fields={"position": "does not fit"})
    overlapping = select(DutyShift.id).where(
        DutyShift.person_id == shift.person_id,
        DutyShift.unit_id == (shift.unit_id or None),
        col(DutyShift.starts) < shift.ends,
        col(DutyShift.ends) > shift.starts,
        DutyShift.id != but,
    )
    if session.exec(overlapping.limit(1)).first():
        raise BadInput("This person is on duty then already.", fields={"person": "on duty then already"})


def _values(shift: Shift) -> dict[str, Any]:
    return {
        "person_id": shift.person_id,
        "unit_id": shift.unit_id or None,
        "starts": shift.starts,
        "ends": shift.ends,
        "position": shift.position,
    }


def _facts(row: DutyShift) -> dict[str, Any]:
    return row.model_dump(mode="json", include={"person_id", "unit_id", "starts", "ends", "position"})
