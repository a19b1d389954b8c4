"""Officials on their phones, as DIALOGUES 8 and 9 have it: signing, giving back, going away and coming back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from bot.commands import command_in
from bot.dialogue import official
from bot.dialogue.base import Heard, Memory
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Role
from core.text import segments
from notify.signoff.issuing import Issued, NewDocument, NewRecipient
from notify.signoff.models import Recipient, SignEvent
from notify.timers import Timers
from tests.bot.world import World, built
from tests.notify.signoff.conftest import PHONES, people

A, B, LEADER, BOSS = PHONES["a"], PHONES["b"], PHONES["leader"], PHONES["boss"]
CLERK = Principal("ref-clerk", "示例戊", frozenset({Role.OFFICIAL}), "api", "clerk")


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with _office(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    """For behaviour that does not depend on the database."""
    async with _office(sqlite_db, clock) as made:
        yield made


def _office(db: Database, clock: ManualClock) -> Any:
    db.write_now(people, clock)
    return built(db, clock)


async def _issue(
    world: World, number: str, urgency: str = "urgent", title: str = "关于做好防汛值守的通知", **who: str
) -> Issued:
    roles = {"a": "a", "b": "b", "leader": "leader"} | who
    new = NewDocument(number, title, urgency, True, [NewRecipient("城管局", **roles)])
    issued = await world.db.write(world.signoff.issue, new, CLERK)
    await _fire(world)
    return issued


async def _two(world: World) -> None:
    await _issue(world, "示发〔2026〕12号")
    await _issue(world, "示发〔2026〕15号", "important", "关于秸秆禁烧的通知")


async def _fire(world: World) -> None:
    timers = Timers(world.db, world.clock, world.signoff.owners())
    while await timers.fire():
        pass


async def _recipients(world: World) -> list[Recipient]:
    def read(session: Session) -> list[Recipient]:
        return list(session.exec(select(Recipient).order_by(Recipient.id)))

    return await world.db.read(read)


async def _recorded(world: World) -> list[str]:
    return await world.db.read(lambda session: list(session.exec(select(SignEvent.what).order_by(SignEvent.id))))


async def test_two_documents_are_listed_and_signed_by_their_numbers(world: World) -> None:
    await _two(world)
    first, second = await world.said("sms", A)
    assert first == "【阳光热线】紧急公文待签收：示发〔2026〕12号 关于做好防汛值守的通知，11:00前。回：签收 12"
    assert (segments(first), segments(second)) == (1, 1)
    (listed,) = await world.says("签收", address=A)
    assert "2件待签收：1〔2026〕12号防汛值守11:00前；2〔2026〕15号秸秆禁烧14:00前。回1、2或“全部签收”" in listed
    assert segments(listed) == 1
    (signed,) = await world.says("1", address=A)
    assert signed == "【阳光热线】已签收示发〔2026〕12号，10:00，按时。另有示发〔2026〕15号，14:00前，回2签收。"
    (again,) = await world.says("1", address=A)
    assert "示发〔2026〕12号您10:00已签收，不用再签。" in again
    assert "另有示发〔2026〕15号" in again
    assert [row.state for row in await _recipients(world)] == ["signed", "open"]
    world.later(hours=4, minutes=8)
    (late,) = await world.says("2", address=A)
    assert late == "【阳光热线】已签收示发〔2026〕15号，14:08，超时8分钟，已如实记录。没有别的待签收公文了。"


async def test_one_signs_at_once_when_exactly_one_is_open_and_twice_signs_once(world: World) -> None:
    await _issue(world, "示发〔2026〕12号")
    (signed,) = await world.says("１", address=A)
    assert "已签收示发〔2026〕12号，10:00，按时。没有别的待签收公文了。" in signed
    (again,) = await world.says("1", address=A)
    assert "您10:00已签收" in again
    assert (await _recorded(world)).count("signed") == 1


async def test_a_doubled_one_never_signs_a_second_document(small: World) -> None:
    await _two(small)
    (listed,) = await small.says("1", address=A)
    assert "1〔2026〕15号" in listed, "the document of the message just answered comes first"
    await small.says("1", address=A)
    await small.says("1", address=A)
    states = {row.code: row.state for row in await _recipients(small)}
    assert states == {"12": "open", "15": "signed"}


@pytest.mark.parametrize(
    "text", ["签收 12", "签收12", "簽收 12", "ＳＩＧＮ 12", "签收 〔2026〕12号", "签收 示发[2026]12号"]
)
async def test_a_code_or_a_number_signs_that_document(small: World, text: str) -> None:
    await _two(small)
    await small.says(text, address=A)
    assert [row.state for row in await _recipients(small)] == ["signed", "open"]


async def test_all_are_signed_with_one_word(small: World) -> None:
    await _two(small)
    (said,) = await small.says("全部签收", address=A)
    assert "已签收2件：〔2026〕12号、〔2026〕15号。" in said
    assert {row.state for row in await _recipients(small)} == {"signed"}


async def test_a_number_chosen_from_an_answer_list_never_signs(small: World) -> None:
    await _issue(small, "示发〔2026〕12号")
    await small.says("医保", address=A)
    (answer,) = await small.says("1", address=A)
    assert "签收" not in answer
    assert [row.state for row in await _recipients(small)] == ["open"]


async def test_the_button_below_a_reminder_signs_and_offers_not_me(small: World) -> None:
    await _issue(small, "示发〔2026〕12号")
    small.later(minutes=30)
    await _fire(small)
    (signed,) = await small.presses("签收", address="chat-a")
    assert "已签收示发〔2026〕12号" in signed
    (open_again,) = await small.presses("非本人", address="chat-a")
    assert "已重新打开" in open_again
    assert [row.state for row in await _recipients(small)] == ["open"]
    assert "不是本人" in (await small.said("sms", BOSS))[-1]


async def test_somebody_unknown_signs_nothing(small: World) -> None:
    await _issue(small, "示发〔2026〕12号")
    (said,) = await small.says("签收 12", address="+12025550190")
    assert "没有登记为工作人员" in said
    assert [row.state for row in await _recipients(small)] == ["open"]


async def test_a_colleague_does_not_find_a_document_that_is_not_theirs(small: World) -> None:
    await _issue(small, "示发〔2026〕12号")
    (said,) = await small.says("签收 12", address="+12025550109")
    assert "没有编号12的待签收公文" in said
    assert [row.state for row in await _recipients(small)] == ["open"]


async def test_a_document_of_another_unit_goes_back_and_reminders_wait(world: World) -> None:
    await _issue(world, "示发〔2026〕21号")
    (said,) = await world.says("退文 21 应送农业农村局", address=A)
    assert said == "【阳光热线】示发〔2026〕21号已退发文单位，附上您的理由。30分钟内回您结果，这期间不再催。"
    asked = (await world.said("chat", "chat-clerk"))[-1]
    assert "示例甲退文示发〔2026〕21号：应送农业农村局" in asked
    (granted,) = await world.says("1", "chat", "chat-clerk")
    assert "已同意退文" in granted
    assert [row.state for row in await _recipients(world)] == ["returned"]
    assert "同意退文" in (await world.said("sms", A))[-1]
    (again,) = await world.says("1", "chat", "chat-clerk")
    assert "已经处理过了" in again


async def test_a_return_without_a_reason_is_asked_for_one(small: World) -> None:
    await _two(small)
    (which,) = await small.says("退文", address=A)
    assert "请写明退哪一件" in which
    (reason,) = await small.says("退文 12", address=A)
    assert "请写明退文理由" in reason


async def test_going_away_hands_open_documents_to_the_deputy_who_signs_in_place(world: World) -> None:
    await _two(world)
    (asked,) = await world.says("外出 3天", address=A)
    assert asked == ("【阳光热线】您从现在到26日10:00外出，由B岗示例乙代签代办：待签收2件。回1确认 2换人 0取消")
    (done,) = await world.says("1", address=A)
    assert "已交给示例乙，26日10:00自动交回。提前回来请回“销假”。" in done
    handed = (await world.said("sms", B))[-1]
    assert (
        "示例甲外出到26日10:00，由您代签。2件：1〔2026〕12号防汛值守11:00前；2〔2026〕15号秸秆禁烧14:00前。回1、2"
        in handed
    )
    signed = (await world.says("1", address=B))[-1]
    assert "已代示例甲签收示发〔2026〕12号，10:00，按时。另有示发〔2026〕15号，14:00前，回2签收。" in signed
    (back,) = await world.says("销假", address=A)
    assert "您已回岗。外出期间示例乙代签1件；待签收1件已交回您，最近一件14:00到期。" in back
    assert "示例甲已回岗" in (await world.said("sms", B))[-1]
    (none,) = await world.says("待办", address=B)
    assert "现在没有待签收的公文和承办的来件" in none
    first, _ = await _recipients(world)
    assert (first.signed_by, first.in_place_of) == ("b", "a")


async def test_a_deputy_who_is_away_too_gives_way_to_the_leader(small: World) -> None:
    await small.says("外出 2天", address=B)
    await small.says("1", address=B)
    await _issue(small, "示发〔2026〕12号")
    (asked,) = await small.says("外出 3天", address=A)
    assert "示例乙到25日10:00也外出，接不了。可由负责人示例丙接替。回1交给示例丙 2换别人 0取消" in asked
    await small.says("1", address=A)
    assert "由您代签" in (await small.said("sms", LEADER))[-1]


async def test_when_all_three_are_away_supervision_is_told_at_once(small: World) -> None:
    for who in (LEADER, B):
        await small.says("外出 2天", address=who)
        await small.says("1", address=who)
    await _issue(small, "示发〔2026〕12号")
    (asked,) = await small.says("外出 1天", address=A)
    assert "没人接" in asked
    (done,) = await small.says("1", address=A)
    assert "已告诉督办人员" in done
    assert "示例甲和B岗、负责人都不在岗" in (await small.said("sms", BOSS))[-1]


async def test_somebody_else_may_be_chosen_and_an_absence_cancelled(small: World) -> None:
    await small.says("外出 半天", address=A)
    (who,) = await small.says("2", address=A)
    assert "交给谁？请回数字：1示例丙" in who
    (done,) = await small.says("1", address=A)
    assert "已交给示例丙" in done
    await small.says("销假", address=A)
    await small.says("外出 1天", address=A)
    (stays,) = await small.says("0", address=A)
    assert "没有外出" in stays
    assert "不用销假" in (await small.says("销假", address=A))[0]


async def test_an_absence_that_is_over_hands_back_by_itself(small: World) -> None:
    await _issue(small, "示发〔2026〕12号", "normal")
    await small.says("外出 1小时", address=A)
    await small.says("1", address=A)
    small.later(hours=1)
    await _fire(small)
    said = await small.said("sms", A)
    assert any("您已回岗" in text and "待签收1件已交回您" in text for text in said)


async def test_a_code_from_the_phone_links_another_channel_once(small: World) -> None:
    (given,) = await small.says("绑定", address=B)
    code = given.split("绑定码")[1][:8]
    (linked,) = await small.says(f"绑定 {code}", "chat", "chat-b")
    assert "已验证，是示例乙的" in linked
    assert "验证码不对或已过期" in (await small.says(f"绑定 {code}", "chat", "chat-x"))[0]
    await _issue(small, "示发〔2026〕12号", a="b", b="a")
    (said,) = await small.says("签收", "chat", "chat-b")
    assert "已签收示发〔2026〕12号" in said


async def test_withdrawn_documents_need_no_signing(small: World) -> None:
    issued = await _issue(small, "示发〔2026〕12号")
    await small.db.write(small.signoff.withdraw, issued.document.id, CLERK)
    (said,) = await small.says("签收 12", address=A)
    assert "已撤回或退文，不用签收了" in said


@pytest.mark.parametrize(
    ("text", "is_command"),
    [
        ("签收", True),
        ("签收 12", True),
        ("签收快递丢了怎么办", False),
        ("外出 3天", True),
        ("外出打工怎么办社保", False),
        ("绑定银行卡怎么弄", False),
        ("退文 21 应送农业农村局", True),
        ("待办事项怎么查", False),
    ],
)
def test_sentences_of_citizens_are_not_taken_for_commands(text: str, is_command: bool) -> None:
    command = command_in(text)
    said = official.words(command, Heard(text), Memory()) if command else None
    assert (said is not None) is is_command


@pytest.mark.parametrize(
    ("length", "hours"),
    [("3天", 72), ("半天", 12), ("2小时", 2), ("一周", 168), ("3 days", 72), ("到23日", 14), ("到11月24日", 38)],
)
def test_lengths_of_absence(clock: ManualClock, length: str, hours: float) -> None:
    until = official.away_until(length, clock(), ZoneInfo("Asia/Shanghai"))
    assert until == clock() + timedelta(hours=hours)
