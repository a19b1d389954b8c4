"""Opening a matter and answering it."""

import asyncio

import pytest

from bot.hotline import numbers
from bot.hotline.given import Given
from bot.hotline.intake import NewMatter
from bot.hotline.words import Action, Kind
from core.errors import BadInput, StaleVersion
from core.terms import Limit
from tests.bot.hotline.conftest import CITIZEN, Rig

LONG = "在定点医院出示社保卡或医保码，出院时直接结算。"


async def test_a_hand_over_gets_number_code_and_the_date_of_the_answer(rig: Rig) -> None:
    opened = await rig.open(transcript=(("citizen", "奶奶的医保"), ("bot", "您想问哪件事？")))
    matter = await rig.matter(opened.number)
    assert numbers.normal(opened.number) == opened.number
    assert opened.number.startswith("2611")
    assert len(opened.code) == 6
    assert opened.answer_by.isoformat() == "2026-11-25T10:00:00+00:00", "two working days: Wednesday 18:00"
    assert matter.transcript == [["citizen", "奶奶的医保"], ["bot", "您想问哪件事？"]]
    assert opened.code not in (matter.code_digest, matter.text)


async def test_a_redelivered_message_opens_nothing_twice_and_hears_the_same_code(rig: Rig) -> None:
    first = await rig.open(dedup_key="inbox:7")
    second = await rig.open(dedup_key="inbox:7")
    assert (first.number, first.code) == (second.number, second.code)
    assert second.known
    assert not first.known


async def test_numbers_are_never_given_out_twice(rig: Rig) -> None:
    opened = await asyncio.gather(*(rig.open() for _ in range(40)))
    assert len({one.number for one in opened}) == 40


async def test_an_emergency_is_to_be_taken_in_hand_within_minutes(rig: Rig) -> None:
    fire = await rig.open(Kind.HELP, "隔壁着火了 东街12号", emergency="fire")
    water = await rig.open(Kind.HELP, "我们小区停水两天了")
    now = rig.clock()
    assert fire.accept_by - now == Limit.parse("15 minutes").amount * (water.accept_by - now) / 30
    assert (water.accept_by - now).total_seconds() == 30 * 60


@pytest.mark.parametrize(
    ("values", "name"),
    [({"text": "水"}, "text"), ({"text": "很" * 20_000}, "text"), ({"text": "路灯坏了", "phone": "12"}, "phone")],
)
async def test_what_does_not_fit_is_named(lite: Rig, values: dict[str, str], name: str) -> None:
    with pytest.raises(BadInput) as refused:
        await lite.db.write(lite.hotline.open, NewMatter(kind=Kind.HELP, source="web", **values))
    assert name in refused.value.fields


async def _accepted(rig: Rig) -> tuple[str, int]:
    opened = await rig.open()
    matter = await rig.do(opened.number, Action.ACCEPT, rig.agent)
    return opened.number, matter.version


async def test_an_answer_goes_back_where_the_question_came_from(rig: Rig) -> None:
    number, _ = await _accepted(rig)
    await rig.do(number, Action.REPLY, rig.agent, text=LONG)
    (row,) = await rig.sent("matter_replied")
    assert (row.channel, row.address) == ("memory", CITIZEN)
    assert LONG in row.text
    assert (row.not_before - rig.clock()).total_seconds() == 20
    assert (await rig.matter(number)).state == "replied"


async def test_two_agents_answer_at_once_and_only_one_answer_leaves(rig: Rig) -> None:
    number, version = await _accepted(rig)
    answers = [
        rig.db.write(rig.hotline.perform, number, Action.REPLY, who, Given(version=version, text=LONG + name))
        for name, who in (("甲。", rig.agent), ("乙。", rig.other))
    ]
    results = await asyncio.gather(*answers, return_exceptions=True)
    (refused,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refused, StaleVersion)
    assert refused.fields == {"state": "replied", "version": str(version + 1)}
    assert len(await rig.sent("matter_replied")) == 1
