"""Subscriptions as personal data: handed out, erased, forgotten when nobody confirmed them or they ended."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from core.audit import Actor, record
from core.people import address_index
from notify.publicity import topic_store
from notify.publicity.area_models import Area
from notify.publicity.subscription_models import ENDED, PENDING, Subscription

UNCONFIRMED_KEPT, ENDED_KEPT = timedelta(days=1), timedelta(days=30)
_AT_ONCE = 1000


def export(session: Session, channel: str, address: str) -> list[dict[str, Any]]:
    """What an address is or was subscribed to."""
    labels = {topic.id: topic.label("zh-Hans") for topic in topic_store.offered(session)}
    lines = []
    for row in _of(session, channel, address):
        area = session.get(Area, row.area_id) if row.area_id else None
        since = row.began_at or row.asked_at
        line = {"topic": labels.get(row.topic, row.topic), "area": area.path if area else "", "state": row.state}
        lines.append({**line, "since": since.isoformat()})
    return lines


def erase(session: Session, now: datetime, actor: Actor, channel: str, address: str) -> int:
    """Remove every subscription of an address; how many."""
    rows = _of(session, channel, address)
    for row in rows:
        session.delete(row)
        record(session, now, actor, "subscription.erase", f"subscription:{row.id}")
    session.flush()
    return len(rows)


def purge(session: Session, now: datetime, *, dry_run: bool = False) -> int:
    """Remove what was never confirmed (after a day) or ended (after 30 days), at most 1,000 at a time; how many."""
    unconfirmed = (col(Subscription.state) == PENDING) & (col(Subscription.asked_at) < now - UNCONFIRMED_KEPT)
    ended = (col(Subscription.state) == ENDED) & (col(Subscription.ended_at) < now - ENDED_KEPT)
    if dry_run:
        return int(session.exec(select(func.count()).select_from(Subscription).where(unconfirmed | ended)).one())
    rows = session.exec(select(Subscription).where(unconfirmed | ended).limit(_AT_ONCE)).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def _of(session: Session, channel: str, address: str) -> list[Subscription]:
    found = select(Subscription).where(
        Subscription.channel == channel, Subscription.address_index == address_index(channel, address)
    )
    return list(session.exec(found.order_by(col(Subscription.id))))
