"""Staff by SMS: the code against forged senders, the echo, taking back."""

from collections.abc import AsyncIterator

import pytest

from bot.hotline.paging import staff_code
from core.clock import ManualClock
from core.db import Database
from core.text import segments
from tests.bot.groups import ANSWER, Office, lamp, staffed
from tests.bot.office import BOSS, HANDLER, matters, phone_of


@pytest.fixture
async def office(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with staffed(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with staffed(sqlite_db, clock) as made:
        yield made


async def test_by_sms_an_answer_needs_the_persons_code_and_is_echoed(office: Office) -> None:
    number = await lamp(office)
    phone, code = phone_of(HANDLER), staff_code(number, f"p-{HANDLER}")
    (refused,) = await office.world.says(f"回复 {number} {ANSWER}", "sms", phone)
    assert "4位码" in refused
    assert segments(refused) == 1
    (echo,) = await office.world.says(f"回复 {number} {code} {ANSWER}", "sms", phone)
    assert ANSWER in echo
    assert echo.endswith("回1现在发 2撤回 3改写")
    (undone,) = await office.world.says("2", "sms", phone)
    assert "没有发给市民" in undone


async def test_an_answer_by_sms_signs_for_the_matter_as_well(small: Office) -> None:
    number = await lamp(small)
    phone, code = phone_of(HANDLER), staff_code(number, f"p-{HANDLER}")
    (signed,) = await small.world.says(f"回复 {number} {code} 签收", "sms", phone)
    assert "签收" in signed
    (matter,) = await matters(small.world)
    assert matter.state == "signed"


async def test_a_forged_sender_without_the_code_changes_nothing(small: Office) -> None:
    number = await lamp(small)
    stranger = staff_code(number, f"p-{BOSS}")
    for text in (f"回复 {number} {stranger} {ANSWER}", f"退单 {number} 不归我们", f"签收单 {number}"):
        assert "4位码" in (await small.world.says(text, "sms", phone_of(HANDLER)))[0]
    (matter,) = await matters(small.world)
    assert matter.state == "dispatched"
