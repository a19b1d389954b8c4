"""Reception days in conversation: see the days, choose, say what it is about, be reminded, give the place back."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time

import pytest
from sqlmodel import select

from bot.hotline.models import Matter
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Role
from notify.reception.booking import NewBooking
from notify.reception.days import Leader, Pattern, Rules, Slot
from notify.timers import Timers
from tests.bot.office import AGENT, settle, staff
from tests.bot.world import World, built, hears

ADMIN = Principal(ref="a-1", name="示例己", roles=frozenset({Role.ADMIN}), via="console")
ME, OTHER, THIRD = "+12025550101", "+12025550102", "+12025550103"
LEADERS = (Leader(name="示例庚", post="局长"), Leader(name="示例辛", post="副局长"))
RULES = Rules(
    starts_on=date(2026, 11, 23),
    regular=Pattern(days_of_month=(15, 25)),
    leaders=LEADERS,
    slots=(Slot(begins=time(9), ends=time(10), places=1), Slot(begins=time(10), ends=time(11), places=1)),
    place="县信访大厅",
)
TOPIC = "西河村口路灯坏了半年没人修"


async def _open(db: Database, clock: ManualClock, rules: Rules = RULES) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        await db.write(settle, made)
        await db.write(made.reception.lay_down, 0, rules, ADMIN)
        yield made


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async for made in _open(db, clock):
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async for made in _open(sqlite_db, clock):
        yield made


async def booked(world: World, number: str = "1", address: str = ME) -> str:
    """Through the whole dialogue; the last word."""
    await hears(world, "预约", address)
    await hears(world, number, address)
    return await hears(world, TOPIC, address)


async def test_the_days_to_come_are_listed_one_is_chosen_and_a_line_books_it(world: World) -> None:
    listed = "1周三11月25日示例庚局长 2周二12月15日示例辛副局长 3周五12月25日示例庚局长 0找人工"
    assert await hears(world, "预约") == f"您想约哪天？请回数字：{listed}"
    assert await hears(world, "2") == "12月15日周二有空位。请用一句话说说要反映什么事，说了就约上。不约不用回。"
    said = await hears(world, TOPIC)
    assert said.startswith("已约12月15日周二09:00，示例辛副局长在县信访大厅接待。预约号Y261215-01，取消码")
    assert said.endswith("前一个工作日再提醒您，来不了请回“取消预约”。")
    assert (await hears(world, "预约")).startswith("您已约12月15日周二09:00接访，预约号Y261215-01")


async def test_a_place_is_given_back_by_word_and_can_be_taken_again(world: World) -> None:
    await booked(world, "2")
    assert await hears(world, "取消预约") == "已取消12月15日周二09:00的接访预约。要改天回“预约”。"
    assert (await hears(world, "取消预约")).startswith("您现在没有接访预约。")
    assert "Y261215-02" in await booked(world, "2")


async def test_of_several_places_it_is_asked_which_to_give_back(small: World) -> None:
    await booked(small, "2")
    await booked(small, "2")
    listed = await hears(small, "取消预约")
    assert listed == "您要取消哪一天？请回数字：1周二12月15日 2周五12月25日 0找人工"
    assert await hears(small, "2") == "已取消12月25日周五09:00的接访预约。要改天回“预约”。"


async def test_a_full_day_is_not_offered_and_whoever_was_slower_is_told(small: World) -> None:
    await hears(small, "预约", THIRD)
    await hears(small, "2", THIRD)
    await booked(small, "2")
    assert "10:00" in await booked(small, "2", OTHER)
    assert await hears(small, TOPIC, THIRD) == "这天刚刚约满。回“预约”看别的日子，急事请打12345。"
    assert "12月15日" not in await hears(small, "预约", THIRD)


async def test_on_a_channel_with_buttons_the_days_are_buttons_and_nobody_is_asked_for_a_number(small: World) -> None:
    (said,) = await small.says("预约", "chat", "anna")
    assert said.startswith("您想约哪天？")
    shown = (await small.outgoing("chat", "anna"))[-1].options
    assert [label for _, label in shown][:2] == ["周三11月25日示例庚局长", "周二12月15日示例辛副局长"]
    await small.presses("周二12月15日示例辛副局长")
    (said,) = await small.says(TOPIC, "chat", "anna")
    assert "Y261215-01" in said


async def test_a_question_in_between_is_answered_and_books_nothing(small: World) -> None:
    await hears(small, "预约")
    await hears(small, "2")
    assert "12333" in await hears(small, "社保卡丢了怎么补办？")
    assert await small.db.read(small.reception.own, "nobody") == []
    assert "Y261215-01" in await hears(small, TOPIC)


async def test_a_person_is_offered_below_the_list(small: World) -> None:
    await hears(small, "预约")
    assert (await hears(small, "0")).startswith("已转人工。")


async def test_words_that_only_begin_alike_are_questions(small: World) -> None:
    assert "哪天" not in await hears(small, "预约挂号怎么办")


async def test_without_any_open_day_the_telephone_is_named(sqlite_db: Database, clock: ManualClock) -> None:
    async with built(sqlite_db, clock) as made:
        assert (await hears(made, "预约")).startswith("近期的接访都约满了或还没公布。急事请打12345")


@pytest.mark.parametrize(("word", "begins"), [("預約", "您想約哪天"), ("book", "Which day")])
async def test_every_locale_has_its_words(small: World, word: str, begins: str) -> None:
    await hears(small, "繁體" if word == "預約" else "english")
    assert (await hears(small, word)).startswith(begins)
    await hears(small, "1")
    assert "Y261125-01" in await hears(small, "the street lamp near our house is broken")


async def test_one_working_day_before_whoever_booked_is_reminded_once(world: World) -> None:
    await booked(world, "2")
    await booked(world, "2", OTHER)
    await hears(world, "取消预约", OTHER)
    timers = Timers(world.db, world.clock, world.reception.owners())
    world.clock.set(datetime(2026, 12, 14, 1, 59, tzinfo=UTC))
    assert await timers.fire() == 0
    world.clock.set(datetime(2026, 12, 14, 2, 0, tzinfo=UTC))
    assert await timers.fire() == 1
    assert (await world.said("sms", ME))[-1] == (
        "【阳光热线】提醒：12月15日周二09:00示例辛副局长接访，请到县信访大厅，预约号Y261215-01。来不了请回“取消预约”。"
    )
    assert "提醒：" not in (await world.said("sms", OTHER))[-1]
    assert await timers.fire() == 0


async def test_a_visit_becomes_a_matter_with_its_source_and_the_citizen_hears_its_number(world: World) -> None:
    await booked(world, "2")
    world.clock.set(datetime(2026, 12, 15, 1, 30, tzinfo=UTC))
    agent = staff(AGENT)
    opened = await world.db.write(world.reception.visited, "Y261215-01", agent, kind="complaint")
    matter = await world.db.read(lambda s: s.exec(select(Matter).where(Matter.number == opened.number)).one())
    assert (matter.source, matter.kind, matter.text) == ("visit", "complaint", TOPIC)
    assert opened.number in (await world.said("sms", ME))[-1]


async def test_booked_on_the_web_it_is_found_by_sms_from_the_same_number(small: World) -> None:
    new = NewBooking(day=date(2026, 12, 15), topic=TOPIC, name="示例壬", phone=ME)
    await small.db.write(small.reception.book, new)
    assert await hears(small, "取消预约") == "已取消12月15日周二09:00的接访预约。要改天回“预约”。"
