"""Groups of staff in a test: members linked, topics, what they say and press there."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel import Session, col, func, select

from bot.hotline.words import Action
from bot.staff_models import StaffGroup
from bot.topics import Topics
from core.clock import ManualClock
from core.db import Database
from core.people import Contact, address_index
from notify.outbox.models import OutboxMessage
from tests.bot.forum import ForumChannel
from tests.bot.office import AGENT, BOSS, HANDLER, SECOND, move, settle
from tests.bot.world import World, built

ME = "+12025550101"
HOME, UNIT = "-100", "-200"
IDS = {AGENT: "901", SECOND: "902", HANDLER: "903", BOSS: "904"}
ANSWER = "您好，线路老化已换新，11月26日修好村口路灯，晚上请您看看，不亮随时告诉我们。"


def linked(session: Session, world: World) -> None:
    """Everybody's chat is linked; the unit for lamps has a group of its own."""
    for name, chat in IDS.items():
        index = address_index("chat", chat)
        session.add(
            Contact(
                person_id=f"p-{name}", channel="chat", address=chat, address_index=index, position=1,
                verified_at=world.clock(),
            )
        )  # fmt: skip
    session.add(
        StaffGroup(
            channel="chat", address=UNIT, address_index=address_index("chat", UNIT), unit_id="lamps",
            created_at=world.clock(),
        )
    )  # fmt: skip


class Office:
    """A world with groups."""

    def __init__(self, world: World) -> None:
        self.world = world
        chat = world.channels["chat"]
        assert isinstance(chat, ForumChannel)
        self.chat = chat
        self.chat.staff_chat = HOME
        self.topics = Topics(world.db, world.channels, world.clock, world.hotline)

    async def thread(self, number: str, group: str) -> str:
        """The topic of a matter in a group."""
        await self.topics.step()
        titles = [
            (thread, title) for thread, title in self.chat.threads.items() if title.startswith(f"{group} {number}")
        ]
        return titles[-1][0]

    async def says(self, name: str, text: str, thread: str, group: str = UNIT, **more: object) -> list[OutboxMessage]:
        """A member writes in a topic; what is posted there."""
        before = len(await self.posts(group, thread))
        sender = IDS.get(name, name)
        await self.world.says(text, "chat", group, sender=sender, private=False, thread=thread, **more)
        self.world.later(seconds=2)
        return (await self.posts(group, thread))[before:]

    async def presses(self, name: str, label: str, thread: str, group: str = UNIT) -> list[OutboxMessage]:
        """A member presses the latest button with this label in a topic."""
        for post in reversed(await self.posts(group, thread)):
            for value, shown in post.options:
                if shown == label:
                    return await self.says(name, label, thread, group, choice=value)
        raise AssertionError(f"no button {label!r}")

    async def posts(self, group: str, thread: str) -> list[OutboxMessage]:
        """Everything for a topic."""
        return [post for post in await self.world.outgoing("chat", group) if post.thread == thread]

    async def sent(self) -> None:
        """The outbox is emptied as far as it is due."""
        running = asyncio.create_task(self.world.dispatcher.run())
        try:
            async with asyncio.timeout(10):
                while await self.world.db.read(_due, self.world):
                    await asyncio.sleep(0.02)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _due(session: Session, world: World) -> int:
    """How many messages still wait that are due."""
    waiting = select(func.count()).where(
        col(OutboxMessage.state).in_(["queued", "claimed", "sending"]),
        col(OutboxMessage.not_before) <= world.clock(),
    )
    return int(session.exec(waiting).one())


async def lamp(office: Office, text: str = "求助 西河村口路灯坏了三天，请来修好") -> str:
    """A matter, accepted and with the unit for lamps."""
    (said,) = await office.world.says(text)
    found = re.search(r"编号(\w+)", said)
    assert found
    await move(office.world, found[1], Action.ACCEPT)
    await move(office.world, found[1], Action.DISPATCH, unit="lamps")
    return found[1]


@asynccontextmanager
async def staffed(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    """An office whose staff are linked to their chats and groups."""
    async with built(db, clock) as made:
        await db.write(settle, made)
        await db.write(linked, made)
        yield Office(made)
