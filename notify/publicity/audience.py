"""Audiences that are not the rows of a list: the subscribers of a topic and area, and everybody known in an area.

Both are read a page at a time behind a key, so that a fan-out that was broken off goes on where it stood.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from core.people import Contact, Person, Unit, address_index
from notify.publicity import area_names, areas, subscribers, topic_store, topics
from notify.publicity.area_models import Area
from notify.publicity.models import SUBSIDY, Beneficiary, Notice, NoticeRevision
from notify.publicity.ports import Target
from notify.publicity.subscription_models import ACTIVE, Subscription

_SUBSCRIBER, _STAFF, _ROW = "1", "2", "3"
"""First letter of a key: the three sources of an area's audience, one after the other."""
_NAMED = 3
"""Letters of an area's name before a unit that has it in its name counts as one of the area."""


def area_of(session: Session, notice: Notice) -> Area | None:
    """The area a notice is for; None: the whole office. One named in words only counts where it is found."""
    if notice.area_id:
        return session.get(Area, notice.area_id)
    found = areas.search(session, notice.area) if notice.area else []
    return found[0] if found else None


class SubscriberAudience:
    """``ports.Audience`` of those who subscribed to the notice's topic in its area."""

    def page(self, session: Session, notice: Notice, after: str, limit: int) -> Sequence[Target]:
        """The next subscribers."""
        return _subscribers(session, topic_of(session, notice), area_of(session, notice), after, limit)

    def count(self, session: Session, notice: Notice) -> int:
        """How many addresses that are."""
        return subscribers.count_of(session, topic_of(session, notice), area_of(session, notice))


class AreaAudience:
    """``ports.Audience`` of everybody known in the notice's area: see ``audience_of_area``."""

    def __init__(self, phone_channel: str) -> None:
        self.phone_channel = phone_channel

    def page(self, session: Session, notice: Notice, after: str, limit: int) -> Sequence[Target]:
        """The next addresses."""
        return audience_of_area(session, area_of(session, notice), self.phone_channel, after, limit)

    def count(self, session: Session, notice: Notice) -> int:
        """How many at the most: somebody who is known in two ways gets one message."""
        area = area_of(session, notice)
        staff = select(func.count()).select_from(Contact).where(*_staff(session, area))
        listed = select(func.count(func.distinct(col(Beneficiary.phone_index)))).where(*_rows(session, area))
        counted = session.execute(staff).scalar_one() + session.execute(listed).scalar_one()
        return int(counted) + subscribers.count_of(session, "", area)


def topic_of(session: Session, notice: Notice) -> str:
    """The topic whose subscribers a notice is for: as named, else that of its programme, else subsidies."""
    offered = topic_store.offered(session)
    for name in (notice.topic, notice.programme):
        if name and (found := topics.named(name, offered)):
            return found.id
    return notice.topic or "subsidy"


def refusable_topic(session: Session, notice: Notice) -> str:
    """The name by which somebody may have refused such notices (退订 惠农补贴); an emergency has none."""
    if notice.emergency or not (notice.topic or notice.kind == SUBSIDY):
        return ""
    wanted = topic_of(session, notice)
    return next((topic.labels["zh-Hans"] for topic in topic_store.offered(session) if topic.id == wanted), "")


def audience_of_area(
    session: Session, area: Area | None, phone_channel: str, after: str = "", limit: int = 500
) -> list[Target]:
    """Everybody known in an area (None: anywhere), for an emergency; the next ``limit`` behind the key ``after``.

    First the subscribers of any topic there, then verified contacts of the area's own units (the village committee's
    people pass it on), then the numbers on lists that are public for the area. Nobody comes twice.
    """
    found: list[Target] = []
    sources: list[tuple[str, Callable[[str, int], list[Target]]]] = [
        (_SUBSCRIBER, lambda behind, most: _subscribers(session, "", area, behind, most)),
        (_STAFF, lambda behind, most: _staff_of(session, area, behind, most)),
        (_ROW, lambda behind, most: _rows_of(session, area, phone_channel, behind, most)),
    ]
    for mark, source in sources:
        if len(found) >= limit or after[:1] > mark:
            continue
        found += source(after if after[:1] == mark else "", limit - len(found))
    return found


