"""A matter in one message: kinds, what is missing, confidential and anonymous, too short and too long."""

import re
from collections.abc import AsyncIterator

import pytest

from core.clock import ManualClock
from core.db import Database
from core.messages import Media
from core.text import segments
from tests.bot.office import events, matters
from tests.bot.world import World, built

ME = "+12025550101"
PHOTO = Media("file-1", "image/jpeg")
STORY = "外婆84岁下不了楼，高龄津贴认证要本人去镇上，能不能上门"


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(sqlite_db, clock) as made:
        yield made


async def test_one_sms_is_a_complaint_with_number_code_and_date(world: World) -> None:
    (said,) = await world.says("投诉 西河村口路灯坏了三天，老人晚上出门看不见")
    (matter,) = await matters(world)
    assert said.startswith("【阳光热线】已登记您的投诉“西河村口路灯坏了三天”")
    assert f"编号{matter.number}，查询码" in said
    assert said.endswith("24日下班前告诉您是否受理。")
    assert segments(said) == 1
    assert (matter.kind, matter.source) == ("complaint", "sms")
    assert matter.text == "西河村口路灯坏了三天，老人晚上出门看不见", "as it was typed"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("咨询 孩子转学要哪些材料", "consultation"),
        ("求助：东街12号门口老人摔倒没人扶起来过", "help"),
        ("投诉某某路路灯坏了", "complaint"),
        ("举报 东街五金店昨天卖假货", "report"),
        ("ＳＵＧＧＥＳＴ more benches in the park", "suggestion"),
        ("表扬 东街窗口示例医生", "commendation"),
        ("信息公开申请 要2025年东河村公路预算", "information_request"),
        ("投訴 西河村口路燈壞了", "complaint"),
        ("complain the street lamp at West Bridge is broken", "complaint"),
    ],
)
async def test_every_kind_has_its_word(small: World, text: str, kind: str) -> None:
    await small.says(text)
    (matter,) = await matters(small)
    assert matter.kind == kind


@pytest.mark.parametrize(
    "text", ["投诉电话是多少", "咨询一下医保怎么交钱", "举报有奖吗", "查询医保余额", "补充医疗保险是什么"]
)
async def test_a_question_that_begins_like_a_word_is_a_question(small: World, text: str) -> None:
    await small.says(text)
    assert await matters(small) == []


async def test_what_is_missing_is_asked_for_once_and_completely(world: World) -> None:
    (asked,) = await world.says("投诉 垃圾没人管")
    assert "请一次回全：在哪里、哪天起、希望怎么解决。名字可以不写。" in asked
    assert segments(asked) == 1
    (said,) = await world.says("东街菜场后门 有一个星期了 天天清就好")
    assert said == "【阳光热线】都记下了，够办了，不再问您。24日下班前告诉您是否受理。"
    (matter,) = await matters(world)
    assert ("append", "东街菜场后门 有一个星期了 天天清就好") in await events(world, matter.number)


async def test_a_command_between_the_request_and_its_answer_is_a_command(small: World) -> None:
    await small.says("投诉 垃圾没人管")
    assert "登记" in (await small.says("查询"))[0]
    assert "都记下了" in (await small.says("东街菜场后门 有一个星期了"))[0]


async def test_a_report_is_confidential_and_its_words_are_not_repeated(small: World) -> None:
    (said,) = await small.says("举报 东街五金店老板昨天卖假货")
    assert "保密" in said
    assert "五金" not in said
    (matter,) = await matters(small)
    assert matter.protected


async def test_an_anonymous_matter_keeps_nothing_of_who_wrote(small: World) -> None:
    (said,) = await small.says("匿名举报 东街五金店昨天卖假货")
    (matter,) = await matters(small)
    assert matter.anonymous
    assert not matter.reply_address
    assert matter.origin_key is None
    assert "凭编号和查询码" in said
    assert "没有" in (await small.says("查询"))[0], "not even the same telephone is the same sender"
    code = re.search(r"查询码(\d{6})", said)
    assert code
    assert matter.number in (await small.says(f"查询 {matter.number} {code[1]}"))[0]


async def test_a_complaint_about_our_messages_says_how_to_stop_them(small: World) -> None:
    (said,) = await small.says("投诉 你们老发短信怎么退订")
    assert "回“退订”两个字马上停" in said
    assert len(await matters(small)) == 1


@pytest.mark.parametrize(("text", "words"), [("投诉 灯", "写一两句话"), ("投诉 " + "很" * 20_000, "写得太长了")])
async def test_too_short_and_too_long_are_said_kindly(small: World, text: str, words: str) -> None:
    assert words in (await small.says(text))[0]
    assert await matters(small) == []


async def test_the_twenty_first_matter_of_a_day_is_refused_with_a_telephone_number(small: World) -> None:
    for n in range(20):
        small.later(minutes=3)
        await small.says(f"投诉 东街{n}号路灯坏了三天，请修好")
    small.later(minutes=3)
    assert "12345" in (await small.says("投诉 东街99号路灯坏了三天，请修好"))[0]
    assert len(await matters(small)) == 20
