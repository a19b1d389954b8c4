"""Asking, recording what was asked, and learning from what people answered."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, NotFound, Unavailable
from faq import queries, review, store
from faq.models import FaqQuery
from faq.queries import Recorder
from faq.service import FaqService, query_row, same_answer
from tests.faq.kb import CARD, EDITOR, REVIEWER, SCHOOL, draft, opened, publish, publish_three


def _asked(session: Session) -> list[FaqQuery]:
    return list(session.exec(select(FaqQuery).order_by(FaqQuery.id)))  # type: ignore[arg-type]


async def _note(db: Database, service: FaqService, clock: ManualClock, question: str) -> str:
    asked = await service.ask(question)
    return await db.write(service.note, clock(), asked, "sms")


async def test_an_answer_comes_with_where_it_comes_from(db: Database, clock: ManualClock) -> None:
    await db.write(
        publish, clock(), "card", CARD | {"source": "《示例条例》第七条", "source_number": "示例〔2026〕1号"}
    )
    async with opened(db, clock) as service:
        asked = await service.ask("社保卡丢了怎么补办？")
        assert asked.outcome == "answer"
        best = asked.matches[0]
        assert (best.id, best.unit, best.source_number) == ("card", CARD["unit"], "示例〔2026〕1号")
        assert 0 < best.score <= 1


async def test_matching_happens_in_a_thread_of_its_own(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    seen = set()
    async with opened(db, clock) as service:
        original = service.live.ask_now

        def watched(*args: object, **kwargs: object) -> object:
            seen.add(threading.current_thread().name)
            return original(*args, **kwargs)  # type: ignore[arg-type]

        service.live.ask_now = watched  # type: ignore[method-assign, assignment]
        await service.ask("公积金怎么提取")
    assert seen
    assert all(name.startswith("faq") for name in seen)


async def test_a_question_is_kept_without_personal_numbers_and_not_in_the_clear(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        await _note(db, service, clock, "我电话+12025550133 社保卡丢了怎么补办")
    (query,) = await db.read(_asked)
    assert "+1202***0133" in query.text
    assert "+12025550133" not in query.text
    assert (query.channel, query.at) == ("sms", clock())
    raw = await db.read(lambda s: s.execute(text("SELECT text FROM faq_query")).scalar_one())
    assert "社保卡".encode() not in bytes(raw)


async def test_only_a_question_without_any_answer_is_missed(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        for question in ("社保卡丢了怎么补办？", "xyzzy plugh", "😀😀", "！！！"):
            await _note(db, service, clock, question)
    found = [(query.outcome, query.missed) for query in await db.read(_asked)]
    assert found == [("answer", ""), ("none", "unanswered"), ("none", ""), ("none", "")]


async def test_two_questions_in_one_message_are_kept_as_one_record_with_both_entries(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        asked = await service.ask("社保卡丢了怎么补办？孩子上小学怎么报名？")
        await db.write(service.note, clock(), asked, "web")
    assert {part.matches[0].id for part in asked.parts} == {"card", "school"}
    (query,) = await db.read(_asked)
    assert {"card", "school"} <= set(query.entry_ids)


async def test_many_questions_at_the_same_moment_share_a_transaction(sqlite_db: Database, clock: ManualClock) -> None:
    writes = 0
    original = sqlite_db.write

    async def counted(*args: object, **kwargs: object) -> object:
        nonlocal writes
        writes += 1
        return await original(*args, **kwargs)  # type: ignore[arg-type]

    await publish_three(sqlite_db, clock)
    async with opened(sqlite_db, clock) as service:
        asked = await service.ask("公积金怎么提取")
        recorder = Recorder(sqlite_db)
        sqlite_db.write = counted  # type: ignore[method-assign, assignment]
        await asyncio.gather(*(recorder.add(query_row(clock(), asked, "api")) for _ in range(300)))
    assert len(await sqlite_db.read(_asked)) == 300
    assert writes <= 4


async def test_when_recording_fails_everybody_who_waits_is_told(sqlite_db: Database, clock: ManualClock) -> None:
    async with opened(sqlite_db, clock) as service:
        asked = await service.ask("公积金怎么提取")
    row = query_row(clock(), asked, "api")
    recorder = Recorder(sqlite_db)

    async def away(*_args: object) -> None:
        raise Unavailable("away")

    sqlite_db.write = away  # type: ignore[method-assign, assignment]
    results = await asyncio.gather(recorder.add(row), recorder.add(dict(row)), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable, Unavailable]


async def test_feedback_is_kept_and_not_helpful_makes_it_a_missed_question(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        query_id = await _note(db, service, clock, "社保卡丢了怎么补办？")
        await db.write(service.feedback, clock(), query_id, False)
        (query,) = await db.read(_asked)
        assert (query.helpful, query.missed) == (False, "unhelpful")
        await db.write(service.feedback, clock(), query_id, True, "card")
        (query,) = await db.read(_asked)
        assert (query.helpful, query.missed, query.entry_id) == (True, "", "card")
        with pytest.raises(BadInput):
            await db.write(service.feedback, clock(), query_id, True, "never-shown")
        for unknown in ("0" * 32, "a\x00b", ""):
            with pytest.raises(NotFound):
                await db.write(service.feedback, clock(), unknown, True)


async def test_what_a_person_answered_becomes_a_draft_entry_with_numbers_masked(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        learned = await db.write(
            service.answered_by_person, clock(), "小区能装充电桩吗", "可以，联系物业，示例甲+12025550133。", EDITOR
        )
        assert (learned.what, learned.state) == ("entry", "draft")
        entry = await db.read(store.find, learned.entry_id)
        assert entry.question == "小区能装充电桩吗"
        assert "+12025550133" not in entry.answer
        assert await service.live.catch_up() == 0
        await db.write(review.submit, clock(), EDITOR, entry.id)
        await db.write(review.approve, clock(), REVIEWER, entry.id)
        await service.live.catch_up()
        assert (await service.ask("小区能装充电桩吗")).matches[0].id == entry.id


async def test_what_a_person_answered_just_as_an_entry_does_becomes_a_phrasing_of_it(
    db: Database, clock: ManualClock
) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        nearest = await service.nearest("社保卡丢了怎么补办呀")
        assert nearest
        assert nearest.id == "card"
        learned = await db.write(
            service.answered_by_person, clock(), "社保卡丢了怎么补办呀", str(CARD["answer"]), EDITOR, nearest=nearest
        )
    assert (learned.what, learned.entry_id, learned.state) == ("phrasing", "card", "in_review")
    entry = await db.read(store.find, "card")
    assert "社保卡丢了怎么补办呀" in entry.aliases
    assert entry.live_version == 1


def test_answers_say_the_same_when_they_hold_each_other_or_nearly_agree() -> None:
    assert same_answer(str(CARD["answer"]), f"您好，{CARD['answer']}谢谢！")
    assert not same_answer(str(CARD["answer"]), str(SCHOOL["answer"]))


async def test_the_numbers_of_a_span_are_counted_and_old_questions_deleted(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with opened(db, clock) as service:
        first = await _note(db, service, clock, "社保卡丢了怎么补办？")
        await _note(db, service, clock, "xyzzy plugh")
        await db.write(service.feedback, clock(), first, True)
    begin = clock()
    counts = await db.read(queries.counts, begin, begin + timedelta(seconds=1))
    assert (counts.asked, counts.answered, counts.unanswered, counts.helpful) == (2, 1, 1, 1)
    assert (await db.read(queries.counts, begin - timedelta(days=1), begin)).asked == 0
    later = clock.advance(timedelta(days=400))
    assert await db.read(lambda s: queries.purge(s, later, timedelta(days=365), dry_run=True)) == 2
    assert await db.write(queries.purge, later, timedelta(days=365)) == 2


async def test_a_draft_is_nothing_citizens_see(db: Database, clock: ManualClock) -> None:
    await db.write(draft, clock(), "card", CARD)
    async with opened(db, clock) as service:
        assert (await service.ask("社保卡丢了怎么补办？")).outcome == "none"
        assert service.view("card") is None
