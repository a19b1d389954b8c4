"""The daily digest for supervisors (每日情况), on working days."""

from datetime import timedelta

from pydantic import BaseModel
from sqlmodel import col, func, select

from bot.hotline import alerts, duty, listing, paging
from bot.hotline.listing import Filter
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.sending import Letter, tell_office

YESTERDAY = timedelta(days=1)


class Digest(BaseModel):
    """What a supervisor should know in the morning."""

    received: int
    open: int
    yellow: int
    red: int
    calls: int
    refusals: int
    alerts: int
    gaps: int


def digest(desk: Desk) -> Digest:
    """The figures of this moment; received and refused within the last 24 hours."""

    def count(**wanted: str) -> int:
        conditions = listing.wanted_conditions(desk, Filter(**wanted))
        return int(desk.session.exec(select(func.count()).select_from(Matter).where(*conditions)).one())

    since = desk.now - YESTERDAY
    fresh = select(func.count()).select_from(Matter).where(col(Matter.received_at) >= since)
    return Digest(
        received=int(desk.session.exec(fresh).one()),
        open=count(state="open"),
        yellow=count(lamp="yellow"),
        red=count(lamp="red"),
        calls=len(listing.calls(desk)),
        refusals=len(listing.refusals(desk, since)),
        alerts=len(alerts.open_alerts(desk)),
        gaps=len(duty.gaps(desk.session, desk.now)),
    )


def send(desk: Desk) -> int:
    """Tell every supervisor, once a day and only on working days; returns how many could be reached."""
    today = desk.now.astimezone(desk.office.hours.zone).date()
    if not desk.calendar.days.is_workday(today):
        return 0
    figures = digest(desk).model_dump()
    letter = Letter("staff_digest", lambda _locale: figures, f"digest:{today:%Y%m%d}")
    return sum(tell_office(desk, letter, person) for person in paging.supervisors(desk))
