"""Subscriptions (订阅): who wants the alerts of which topic in which area.

Whoever asks from their own number or chat has it at once: that message is the proof. A number typed into a page gets
one message with a code and nothing else until it is confirmed from the number or with the code. Codes are counted
for each number and for the office, because texts to made-up numbers are a business (SMS pumping).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as pick

from core import audit, people
from core.audit import Actor
from core.auth import Principal
from core.clock import Clock
from core.crypto import index
from core.errors import NotFound, TooMany
from core.expectations import expect, forget
from core.ids import new_code
from core.people import address_index, normal_phone
from notify.outbox.service import Announce, Message
from notify.publicity import areas, topic_store
from notify.publicity.area_models import Area
from notify.publicity.subscription_models import ACTIVE, ENDED, PENDING, Subscription
from notify.publicity.topics import Topic

CONFIRM = "notice.subscribe"
"""Owner of the question "is this number yours, and do you want this?"; its data is the subscription's id."""
ALERTS = "alert"
"""Consent topic of notices and mass alerts; a first 退订 stops it, and subscribing again allows it again."""
MOST = 20
"""Subscriptions of one address: far more than there are topics for one village."""
CODE_DIGITS, WRONG_CODES, CODE_FOR = 6, 5, timedelta(minutes=30)
CODES_A_DAY, CODES_APART = 3, timedelta(minutes=1)
CODES_AN_HOUR = 60
"""For all numbers together: more pages are not filled in by people of one county."""


class EnoughCodes(TooMany):
    """So many codes were asked for that something is wrong: for this number, or for all."""


@dataclass(frozen=True, slots=True)
class Reach:
    """An address as a conversation knows it."""

    channel: str
    address: str
    sender: str = ""
    thread: str = ""
    locale: str = "zh-Hans"


