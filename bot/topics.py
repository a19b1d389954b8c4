"""A topic for each matter in the groups of staff: opened, kept up with the matter's record, opened again when deleted.

The hotline's group (TELEGRAM_STAFF_CHAT) has every matter, a unit's group those dispatched to it. The network is
asked with no transaction open. What a topic tells comes from the matter's own record, so nothing is told twice and
nothing that happened while the service was down is left out.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, func, or_, select

from bot.hotline import duplicates
from bot.hotline.models import Dispatch, Matter, MatterEvent
from bot.hotline.service import Hotline
from bot.hotline.states import WORKING
from bot.ports import Knowledge
from bot.staff_models import StaffGroup, StaffTopic
from bot.topic_words import TopicWords
from core.clock import Clock
from core.db import Database
from core.errors import Rejected, SendError, Unavailable, Unreachable
from core.i18n import Catalogue
from core.messages import Option
from core.people import address_index
from core.ports import Can, Channel, OpenThread
from notify.outbox.models import OutboxMessage
from notify.outbox.service import TOPIC, Message
from notify.outbox.states import State as OutboxState

log = logging.getLogger(__name__)

POLL_S = 1.0
KIND = "staff_topic"
THREAD_NOT_FOUND, NO_TOPICS = "thread_not_found", "no_topics"
"""Codes by which a channel says that a topic is gone, or that a group has none."""
LOOK_BACK = timedelta(days=2)
_BATCH = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A matter that has no topic yet in a group. ``lost`` is the topic that is gone."""

    matter_id: str
    group_id: str
    channel: str
    address: str
    title: str
    text: str
    lost: int = 0


