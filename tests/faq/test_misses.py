"""The loop: what was missed is grouped with its like, and becomes a phrasing or an entry after review."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session

from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, NotFound, SamePerson
from faq import hints, misses, queries, review, store
from faq.likeness import Alike, Rarity
from faq.models import FaqMiss
from faq.review import IllegalMove
from faq.service import Asked, FaqService
from tests.faq.kb import CARD, EDITOR, FUND, REVIEWER, SCHOOL, acts, opened, publish, publish_three

PHRASINGS = [
    "身份证怎么办理", "居住证怎么办", "户口怎么迁", "怎么申请公租房", "怎么申请低保", "要什么材料", "需要什么手续",
    "去哪里办", "找哪个部门", "怎么办", "多少钱", "怎么查询", "丢了怎么补办", "怎么领取养老金", "怎么报名",
    "孩子上学要什么材料", "今天上班吗", "怎么办理退休", "没有了怎么办", "我想问一下怎么缴费",
]  # fmt: skip


async def _miss(db: Database, service: FaqService, clock: ManualClock, *questions: str) -> None:
    for question in questions:
        asked = Asked(question, "none", ())
        await db.write(service.note, clock(), asked, "sms")
        clock.advance(timedelta(minutes=1))


def _open(session: Session) -> list[FaqMiss]:
    return misses.page(session, "open", "", None, 100)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("火星移民要什么材料", "移民火星需要什么手续"),
        ("怎么养猫", "猫怎么养"),
        ("充电桩安装找谁", "我想安装充电桩"),
        ("彩票中奖怎么领", "中了彩票怎么领奖"),
        ("無人機要登記嗎", "无人机需要登记吗？"),
        ("网吧年检", "请问网吧年检需要什么材料"),
    ],
)
def test_wordings_of_one_matter_are_alike(one: str, other: str) -> None:
    alike = Alike(Rarity(PHRASINGS))
    alike.add(7, one)
    assert alike.nearest(other) == 7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("养老院怎么进", "健身房怎么进"),
        ("狗证怎么办", "猫证怎么办"),
        ("健康证怎么办", "残疾证怎么办"),
        ("楼下跳舞太吵", "楼上漏水"),
        ("无人机要登记吗", "摩托车要上牌吗"),
        ("怎么养猫", "今天天气怎么样"),
    ],
)
def test_other_matters_are_not_alike(one: str, other: str) -> None:
    alike = Alike(Rarity(PHRASINGS))
    alike.add(7, one)
    assert alike.nearest(other) is None


async def test_missed_questions_are_grouped_and_the_frequent_ones_come_first(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "网吧怎么年检", "小区充电桩怎么安装", "充电桩怎么安装", "想安装小区充电桩")
        assert await service.misses.collect() == 4
        groups = await db.read(_open)
        assert [(group.text, group.count) for group in groups] == [("小区充电桩怎么安装", 3), ("网吧怎么年检", 1)]
        assert len(await db.read(misses.members, groups[0].id or 0)) == 3


async def test_later_questions_join_the_groups_there_are(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as first:
        await _miss(db, first, clock, "小区充电桩怎么安装")
        await first.misses.collect()
    async with opened(db, clock) as after_a_restart:
        await _miss(db, after_a_restart, clock, "充电桩怎么安装", "小区充电桩怎么安装？")
        assert await after_a_restart.misses.collect() == 2
        assert await after_a_restart.misses.collect() == 0
    (group,) = await db.read(_open)
    assert group.count == 3
    assert group.first_at < group.last_at


async def test_two_processes_at_once_count_each_question_once(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as one, opened(db, clock) as other:
        await _miss(db, one, clock, *(f"第{n % 7}种 充电桩怎么安装" for n in range(40)))
        while await asyncio.gather(one.misses.collect(), other.misses.collect()) != [0, 0]:
            pass
    groups = await db.read(_open)
    assert sum(group.count for group in groups) == 40


async def test_numbers_of_persons_never_reach_the_list(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "给+12025550133装充电桩怎么申请")
        await service.misses.collect()
    (group,) = await db.read(_open)
    assert "+12025550133" not in group.text


async def test_an_unhelpful_answer_is_missed_with_its_nearest_entry(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        query = await db.write(service.note, clock(), await service.ask("公积金怎么提取"), "web")
        await db.write(service.feedback, clock(), query, False)
        await service.misses.collect()
    (group,) = await db.read(_open)
    assert (group.reason, group.nearest_id) == ("unhelpful", "fund")


async def test_a_wording_added_as_phrasing_is_answered_after_another_person_approved_it(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "我家娃念书去哪登记")
        await service.misses.collect()
        (group,) = await db.read(_open)
        entry = await db.write(misses.add_as_phrasing, clock(), EDITOR, group.id or 0, entry_id="school")
        assert (entry.state, entry.live_version) == ("in_review", 1)
        with pytest.raises(SamePerson):
            await db.write(review.approve, clock(), EDITOR, "school")
        await db.write(review.approve, clock(), REVIEWER, "school")
        await service.live.catch_up()
        asked = await service.ask("我家娃念书去哪登记")
        assert (asked.outcome, asked.matches[0].id) == ("answer", "school")
    assert await db.read(_open) == []
    assert "faq.miss.answered" in await db.read(acts)


async def test_a_phrasing_for_an_entry_somebody_is_drafting_waits_in_that_draft(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    content = review.checked({**SCHOOL, "answer": "还在写。"})
    await db.write(review.edit, clock(), REVIEWER, "school", content)
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "我家娃念书去哪登记")
        await service.misses.collect()
        (group,) = await db.read(_open)
        entry = await db.write(misses.add_as_phrasing, clock(), EDITOR, group.id or 0, entry_id="school")
    assert (entry.state, entry.answer) == ("draft", "还在写。")


async def test_an_entry_written_for_a_group_keeps_the_peoples_wording(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "充电桩怎么安装")
        await service.misses.collect()
        (group,) = await db.read(_open)
        values = {"question": "居民小区安装充电桩怎么申请？", "answer": "向物业和供电公司申请。", "aliases": None}
        entry = await db.write(misses.write_entry, clock(), EDITOR, group.id or 0, values, entry_id="cd-1")
    assert (entry.id, entry.state, entry.aliases) == ("cd-1", "draft", ["充电桩怎么安装"])


async def test_a_group_answered_by_a_published_entry_opens_again_when_people_still_miss_it(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "我家娃念书去哪登记")
        await service.misses.collect()
        (group,) = await db.read(_open)
        await db.write(misses.add_as_phrasing, clock(), EDITOR, group.id or 0, entry_id="school")
        await _miss(db, service, clock, "我家娃念书去哪登记")
        await service.misses.collect()
        assert await db.read(_open) == [], "its phrasing still waits for review"
        await db.write(review.approve, clock(), REVIEWER, "school")
        await _miss(db, service, clock, "我家娃念书去哪登记")
        await service.misses.collect()
    (again,) = await db.read(_open)
    assert again.count == 3


async def test_a_dismissed_group_stays_away_and_is_still_counted(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "今天天气怎么样")
        await service.misses.collect()
        (group,) = await db.read(_open)
        await db.write(misses.dismiss, clock(), EDITOR, group.id or 0, "不是政策问题")
        await _miss(db, service, clock, "今天天气怎么样")
        await service.misses.collect()
    assert await db.read(_open) == []
    kept = await db.read(misses.find, group.id or 0)
    assert (kept.count, kept.note) == (2, "不是政策问题")
    with pytest.raises(IllegalMove):
        await db.write(misses.dismiss, clock(), EDITOR, group.id or 0)


async def test_a_group_with_nothing_near_needs_an_entry_named(db: Database, clock: ManualClock) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "充电桩怎么安装")
        await service.misses.collect()
    (group,) = await db.read(_open)
    with pytest.raises(BadInput):
        await db.write(misses.add_as_phrasing, clock(), EDITOR, group.id or 0)
    with pytest.raises(NotFound):
        await db.write(misses.add_as_phrasing, clock(), EDITOR, group.id or 0, entry_id="nobody")
    with pytest.raises(NotFound):
        await db.read(misses.find, 10**9)


async def test_old_questions_go_with_their_groups_and_the_same_words_begin_a_new_one(
    db: Database, clock: ManualClock
) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, "充电桩怎么安装")
        await service.misses.collect()
        clock.advance(timedelta(days=400))
        await _miss(db, service, clock, "网吧怎么年检")
        await service.misses.collect()
        assert await db.write(queries.purge, clock(), timedelta(days=365)) == 1
        assert [group.text for group in await db.read(_open)] == ["网吧怎么年检"]
        await _miss(db, service, clock, "充电桩怎么安装")
        await service.misses.collect()
    assert {group.text: group.count for group in await db.read(_open)} == {"网吧怎么年检": 1, "充电桩怎么安装": 1}


async def test_entries_nobody_asked_for_are_named(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        clock.advance(timedelta(days=100))
        await db.write(service.note, clock(), await service.ask("公积金怎么提取"), "web")
        found = await db.read(hints.never_asked, clock(), 90, "", 10)
        assert [hint.id for hint in found] == ["card", "school"]
        assert await db.read(hints.never_asked, clock(), 120, "", 10) == [], "not yet live for so long"


async def test_expired_doubled_and_contradicting_entries_are_named(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    await db.write(publish, clock(), "old", {"question": "旧办法怎么办", "answer": "旧。", "valid_until": "2026-11-01"})
    await db.write(
        publish, clock(), "soon", {"question": "秋收补贴", "answer": "到月底。", "valid_until": "2026-11-30"}
    )
    await db.write(publish, clock(), "fund-2", FUND | {"answer": "公积金现在不能提取，请等明年通知再来。"})
    await db.write(publish, clock(), "card-2", CARD | {"question": "社保卡丢了怎么补办呢"})
    async with opened(db, clock) as service:
        live = service.live
        over = hints.validity(live.published, live.today(), 30)
        assert [(hint.kind, hint.id) for hint in over] == [("expired", "old"), ("expiring", "soon")]
        assert [(h.id, h.other) for h in hints.contradictions(live.published)] == [("fund", "fund-2")]
        near = hints.doubles(live.published, sorted(live.published), live.similar_now)
        assert ("card", "card-2") in [(hint.id, hint.other) for hint in near]


async def test_missed_questions_can_wait_while_nobody_collects_and_none_is_lost(
    db: Database, clock: ManualClock
) -> None:
    async with opened(db, clock) as service:
        await _miss(db, service, clock, *(f"奇怪的问题{n}号" for n in range(5)))
        await service.tidy()
        assert sum(group.count for group in await db.read(_open)) == 5
        assert await db.read(store.head) == 0
