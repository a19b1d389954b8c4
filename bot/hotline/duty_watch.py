"""Gaps of the duty roster (值班空档), told to those who can fill them two weeks ahead."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.hotline import duty, paging
from bot.hotline.duty_models import DutyShift
from bot.hotline.office import Desk
from bot.hotline.sending import Letter, tell_office
from core.people import Person, Unit

KEPT_UP = timedelta(days=30)
"""A roster nobody has filled for so long is not in use: its gaps are no news."""
_HOTLINE = {"zh-Hans": "热线", "zh-Hant": "熱線", "en": "The hotline"}


def warn(desk: Desk) -> int:
    """Tell the leaders of each roster in use of its gaps, each first gap once; returns how many were told."""
    return sum(_warn_one(desk, unit_id) for unit_id in _rosters(desk))


def _rosters(desk: Desk) -> list[str | None]:
    """The rosters in use: units with a shift that is not long over; None is the hotline's own."""
    found = select(DutyShift.unit_id).where(col(DutyShift.ends) > desk.now - KEPT_UP).distinct()
    return sorted(desk.session.exec(found), key=lambda unit_id: unit_id or "")


def _warn_one(desk: Desk, unit_id: str | None) -> int:
    gaps = duty.gaps(desk.session, desk.now, unit_id)
    if not gaps:
        return 0
    letter = _letter(desk, unit_id, gaps)
    return sum(tell_office(desk, letter, person) for person in _who_can_fill_it(desk, unit_id))


def _letter(desk: Desk, unit_id: str | None, gaps: list[duty.Span]) -> Letter:
    first, unit = gaps[0], desk.session.get(Unit, unit_id) if unit_id else None

    def values(locale: str) -> dict[str, object]:
        name = unit.name if unit else _HOTLINE.get(locale, _HOTLINE["zh-Hans"])
        starts, ends = (_moment(desk, at, locale) for at in (first.starts, first.ends))
        return {"unit": name, "count": len(gaps), "starts": starts, "ends": ends}

    # One that has begun is told anew each day, one that lies ahead once.
    known_by = desk.now if first.starts <= desk.now else first.starts
    return Letter("staff_duty_gap", values, f"gap:{unit_id or ''}:{known_by:%Y%m%d}")


def _moment(desk: Desk, at: datetime, locale: str) -> str:
    local = at.astimezone(desk.office.hours.zone)
    if locale == "en":
        return f"{local.day} {local:%B %H:%M}"
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _who_can_fill_it(desk: Desk, unit_id: str | None) -> list[Person]:
    """The leaders of those on the roster, else whoever supervises."""
    on_it = (
        select(Person)
        .join(DutyShift, col(DutyShift.person_id) == col(Person.id))
        .where(DutyShift.unit_id == unit_id, col(DutyShift.ends) > desk.now - KEPT_UP)
    )
    people = paging.leaders(desk.session, list(desk.session.exec(on_it)))
    return people or paging.supervisors(desk)
