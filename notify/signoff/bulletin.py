"""The bulletin on leaders' instructions (督查通报): every two months, what was asked, and what came of it (OFFICE).

It is data: ``/api/v1/stats/instructions`` shows any span. When two months are over supervisors hear that it is
there. Periods are January and February, March and April, and so on, in the office's time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from core.lamps import Lamp
from core.office_hours import wall_to_utc
from core.people import Person
from notify.signoff import deadlines, firing, roster, store
from notify.signoff.models import INSTRUCTION, Deadline, Document, Recipient
from notify.signoff.office import Work
from notify.timer_models import TimerRow
from notify.timers import Timer, set_timers

OWNER = "signoff.bulletin"
_A_DAY = timedelta(days=1)
HEADS = (
    "register_no", "number", "title", "unit", "inspector", "state", "issued_at", "signed_at", "late_minutes",
    "feedback_by", "feedback_at", "feedback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of one instruction. ``feedback``: done, late, open, overdue; empty when the unit owes none any more."""

    register_no: str
    number: str
    title: str
    unit: str
    inspector: str
    state: str
    issued_at: datetime
    signed_at: datetime | None
    late_minutes: int | None
    feedback_by: datetime | None
    feedback_at: datetime | None
    feedback: str


def period_of(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two months a moment lies in, as the moments at which they begin and end. Pure."""
    local = moment.astimezone(zone)
    first = local.month - (local.month - 1) % 2
    begins = date(local.year, first, 1)
    ends = date(local.year + (first == 11), 1 if first == 11 else first + 2, 1)
    return wall_to_utc(begins, time(0), zone), wall_to_utc(ends, time(0), zone)


def plan_next(work: Work) -> None:
    """Supervisors hear of the bulletin at nine in the morning after these two months, once."""
    _, ends = period_of(work.now, work.office.hours.zone)
    day = ends.astimezone(work.office.hours.zone).date()
    known = select(col(TimerRow.id)).where(col(TimerRow.owner) == OWNER, col(TimerRow.ref) == day.isoformat())
    if work.session.execute(known.limit(1)).first() is None:
        at = wall_to_utc(day, time(9), work.office.hours.zone)
        set_timers(work.session, [Timer(OWNER, day.isoformat(), at.astimezone(UTC), {})])


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """Two months are over."""
    zone = work.office.hours.zone
    for day in sorted({timer.ref for timer in timers}):  # two who issued in the same moment may each have set one
        ends = wall_to_utc(date.fromisoformat(day), time(0), zone)
        begins, _ = period_of(ends.astimezone(zone) - _A_DAY, zone)
        found = lines(work.session, work.now, begins, ends)
        if not found:
            continue
        done = sum(line.feedback in {"done", "late"} for line in found)
        overdue = sum(line.feedback == "overdue" for line in found)
        first, last = begins.astimezone(zone), (ends - _A_DAY).astimezone(zone)
        span = f"{first.year}-{first.month:02d}–{last.month:02d}"
        payload = {"text": span, "count": len(found), "numbers": str(done), "minutes": overdue}
        firing.tell_supervisors(work, "document_bulletin", payload)


def lines(session: Session, now: datetime, since: datetime, until: datetime) -> list[Line]:
    """Instructions issued from ``since`` up to ``until``, in the order of the register, a line for each unit."""
    rows = session.execute(
        select(Recipient, Document, Deadline)
        .join(Document, col(Document.id) == col(Recipient.document_id))
        .outerjoin(Deadline, (col(Deadline.ref) == col(Recipient.id)) & (col(Deadline.kind) == deadlines.FEEDBACK))
        .where(col(Document.kind) == INSTRUCTION, col(Document.issued_at) >= since, col(Document.issued_at) < until)
        .order_by(col(Document.issued_at), col(Document.id), col(Recipient.position))
    ).all()
    units = roster.unit_names(session, (recipient.unit_id for recipient, _, _ in rows))
    names = _names(session, {document.inspector_id for _, document, _ in rows if document.inspector_id})
    return [
        Line(
            register_no=document.register_no or "",
            number=document.number,
            title=document.title,
            unit=units.get(recipient.unit_id, ""),
            inspector=names.get(document.inspector_id or "", ""),
            state=recipient.state,
            issued_at=document.issued_at,
            signed_at=recipient.signed_at,
            late_minutes=recipient.late_minutes,
            feedback_by=owed.due_at if owed else None,
            feedback_at=owed.done_at if owed else None,
            feedback=_feedback(recipient, owed, now),
        )
        for recipient, document, owed in rows
    ]


def _feedback(recipient: Recipient, owed: Deadline | None, now: datetime) -> str:
    if owed is None or store.lamp_of(recipient.state, now, recipient.yellow_at, recipient.due_at, None) is None:
        return ""
    return _FEEDBACK[deadlines.lamp_of(owed, now)]


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    rows = session.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


_FEEDBACK = {
    Lamp.GREEN: "open",
    Lamp.YELLOW: "open",
    Lamp.RED: "overdue",
    Lamp.DONE: "done",
    Lamp.DONE_LATE: "late",
}
