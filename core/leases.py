"""Named leases: which of several processes runs the one schedule, the one poller, the one sealer.

Times are the database's, so that clocks of different machines need not agree.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, text
from sqlmodel import Field, Session, SQLModel

from core.columns import UTCDateTime


class Lease(SQLModel, table=True):
    """Who holds a name until when."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True, max_length=60)
    holder: str = Field(max_length=64)
    until: datetime = Field(sa_type=UTCDateTime)


def database_now(session: Session) -> datetime:
    """The database's clock, aware."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.fromisoformat(
            session.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")).scalar_one()
        )
    now: datetime = session.execute(select(func.now())).scalar_one()
    return now


def acquire(session: Session, name: str, holder: str, length: timedelta) -> bool:
    """Take or renew the lease; False while somebody else holds it."""
    now = database_now(session)
    values = {"name": name, "holder": holder, "until": now + length, "now": now}
    statement = text(
        "INSERT INTO lease (name, holder, until) VALUES (:name, :holder, :until) "
        "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
        "WHERE lease.holder = excluded.holder OR lease.until < :now RETURNING holder"
    ).bindparams(bindparam("until", type_=UTCDateTime()), bindparam("now", type_=UTCDateTime()))
    return session.execute(statement, values).first() is not None


def release(session: Session, name: str, holder: str) -> None:
    """Let go early, so that another need not wait for the end."""
    lease = session.get(Lease, name)
    if lease and lease.holder == holder:
        session.delete(lease)
