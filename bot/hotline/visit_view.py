"""Visits as staff see them: what waits, and where to go for whoever goes there."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, select

from bot.hotline import barrier, moves, paging
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.site_visits import OPEN, goes
from bot.hotline.work_models import SiteVisit
from core import audit
from core.auth import Principal
from core.people import Person


class VisitOut(BaseModel):
    """A visit as staff see it. ``address``, ``name`` and ``phone`` are for whoever goes there, and for them alone."""

    id: str
    number: str
    purpose: str
    state: str
    rank: int
    title: str
    person: str | None
    at: datetime | None
    result: str
    note: str | None
    asked_at: datetime
    address: str | None = None
    name: str | None = None
    phone: str | None = None


def waiting(desk: Desk, who: Principal, *, everything: bool = False) -> list[VisitOut]:
    """Visits that are not over, the old, ill and disabled first; for others than the hotline their own."""
    found = select(SiteVisit).order_by(SiteVisit.rank, col(SiteVisit.asked_at))  # type: ignore[arg-type]
    if not everything:
        found = found.where(col(SiteVisit.state).in_(OPEN))
    shown = []
    for row in desk.session.exec(found.limit(500)):
        matter = desk.session.get_one(Matter, row.matter_id)
        if goes(who, row) or barrier.may_see(who, moves.guarded(desk, matter)):
            shown.append(out(desk, who, row, matter))
    return shown


def out(desk: Desk, who: Principal, row: SiteVisit, matter: Matter) -> VisitOut:
    """One visit as somebody may see it; where to go and whom to call only for whoever goes, while it is open."""
    person = desk.session.get(Person, row.person_id) if row.person_id else None
    place: dict[str, Any] = matter.place or {}
    where = {}
    if goes(who, row) and row.state in OPEN:
        where = {
            "address": str(place.get("address") or "") or _position(place),
            "name": matter.for_person or matter.name,
            "phone": matter.phone or matter.for_phone or _own_phone(matter),
        }
    return VisitOut(
        number=matter.number,
        title=paging.staff_subject(matter),
        person=person.name if person else None,
        **row.model_dump(include={"id", "purpose", "state", "rank", "at", "result", "note", "asked_at"}),
        **where,
    )


def _position(place: dict[str, Any]) -> str | None:
    return f"{place['lat']}, {place['lon']}" if "lat" in place and "lon" in place else None


def _own_phone(matter: Matter) -> str | None:
    return matter.reply_address if (matter.reply_address or "").startswith("+") and not matter.anonymous else None


def looked(desk: Desk, who: Principal, rows: list[VisitOut]) -> None:
    """Whoever goes there saw name, telephone and address: written to the audit trail."""
    for row in rows:
        if row.phone or row.name:
            audit.record(desk.session, desk.now, who.actor, "matter.visit_look", f"matter:{row.number}")
