"""Figures an office reports: documents signed on time (按时签收率) by unit, person or urgency, and files of them.

按时签收率 = signed in time / (signed + overdue and still open). What is not due yet, withdrawn or taken back has no
place in the denominator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from core.lamps import Lamp
from core.people import Person
from notify.signoff import roster, store
from notify.signoff.models import RETURNED, Document, Recipient

BY = ("unit", "person", "urgency")
HEADS = (
    "key", "name", "issued", "signed", "on_time", "late", "overdue", "open", "returned", "in_place",
    "on_time_rate", "average_minutes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One recipient as the figures see it."""

    key: str
    lamp: Lamp | None
    returned: bool
    in_place: bool
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One line. ``on_time_rate`` is 0 to 1, None without anything to judge; ``in_place``: signed by another."""

    key: str
    name: str
    issued: int
    signed: int
    on_time: int
    late: int
    overdue: int
    open: int
    returned: int
    in_place: int
    on_time_rate: float | None
    average_minutes: float | None


def count(facts: Iterable[Fact]) -> list[Figures]:
    """Figures by key, in the order of keys. Pure."""
    by_key: dict[str, list[Fact]] = {}
    for fact in facts:
        by_key.setdefault(fact.key, []).append(fact)
    return [_line(key, found) for key, found in sorted(by_key.items())]


def _line(key: str, facts: Sequence[Fact]) -> Figures:
    lamps = [fact.lamp for fact in facts]
    on_time, late, red = lamps.count(Lamp.DONE), lamps.count(Lamp.DONE_LATE), lamps.count(Lamp.RED)
    judged = on_time + late + red
    times = [fact.minutes for fact in facts if fact.minutes is not None]
    return Figures(
        key=key,
        name="",
        issued=len(facts),
        signed=on_time + late,
        on_time=on_time,
        late=late,
        overdue=red,
        open=lamps.count(Lamp.GREEN) + lamps.count(Lamp.YELLOW),
        returned=sum(fact.returned for fact in facts),
        in_place=sum(fact.in_place for fact in facts),
        on_time_rate=round(on_time / judged, 4) if judged else None,
        average_minutes=round(sum(times) / len(times), 1) if times else None,
    )


def figures(session: Session, now: datetime, since: datetime, until: datetime, by: str) -> list[Figures]:
    """Documents issued from ``since`` up to ``until``, by unit, by A person, or by urgency; names beside keys."""
    rows = session.execute(
        select(Recipient, col(Document.urgency), col(Document.issued_at))
        .join(Document, col(Document.id) == col(Recipient.document_id))
        .where(col(Document.issued_at) >= since, col(Document.issued_at) < until)
        .execution_options(yield_per=2000)
    )
    counted = count(_fact(row, urgency, issued_at, now, by) for row, urgency, issued_at in rows)
    names = _names(session, by, [line.key for line in counted])
    return [Figures(**{**asdict(line), "name": names.get(line.key, line.key)}) for line in counted]


def _fact(row: Recipient, urgency: str, issued_at: datetime, now: datetime, by: str) -> Fact:
    key = {"unit": row.unit_id, "person": row.a_id, "urgency": urgency}[by]
    lamp = store.lamp_of(row.state, now, row.yellow_at, row.due_at, row.late_minutes)
    minutes = (row.signed_at - issued_at).total_seconds() / 60 if row.signed_at else None
    return Fact(key, lamp, row.state == RETURNED, row.in_place_of is not None, minutes)


def _names(session: Session, by: str, keys: Sequence[str]) -> dict[str, str]:
    if by == "unit":
        return roster.unit_names(session, keys)
    if by == "person":
        rows = session.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(keys)))
        return {row[0]: row[1] for row in rows}
    return {}
