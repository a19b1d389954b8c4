"""A notice that is public, or whose households are being asked, put into the database as publicity leaves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from sqlmodel import Session, select

from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from notify.publicity import areas, rows
from notify.publicity.models import Beneficiary, Notice, NoticeList, NoticeRevision
from tests.bot.office import settle
from tests.bot.world import World, built

ME, NEIGHBOUR, STRANGER = "+12025550101", "+12025550102", "+12025550103"
ROWS: tuple[tuple[str, str, str, str, int], ...] = (
    ("示例甲", ME, "西河村一组", "3.5", 35000),
    ("示例乙", NEIGHBOUR, "西河村一组", "2", 20000),
    ("示例丙", "", "西河村二组", "1.2", 12000),
)

TREE = "county,township,village,group\n示例县,示例镇,西河村,一组\n示例县,示例镇,西河村,二组\n示例县,示例镇,东河村,\n"


@asynccontextmanager
async def county(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    """An office whose villages are known."""
    async with built(db, clock) as made:
        await db.write(settle, made)
        await db.write(areas.import_areas, clock(), OPERATOR, TREE.encode())
        yield made


def post(session: Session, clock: ManualClock, *, title: str = "西河村耕地地力保护补贴", **more: Any) -> str:
    """A notice with a list of three households; its id. ``state`` confirming: not public yet."""
    state = more.pop("state", "public")
    given = more.pop("rows", ROWS)
    plain: dict[str, Any] = {
        "kind": "subsidy",
        "title": title,
        "programme": "耕地地力保护补贴",
        "text": "{name}户公示：{amount}元",
        "area": "西河村",
        "starts_on": date(2026, 11, 23),
        "ends_on": date(2026, 11, 30),
        "report_phone": "12345",
    }
    plain |= {key: value for key, value in more.items() if key in plain}
    number = f"公示〔2026〕{len(session.exec(select(Notice.id)).all()) + 1}号"
    notice = Notice(
        number=number, author=more.get("author", "a-9"), state=state, unit_id=more.get("unit_id"),
        created_at=clock(), changed_at=clock(), **plain,
    )  # fmt: skip
    kept = NoticeList(
        notice_id=notice.id, state="done", by="a-9", started_at=clock(), seen_at=clock(), rows=len(given),
        with_phone=sum(bool(row[1]) for row in given), amount_cents=sum(row[4] for row in given),
    )  # fmt: skip
    notice.list_id = kept.id
    session.add_all([notice, kept])
    session.flush()
    if state != "confirming":
        notice.published_at = clock()
        revision = NoticeRevision(
            notice_id=notice.id, revision=1, list_id=kept.id, batch="b", published_at=clock(), **plain
        )
        session.add(revision)
    session.add_all(_row(kept.id, n, row) for n, row in enumerate(given, 1))
    session.flush()
    return notice.id


def _row(list_id: str, number: int, row: tuple[str, str, str, str, int]) -> Beneficiary:
    name, phone, area, quantity, cents = row
    return Beneficiary(
        list_id=list_id,
        number=number,
        line=number + 1,
        name=name,
        phone=phone or None,
        phone_index=rows.phone_index(phone) if phone else None,
        entry_index=rows.entry_index(name, phone[-4:]) if phone else None,
        area=area,
        quantity=quantity,
        rate="100",
        amount_cents=cents,
    )
