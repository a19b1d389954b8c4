"""Whoever says whatever in whatever order: every message is handled, and what was handed in is there."""

import random
from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session, func, select

from bot.hotline.given import Given
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.states import CITIZEN
from bot.hotline.words import Action, Kind, State
from bot.models import InboxMessage
from core.clock import ManualClock
from core.db import Database
from core.errors import AppError
from core.messages import Media, Place
from tests.bot.hotline.conftest import Rig, make_rig
from tests.bot.world import World, built

WORDS = (
    "投诉", "求助", "举报", "人工", "查询", "催办", "补充", "撤回", "评价", "取消", "上一步", "帮助", "中文",
    "English", "退订", "恢复", "全部退订", "1", "2", "３", "0", "9", "1 2", "2 4 只修了一盏", "异议", "确认",
    "有误", "不是本人", "重办", "预约", "签收", "全部签收", "外出 3天", "销假", "退文 12 不归我们", "待办",
    "订阅 惠农补贴", "谢谢", "？", "STOP", "START", "/ticket", "奶奶的医保", "社保卡丢了咋补",
    "投诉 西河村口路灯坏了三天，老人晚上看不见", "西河村二组", "打给我 +1 202 555 0133", "不留电话",
    "救命 隔壁着火了 东街12号", "119路末班车几点", "提交", "保密提交", "下一步", "我本人", "3", "\u3000", "\u200b",
    "😀" * 50, "长" * 5000, "%s {name} {0}", "'; DROP TABLE matter; --", "<script>alert(1)</script>", "\u202e倒",
    "ＳＴＡＴＵＳ\u3000１２３",
)  # fmt: skip
STAFF_ACTIONS = [action for action in Action if action not in {*CITIZEN, Action.MERGE}]
TALKS = 5
LINES = 30


@pytest.fixture
async def world(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[World]:
    async with built(sqlite_db, clock) as made:
        yield made


@pytest.mark.parametrize("seed", range(TALKS))
async def test_a_talk_of_random_words_leaves_no_message_unhandled(seed: int, world: World) -> None:
    dice = random.Random(seed)
    channel, address = dice.choice([("sms", "+12025550101"), ("chat", "anna")])
    for _ in range(LINES):
        more: dict[str, object] = {}
        if dice.random() < 0.05:
            more["place"] = Place(30.27, 120.15)
        if dice.random() < 0.05:
            more["media"] = (Media("nothing", "image/jpeg"),)
        if dice.random() < 0.1:
            more["choice"] = dice.choice(["1", "submit", "no:such:thing", "x" * 64, ""])
        await world.says(dice.choice(WORDS), channel, address, **more)
        world.later(minutes=dice.choice([0, 0, 1, 45, 60 * 80]))

    def states(session: Session) -> dict[str, int]:
        rows = session.execute(select(InboxMessage.state, func.count()).group_by(InboxMessage.state))
        return {state: count for state, count in rows}  # noqa: C416 - rows are Row objects

    assert await world.db.read(states) == {"done": LINES}


@pytest.mark.parametrize("seed", range(TALKS))
async def test_a_matter_under_random_moves_keeps_its_record_and_its_limits(
    seed: int, sqlite_db: Database, clock: ManualClock
) -> None:
    dice, rig = random.Random(seed), make_rig(sqlite_db, clock)
    opened = await rig.open(dice.choice(list(Kind)), "西河村口路灯坏了三天")
    moved = 0
    for _ in range(120):
        before = await rig.matter(opened.number)
        try:
            await _any_move(dice, rig, opened.number)
            moved += 1
        except AppError:
            after = await rig.matter(opened.number)
            assert (after.state, after.version) == (before.state, before.version), "a refused move changes nothing"
        rig.later(minutes=dice.choice([0, 1, 30, 60 * 24 * 3]))
        await rig.db.write(rig.hotline.sweep)
        matter = await rig.matter(opened.number)
        assert State(matter.state)
        assert matter.version >= before.version
        assert matter.yellow_at <= matter.due_at
        assert matter.accept_from <= matter.accept_by
    assert moved > 1

    def record(session: Session) -> list[MatterEvent]:
        mine = session.exec(select(Matter).where(Matter.number == opened.number)).one()
        found = select(MatterEvent).where(MatterEvent.matter_id == mine.id).order_by(MatterEvent.id)  # type: ignore[arg-type]
        return list(session.exec(found))

    events = await rig.db.read(record)
    assert events[0].what == "submitted"
    assert [event.at for event in events] == sorted(event.at for event in events)


async def _any_move(dice: random.Random, rig: Rig, number: str) -> None:
    """Something that somebody may try, mostly with what it needs, sometimes without."""
    who = dice.choice([rig.agent, rig.other, rig.handler, rig.stranger, rig.boss])
    action = dice.choice(STAFF_ACTIONS)
    full = {
        "unit": "城管局", "reason": dice.choice(["litigation", "citizen", "third_party", "not_ours"]), "days": 3,
        "text": "您好，线路老化已换新，晚上请您看看，不亮随时告诉我们。", "finding": "true", "ok": dice.random() < 0.5,
        "solved": dice.random() < 0.5, "grade": dice.randint(1, 5), "to": rig.other.ref,
    }  # fmt: skip
    given = {name: value for name, value in full.items() if dice.random() < 0.9 and name in Given.model_fields}
    version = (await rig.matter(number)).version - (dice.random() < 0.1)
    await rig.db.write(rig.hotline.perform, number, action, who, Given.model_validate({"version": version, **given}))
