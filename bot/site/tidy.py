"""What the citizen pages forget in time: talks and visits that are over, files nobody sent off."""

from datetime import datetime

from sqlmodel import Session

from bot.site import drafts, sessions, visits


def purge(session: Session, now: datetime) -> int:
    """Forget it; returns how many rows. An hourly job."""
    return sessions.purge(session, now) + visits.purge(session, now) + drafts.purge(session, now)
