"""Handing in a matter step by step, by SMS and chat: interrupted, corrected, forwarded, resumed."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from bot import inbox
from bot.attachment_models import PendingFile
from core.clock import ManualClock
from core.db import Database
from core.messages import Inbound, Media, Place
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


async def chat(world: World, *texts: str) -> str:
    """Messages in a chat, half a minute apart; the last thing said back."""
    said: list[str] = []
    for text in texts:
        world.later(seconds=30)
        said = await world.says(text, "chat", "anna")
    return said[-1] if said else ""


async def press(world: World, *labels: str) -> str:
    said: list[str] = []
    for label in labels:
        world.later(seconds=30)
        said = await world.presses(label)
    return said[-1] if said else ""


async def to_summary(world: World) -> str:
    """The dialogue of a grandson for his grandmother, as far as the summary."""
    await chat(world, "/ticket")
    await press(world, "求助")
    await chat(world, STORY)
    await press(world, "替家人")
    await chat(world, "东河村三组")
    await press(world, "下一步")
    return await chat(world, "打给我 +1 202 555 0133")


# --- step by step --------------------------------------------------------------------------------------------------


async def test_a_grandson_hands_in_a_matter_and_corrects_the_place(world: World) -> None:
    summary = await to_summary(world)
    assert summary.startswith(f"请核对：①求助 ②{STORY} ③东河村三组 ④无附件 ⑤您（替外婆） +1 202 555 0133")
    assert "现在是：东河村三组" in await chat(world, "3")
    assert "③改为“东河村五组”，其余不变" in await chat(world, "东河村五组")
    await press(world, "提交")
    (matter,) = await matters(world)
    assert (matter.kind, matter.for_person, matter.phone) == ("help", "外婆", "+12025550133")
    assert matter.place == {"address": "东河村五组"}
    assert matter.vulnerable, "84 years old: comes first in the queue"


async def test_a_question_in_between_loses_no_step(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "求助")
    await chat(small, STORY)
    await press(small, "替家人")
    small.later(seconds=30)
    said = await small.says("认证要带户口本吗", "chat", "anna")
    assert "我记着" in said[0]
    assert said[1].startswith("外婆住在哪里？")
    small.later(seconds=30)
    answered = await small.says("社保卡丢了怎么补办？", "chat", "anna")
    assert "12333" in answered[0], "what is known is answered"
    assert answered[1] == said[1]
    assert "照片" in await chat(small, "东河村三组")


async def test_back_goes_back_and_cancel_leaves_nothing(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "投诉")
    await chat(small, "东街路灯坏了三天")
    assert "什么事" in await chat(small, "上一步")
    assert "在哪里" in await chat(small, "西街路灯坏了三天")
    assert "没有提交" in await chat(small, "取消")
    assert await matters(small) == []
    assert "没有要取消" in await chat(small, "取消")


async def test_by_sms_the_same_dialogue_has_numbers_and_each_message_fits(small: World) -> None:
    for text, words in [
        ("登记", "1咨询 2求助 3投诉"),
        ("3", "什么事"),
        ("西河村口路灯坏了三天，老人晚上出门看不见", "在哪里"),
        ("西河村二组", "请核对：1投诉"),
        ("2", "内容改成什么"),
        ("村口路灯坏了", "2改为“村口路灯坏了”"),
        ("保密", "为您保密"),
    ]:
        small.later(seconds=30)
        (said,) = await small.says(text)
        assert words in said
        assert segments(said) <= 2, said
    (matter,) = await matters(small)
    assert matter.confidential
    assert matter.place == {"address": "西河村二组"}


async def test_zero_is_a_person_at_any_step(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "投诉")
    await chat(small, "东街路灯坏了三天")
    assert "已转人工" in await chat(small, "0")
    (matter,) = await matters(small)
    assert ["citizen", "东街路灯坏了三天"] in (matter.transcript or [])


async def test_after_half_an_hour_the_form_is_kept_and_the_person_asked(world: World) -> None:
    await chat(world, "/ticket")
    await press(world, "求助")
    await chat(world, STORY)
    await press(world, "替家人")
    world.later(minutes=31)
    assert await chat(world, "东河村三组") == "接着上次的求助吗？"
    assert "照片" in await press(world, "接着"), "what was written meanwhile was the answer"
    world.later(minutes=31)
    await chat(world, "您好呀我来了")
    assert "哪一类" in await press(world, "重新来")


async def test_who_asks_something_else_after_half_an_hour_is_answered(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "求助")
    small.later(minutes=31)
    assert "接着上次" in await chat(small, "医保")
    assert "12333" in await chat(small, "社保卡丢了咋补")


async def test_a_restart_in_the_middle_loses_nothing(db: Database, clock: ManualClock) -> None:
    async with built(db, clock) as before:
        await to_summary(before)
    async with built(db, clock) as after:
        await press(after, "保密提交")
        (matter,) = await matters(after)
        assert matter.confidential
        assert matter.body == STORY


async def test_messages_forwarded_together_do_not_fill_the_form(world: World) -> None:
    await chat(world, "/ticket")
    await press(world, "投诉")
    world.later(seconds=30)
    came = world.clock()
    batch = ["东街菜场后门垃圾堆了一个星期", "我问过环卫的人，他说不归他管", "邻居也都在说", "现在臭得开不了窗"]
    for n, text in enumerate(batch):
        await world.db.write(inbox.store, came, [Inbound("chat", f"fw-{n}", "anna", text)])
    world.later(seconds=1)
    await world.conversations.drain()
    said = await world.said("chat", "anna")
    assert sum("在哪里" in text for text in said) == 1, "the question is put once"
    await chat(world, "东街菜场后门")
    await press(world, "下一步", "不留电话", "提交")
    (matter,) = await matters(world)
    assert matter.text == "\n".join(batch)
    assert matter.place == {"address": "东街菜场后门"}


async def test_photos_location_and_voice_are_kept_with_the_matter(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "投诉")
    small.later(seconds=30)
    voice = (Media("voice-1", "audio/ogg"),)
    await small.says("", "chat", "anna", media=voice)
    small.later(seconds=30)
    await small.says("", "chat", "anna", place=Place(30.1, 104.2))
    small.later(seconds=30)
    assert "一共2个" in (await small.says("", "chat", "anna", media=(PHOTO,)))[0]
    await press(small, "下一步", "不留电话", "提交")
    (matter,) = await matters(small)
    assert matter.place == {"lat": 30.1, "lon": 104.2}
    pending = await small.db.read(lambda session: [row.media["ref"] for row in session.exec(select(PendingFile))])
    assert pending == ["voice-1", "file-1"]


async def test_a_button_of_an_earlier_step_does_nothing_wrong(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "求助")
    await chat(small, STORY)
    await press(small, "替家人")
    await chat(small, "东河村三组")
    (said,) = await small.presses("替家人")
    assert "过期" in said
    assert "留个电话" in await press(small, "下一步")


async def test_a_danger_in_the_middle_is_answered_first_and_the_form_waits(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "求助")
    small.later(seconds=30)
    assert "119" in (await small.says("隔壁着火了！", "chat", "anna"))[0]
    assert "替外婆" in await chat(small, STORY)


async def test_after_a_danger_good_news_is_kept_and_answered(world: World) -> None:
    await world.says("救命 隔壁着火了 东街12号")
    (said,) = await world.says("打过119了 人都出来了")
    assert "人平安最要紧" in said
    (matter,) = await matters(world)
    assert ("append", "打过119了 人都出来了") in await events(world, matter.number)


async def test_a_cry_for_help_of_any_length_is_taken(small: World) -> None:
    said = await small.says("着火了" + "快来" * 9_000)
    assert "119" in said[0]
    assert len(await matters(small)) == 1


async def test_the_same_message_twice_opens_one_matter(world: World) -> None:
    first = await world.says("投诉 西河村口路灯坏了三天，请修好", provider_id="SM1")
    assert len(first) == 1
    assert await world.says("投诉 西河村口路灯坏了三天，请修好", provider_id="SM1") == []
    assert len(await matters(world)) == 1


async def test_a_number_that_cannot_be_read_is_asked_for_again(small: World) -> None:
    await chat(small, "/ticket")
    await press(small, "投诉")
    await chat(small, "东街路灯坏了三天", "东街12号")
    await press(small, "下一步")
    assert "看不清" in await chat(small, "12345")
    assert "请核对" in await chat(small, "+44 7700 900123")


async def test_an_english_dialogue_speaks_english(small: World) -> None:
    for text, words in [("English", "English"), ("/ticket", "What is it about"), ("complaint", "What happened")]:
        small.later(seconds=30)
        assert words in (await small.says(text, "chat", "anna"))[-1]
