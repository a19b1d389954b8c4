"""待办 and absence count documents and matters; long lists fit their message and go on on further pages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.hotline.given import Given
from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.models import Matter
from bot.hotline.words import Action, Kind
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Role
from core.text import segments
from notify.signoff.models import Recipient
from tests.bot.test_officials import A, B, _fire, _issue, _recipients, _two
from tests.bot.world import World, built
from tests.notify.signoff.conftest import people

AGENT = Principal("agent", "示例辛", frozenset({Role.AGENT}), "api")
HANDLERS = {who: Principal(who, who, frozenset({Role.HANDLER}), "api", person_id=who, unit_id="lamps") for who in "ab"}


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    db.write_now(people, clock)
    async with built(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    sqlite_db.write_now(people, clock)
    async with built(sqlite_db, clock) as made:
        yield made


async def _do(world: World, number: str, action: Action, who: Principal, **given: Any) -> None:
    def version(session: Session) -> int:
        return session.exec(select(Matter).where(Matter.number == number)).one().version

    found = await world.db.read(version)
    await world.db.write(world.hotline.perform, number, action, who, Given(version=found, **given))


async def _in_hand(world: World, text: str, kind: Kind = Kind.HELP, **more: Any) -> str:
    """A matter that A has signed for; its number."""
    values: dict[str, Any] = {"source": "sms", "reply_to": ReplyTo("sms", "+12025550119"), "tell": False} | more
    opened = await world.db.write(world.hotline.open, NewMatter(kind=kind, text=text, **values))
    await _do(world, opened.number, Action.ACCEPT, AGENT)
    await _do(world, opened.number, Action.DISPATCH, AGENT, unit="城管局")
    await _do(world, opened.number, Action.SIGN, HANDLERS["a"])
    return str(opened.number)


async def test_todo_names_documents_and_matters_and_numbers_sign_the_documents(world: World) -> None:
    await _two(world)
    number = await _in_hand(world, "西河村口路灯坏了三天")
    (said,) = await world.says("待办", address=A)
    assert said.startswith("【阳光热线】2件待签收：1〔2026〕12号防汛值守11:00前；2〔2026〕15号秸秆禁烧14:00前。")
    assert f"承办1件：{number}西河村口路灯坏了 " in said
    (signed,) = await world.says("2", address=A)
    assert "已签收示发〔2026〕15号" in signed


async def test_matters_alone_and_nothing_at_all(small: World) -> None:
    number = await _in_hand(small, "西河村口路灯坏了三天")
    assert f"没有待签收的公文。承办1件：{number}" in (await small.says("待办", address=A))[0]
    assert "现在没有待签收的公文和承办的来件" in (await small.says("待办", address=B))[0]


async def test_of_a_protected_matter_the_list_shows_the_number_alone(small: World) -> None:
    number = await _in_hand(small, "村支书把低保给了自家人", confidential=True)
    (said,) = await small.says("待办", address=A)
    assert number in said
    assert "低保" not in said


async def test_who_goes_away_hears_of_matters_too_and_of_what_was_answered_meanwhile(world: World) -> None:
    await _two(world)
    first = await _in_hand(world, "西河村口路灯坏了三天")
    await _in_hand(world, "东街井盖松动")
    (asked,) = await world.says("外出 3天", address=A)
    assert "由B岗示例乙代签代办：待签收2件、承办2件。回1确认 2换人 0取消" in asked
    await world.says("1", address=A)
    await world.says("签收 12", address=B)
    await _do(world, first, Action.REPLY, HANDLERS["b"], text="您好，11月24日已修好路灯，晚上请您看看，不亮告诉我们。")
    (back,) = await world.says("销假", address=A)
    assert "外出期间示例乙代签1件、代答复1件；待签收1件、承办1件已交回您，最近一件" in back


async def test_a_long_list_keeps_to_two_segments_and_goes_on_on_the_next_page(small: World) -> None:
    for n in range(1, 13):
        await _issue(small, f"示发〔2026〕{n}号", "normal", f"关于做好第{n}项防汛值守检查的通知")
    (first,) = await small.says("待办", address=A)
    assert segments(first) <= 2
    assert "…等12件，回“待办2”看后面" in first
    (second,) = await small.says("待办 2", address=A)
    shown = first.count("〔2026〕")
    assert f"{shown + 1}〔2026〕" in second
    (signed,) = await small.says(str(shown + 1), address=A)
    rows = await small.db.read(lambda s: [row.code for row in s.exec(select(Recipient)) if row.state == "signed"])
    assert len(rows) == 1
    assert f"〔2026〕{rows[0]}号" in second
    assert f"〔2026〕{rows[0]}号" in signed
    (all_of_them,) = await small.says("全部签收", address=A)
    assert "已签收11件" in all_of_them


async def test_many_due_in_one_minute_are_one_short_message(small: World) -> None:
    for n in range(1, 16):
        await _issue(small, f"示发〔2026〕{n}号", "urgent", f"关于做好第{n}项防汛值守检查的通知")
    small.later(minutes=30)
    await _fire(small)
    said = [text for text in await small.said("sms", A) if "15件待签收" in text]
    assert len(said) == 1
    assert segments(said[0]) <= 2
    assert "…等15件，回“待办”看清单" in said[0]


async def test_a_button_that_is_not_ours_signs_nothing_and_an_old_one_shows_what_was_opened_again(
    small: World,
) -> None:
    await _issue(small, "示发〔2026〕12号")
    (unknown,) = await small.says("签收", "chat", "chat-a", choice="c:sign:no-such-thing.1")
    assert "回“签收”看清单" in unknown
    (row,) = await _recipients(small)
    press = f"c:sign:{row.id}.{row.generation}"
    await small.says("签收", "chat", "chat-a", choice=press)
    await small.says("非本人 12", address=A)
    (again,) = await small.says("签收", "chat", "chat-a", choice=press)
    assert "1件待签收：1〔2026〕12号" in again
    (row,) = await _recipients(small)
    assert row.state == "open"
