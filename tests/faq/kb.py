"""A knowledge base for tests: entries written and approved by made-up people, ready for questions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from core.audit import Actor, AuditEntry
from core.clock import ManualClock
from core.db import Database
from faq import review, store
from faq.lexicon import Lexicon
from faq.live import LiveIndex
from faq.models import FaqEntry
from faq.review import Author
from faq.service import FaqService

EDITOR = Author("person-a", Actor("account-a", "test"))
REVIEWER = Author("person-b", Actor("account-b", "test"))
ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = Lexicon(rows=())
"""No colloquial wordings: these tests are about what is kept, not about how well it is found."""

CARD = {
    "question": "社保卡丢了怎么补办？",
    "aliases": ["社会保障卡遗失补领"],
    "answer": "先打12333挂失，再带身份证到服务网点补办，当场可取。",
    "category": "社保",
    "unit": "人力资源和社会保障局",
}
SCHOOL = {
    "question": "孩子上小学怎么报名？",
    "aliases": ["小学入学登记"],
    "answer": "八月上旬带户口簿和房产证到学区内的小学登记，也可以网上登记。",
    "category": "教育",
    "unit": "教育局",
}
FUND = {
    "question": "公积金怎么提取？",
    "aliases": ["提取住房公积金"],
    "answer": "租房、买房、退休时可以提取，带身份证和银行卡到公积金中心窗口。",
    "category": "住房",
    "unit": "住房公积金中心",
}


def draft(session: Session, now: datetime, entry_id: str, values: dict[str, Any]) -> FaqEntry:
    return review.create(session, now, EDITOR, review.checked(values), entry_id=entry_id)


def publish(session: Session, now: datetime, entry_id: str, values: dict[str, Any]) -> FaqEntry:
    """Written by one person and approved by another."""
    if session.get(FaqEntry, entry_id):
        content = review.checked(values, store.content_of(store.find(session, entry_id)))
        review.edit(session, now, EDITOR, entry_id, content)
    else:
        draft(session, now, entry_id, values)
    review.submit(session, now, EDITOR, entry_id)
    return review.approve(session, now, REVIEWER, entry_id)


async def publish_three(db: Database, clock: ManualClock) -> None:
    for entry_id, values in (("card", CARD), ("school", SCHOOL), ("fund", FUND)):
        await db.write(publish, clock(), entry_id, values)


@asynccontextmanager
async def opened(db: Database, clock: ManualClock) -> AsyncIterator[FaqService]:
    """The knowledge base of this database, started."""
    service = FaqService(db, LiveIndex(db, clock, ZONE, PLAIN))
    await service.start()
    try:
        yield service
    finally:
        service.close()


def acts(session: Session) -> list[str]:
    """The audit trail's actions in their order."""
    return [a for a in session.exec(select(AuditEntry.action).order_by(AuditEntry.id)) if a.startswith("faq.")]  # type: ignore[arg-type]