class Subscriptions:
    """The subscriptions of one office. ``lasting`` are the channels whose addresses stay with the person."""

    def __init__(self, announce: Announce, clock: Clock, phone_channel: str, lasting: Collection[str]) -> None:
        self._announce = announce
        self._clock = clock
        self._phone_channel = phone_channel
        self._lasting = frozenset(lasting)

    def topics(self, session: Session) -> list[Topic]:
        """The topics on offer."""
        return topic_store.offered(session)

    def topic(self, session: Session, name: str) -> Topic:
        """A topic by id, label or alias; raises NotFound."""
        return topic_store.named(session, name)

    def set_topic(self, session: Session, who: Principal, made: Topic, *, active: bool = True) -> Topic:
        """Add a topic or change one. Raises BadInput."""
        return topic_store.put(session, self._clock(), who, made, active=active)

    # --- from one's own address

    def can_hold(self, channel: str) -> bool:
        """Whether an address of this channel is still the same person's tomorrow (a chat on a web page is not)."""
        return channel in self._lasting

    def begin(self, session: Session, reach: Reach, topic: Topic, area: Area | None, via: str) -> bool:
        """Subscribe the address a message came from; False when it was subscribed already.

        To ask for a topic is to want alerts again: an earlier 退订 of them ends. Raises TooMany.
        """
        now = self._clock()
        self._allow_again(session, reach.channel, reach.address, topic)
        row = self._row(session, reach.channel, reach.address, topic.id, area.id if area else "")
        if row and row.state == ACTIVE:
            return False
        if len(self.own(session, reach.channel, reach.address)) >= MOST:
            raise TooMany(f"An address has at most {MOST} subscriptions.")
        row = row or self._new(reach.channel, reach.address, topic.id, area)
        row.sender, row.thread, row.locale, row.via = reach.sender, reach.thread, reach.locale, via
        self._start(session, row, Actor("citizen", via))
        forget(session, reach.channel, reach.address, CONFIRM, ref=row.id)
        row.asked_at = now
        return True

    def own(self, session: Session, channel: str, address: str) -> list[Subscription]:
        """What an address is subscribed to, the oldest first."""
        found = pick(Subscription).where(
            Subscription.channel == channel,
            Subscription.address_index == address_index(channel, address),
            Subscription.state == ACTIVE,
        )
        return list(session.exec(found.order_by(col(Subscription.id))))

    def leave(
        self, session: Session, channel: str, address: str, topic: Topic, area: Area | None, via: str
    ) -> list[Subscription]:
        """End the subscriptions of a topic, of one area only where it is named; returns those that ended."""
        ended = [
            row
            for row in self.own(session, channel, address)
            if row.topic == topic.id and (area is None or row.area_id == area.id)
        ]
        for row in ended:
            row.state, row.ended_at, row.ended_by = ENDED, self._clock(), via[:20]
            session.add(row)
            audit.record(session, self._clock(), Actor("citizen", via), "subscription.end", f"subscription:{row.id}")
        session.flush()
        return ended

    def words(self, session: Session, row: Subscription, locale: str) -> str:
        """A subscription as people read it: 西河村惠农补贴."""
        known = {topic.id: topic for topic in self.topics(session)}
        label = known[row.topic].label(locale) if row.topic in known else row.topic
        area = session.get(Area, row.area_id) if row.area_id else None
        if area is None:
            return label
        return f"{label} ({areas.shown(area, locale)})" if locale == "en" else f"{area.name}{label}"

    # --- by a page, for a number that still has to show that it is the person's

    def ask(self, session: Session, phone: str, topic: Topic, area: Area | None, locale: str) -> str:
        """Send a code to a number; returns the id it is confirmed with. The same for one that is subscribed already,
        so that nobody learns who is. Raises BadInput for no number, EnoughCodes."""
        if not self._phone_channel:
            raise NotFound("Texts cannot be sent at present.")
        address = normal_phone(phone)
        row = self._row(session, self._phone_channel, address, topic.id, area.id if area else "")
        if row and row.state == ACTIVE:
            return row.id
        self._check_codes(session, address)
        now, code = self._clock(), new_code(CODE_DIGITS)
        row = row or self._new(self._phone_channel, address, topic.id, area)
        row.codes = 0 if now - row.asked_at > timedelta(days=1) else row.codes
        row.state, row.locale, row.via, row.wrong_codes = PENDING, locale, "web", 0
        row.address, row.asked_at, row.codes = address, now, row.codes + 1
        row.code_digest = index(code, f"subscription.{row.id}")
        session.add(row)
        session.flush()
        what = f"{topic.label(locale)} {area.name if area else ''}".strip()
        self._announce(
            session,
            Message(
                kind="subscription_code",
                channel=self._phone_channel,
                address=address,
                payload={"what": what, "code": code},
                locale=locale,
                dedup_key=f"subscription:{row.id}:{row.codes}",
            ),
        )
        expect(
            session, now, self._phone_channel, address, CONFIRM, {"id": row.id, "what": what}, ref=row.id,
            lifetime=CODE_FOR,
        )  # fmt: skip
        return row.id

    def confirm(self, session: Session, id_: str, code: str) -> bool:
        """Confirm with the code; False (to be told as NotFound, after the commit) for a wrong or old one."""
        row = session.get(Subscription, id_, with_for_update=True)
        if row is None or not row.code_digest or row.wrong_codes >= WRONG_CODES:
            return False
        fits = compare_digest(row.code_digest, index(code.strip(), f"subscription.{row.id}"))
        if not fits or self._clock() - row.asked_at > CODE_FOR:
            row.wrong_codes += 1
            session.add(row)
            return False
        self._confirmed(session, row, "web")
        return True

    def confirm_own(self, session: Session, id_: str, channel: str, address: str) -> Subscription | None:
        """Confirm from the number itself; None when it was too late or another's."""
        row = session.get(Subscription, id_, with_for_update=True)
        if row is None or row.address_index != address_index(channel, address) or row.state == ENDED:
            return None
        if row.state == PENDING:
            self._confirmed(session, row, channel)
        return row

    def _confirmed(self, session: Session, row: Subscription, via: str) -> None:
        if row.state == PENDING and row.address:
            self._allow_again(session, row.channel, row.address, self._known(session, row.topic))
            forget(session, row.channel, row.address, CONFIRM, ref=row.id)
            self._start(session, row, Actor("citizen", via))

    def _known(self, session: Session, topic_id: str) -> Topic:
        return next((t for t in self.topics(session) if t.id == topic_id), Topic(topic_id, {"zh-Hans": topic_id}))

    def _check_codes(self, session: Session, address: str) -> None:
        now = self._clock()
        key = address_index(self._phone_channel, address)
        asked = select(func.sum(Subscription.codes), func.max(Subscription.asked_at)).where(
            col(Subscription.channel) == self._phone_channel,
            col(Subscription.address_index) == key,
            col(Subscription.via) == "web",
            col(Subscription.asked_at) > now - timedelta(days=1),
        )
        count, last = session.execute(asked).one()
        if (count or 0) >= CODES_A_DAY or (last and now - last < CODES_APART):
            raise EnoughCodes("This number got a code already. Please wait, or text 订阅 from the telephone itself.")
        everybody = select(func.count()).where(
            col(Subscription.via) == "web", col(Subscription.asked_at) > now - timedelta(hours=1)
        )
        if session.execute(everybody).scalar_one() >= CODES_AN_HOUR:
            raise EnoughCodes("Too many codes were asked for just now. Text 订阅 from the telephone itself, please.")

    # --- for those who send

    def counts(self, session: Session) -> list[dict[str, Any]]:
        """How many addresses are subscribed, by topic and area."""
        found = (
            select(col(Subscription.topic), col(Subscription.area_id), func.count())
            .where(col(Subscription.state) == ACTIVE)
            .group_by(Subscription.topic, Subscription.area_id)
            .order_by(Subscription.topic, Subscription.area_id)
        )
        rows = session.execute(found).all()
        paths = {area.id: area.path for area in areas.listed(session)} if rows else {}
        return [
            {"topic": topic, "area": paths.get(area_id) if area_id else None, "subscribers": count}
            for topic, area_id, count in rows
        ]

    # --- rows

    def _row(self, session: Session, channel: str, address: str, topic: str, area_id: str) -> Subscription | None:
        return session.exec(
            pick(Subscription)
            .where(
                Subscription.channel == channel,
                Subscription.address_index == address_index(channel, address),
                Subscription.topic == topic,
                Subscription.area_id == area_id,
            )
            .with_for_update()
        ).first()

    def _new(self, channel: str, address: str, topic: str, area: Area | None) -> Subscription:
        return Subscription(
            topic=topic,
            area_id=area.id if area else "",
            channel=channel,
            address=address,
            address_index=address_index(channel, address),
            asked_at=self._clock(),
        )

    def _start(self, session: Session, row: Subscription, actor: Actor) -> None:
        row.state, row.began_at, row.ended_at, row.ended_by = ACTIVE, self._clock(), None, ""
        row.code_digest, row.codes = "", 0
        session.add(row)
        after = {"topic": row.topic, "area": row.area_id}
        audit.record(session, self._clock(), actor, "subscription.begin", f"subscription:{row.id}", after=after)
        session.flush()

    def _allow_again(self, session: Session, channel: str, address: str, topic: Topic) -> None:
        refused = people.refusals(session, channel, address)
        for name in refused & {ALERTS, people.EVERYTHING, *topic.labels.values()}:
            people.set_consent(session, self._clock(), channel, address, name, allowed=True, reason="subscribe")
