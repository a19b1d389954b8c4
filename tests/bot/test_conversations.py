"""Whole conversations, as DIALOGUES has them: what goes in, what is said, what is kept."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session, select

from bot import inbox
from bot.hotline.models import Matter
from bot.models import InboxMessage
from core.clock import ManualClock
from core.db import Database
from core.messages import Inbound, Media
from core.people import refusals
from core.text import segments
from faq.models import FaqQuery
from tests.bot.world import World, built

ME = "+12025550101"


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    """For behaviour that does not depend on the database."""
    async with built(sqlite_db, clock) as made:
        yield made


def _matters(session: Session) -> list[Matter]:
    return list(session.exec(select(Matter)))


def _queries(session: Session) -> list[FaqQuery]:
    return list(session.exec(select(FaqQuery)))


async def test_a_colloquial_question_gets_the_answer_in_one_signed_sms(world: World) -> None:
    said = await world.says("社保卡丢了咋补")
    assert len(said) == 1
    assert said[0].startswith("【阳光热线】")
    assert "12333挂失" in said[0]
    assert said[0].endswith("没说清回0")
    assert segments(said[0]) == 1
    (query,) = await world.db.read(_queries)
    assert (query.outcome, query.entry_id) == ("answer", "sb-014")


async def test_a_bare_noun_is_answered_with_choices_and_a_number_chooses(world: World) -> None:
    (listed,) = await world.says("医保")
    assert "请回数字：1" in listed
    assert listed.endswith("0都不是，找人工")
    place = next(n for n in (1, 2, 3) if f"{n}医保住院" in listed)
    (answer,) = await world.says("１２３"[place - 1])
    assert "只付个人部分" in answer


async def test_the_same_number_twice_gives_the_same_choice_twice(world: World) -> None:
    await world.says("医保")
    first = await world.says("1")
    assert await world.says("1") == first


async def test_none_of_these_hands_over_with_all_that_was_said(world: World) -> None:
    await world.says("医保")
    (said,) = await world.says("0")
    assert "已转人工" in said
    assert "25日下班前" in said, "a consultation is answered within two working days"
    (matter,) = await world.db.read(_matters)
    assert matter.number in said
    assert ["citizen", "医保"] in (matter.transcript or [])
    assert matter.source == "sms"


async def test_not_understood_twice_offers_a_person_and_one_yes_is_enough(world: World) -> None:
    (first,) = await world.says("量子纠缠怎么做菜")
    assert "换个说法" in first
    (second,) = await world.says("银河系里有几只猫")
    assert "回1转人工" in second
    (opened,) = await world.says("1")
    assert "已转人工" in opened


async def test_asking_for_a_person_without_a_question_asks_what_it_is_about(world: World) -> None:
    (what,) = await world.says("人工")
    assert "写一段话" in what
    assert await world.says("好") == [what], "one letter is no matter"
    (opened,) = await world.says("想问问村里修路的事")
    assert "编号" in opened
    (matter,) = await world.db.read(_matters)
    assert matter.text == "想问问村里修路的事"


async def test_leaving_the_question_for_a_person_opens_nothing(small: World) -> None:
    await small.says("人工")
    (said,) = await small.says("取消")
    assert "没有转" in said
    assert await small.db.read(_matters) == []


async def test_in_a_chat_choices_are_buttons_and_feedback_is_kept(world: World) -> None:
    await world.says("医保", "chat", "anna")
    (listed,) = await world.outgoing("chat", "anna")
    assert "请回数字" not in listed.text
    assert listed.options[-1][1] == "都不是，找人工"
    await world.presses("医保住院费用怎么报销？")
    (thanks,) = await world.presses("有用")
    assert "谢谢" in thanks
    (query,) = await world.db.read(_queries)
    assert (query.entry_id, query.helpful) == ("yb-002", True)


async def test_not_helpful_is_noted_and_offers_a_person(world: World) -> None:
    await world.says("社保卡丢了咋补", "chat", "anna")
    (sorry,) = await world.presses("没用")
    assert "转给工作人员" in sorry
    (query,) = await world.db.read(_queries)
    assert query.missed == "unhelpful"
    (opened,) = await world.presses("找人工")
    assert "已转人工" in opened


async def test_a_follow_up_gets_the_sentence_of_the_entry_just_shown_that_tells_it(small: World) -> None:
    await small.says("社保卡丢了咋补")
    (said,) = await small.says("那要多少钱")
    assert "工本费以窗口公示为准" in said
    assert "挂失" not in said  # the whole stands above


async def test_a_follow_up_that_the_entry_does_not_tell_gets_the_whole_again(small: World) -> None:
    await small.says("社保卡丢了咋补")
    (said,) = await small.says("那网上能办吗")
    assert "挂失" in said


async def test_the_same_webhook_twice_is_answered_once(world: World) -> None:
    assert len(await world.says("社保卡丢了咋补", provider_id="SM1")) == 1
    assert await world.says("社保卡丢了咋补", provider_id="SM1") == []


async def test_messages_of_one_conversation_are_answered_in_their_order(world: World) -> None:
    batch = [Inbound("sms", f"n{n}", ME, text) for n, text in enumerate(["医保", "1", "人工"])]
    for message in batch:
        await world.db.write(inbox.store, world.clock(), [message])
    await world.conversations.drain()
    said = await world.said("sms", ME)
    assert "请回数字" in said[0]
    assert "没说清回0" in said[1] or "余下" in said[1]
    assert "已转人工" in said[2]


async def test_opting_out_once_stops_alerts_and_twice_stops_everything(world: World) -> None:
    assert "各类提醒" in (await world.says("退订"))[0]
    assert await world.db.read(refusals, "sms", ME) == {"alert"}
    assert "最后一条" in (await world.says("退订"))[0]
    assert await world.db.read(refusals, "sms", ME) == {"alert", "*"}
    assert "欢迎回来" in (await world.says("恢复"))[0]
    assert await world.db.read(refusals, "sms", ME) == frozenset()


async def test_something_said_between_two_opt_outs_keeps_them_apart(small: World) -> None:
    await small.says("退订")
    await small.says("医保")
    assert "各类提醒" in (await small.says("退订"))[0]


async def test_where_the_provider_answered_stop_we_stay_silent_and_remember(small: World) -> None:
    assert await small.says("STOP", opt_out="stop") == []
    assert await small.db.read(refusals, "sms", ME) == {"provider"}
    assert await small.says("START", opt_out="start") == []
    assert await small.db.read(refusals, "sms", ME) == frozenset()


async def test_danger_is_answered_with_the_number_first_and_registered(world: World) -> None:
    said = await world.says("救命 隔壁着火了 东街12号")
    assert said[0].startswith("【阳光热线】请马上打119")
    (matter,) = await world.db.read(_matters)
    assert matter.number in said[0]
    assert len(said) == 1
    assert segments(said[0]) == 1
    assert matter.emergency


async def test_a_question_about_a_past_fire_is_answered_with_the_number_behind_it(small: World) -> None:
    said = await small.says("我爸去年火灾后能申请救助吗")
    assert "119" in said[-1]
    assert await small.db.read(_matters) == []


async def test_the_language_changes_and_stays(small: World) -> None:
    assert "in English" in (await small.says("English"))[0]
    assert "wait" not in (await small.says("量子纠缠怎么做菜"))[0]
    assert "Please say it another way" in (await small.said("sms", ME))[-1]
    assert "繁體中文" in (await small.says("繁體"))[0]
    assert "掛失" in (await small.says("社保卡丢了咋补"))[0], (
        "an entry written in simplified script is shown in traditional"
    )


async def test_thanks_costs_nothing_by_sms_and_is_answered_in_a_chat(small: World) -> None:
    assert await small.says("谢谢") == []
    assert await small.says("谢谢", "chat", "anna") == ["不客气，有事随时发来。"]


@pytest.mark.parametrize(("text", "words"), [("", "没看到文字"), ("😀😀😀", "没看到文字"), ("问" * 5000, "写得有点长")])
async def test_what_cannot_be_answered_is_said_kindly(small: World, text: str, words: str) -> None:
    assert words in (await small.says(text))[0]


async def test_a_picture_alone_is_asked_for_words(small: World) -> None:
    assert "看不出" in (await small.says("", media=(Media("file-1", "image/jpeg"),)))[0]


async def test_a_flood_from_one_sender_is_slowed_down_with_one_notice(small: World) -> None:
    for n in range(40):
        await small.says(f"医保{n}")
    assert sum("太快" in text for text in await small.said("sms", ME)) == 1
    small.later(minutes=2)
    assert "太快" not in (await small.says("社保卡丢了咋补"))[0]


async def test_groups_are_listened_to_by_nobody_yet(small: World) -> None:
    assert await small.says("社保卡丢了咋补", "chat", "-100", private=False) == []


async def test_a_conversation_goes_on_after_a_restart(db: Database, clock: ManualClock) -> None:
    async with built(db, clock) as before:
        await before.says("医保")
        await before.says("人工")
    async with built(db, clock) as after:
        assert "已转人工" in (await after.said("sms", ME))[-1]
        (listed,) = await after.says("医保")
        (answer,) = await after.says("2")
        assert "没说清回0" in answer
        assert listed


async def test_a_message_that_cannot_be_handled_is_put_aside_with_an_apology(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(small.faq, "note", broken)
    said = await small.says("社保卡丢了咋补")
    assert ["没处理好" in text for text in said] == [True]

    def states(session: Session) -> list[str]:
        return list(session.exec(select(InboxMessage.state)))

    assert await small.db.read(states) == ["dead"]
    monkeypatch.undo()
    assert "12333" in (await small.says("社保卡丢了咋补"))[0], "the conversation is not blocked"


async def test_nothing_personal_of_a_conversation_is_readable_in_the_database(small: World) -> None:
    await small.says("我叫示例甲，社保卡丢了咋补")
    path = small.db.url.removeprefix("sqlite:///")
    for suffix in ("", "-wal"):
        with open(path + suffix, "rb") as file:  # noqa: ASYNC230 - a small test file
            content = file.read()
        assert "示例甲".encode() not in content
        assert ME.encode() not in content
