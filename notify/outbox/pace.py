"""The rows behind ``pacing``: one for each limited queue. Queues without a limit touch none."""

from datetime import datetime

from sqlalchemy import case, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from notify.outbox import models  # noqa: F401 - defines the table used below

_T = SQLModel.metadata.tables["outbox_pace"]


def add_queue(session: Session, queue: str, now: datetime) -> None:
    """Make a queue known to every worker; harmless when it is."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.connection().execute(insert(_T).on_conflict_do_nothing(), {"queue": queue, "used_until": now})


def queues(session: Session) -> list[str]:
    """Every limited queue that ever had a message."""
    return list(session.execute(select(_T.c.queue)).scalars())


def used_until(session: Session, queue: str, now: datetime) -> datetime:
    """How far a queue's allowance is used; its row is locked until the commit, so workers take turns."""
    wanted = select(_T.c.used_until).where(_T.c.queue == queue).with_for_update()
    found: datetime | None = session.execute(wanted).scalar()
    if found is None:
        add_queue(session, queue, now)
        found = session.execute(wanted).scalar_one()
    return found


def hold(session: Session, queue: str, until: datetime) -> None:
    """Note that the allowance is used up to this time; never back."""
    later = case((_T.c.used_until < until, literal(until, _T.c.used_until.type)), else_=_T.c.used_until)
    session.execute(update(_T).where(_T.c.queue == queue).values(used_until=later))
