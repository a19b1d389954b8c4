"""The office's own days: rows that go before the official calendar. ``core.calendar_days`` does the counting."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from core import audit
from core.audit import Actor
from core.calendar_days import DayRow, Days, OfficialCalendar, china
from core.errors import BadInput, NotFound
from core.office_hours import format_spans, parse_spans

_NOTE_LENGTH = 100
_HOURS_LENGTH = 100


class CalendarDay(SQLModel, table=True):
    """One day the office entered: a local holiday, a make-up day (调休), or a working day with other hours."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    working: bool
    note: str = Field(default="", max_length=_NOTE_LENGTH)
    hours: str = Field(default="", max_length=_HOURS_LENGTH)
    """Spans such as ``09:00-12:00``; empty keeps the office's usual hours."""


def load_days(session: Session, official: OfficialCalendar | None = None) -> Days:
    """The office's working days: its rows over the official calendar (China's unless another is given)."""
    rows = session.exec(select(CalendarDay).order_by(col(CalendarDay.day)))
    return Days((_day_row(row) for row in rows), official=official or china())


def list_days(session: Session, first: date, last: date) -> list[CalendarDay]:
    """The rows from one day to another, both included, in order."""
    found = select(CalendarDay).where(col(CalendarDay.day).between(first, last))
    return list(session.exec(found.order_by(col(CalendarDay.day))))


def set_day(
    session: Session,
    now: datetime,
    actor: Actor,
    day: date,
    *,
    working: bool,
    note: str = "",
    hours: str = "",
) -> bool:
    """Enter a day or change it, with an audit entry; True when that changed anything. The caller commits.

    Raises BadInput, naming the field, for hours that are no spans, hours on a free day, or a note too long.
    """
    note, hours = note.strip(), _normal_hours(hours, working=working)
    if len(note) > _NOTE_LENGTH:
        raise BadInput("The note is too long.", fields={"note": f"at most {_NOTE_LENGTH} characters"})
    row = session.get(CalendarDay, day)
    before = _facts(row) if row else None
    if row is None:
        row = CalendarDay(day=day, working=working)
    row.working, row.note, row.hours = working, note, hours
    after = _facts(row)
    if after == before:
        return False
    session.add(row)
    audit.record(session, now, actor, "calendar.set", day.isoformat(), before=before, after=after)
    session.flush()
    return True


def clear_day(session: Session, now: datetime, actor: Actor, day: date) -> None:
    """Take an entered day back, so that the official calendar holds again. NotFound when it was never entered."""
    row = session.get(CalendarDay, day)
    if row is None:
        raise NotFound("This day was not entered by the office.")
    audit.record(session, now, actor, "calendar.clear", day.isoformat(), before=_facts(row))
    session.delete(row)
    session.flush()


def _day_row(row: CalendarDay) -> DayRow:
    return DayRow(row.day, row.working, row.note, parse_spans(row.hours) if row.hours else ())


def _facts(row: CalendarDay) -> dict[str, Any]:
    return {"working": row.working, "note": row.note, "hours": row.hours}


def _normal_hours(text: str, *, working: bool) -> str:
    if not text.strip():
        return ""
    if not working:
        raise BadInput("A free day has no hours.", fields={"hours": "only on a working day"})
    try:
        spans = parse_spans(text)
    except ValueError as error:
        raise BadInput("These are not working hours.", fields={"hours": str(error)}) from error
    normal = format_spans(spans)
    if len(normal) > _HOURS_LENGTH:
        raise BadInput("These are too many spans.", fields={"hours": f"at most {_HOURS_LENGTH} characters"})
    return normal