class Topics:
    """Opens topics and tells them what happens, until told to stop. One process at a time does it."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        hotline: Hotline,
        knowledge: Knowledge | None = None,
        page: str = "",
    ) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock
        self._hotline = hotline
        self._knowledge = knowledge
        self._words = TopicWords(hotline, Catalogue.load(files("bot") / "texts" / "staff"), page)

    async def run(self) -> None:
        """Work until cancelled."""
        with self._db.bells.listening(TOPIC) as bell:
            while True:
                try:
                    await self.step()
                except Unavailable:
                    log.warning("topics put off: database unavailable")
                await bell.wait(POLL_S)

    async def step(self) -> int:
        """Open what is wanted, tell what is new; returns how many topics were opened."""
        homes = {(channel.name, str(getattr(channel, "staff_chat", ""))) for channel in self._channels.values()}
        for channel, home in sorted(homes - await self._db.read(_known_groups)):
            if home:
                await self._db.write(self._home, channel, home)
        wanted = await self._db.read(self._wanted) + await self._db.read(self._lost)
        opened = 0
        for one in wanted:
            opened += await self._open(one)
        if await self._db.read(self._news):
            await self._db.write(self._tell)
        return opened

    def _home(self, session: Session, channel: str, address: str) -> None:
        index = address_index(channel, address)
        known = select(StaffGroup).where(StaffGroup.channel == channel, StaffGroup.address_index == index)
        if session.exec(known).first() is None:
            group = StaffGroup(channel=channel, address=address, address_index=index, created_at=self._clock())
            session.add(group)

    # --- what has no topic

    def _wanted(self, session: Session) -> list[Wanted]:
        groups = list(session.exec(select(StaffGroup)))
        return [one for group in groups if group.channel in self._channels for one in self._of_group(session, group)]

    def _of_group(self, session: Session, group: StaffGroup) -> list[Wanted]:
        has_one = select(StaffTopic.matter_id).where(StaffTopic.group_id == group.id)
        found = select(Matter).where(
            col(Matter.id).not_in(has_one),
            col(Matter.state).in_([state.value for state in WORKING]),
            col(Matter.changed_at) > self._clock() - LOOK_BACK,
        )
        if group.unit_id is not None:
            theirs = select(Dispatch.matter_id).where(
                Dispatch.unit_id == group.unit_id, col(Dispatch.ended_at).is_(None)
            )
            found = found.where(col(Matter.id).in_(theirs))
            found = found.where(or_(col(Matter.about_unit_id).is_(None), col(Matter.about_unit_id) != group.unit_id))
        found = found.order_by(col(Matter.priority), col(Matter.id)).limit(_BATCH)
        return [self._want(session, matter, group) for matter in session.exec(found)]

    def _want(self, session: Session, matter: Matter, group: StaffGroup, lost: int = 0) -> Wanted:
        title = self._words.title(session, matter)
        text = "" if matter.protected else matter.text
        return Wanted(matter.id, group.id, group.channel, group.address, title, text, lost)

    def _lost(self, session: Session) -> list[Wanted]:
        """Topics that a message could not reach because they were deleted."""
        since = self._clock() - LOOK_BACK
        failed = select(OutboxMessage.thread, OutboxMessage.address_index).where(
            OutboxMessage.state == OutboxState.FAILED.value,
            OutboxMessage.thread != "",
            col(OutboxMessage.changed_at) > since,
            col(OutboxMessage.history).contains(THREAD_NOT_FOUND),
        )
        found = []
        for thread, index in set(session.exec(failed)):
            topic = session.exec(
                select(StaffTopic, StaffGroup)
                .join(StaffGroup)
                .where(StaffTopic.thread == thread, StaffGroup.address_index == index)
            ).first()
            if topic:
                matter = session.get_one(Matter, topic[0].matter_id)
                found.append(self._want(session, matter, topic[1], topic[0].id or 0))
        return found

    # --- opening

    async def _open(self, wanted: Wanted) -> int:
        channel = self._channels[wanted.channel]
        thread = ""
        if isinstance(channel, OpenThread) and Can.THREADS in channel.can:
            try:
                thread = await channel.open_thread(wanted.address, wanted.title)
            except Rejected as error:
                if error.provider_code != NO_TOPICS:
                    log.warning("no topic could be opened: code=%s", error.provider_code)
                    return 0
            except Unreachable as error:
                log.warning("the staff group cannot be reached: code=%s", error.provider_code)
                return 0
            except SendError as error:
                log.info("topic put off: code=%s", error.provider_code)
                return 0
        hint = await self._hint(wanted)
        return await self._db.write(self._opened, wanted, thread, hint)

    async def _hint(self, wanted: Wanted) -> str:
        """What the knowledge base has on it, for whoever answers."""
        if self._knowledge is None or not wanted.text or wanted.lost:
            return ""
        result = await self._knowledge.ask(wanted.text[:500], locale="zh-Hans", channel="staff")
        return result.found[0].question if result.outcome in {"answer", "choices"} and result.found else ""

    def _opened(self, session: Session, wanted: Wanted, thread: str, hint: str) -> int:
        matter, group = session.get_one(Matter, wanted.matter_id), session.get_one(StaffGroup, wanted.group_id)
        topic = session.get(StaffTopic, wanted.lost) if wanted.lost else None
        if topic is None:
            topic = StaffTopic(
                matter_id=matter.id,
                group_id=group.id,
                thread=thread,
                told=_last_event(session, matter.id),
                opened_at=self._clock(),
            )
        else:
            self._again(session, topic, group, thread)
        session.add(topic)
        session.flush()
        again = bool(wanted.lost)
        alike = [] if matter.protected or group.unit_id else duplicates.of(self._hotline.desk(session), matter)
        text = self._words.card(session, matter, group, [one.number for one in alike], hint, again=again)
        options = self._words.card_buttons(matter, group)
        topic.card = self._post(session, topic, group, f"card:{topic.round}", text, options)
        session.add(topic)
        return 1

    def _again(self, session: Session, topic: StaffTopic, group: StaffGroup, thread: str) -> None:
        """What could not be said in the topic that is gone is said in the new one."""
        lost = select(OutboxMessage).where(
            OutboxMessage.thread == topic.thread,
            OutboxMessage.address_index == group.address_index,
            OutboxMessage.state == OutboxState.FAILED.value,
            col(OutboxMessage.history).contains(THREAD_NOT_FOUND),
        )
        rows = list(session.exec(lost.order_by(col(OutboxMessage.id))))
        topic.thread, topic.round = thread, topic.round + 1
        for row in rows:
            if row.id != topic.card:
                options = tuple(Option(value, label) for value, label in row.options)
                self._post(session, topic, group, f"again:{row.id}", row.text, options)

    # --- telling

    def _news(self, session: Session) -> bool:
        """Whether there is anything to tell."""
        return session.exec(_behind().limit(1)).first() is not None or bool(self._arrived(session))

    def _arrived(self, session: Session) -> list[tuple[StaffTopic, StaffGroup, str, str]]:
        told = self._words.answers(session, self._clock() - timedelta(hours=1))
        keys = {f"topic:{topic.id}:{key}" for topic, _, key, _ in told}
        known = set(session.exec(select(OutboxMessage.dedup_key).where(col(OutboxMessage.dedup_key).in_(keys))))
        return [one for one in told if f"topic:{one[0].id}:{one[2]}" not in known]

    def _tell(self, session: Session) -> None:
        """New lines of the record, and what became of answers, into every topic."""
        for topic, group in session.exec(_behind().limit(100)).all():
            fresh = select(MatterEvent).where(
                MatterEvent.matter_id == topic.matter_id, col(MatterEvent.id) > topic.told
            )
            matter = session.get_one(Matter, topic.matter_id)
            for event in session.exec(fresh.order_by(col(MatterEvent.id))).all():
                topic.told = event.id or topic.told
                if text := self._words.event(session, matter, group, event):
                    options = self._words.event_buttons(matter, event)
                    self._post(session, topic, group, f"event:{event.id}", text, options)
            session.add(topic)
        for topic, group, key, text in self._arrived(session):
            self._post(session, topic, group, key, text)

    def _post(
        self,
        session: Session,
        topic: StaffTopic,
        group: StaffGroup,
        key: str,
        text: str,
        options: tuple[Option, ...] = (),
    ) -> str:
        message = Message(
            kind=KIND,
            channel=group.channel,
            address=group.address,
            payload={"text": text},
            dedup_key=f"topic:{topic.id}:{key}",
            thread=topic.thread,
            options=options,
        )
        return self._hotline.desk(session).outbox.put(session, message)


def _known_groups(session: Session) -> set[tuple[str, str]]:
    return {(group.channel, group.address) for group in session.exec(select(StaffGroup))}


def _behind() -> Any:
    """Topics whose matter's record has lines they were not told."""
    last = select(func.max(MatterEvent.id)).where(MatterEvent.matter_id == StaffTopic.matter_id)
    behind = col(StaffTopic.told) < last.correlate(StaffTopic).scalar_subquery()
    return select(StaffTopic, StaffGroup).join(StaffGroup).where(behind)


def _last_event(session: Session, matter_id: str) -> int:
    found = select(func.max(MatterEvent.id)).where(MatterEvent.matter_id == matter_id)
    return int(session.exec(found).one() or 0)