def _subscribers(session: Session, topic: str, area: Area | None, after: str, limit: int) -> list[Target]:
    _, index, channel = after.split(":", 2) if after else ("", "", "")
    rows = subscribers.page_of(session, topic, area, (index, channel) if after else None, limit)
    return [
        Target(
            key=f"{_SUBSCRIBER}:{row.address_index}:{row.channel}",
            channel=row.channel,
            address=row.address,
            locale=row.locale,
            sender=row.sender,
        )
        for row in rows
    ]


def _staff(session: Session, area: Area | None) -> list[Any]:
    """What makes a contact one of the area: verified, and of a person whose unit bears an area's name."""
    people = select(col(Person.id)).where(col(Person.active).is_(True))
    if area is not None:
        inside = set(areas.inside(session, area))
        names = [one.name for one in areas.listed(session) if one.id in inside and len(one.name) >= _NAMED]
        units = session.execute(select(col(Unit.id), col(Unit.name)).where(col(Unit.active).is_(True))).all()
        near = [unit.id for unit in units if any(name in unit.name for name in names)]
        people = people.where(col(Person.unit_id).in_(near))
    known = select(col(Subscription.id)).where(
        col(Subscription.channel) == col(Contact.channel),
        col(Subscription.address_index) == col(Contact.address_index),
        col(Subscription.state) == ACTIVE,
    )
    return [col(Contact.verified_at).is_not(None), col(Contact.person_id).in_(people), ~known.exists()]


def _staff_of(session: Session, area: Area | None, after: str, limit: int) -> list[Target]:
    query = select(Contact, col(Person.locale)).join(Person, col(Person.id) == col(Contact.person_id))
    query = query.where(*_staff(session, area), col(Contact.id) > after[2:])
    rows = session.execute(query.order_by(col(Contact.id)).limit(limit))
    return [Target(f"{_STAFF}:{one.id}", one.channel, one.address, locale) for one, locale in rows]


def _rows(session: Session, area: Area | None) -> list[Any]:
    """What makes a row of a list one of the area: it is public, has a number, and its place lies inside."""
    public = select(col(NoticeRevision.list_id)).where(col(NoticeRevision.withdrawn_at).is_(None))
    conditions: list[Any] = [col(Beneficiary.phone_index).is_not(None), col(Beneficiary.list_id).in_(public)]
    if area is not None:
        places = session.execute(select(col(Beneficiary.area)).where(*conditions).distinct()).scalars()
        inside = set(areas.inside(session, area))
        named = [area_names.Named(one.id, tuple(one.path.split("/"))) for one in areas.listed(session)]
        fits = [place for place in places if any(one.id in inside for one in area_names.find(place, named)[:1])]
        conditions.append(col(Beneficiary.area).in_(fits))
    return conditions


def _rows_of(session: Session, area: Area | None, phone_channel: str, after: str, limit: int) -> list[Target]:
    if not phone_channel:
        return []
    conditions, behind = _rows(session, area), after[2:]
    targets: list[Target] = []
    while len(targets) < limit:
        query = select(func.min(Beneficiary.id)).where(*conditions, col(Beneficiary.phone_index) > behind)
        query = query.group_by(col(Beneficiary.phone_index)).order_by(col(Beneficiary.phone_index)).limit(limit)
        ids = [row[0] for row in session.execute(query)]
        if not ids:
            break
        wanted = select(Beneficiary).where(col(Beneficiary.id).in_(ids)).order_by(col(Beneficiary.phone_index))
        rows = session.execute(wanted).scalars().all()
        known = _known(session, phone_channel, [row.phone or "" for row in rows])
        for row in rows:
            behind = row.phone_index or ""
            if row.phone and address_index(phone_channel, row.phone) not in known and len(targets) < limit:
                targets.append(Target(f"{_ROW}:{behind}", phone_channel, row.phone, area=row.area))
    return targets


def _known(session: Session, channel: str, phones: Sequence[str]) -> set[str]:
    """Of these numbers those that a subscription or a member of staff has already, by their index."""
    indexes = [address_index(channel, phone) for phone in phones if phone]
    subscribed = select(col(Subscription.address_index)).where(
        col(Subscription.channel) == channel,
        col(Subscription.address_index).in_(indexes),
        col(Subscription.state) == ACTIVE,
    )
    staff = select(col(Contact.address_index)).where(
        col(Contact.channel) == channel, col(Contact.address_index).in_(indexes), col(Contact.verified_at).is_not(None)
    )
    return {*session.execute(subscribed).scalars(), *session.execute(staff).scalars()}
