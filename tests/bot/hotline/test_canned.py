"""Replies kept for use again: whose they are, what is filled in, and that a blank never leaves."""

import pytest
from sqlmodel import Session

from bot.hotline import canned
from bot.hotline.canned import CannedIn, CannedOut
from bot.hotline.words import Action, Kind
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden, NotFound
from tests.bot.hotline.conftest import Rig

TEXT = "您好，{subject}（{number}）已由{unit}修好，请您晚上再看看，有问题打{phone}。"


async def _keep(rig: Rig, who: Principal, title: str, text: str = TEXT, **more: str) -> str:
    def add(session: Session) -> str:
        return canned.add(rig.hotline.desk(session), who, CannedIn(title=title, text=text, **more)).id

    return await rig.db.write(add)


async def _listed(rig: Rig, who: Principal, number: str = "") -> list[CannedOut]:
    matter = await rig.matter(number) if number else None
    return await rig.db.read(lambda session: canned.listed(rig.hotline.desk(session), who, matter=matter))


def test_placeholders_are_filled_and_what_has_no_value_is_a_blank() -> None:
    assert canned.fill("{number}由{unit}办", {"number": "26112103"}) == "26112103由___办"
    assert canned.unknown_places("{number}{idcard}") == ["idcard"]
    assert canned.blanks("师傅____来，电话＿＿＿＿") == 2


async def test_a_unit_sees_its_own_and_the_offices_and_not_anothers(rig: Rig) -> None:
    await _keep(rig, rig.boss, "已修好", unit="lamps")
    await _keep(rig, rig.boss, "感谢来件")
    await _keep(rig, rig.boss, "已通水", unit="water")
    assert [one.title for one in await _listed(rig, rig.handler)] == ["已修好", "感谢来件"]
    assert [one.mine for one in await _listed(rig, rig.handler)] == [True, False]
    assert len(await _listed(rig, rig.agent)) == 3


async def test_a_kept_reply_is_filled_for_its_matter_and_sent(rig: Rig) -> None:
    reply = await _keep(rig, rig.handler, "已修好")
    opened = await rig.in_a_unit(Kind.HELP)
    (shown,) = await _listed(rig, rig.handler, opened.number)
    assert opened.number in shown.filled
    assert shown.blanks == 0
    await rig.do(opened.number, Action.REPLY, rig.handler, canned=reply)
    (sent,) = await rig.sent("matter_replied")
    assert f"（{opened.number}）已由" in sent.text
    (used,) = await _listed(rig, rig.handler)
    assert used.used == 1


async def test_an_answer_with_a_blank_does_not_leave(rig: Rig) -> None:
    reply = await _keep(rig, rig.handler, "上门", "您好，师傅____月____日上门，到前会先打电话给您。")
    opened = await rig.in_a_unit(Kind.HELP)
    with pytest.raises(BadInput, match="blank"):
        await rig.do(opened.number, Action.REPLY, rig.handler, canned=reply)
    assert (await rig.matter(opened.number)).state == "signed"


async def test_a_handler_keeps_only_their_own_units(rig: Rig) -> None:
    theirs = await _keep(rig, rig.boss, "已通水", unit="water")
    with pytest.raises(Forbidden):
        await _keep(rig, rig.handler, "外单位", unit="water")

    def remove(session: Session) -> None:
        canned.remove(rig.hotline.desk(session), rig.handler, theirs)

    with pytest.raises(NotFound):
        await rig.db.write(remove)


async def test_a_title_is_taken_once_and_unknown_placeholders_are_named(rig: Rig) -> None:
    await _keep(rig, rig.boss, "感谢来件")
    with pytest.raises(Conflict, match="title"):
        await _keep(rig, rig.boss, "感谢来件")
    with pytest.raises(BadInput, match="idcard"):
        await _keep(rig, rig.boss, "另一条", "请报{idcard}给我们核对一下")
