"""Every step and urgency in fast time, by the real adapters of SMS and Telegram against their providers' stand-ins.

Only the clock is moved; what goes out is read at the provider, what comes in is posted to our webhooks, signed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from adapters.env import ChannelEnv
from adapters.telegram import Telegram
from adapters.twilio_sms import TwilioChannel
from bot import webhooks
from core.clock import ManualClock
from core.db import Database
from core.people import Contact, address_index
from core.web import install_error_handlers
from notify.outbox.models import OutboxMessage
from notify.signoff.issuing import NewDocument, NewRecipient
from notify.signoff.models import Recipient, SignEvent
from notify.timers import Timers
from tests.bot.test_officials import CLERK
from tests.bot.world import World, built
from tests.contract.cases import telegram as telegram_case
from tests.contract.cases import twilio as twilio_case
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import NUMBER, FakeTwilio
from tests.notify.signoff.conftest import people

PUBLIC = "https://sunline.example"
PHONE, CHAT = "+12025550101", 700_001
LIMITS = {"urgent": 60, "important": 240, "normal": 360}
STEPS = {"at once": 0.0, "half": 0.5, "yellow": 5 / 6, "red": 1.0, "overdue": 1.25}
TITLES = {"at once": "待签收", "half": "还没签收", "yellow": "黄灯", "red": "红灯", "overdue": "红灯"}


class Journey:
    """An official with one way to be reached, the service, and both providers."""

    def __init__(
        self, world: World, http: httpx.AsyncClient, twilio: FakeTwilio, telegram: FakeTelegram, channel: str
    ) -> None:
        self.world, self.http, self.twilio, self.telegram, self.channel = world, http, twilio, telegram, channel

    async def issue(self, urgency: str) -> None:
        """A document to A, with B and leader."""
        unit = [NewRecipient("城管局", "a", "b", "leader")]
        new = NewDocument("示发〔2026〕12号", "关于做好防汛值守的通知", urgency, True, unit)
        await self.world.db.write(self.world.signoff.issue, new, CLERK)
        await self.passes(0)

    async def passes(self, minutes: float, *, step: float = 10) -> None:
        """Time goes by in steps; what falls due goes out."""
        while True:
            self.world.later(minutes=min(step, minutes))
            minutes -= step
            timers = Timers(self.world.db, self.world.clock, self.world.signoff.owners())
            while await timers.fire():
                pass
            if await self.world.db.read(_waits, self.world.clock()):
                await self.send()
            if minutes <= 0:
                break

    async def send(self) -> None:
        """The dispatcher works until nothing waits, and sign-off looks at what came back."""
        task = asyncio.create_task(self.world.dispatcher.run())
        try:
            async with asyncio.timeout(30):
                while True:
                    while await self.world.db.read(_waits, self.world.clock()):
                        await asyncio.sleep(0.005)
                    if not await self.world.db.write(self.world.signoff.watch):
                        break
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def heard(self) -> list[str]:
        """What reached the official's phone, at the provider."""
        if self.channel == "twilio":
            return [record.body for record in self.twilio.to(PHONE)]
        return [post.text for post in self.telegram.posts_to(CHAT)]

    async def signs(self) -> str:
        """The official signs as people do there: ``1`` by SMS, the button in a chat. What is said back."""
        if self.channel == "twilio":
            form = self.twilio.inbound(PHONE, NUMBER, "1")
            headers = {"X-Twilio-Signature": self.twilio.sign(f"{PUBLIC}/hooks/twilio", form)}
            answer = await self.http.post("/hooks/twilio", data=form, headers=headers)
        else:
            update = telegram_case.update(callback_query=self._press())
            headers = {telegram_case.HEADER: telegram_case.SECRET}
            answer = await self.http.post("/hooks/telegram", json=update, headers=headers)
        assert answer.status_code == 200
        await self.world.conversations.drain()
        self.world.later(seconds=2)  # a chat takes one message in a second
        await self.send()
        return self.heard()[-1]

    def _press(self) -> dict[str, object]:
        post = self.telegram.posts_to(CHAT)[-1]
        data = next(value for label, value in post.buttons if label == "签收")
        message = telegram_case.written(post.text, CHAT)
        return {"id": "1", "from": message["from"], "message": message, "chat_instance": "x", "data": data}


def _waits(session: Session, now: datetime) -> bool:
    """Whether anything for a real provider is under way; the lists in memory take what is theirs as well."""
    open_states = ("queued", "sending")
    found = select(OutboxMessage.id).where(
        OutboxMessage.state.in_(open_states),  # type: ignore[attr-defined]
        OutboxMessage.not_before <= now,
    )
    return session.exec(found.limit(1)).first() is not None


