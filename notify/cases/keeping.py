"""Cases of other systems as personal data: handed out, erased, forgotten when their time is over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from core.audit import Actor, record
from core.people import address_index
from notify.cases.models import CaseEvent, ServiceCase

KEPT = timedelta(days=3 * 365)
"""Who applied and what was said to them, after the end of a case; number, title and statuses stay."""
_AT_ONCE = 500


def export(session: Session, channel: str, address: str) -> list[dict[str, Any]]:
    """The cases of an address with their statuses."""
    lines = []
    for case in _of(session, channel, address):
        events = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id)))
        said = [{"at": event.at.isoformat(), "status": event.status, "note": event.note} for event in events]
        line = {"ref": case.ref, "source": case.source, "title": case.title, "applicant": case.applicant}
        lines.append({**line, "events": said})
    return lines


def erase(session: Session, now: datetime, actor: Actor, channel: str, address: str) -> tuple[int, list[str]]:
    """Forget who applied, in cases that are over; how many, and the numbers of those still running."""
    found = _of(session, channel, address)
    over = [case for case in found if case.ended_at]
    for case in over:
        _forget(session, case)
        record(session, now, actor, "case.erase", f"case:{case.id}")
    session.flush()
    return len(over), [case.ref for case in found if not case.ended_at]


def purge(session: Session, now: datetime, *, dry_run: bool = False) -> int:
    """Forget who applied in cases that ended long ago, some hundred at a time; how many."""
    old = (col(ServiceCase.ended_at) < now - KEPT) & (
        (col(ServiceCase.applicant_index) != "") | col(ServiceCase.applicant).is_not(None)
    )
    if dry_run:
        return int(session.exec(select(func.count()).select_from(ServiceCase).where(old)).one())
    rows = session.exec(select(ServiceCase).where(old).limit(_AT_ONCE)).all()
    for case in rows:
        _forget(session, case)
    session.flush()
    return len(rows)


def _forget(session: Session, case: ServiceCase) -> None:
    case.applicant, case.address, case.note, case.channel, case.applicant_index = None, None, None, "", ""
    session.add(case)
    session.execute(update(CaseEvent).where(col(CaseEvent.case_id) == case.id).values(note=None))


def _of(session: Session, channel: str, address: str) -> list[ServiceCase]:
    found = select(ServiceCase).where(
        ServiceCase.channel == channel, ServiceCase.applicant_index == address_index(channel, address)
    )
    return list(session.exec(found.order_by(col(ServiceCase.id))))
