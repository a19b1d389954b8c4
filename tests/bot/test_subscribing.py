"""Subscriptions and other systems' cases in conversation: a topic and a place, leaving, coming back, looking."""

import re
from collections.abc import AsyncIterator
from importlib.resources import files

import pytest
from sqlmodel import Session

from core import people
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.i18n import Catalogue
from core.text import segments, sign
from notify.cases.service import NewCase
from notify.publicity import areas
from tests.bot.office import AGENT, staff
from tests.bot.posted import ME, NEIGHBOUR, county, post
from tests.bot.world import World, built, hears


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with county(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with county(sqlite_db, clock) as made:
        yield made


async def test_a_topic_and_a_village_in_one_message(world: World) -> None:
    assert await hears(world, "订阅 惠农补贴 西河村") == (
        "已订阅西河村惠农补贴，有消息会发给您。不要了回“退订 惠农补贴”。"
    )
    assert "您已订阅西河村惠农补贴" in await hears(world, "订阅惠农补贴西河村")
    assert "已停发西河村惠农补贴" in await hears(world, "退订 惠农补贴 西河村")
    assert await world.db.read(world.notices.subscriptions.own, "sms", ME) == []
    assert await world.db.read(people.refusals, "sms", ME) == frozenset()


async def test_after_stopping_all_coming_back_says_what_comes(world: World) -> None:
    await hears(world, "订阅 惠农补贴 西河村")
    await hears(world, "退订")
    assert await hears(world, "恢复") == (
        "欢迎回来。现会发给您：来件答复、西河村惠农补贴公示。不要某一类，回“退订”加名称，如：退订 惠农补贴"
    )
    assert await world.db.read(people.refusals, "sms", ME) == frozenset()


async def test_leaving_a_topic_holds_its_notices_back_and_subscribing_brings_them_again(small: World) -> None:
    assert "已停发惠农补贴" in await hears(small, "退订 惠农补贴")
    assert await small.db.read(people.refusals, "sms", ME) == {"惠农补贴"}
    await hears(small, "订阅 补贴")
    assert await small.db.read(people.refusals, "sms", ME) == frozenset()
    assert "已停发“广场舞”" in await hears(small, "退订 广场舞")


async def test_without_a_topic_the_list_is_read_out_and_a_place_may_follow(small: World) -> None:
    assert (await hears(small, "订阅")).startswith(
        "您想订阅哪一类？也可直接回：订阅 惠农补贴 西河村。请回数字：1惠农补贴"
    )
    assert await hears(small, "2") == (
        "已订阅停水停电（全县）。只要一个村的回：订阅 停水停电 村名。不要了回“退订 停水停电”。"
    )
    assert "没有叫“广场舞”的" in await hears(small, "订阅 广场舞")
    assert "您想订阅哪一类" in await hears(small, "订阅 东河村", NEIGHBOUR)
    assert "已订阅东河村天气预警" in await hears(small, "3", NEIGHBOUR)


async def test_a_place_nobody_knows_is_asked_for_again_and_one_that_several_bear_is_listed(small: World) -> None:
    await small.db.write(areas.add, small.clock(), OPERATOR, "group", "一组", "东河村")
    assert "没找到“南海村”" in await hears(small, "订阅 天气预警 南海村")
    assert "是哪一个？请回数字：1示例镇东河村一组 2示例镇西河村一组" in await hears(small, "一组")
    assert "已订阅一组天气预警" in await hears(small, "2")
    assert "没找到“南海村”" in await hears(small, "订阅 停电 南海村")
    assert "（全县）" in await hears(small, "1")


async def test_a_number_typed_into_the_page_says_yes_by_one_digit(small: World) -> None:
    def ask(session: Session) -> str:
        topic = small.notices.subscriptions.topic(session, "停电")
        return small.notices.subscriptions.ask(session, ME, topic, None, "zh-Hans")

    await small.db.write(ask)
    assert "请回1" in (await small.said("sms", ME))[-1]
    assert "已订阅停水停电" in await hears(small, "1")
    assert len(await small.db.read(small.notices.subscriptions.own, "sms", ME)) == 1


async def test_a_chat_that_ends_with_its_page_is_told_how_to_subscribe(sqlite_db: Database, clock: ManualClock) -> None:
    from adapters.memory import MemoryChannel

    async with built(sqlite_db, clock, more={"page": MemoryChannel(name="page")}) as made:
        assert "网页聊天关了就收不到了" in await hears(made, "订阅 天气预警", "visitor", "page")


@pytest.mark.parametrize("text", ["订阅号怎么注册", "怎么订阅杂志", "确认收货后多久退款", "有误差怎么办"])
async def test_sentences_that_only_begin_alike_are_questions(small: World, text: str) -> None:
    said = await hears(small, text)
    assert "订阅哪一类" not in said
    assert "等您确认" not in said


@pytest.mark.parametrize(
    ("language", "object_", "subscribe", "objected", "subscribed"),
    [
        ("繁體", "異議 我家是4.5畝", "訂閱 惠農補貼 西河村", "異議已登記", "已訂閱西河村惠農補貼"),
        ("english", "object our area is 4.5 mu", "SUBSCRIBE weather 西河村", "Objection", "You get weather warnings"),
    ],
)
async def test_every_locale_has_its_words(
    small: World, language: str, object_: str, subscribe: str, objected: str, subscribed: str
) -> None:
    await small.db.write(post, small.clock)
    await hears(small, language)
    assert (await hears(small, object_)).startswith(objected)
    assert (await hears(small, subscribe)).startswith(subscribed)


_SAMPLE = {
    "number": "26112103", "code": "483920", "reviewer": "示例县农业农村局", "due": "11月30日", "phone": "12345",
    "title": "西河村耕地地力保护补贴公示第二",
    "what": "示例镇西河村惠农补贴", "topic": "惠农补贴", "place": "南海村南海村",
    "text": "我家是4.5亩去年量过的没有错", "own": "西河村惠农补贴、停水停电", "name": "示*甲", "area": "西河村",
    "quantity": "3.5",
    "ref": "BJ20261123007", "at": "11月23日", "unit": "民政局", "status": "已受理", "note": "请补材料。",
    "lines": "高龄津贴申请 BJ20261123007，已受理",
}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_every_sentence_fits_two_segments(locale: str) -> None:
    texts = Catalogue.load(files("bot") / "texts" / "notice")
    sample = _SAMPLE if locale != "en" else _SAMPLE | {"due": "30 November", "reviewer": "the level above"}
    long = {key: said for key in texts.keys if segments(sign(said := texts(locale, key, **sample), "阳光热线")) > 2}
    assert long == {}


# --- cases of other systems


async def test_looking_shows_the_cases_of_other_systems_and_one_by_its_number(small: World) -> None:
    new = NewCase("BJ-2026-7", "高龄津贴申请", "accepted", "民政局", channel="sms", address=ME, limit="5 working days")
    await small.db.write(small.notices.cases.take, new, staff(AGENT))
    assert re.search("您现在没有|其他系统的办件", await hears(small, "查询"))
    assert await hears(small, "查询 BJ-2026-7") == (
        "高龄津贴申请（BJ-2026-7）：11月23日民政局已受理。最迟11月30日办结。"
    )
    assert "没有查到办件BJ-2026-7" in await hears(small, "查询 BJ-2026-7", NEIGHBOUR)
