"""上门服务 in conversation: the wish is heard in the words, somebody calls, and one's own list says when they come."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.hotline import site_visits, visit_view
from bot.hotline.site_visits import BookIn
from bot.hotline.visit_view import VisitOut
from core.clock import ManualClock
from core.db import Database
from core.text import segments
from tests.bot.office import HANDLER, settle, staff
from tests.bot.world import World, built

ME = "+12025550101"
WISH = "求助 外婆84岁下不了楼，高龄津贴认证能不能上门，东河村五组"


@pytest.fixture
async def world(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(sqlite_db, clock) as made:
        await sqlite_db.write(settle, made)
        yield made


async def _waiting(world: World) -> list[VisitOut]:
    return await world.db.read(lambda session: visit_view.waiting(world.hotline.desk(session), staff("示例甲")))


async def test_a_wish_in_the_words_is_a_visit_to_book_and_is_said_back(world: World) -> None:
    (said,) = await world.says(WISH, "sms", ME)
    assert "会先打您电话约上门时间。" in said
    assert segments(said) <= 2
    (wished,) = await _waiting(world)
    assert (wished.purpose, wished.state, wished.rank) == ("service", "wished", 1), "84 years old: first in the queue"


async def test_once_booked_ones_own_list_says_when_they_come(world: World) -> None:
    (said,) = await world.says(WISH, "sms", ME)
    assert re.search(r"编号\w+", said)
    await world.says("投诉 东街菜场后门垃圾堆了一个星期，请清走", "sms", ME)
    (wished,) = await _waiting(world)

    def book(session: Session) -> None:
        at = world.clock() + timedelta(days=2)
        given = BookIn(person=f"p-{HANDLER}", at=at)
        site_visits.book(world.hotline.desk(session), staff("示例甲"), wished.id, given)

    await world.db.write(book)
    told = (await world.said("sms", ME))[-1]
    assert "有工作人员上门，来前先打电话给您" in told
    assert segments(told) == 1
    (listed,) = await world.says("查询", "sms", ME)
    assert listed.startswith("【阳光热线】您有2件：")


async def test_asking_how_home_service_works_wishes_no_visit(world: World) -> None:
    await world.says("投诉 物业上门收费态度差", "sms", ME)
    assert await _waiting(world) == [], "a complaint about a visit is no wish for one"
