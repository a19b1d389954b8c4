"""From a list to the final notice: a household hears its row, objects, is answered, and only then it can be final."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from bot.hotline.words import Action
from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Role, Unit
from core.text import segments
from notify.outbox.models import OutboxMessage
from notify.publicity import public
from notify.publicity.editing import Content
from notify.publicity.errors import ObjectionsOpen
from notify.publicity.uploading import Uploads
from notify.timers import Timers
from tests.bot.office import AGENT, matters, move, settle
from tests.bot.world import World, built

ME, NEIGHBOUR = "+12025550101", "+12025550102"
TEXT = "{name}户{programme}公示：{quantity}亩×{rate}元＝{amount}元，到{ends_on}。不对回“异议”加原因，举报{report_phone}"
LIST = f"""户主姓名,手机,村,补贴面积,补贴标准,补贴金额
示例甲,{ME},西河村一组,3.5,100,350
示例乙,{NEIGHBOUR},西河村一组,4,100,400
示例丁,,西河村二组,1.5,100,150
"""


def _staff(name: str, *roles: Role) -> Principal:
    return Principal(ref=f"a-{name}", name=name, roles=frozenset(roles), via="console", unit_id="village")


EDITOR, REVIEWER = _staff("示例庚", Role.EDITOR), _staff("示例辛", Role.REVIEWER)


def _units(session: Session) -> None:
    session.add(Unit(id="farm", name="农业农村局"))
    session.flush()
    session.add(Unit(id="village", name="西河村委会", parent_id="farm"))
    session.flush()


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(db, clock) as made:
        await db.write(settle, made)
        await db.write(_units)
        yield made


def _waiting(session: Session) -> bool:
    found = select(OutboxMessage.id).where(OutboxMessage.state.in_(("queued", "sending")))  # type: ignore[attr-defined]
    return session.exec(found.limit(1)).first() is not None


async def deliver(world: World) -> None:
    """Timers and dispatcher work until nothing is due or under way."""
    timers = Timers(world.db, world.clock, world.publicity.owners())
    task = asyncio.create_task(world.dispatcher.run())
    try:
        async with asyncio.timeout(60):
            while await timers.fire() or await world.db.read(_waiting):
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def published(world: World) -> str:
    """A notice with its list, approved by another person and sent."""
    content = Content(
        title="西河村耕地地力保护补贴公示",
        programme="耕地地力保护补贴",
        text=TEXT,
        area="西河村",
        starts_on=date(2026, 11, 23),
        ends_on=date(2026, 11, 30),
        report_phone="12345",
    )
    publicity = world.publicity
    notice = await world.db.write(publicity.create, content, EDITOR)
    uploads = Uploads(world.db, world.clock, publicity)
    assert (await uploads.run(notice.id, EDITOR, "list.csv", LIST.encode())).state == "done"
    await world.db.write(publicity.submit, notice.id, EDITOR)
    await world.db.write(publicity.approve, notice.id, REVIEWER)
    await world.db.write(publicity.publish, notice.id, None, EDITOR)
    await deliver(world)
    return notice.id


async def test_an_objection_is_heard_reviewed_above_the_village_and_holds_the_list_until_it_is_answered(
    world: World,
) -> None:
    notice = await published(world)
    (told,) = await world.said("sms", ME)
    assert told == (
        "【阳光热线】示*甲户耕地地力保护补贴公示：3.5亩×100元＝350元，到11月30日。不对回“异议”加原因，举报12345"
    )

    (receipt,) = await world.says("异议 我家是4.5亩 去年量过")
    number = re.search(r"编号(\w+)。", receipt)[1]  # type: ignore[index]
    assert "由农业农村局复核，不经本村" in receipt
    (matter,) = await matters(world)
    assert matter.about_unit_id == "village"

    world.later(days=8)
    await deliver(world)
    with pytest.raises(ObjectionsOpen):
        await world.db.write(world.publicity.finalise, notice, EDITOR)

    await move(world, number, Action.ACCEPT, AGENT)
    await move(world, number, Action.REPLY, AGENT, text="复核为3.5亩，与承包合同一致，金额不变。", finding="untrue")
    world.later(minutes=1)
    await deliver(world)
    answer = (await world.said("sms", ME))[-1]
    assert number in answer
    assert "复核为3.5亩" in answer
    assert "办结" in (await world.says("1 2"))[0]

    final = await world.db.write(world.publicity.finalise, notice, EDITOR)
    assert final.state == "final"
    today = world.clock().date()
    shown = await world.db.read(lambda session: public.one(session, notice, today))
    assert (shown.stage, shown.entries, shown.rows, shown.amount) == ("final", [], 3, "900")
    assert "没找到" in (await world.says("异议 还是不对"))[0]
    assert all(segments(text) <= 2 for text in await world.said("sms", ME))


async def test_who_says_it_is_not_their_number_hears_no_more_of_it_and_the_row_is_told_in_person(world: World) -> None:
    notice = await published(world)
    assert "已把这个号码从名单里去掉" in (await world.says("不是本人", "sms", NEIGHBOUR))[0]
    await world.db.write(world.publicity.correct, notice, "更正一户面积", EDITOR)
    rows = await world.db.read(lambda session: public.own_entries(session, notice, "示例乙", NEIGHBOUR[-4:]))
    assert rows == [], "the number no longer opens the entry"
    world.later(seconds=timedelta(hours=1).total_seconds())
    before = len(await world.said("sms", NEIGHBOUR))
    await deliver(world)
    assert len(await world.said("sms", NEIGHBOUR)) == before


async def test_who_left_a_topic_hears_nothing_of_it_and_everybody_else_does(world: World) -> None:
    assert "已停发惠农补贴" in (await world.says("退订 惠农补贴", "sms", NEIGHBOUR))[0]
    notice = await published(world)
    assert len(await world.said("sms", ME)) == 1
    assert [message.state for message in await world.outgoing("sms", NEIGHBOUR)][-1] == "suppressed"
    found = await world.db.read(world.publicity.progress, notice)
    assert found.by_state["suppressed"] == 2, "who left, and who has no number"
