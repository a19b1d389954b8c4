"""The rig of publicity: an office with two editors and two reviewers, SMS and chat, in fast time."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from adapters.memory import MemoryChannel
from core import tokens
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.people import Contact, Person, address_index
from core.ports import Can
from core.web import Guard, install_error_handlers
from notify.outbox.dispatch import Dispatcher
from notify.outbox.models import OutboxBatch, OutboxMessage
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Outbox
from notify.publicity.models import Notice, NoticeRecipient
from notify.publicity.office import PublicityOffice
from notify.publicity.ports import Target
from notify.publicity.routes import build_routers
from notify.publicity.service import Publicity
from notify.publicity.uploading import Uploads
from notify.timers import Timers

TEXT = "{name}户{programme}公示：{quantity}亩×{rate}元＝{amount}元，到{ends_on}。不对回“异议”加原因，举报{report_phone}"
BODY: dict[str, Any] = {
    "title": "西河村耕地地力保护补贴公示",
    "programme": "耕地地力保护补贴",
    "text": TEXT,
    "starts_on": "2026-11-23",
    "ends_on": "2026-11-30",
    "report_phone": "12345",
    "area": "西河村",
}
HEAD = ["户主姓名", "手机", "村", "补贴面积", "补贴标准", "补贴金额"]
ROWS = [
    ["示例甲", "+1 202 555 0101", "西河村一组", "3.5", "100", "350"],
    ["示例乙", "+1 202 555 0102", "西河村一组", "4", "100", "400"],
    ["示例丙", "+1 202 555 0102", "西河村二组", "2", "100", "200"],
    ["示例丁", "", "西河村二组", "1.5", "100", "150"],
]
ALERT: dict[str, Any] = {
    "kind": "alert",
    "title": "停水",
    "text": "西河村21日9点至17点停水检修，请提前储水",
    "audience": "subscribers",
    "topic": "water",
    "starts_on": None,
    "ends_on": None,
}


class Crowd:
    """Subscribers as another part would name them."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = sorted(targets, key=lambda target: target.key)

    def page(self, session: Session, notice: Notice, after: str, limit: int) -> Sequence[Target]:
        return [target for target in self.targets if target.key > after][:limit]

    def count(self, session: Session, notice: Notice) -> int:
        return len(self.targets)


@dataclass
class Rig:
    """One office on one database, its API and its people."""

    db: Database
    clock: ManualClock
    sms: MemoryChannel
    chat: MemoryChannel
    publicity: Publicity
    uploads: Uploads
    timers: Timers
    client: httpx.AsyncClient
    objections: dict[str, int] = field(default_factory=dict)

    async def call(self, method: str, path: str, who: str = "editor", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}-secret", **more.pop("headers", {})}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def ok(self, method: str, path: str, who: str = "editor", **more: Any) -> dict[str, Any]:
        answer = await self.call(method, path, who, **more)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def draft(self, **more: Any) -> str:
        """A new notice; its id."""
        return str((await self.ok("POST", "/notices", json={**BODY, **more}))["id"])

    async def upload(self, notice_id: str, rows: Sequence[Sequence[Any]] = ROWS, **more: Any) -> httpx.Response:
        return await self.call("PUT", f"/notices/{notice_id}/beneficiaries", content=as_csv(HEAD, rows), **more)

    async def move(self, notice_id: str, move: str, who: str = "editor", **body: Any) -> dict[str, Any]:
        return await self.ok("POST", f"/notices/{notice_id}/{move}", who, json=body)

    async def approved(self, rows: Sequence[Sequence[Any]] = ROWS, **more: Any) -> str:
        """A notice with its list, approved by another person."""
        notice_id = await self.draft(**more)
        if rows:
            assert (await self.upload(notice_id, rows)).status_code == 200
        await self.move(notice_id, "submit")
        await self.move(notice_id, "approve", "reviewer")
        return notice_id

    async def fire(self) -> None:
        """Everything that is due now."""
        while await self.timers.fire():
            pass

    async def send(self) -> None:
        """Timers and dispatcher work until nothing is due or under way."""
        task = asyncio.create_task(
            Dispatcher(self.db, {"sms": self.sms, "chat": self.chat}, self.clock, rules=RULES).run()
        )
        try:
            async with asyncio.timeout(30):
                while True:
                    await self.fire()
                    if not await self.db.read(_under_way):
                        break
                    await asyncio.sleep(0.005)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def messages(self) -> list[OutboxMessage]:
        return await self.db.read(lambda s: list(s.exec(select(OutboxMessage).order_by(col(OutboxMessage.id)))))

    async def recipients(self) -> list[NoticeRecipient]:
        return await self.db.read(
            lambda s: list(
                s.exec(select(NoticeRecipient).order_by(col(NoticeRecipient.revision), col(NoticeRecipient.row)))
            )
        )


