"""Signs of life of each running process, for ``/readyz`` and the operator."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, func, select

from core.columns import UTCDateTime

EVERY = timedelta(seconds=10)
LATE = timedelta(seconds=45)


class Heartbeat(SQLModel, table=True):
    """When a process last said that it lives. ``role`` is "serve", "worker" or "auditor"."""

    __tablename__ = "heartbeat"

    process: str = Field(primary_key=True, max_length=64)
    role: str = Field(max_length=16)
    host: str = Field(max_length=80)
    started_at: datetime = Field(sa_type=UTCDateTime)
    at: datetime = Field(sa_type=UTCDateTime)


def beat(session: Session, now: datetime, process: str, role: str, host: str, started_at: datetime) -> None:
    """Say that this process lives, and forget those silent for a day."""
    session.merge(Heartbeat(process=process, role=role, host=host[:80], started_at=started_at, at=now))
    for dead in session.exec(select(Heartbeat).where(col(Heartbeat.at) < now - timedelta(days=1))):
        session.delete(dead)


def workers(session: Session, now: datetime) -> list[tuple[str, float]]:
    """Each worker's host and how many seconds ago it last said that it lives."""
    rows = session.exec(select(Heartbeat).where(Heartbeat.role == "worker").order_by(col(Heartbeat.at).desc()))
    return [(row.host, (now - row.at).total_seconds()) for row in rows]


def newest(session: Session, now: datetime, role: str) -> float | None:
    """How many seconds ago somebody in this role last said that it lives; None when nobody ever did."""
    at = session.exec(select(func.max(Heartbeat.at)).where(Heartbeat.role == role)).one()
    return (now - at).total_seconds() if at else None
