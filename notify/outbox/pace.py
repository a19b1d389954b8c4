"""The rows behind ``pacing``: one for each limited queue, and one for each address that was just written to where
addresses are limited too. Queues without a limit touch none.

Addresses need no lock of their own: whoever asks for them holds the row of their queue.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from notify.outbox import models  # noqa: F401 - defines the table used below

_T = SQLModel.metadata.tables["outbox_pace"]
_A = SQLModel.metadata.tables["outbox_address"]


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


def free_at(session: Session, addresses: Iterable[str]) -> dict[str, datetime]:
    """When each of these addresses (by index) may be written to again; those not named may at once."""
    rows = session.execute(select(_A.c.address_index, _A.c.free_at).where(_A.c.address_index.in_(set(addresses))))
    return {row.address_index: row.free_at for row in rows}


def took(session: Session, until: Mapping[str, datetime]) -> None:
    """Messages to these addresses start now; the next may at these times."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(_A)
    statement = statement.on_conflict_do_update(
        index_elements=["address_index"], set_={"free_at": statement.excluded.free_at}
    )
    rows = [{"address_index": index, "free_at": until[index]} for index in sorted(until)]
    session.connection().execute(statement, rows)


def forget(session: Session, now: datetime) -> int:
    """Drop addresses whose time has come; returns how many."""
    return int(session.execute(delete(_A).where(_A.c.free_at < now)).rowcount)  # type: ignore[attr-defined]
