"""From a citizen's first word on Telegram to the closed matter, with staff in their group, over the stand-in."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlmodel import Session

from bot import webhooks
from bot.attachments import Attachments
from bot.topics import Topics
from core.clock import ManualClock
from core.db import Database
from core.files import listed
from core.people import Contact, address_index
from tests.adapters.telegram_rig import new_channel
from tests.bot.office import AGENT, HANDLER, SECOND, matters, settle
from tests.bot.world import World, built
from tests.contract.cases.telegram import GROUP
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Post

CITIZEN = 900_777_333
IDS = {AGENT: 501, SECOND: 502, HANDLER: 503}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 200
ANSWER = "您好，线路老化已换新，11月26日修好村口路灯，晚上请您看看，不亮随时告诉我们。"


class Stage:
    """Telegram with its people, and the service behind the bot."""

    def __init__(self, world: World, telegram: FakeTelegram, attachments: Attachments) -> None:
        self.world = world
        self.telegram = telegram
        self.attachments = attachments

    async def until(self, seen: Callable[[], list[Post]]) -> list[Post]:
        """Waits until there are such posts; the service's time goes by meanwhile, because senders have their pace."""

        def look() -> list[Post]:
            self.world.clock.advance(timedelta(milliseconds=200))
            return seen()

        posts: list[Post] = await self.telegram.until(look, 15)
        return posts

    async def hears(self, chat: int, does: Callable[[], object], words: str) -> Post:
        """Somebody does something; the bot's post in that chat that has these words."""
        before = len(self.telegram.posts_to(chat))
        does()

        def seen() -> list[Post]:
            return [post for post in self.telegram.posts_to(chat)[before:] if words in post.text]

        post = (await self.until(seen))[0]
        self.world.clock.advance(timedelta(seconds=30))
        return post

    async def says(self, text: str, words: str) -> Post:
        return await self.hears(CITIZEN, lambda: self.telegram.user_says(CITIZEN, text), words)

    async def presses(self, post: Post, label: str, words: str) -> Post:
        value = next(value for shown, value in post.buttons if shown == label)
        return await self.hears(CITIZEN, lambda: self.telegram.user_presses(CITIZEN, post.id, value), words)

    async def staff_says(self, name: str, text: str, thread: int, words: str) -> Post:
        return await self.hears(
            GROUP, lambda: self.telegram.group_message(GROUP, IDS[name], text, thread=thread), words
        )

    async def staff_presses(self, name: str, post: Post, label: str, words: str) -> Post:
        value = next(value for shown, value in post.buttons if shown == label)
        return await self.hears(GROUP, lambda: self.telegram.user_presses(GROUP, post.id, value, user=IDS[name]), words)

    async def posted(self, words: str) -> Post:
        """A post in the group that has these words."""

        def seen() -> list[Post]:
            return [post for post in self.telegram.posts_to(GROUP) if words in post.text]

        return (await self.until(seen))[-1]


def link(session: Session, world: World) -> None:
    """Staff have linked their Telegram accounts."""
    for name, chat in IDS.items():
        index = address_index("telegram", str(chat))
        session.add(
            Contact(
                person_id=f"p-{name}", channel="telegram", address=str(chat), address_index=index, position=1,
                verified_at=world.clock(),
            )
        )  # fmt: skip


@asynccontextmanager
async def working(*loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """The loops run while the block does."""
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def stage(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Stage]:
    async with FakeTelegram() as telegram:
        telegram.chat(CITIZEN)
        telegram.group(GROUP, forum=True)
        for chat in IDS.values():
            telegram.chat(chat)
        channel = new_channel(telegram, webhook_secret="", staff_chat=str(GROUP))
        async with built(sqlite_db, clock, more={"telegram": channel}) as world:
            await sqlite_db.write(settle, world)
            await sqlite_db.write(link, world)
            topics = Topics(world.db, world.channels, clock, world.hotline)
            attachments = Attachments(world.db, world.channels, clock, world.hotline)
            deliver = webhooks.deliverer(world.db, clock)
            loops = (lambda: channel.listen(deliver), world.conversations.run, world.dispatcher.run, topics.run)
            async with working(*loops, attachments.run):
                yield Stage(world, telegram, attachments)
        await channel.aclose()


async def test_a_complaint_from_the_first_word_to_the_rating(stage: Stage) -> None:
    asked = await stage.says("/ticket", "哪一类")
    await stage.presses(asked, "投诉", "什么事")
    await stage.says("西河村口路灯坏了三天，老人晚上出门看不见", "在哪里")
    await stage.says("西河村二组村口", "照片")
    photo = await stage.hears(CITIZEN, lambda: stage.telegram.user_sends_file(CITIZEN, "photo", PNG), "一共1个")
    contact = await stage.presses(photo, "下一步", "留个电话")
    summary = await stage.presses(contact, "不留电话", "请核对")
    assert "④附件1个" in summary.text
    done = await stage.presses(summary, "提交", "已登记您的投诉")
    number = re.search(r"编号(\d+)", done.text)[1]  # type: ignore[index]

    card = await stage.posted(f"新来件 {number}")
    assert card.thread is not None
    assert str(CITIZEN) not in card.text
    assert number in stage.telegram.memory.chats[GROUP].topics[card.thread]
    thread = card.thread
    await stage.staff_presses(AGENT, card, "受理", "示例甲10:0")
    await stage.staff_says(AGENT, "派单：城管局", thread, "已派给城管局")
    await stage.staff_says(HANDLER, "签收", thread, "示例丙（城管局）")
    await stage.staff_says(HANDLER, "明早请师傅带梯子去看", thread, "内部备注")
    finding = await stage.staff_says(HANDLER, f"答复：{ANSWER}", thread, "调查结论")
    await stage.staff_presses(HANDLER, finding, "属实", "审核")
    waits = await stage.posted("等审核")
    await stage.staff_presses(SECOND, waits, "审核通过", "20秒后发给市民")

    answer = await stage.until(lambda: [post for post in stage.telegram.posts_to(CITIZEN) if ANSWER in post.text])
    assert "问题解决了吗" in answer[0].text
    await stage.posted("状态：已答复")
    await stage.says("1", "满意吗")
    await stage.says("2", "谢谢您的评价“满意”，这件事已办结")
    await stage.posted("市民评价：满意")
    (matter,) = await matters(stage.world)
    assert matter.state == "closed"
    kept = await stage.world.db.read(listed, f"matter:{matter.id}")
    assert [(file.mime, file.size) for file in kept] == [("image/png", len(PNG))]
    citizen = "\n".join(post.text for post in stage.telegram.posts_to(CITIZEN))
    assert "梯子" not in citizen, "a note never leaves"


async def test_a_topic_that_was_deleted_is_opened_again(stage: Stage) -> None:
    done = await stage.says("求助 东街12号门口老人摔倒没人扶，请帮忙", "已登记")
    number = re.search(r"编号(\d+)", done.text)[1]  # type: ignore[index]
    card = await stage.posted(f"新来件 {number}")
    assert card.thread is not None
    stage.telegram.deletes_topic(GROUP, card.thread)
    await stage.says("补充 老人在三楼", "已补到")
    again = await stage.posted("原话题被删，重新打开")
    assert again.thread != card.thread
    told = await stage.posted("市民补充：老人在三楼")
    assert told.thread == again.thread