RULES = DeliveryRules(prices={"+1": Decimal("0.05")})


def _under_way(session: Session) -> bool:
    held = select(OutboxBatch.id).where(OutboxBatch.state != "running")
    found = select(OutboxMessage.id).where(
        col(OutboxMessage.state).in_(("queued", "sending")),
        col(OutboxMessage.batch).is_(None) | col(OutboxMessage.batch).not_in(held),
    )
    return session.exec(found.limit(1)).first() is not None


def as_csv(head: Sequence[str], rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    lines = [",".join(f'"{cell}"' for cell in row) for row in [head, *rows]]
    return "\n".join(lines).encode(encoding)


def as_xlsx(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [head, *rows]:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _people(session: Session, clock: ManualClock) -> None:
    for number, who in enumerate(("editor", "editor2", "reviewer", "reviewer2"), 1):
        session.add(Person(id=who, staff_no=f"no-{who}", name=f"示例{number}", roles=[], created_at=clock()))
        session.flush()
    session.add(
        Contact(
            person_id="editor", channel="chat", address="chat-editor",
            address_index=address_index("chat", "chat-editor"), verified_at=clock(),
        )
    )  # fmt: skip
    session.flush()
    roles: Mapping[str, list[str]] = {
        "editor": ["editor", "reviewer"], "editor2": ["editor"], "reviewer": ["reviewer"], "reviewer2": ["reviewer"],
    }  # fmt: skip
    for who, held in roles.items():
        tokens.create_token(session, clock(), OPERATOR, who, held, person_id=who, secret=f"{who}-secret")
    tokens.create_token(session, clock(), OPERATOR, "twin", ["reviewer"], person_id="editor", secret="twin-secret")


@pytest.fixture
async def rig(db: Database, clock: ManualClock) -> AsyncIterator[Rig]:
    db.write_now(_people, clock)
    sms = MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))
    chat = MemoryChannel(name="chat", can=(Can.BUTTONS, Can.TWO_WAY))
    channels = {"sms": sms, "chat": chat}
    objections: dict[str, int] = {}
    crowd = Crowd([Target(f"{n:03d}", "sms", f"+120255501{n:02d}", area="西河村") for n in range(30)])
    office = PublicityOffice(
        "阳光热线", ZoneInfo("Asia/Shanghai"), "sms", RULES, {"subscribers": crowd, "area": crowd},
        lambda _session, notice_id: objections.get(notice_id, 0),
    )  # fmt: skip
    publicity = Publicity(Outbox(channels, clock, "阳光热线"), channels, clock, office)
    uploads = Uploads(db, clock, publicity)
    app = FastAPI()
    install_error_handlers(app)
    for router in build_routers(publicity, uploads, db, clock, Guard(db, clock)):
        app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        timers = Timers(db, clock, publicity.owners())
        yield Rig(db, clock, sms, chat, publicity, uploads, timers, client, objections)
    await uploads.aclose()
