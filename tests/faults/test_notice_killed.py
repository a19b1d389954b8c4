"""``kill -9`` of workers while a notice goes out: every household is counted once and hears it once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, func, select

from adapters.memory import MemoryChannel
from core.auth import Principal
from core.clock import system_clock
from core.people import Role
from core.ports import Can
from notify.outbox.service import Outbox
from notify.publicity.editing import Content
from notify.publicity.models import Notice, NoticeRecipient
from notify.publicity.office import PublicityOffice
from notify.publicity.service import Publicity
from notify.publicity.text import AT_ONCE
from notify.publicity.uploading import Uploads
from tests.faults.rig import Office, kill_at_random, note, number, sized

pytestmark = pytest.mark.timeout(900)
EDITOR = Principal("e", "e", frozenset({Role.EDITOR}), "cli", "editor")
REVIEWER = Principal("r", "r", frozenset({Role.REVIEWER}), "cli", "reviewer")
KILLS = 2


def _lines(count: int) -> Iterator[str]:
    yield "户主姓名,手机,村,补贴金额"
    for n in range(count):
        yield f"示例{n},{number(n)},示例村{n % 9}组,{n + 1}"


async def _published(office: Office, count: int) -> str:
    """A notice with ``count`` households, approved and published; nothing of it is sent yet."""
    channels = {"twilio": MemoryChannel(name="twilio", can=(Can.METERED, Can.TWO_WAY))}
    publicity = Publicity(
        Outbox(channels, system_clock, "阳光热线"),
        channels,
        system_clock,
        PublicityOffice("阳光热线", ZoneInfo("Asia/Shanghai"), "twilio"),
    )
    uploads = Uploads(office.db, system_clock, publicity)
    content = Content(title="补贴", text="{name}户{area}{amount}元", kind="alert", audience="list")
    notice = await office.db.write(publicity.create, content, EDITOR)
    await uploads.run(notice.id, EDITOR, "list.csv", "\n".join(_lines(count)).encode())
    await office.db.write(publicity.submit, notice.id, EDITOR)
    await office.db.write(publicity.approve, notice.id, REVIEWER)
    await office.db.write(publicity.publish, notice.id, None, REVIEWER)
    return notice.id


def test_a_worker_killed_twice_during_a_send_leaves_nobody_out_and_tells_nobody_twice(office: Office) -> None:
    total = sized(2500, 20_000)
    messages = sum(-(-times // AT_ONCE) for times in Counter(map(number, range(total))).values())
    notice_id = asyncio.run(_published(office, total))
    kill_at_random(office, KILLS, office.arrived, messages)
    received = office.received()
    twice = sum(count > 1 for count in received.values())
    recipients, fanned = office.db.read_now(_counted, notice_id)
    database = "SQLite" if office.db.sqlite else "PostgreSQL"
    note("worker killed during a notice", database, households=total, kills=KILLS, lost=messages - len(received),
         twice=twice, recipients=recipients)  # fmt: skip
    assert fanned
    assert (len(received), twice, recipients) == (messages, 0, total)


def _counted(session: Session, notice_id: str) -> tuple[int, bool]:
    query = select(func.count()).select_from(NoticeRecipient).where(NoticeRecipient.notice_id == notice_id)
    notice = session.get(Notice, notice_id)
    return session.exec(query).one(), notice is not None and notice.fanned