def _only(session: Session, channel: str, address: str) -> None:
    """A has this one way to be reached."""
    for row in session.exec(select(Contact).where(Contact.person_id == "a")):
        session.delete(row)
    session.flush()
    key = address_index(channel, address)
    verified = datetime(2026, 1, 1, tzinfo=UTC)
    session.add(Contact(person_id="a", channel=channel, address=address, address_index=key, verified_at=verified))


@asynccontextmanager
async def journey(db: Database, clock: ManualClock, channel: str, address: str = "") -> AsyncIterator[Journey]:
    """Both providers, whichever the official uses."""
    db.write_now(people, clock)
    db.write_now(_only, channel, address or (PHONE if channel == "twilio" else str(CHAT)))
    async with FakeTwilio(clock=clock, receipts=False) as twilio, FakeTelegram() as telegram:
        telegram.chat(CHAT)
        env = ChannelEnv(clock, "", "阳光热线")
        sms = TwilioChannel(twilio_case.settings(api_base=twilio.url, segments_per_second=1000), clock=clock)
        chat = Telegram(telegram_case.settings(telegram), env)
        async with built(db, clock, more={"twilio": sms, "telegram": chat}) as world:
            app = FastAPI()
            install_error_handlers(app)
            app.include_router(webhooks.build_router(db, clock, world.channels, PUBLIC))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC) as http:
                yield Journey(world, http, twilio, telegram, channel)
        await sms.aclose()
        await chat.aclose()


@pytest.mark.parametrize("channel", ["telegram", "twilio"])
@pytest.mark.parametrize("urgency", sorted(LIMITS))
async def test_every_step_of_every_urgency_reaches_the_phone_in_its_order(
    sqlite_db: Database, clock: ManualClock, channel: str, urgency: str
) -> None:
    async with journey(sqlite_db, clock, channel) as made:
        await made.issue(urgency)
        limit, passed = LIMITS[urgency], 0.0
        for number, (step, share) in enumerate(STEPS.items(), 1):
            minutes = limit * share if step != "overdue" else limit + 30
            await made.passes(minutes - passed, step=60)
            passed = minutes
            assert len(made.heard()) == number, step
            assert TITLES[step] in made.heard()[-1]
            assert "示发〔2026〕12号" in made.heard()[-1]
        assert "超时30分钟，已如实记录" in await made.signs()


@pytest.mark.parametrize("channel", ["telegram", "twilio"])
@pytest.mark.parametrize("step", sorted(STEPS))
async def test_signed_at_any_step_nothing_more_reaches_the_phone(
    sqlite_db: Database, clock: ManualClock, channel: str, step: str
) -> None:
    async with journey(sqlite_db, clock, channel) as made:
        await made.issue("urgent")
        minutes = LIMITS["urgent"] * STEPS[step]
        await made.passes(minutes)
        answer = await made.signs()
        assert "已签收示发〔2026〕12号" in answer
        assert ("按时" in answer) is (minutes <= LIMITS["urgent"])
        count = len(made.heard())
        await made.passes(240, step=30)
        assert len(made.heard()) == count, "no reminder after the signing"


async def test_an_urgent_document_of_the_last_evening_of_the_year_runs_into_the_next(
    sqlite_db: Database, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 12, 31, 15, 40, tzinfo=UTC))  # 23:40 in the office
    async with journey(sqlite_db, clock, "twilio") as made:
        await made.issue("urgent")
        assert "00:40前" in made.heard()[0]
        await made.passes(30)
        assert "还没签收" in made.heard()[-1]
        answer = await made.signs()
        assert "已签收示发〔2026〕12号，00:10，按时" in answer
        row = await made.world.db.read(lambda session: session.exec(select(Recipient)).one())
        assert row.signed_at == datetime(2026, 12, 31, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(("channel", "address"), [("twilio", "+12025550185"), ("telegram", str(CHAT))])
async def test_an_official_nobody_can_reach_is_named_to_supervision_at_once(
    sqlite_db: Database, clock: ManualClock, channel: str, address: str
) -> None:
    async with journey(sqlite_db, clock, channel, address) as made:
        if channel == "telegram":
            made.telegram.blocks(CHAT)
        await made.issue("urgent")
        told = (await made.world.said("sms", "+12025550104"))[-1]
        assert "示例甲" in told
        assert "示发〔2026〕12号" in told
        whats = await made.world.db.read(lambda session: list(session.exec(select(SignEvent.what))))
        assert "unreachable" in whats
