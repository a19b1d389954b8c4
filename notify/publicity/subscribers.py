"""Who hears of a topic in an area: the subscribers, each address once, in an order that a fan-out can go on with."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col

from notify.publicity import areas
from notify.publicity.area_models import Area
from notify.publicity.subscription_models import ACTIVE, Subscription

_PAGE = 500
_S = Subscription


class Subscriber(NamedTuple):
    """One address and how it is written to."""

    channel: str
    address: str
    address_index: str
    locale: str
    sender: str


def subscribers_of(session: Session, topic: str, area: Area | None) -> Iterator[Subscriber]:
    """The subscribers of a topic whose area shares ground with ``area`` (None: all), each address once; streamed.

    ``topic`` empty: of any topic, for an emergency. Whoever asked for the whole office, for a wider or a narrower
    area is among them. What they refused is not looked at here: the outbox holds it back, with the reason.
    """
    after: tuple[str, str] | None = None
    while rows := page_of(session, topic, area, after, _PAGE):
        yield from rows
        after = (rows[-1].address_index, rows[-1].channel)


def page_of(
    session: Session, topic: str, area: Area | None, after: tuple[str, str] | None, limit: int
) -> list[Subscriber]:
    """The next subscribers behind (address index, channel), in that order; at most ``limit`` addresses."""
    key = (col(_S.address_index), col(_S.channel))
    columns = (col(_S.channel), col(_S.address), col(_S.address_index), col(_S.locale), col(_S.sender))
    query = select(*columns).where(*_wanted(topic, area)).order_by(*key).limit(limit)
    if after:
        query = query.where(tuple_(*key) > tuple_(*after))
    # Several subscriptions of one address stand beside each other; those a page cuts off are not behind its key.
    found = {(row.address_index, row.channel): Subscriber(*row) for row in session.execute(query)}
    return list(found.values())


def count_of(session: Session, topic: str, area: Area | None) -> int:
    """How many addresses ``subscribers_of`` gives."""
    addresses = (
        select(col(Subscription.channel), col(Subscription.address_index)).where(*_wanted(topic, area)).distinct()
    )
    return int(session.execute(select(func.count()).select_from(addresses.subquery())).scalar_one())


def _wanted(topic: str, area: Area | None) -> list[Any]:
    wanted: list[Any] = [col(Subscription.state) == ACTIVE]
    if topic:
        wanted.append(col(Subscription.topic) == topic)
    if area is not None:
        within = select(col(Area.id)).where(col(Area.trail).startswith(area.trail, autoescape=True))
        place = col(Subscription.area_id)
        wanted.append(place.in_(["", *areas.around(area)]) | place.in_(within))
    return wanted
