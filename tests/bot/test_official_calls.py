"""An urgent document nobody signs is called about: key 1 signs, the answer comes in writing, a replay signs nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from adapters.twilio_voice import TwilioVoice
from bot import webhooks
from core.clock import ManualClock
from core.db import Database
from core.web import install_error_handlers
from notify.outbox.models import OutboxMessage
from notify.signoff.issuing import NewDocument, NewRecipient
from notify.signoff.models import Recipient, Reminder, SignEvent
from notify.timers import Timers
from tests.bot.test_officials import CLERK
from tests.bot.world import World, built
from tests.contract.cases.twilio import settings
from tests.contract.cases.voice import voice_settings
from tests.fakes import twilio_calls
from tests.fakes.twilio import FakeTwilio
from tests.notify.signoff.conftest import PHONES, people

PUBLIC = "https://sun.example"
HOOK = f"{PUBLIC}/hooks/voice"


class Office:
    """The service with calls, and Twilio's stand-in at the other end of the wire."""

    def __init__(self, world: World, fake: FakeTwilio, http: httpx.AsyncClient) -> None:
        self.world, self.fake, self.http = world, fake, http

    async def issue(self, number: str = "示发〔2026〕12号", urgency: str = "urgent") -> None:
        """A document to A, with B and leader."""
        new = NewDocument(number, "关于做好防汛值守的通知", urgency, True, [NewRecipient("城管局", "a", "b", "leader")])
        await self.world.db.write(self.world.signoff.issue, new, CLERK)
        await self.passes(0)

    async def passes(self, minutes: float) -> None:
        """Time goes by; what falls due goes out."""
        self.world.later(minutes=minutes)
        timers = Timers(self.world.db, self.world.clock, self.world.signoff.owners())
        while await timers.fire():
            pass
        await self.send()

    async def send(self) -> None:
        """The dispatcher works until nothing waits."""
        task = asyncio.create_task(self.world.dispatcher.run())
        try:
            async with asyncio.timeout(20):
                while await self.world.db.read(_waits):
                    await asyncio.sleep(0.005)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def posts(self, url: str, form: dict[str, str], signature: str = "") -> httpx.Response:
        """Twilio posts a form to us."""
        headers = {"X-Twilio-Signature": signature or self.fake.sign(url, form)}
        answer = await self.http.post(url.removeprefix(PUBLIC), data=form, headers=headers)
        await self.world.conversations.drain()
        return answer

    async def presses(self, call: twilio_calls.Call, key: str, *, heard: int = 0) -> httpx.Response:
        """A key of a call."""
        action = twilio_calls.action_of(call.heard[heard], HOOK)
        return await self.posts(action, twilio_calls.key_form(self.fake.state, call, key))

    async def recipient(self) -> Recipient:
        """The first recipient."""
        return (await self.world.db.read(lambda session: list(session.exec(select(Recipient)))))[0]

    async def sms(self) -> list[str]:
        """What A got in writing."""
        return await self.world.said("sms", PHONES["a"])


def _waits(session: Session) -> bool:
    """Only calls leave here; what is written stays where it is."""
    open_states = ("queued", "sending")
    wanted = select(OutboxMessage.id).where(OutboxMessage.channel == "voice", OutboxMessage.state.in_(open_states))  # type: ignore[attr-defined]
    return session.exec(wanted).first() is not None


@pytest.fixture
async def office(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with _office(db, clock) as made:
        yield made


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with _office(sqlite_db, clock) as made:
        yield made


@asynccontextmanager
async def _office(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    db.write_now(people, clock)
    async with FakeTwilio(clock=clock, receipts=False) as fake:
        voice = TwilioVoice(voice_settings(), settings(api_base=fake.url), clock=clock, hook=HOOK, office="阳光热线")
        async with built(db, clock, more={"voice": voice}) as world:
            app = FastAPI()
            install_error_handlers(app)
            app.include_router(webhooks.build_router(db, clock, world.channels, PUBLIC))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC) as http:
                yield Office(world, fake, http)
        await voice.aclose()


async def test_nobody_is_called_before_the_yellow_lamp_and_key_1_signs(office: Office) -> None:
    await office.issue()
    await office.passes(30)
    assert office.fake.calls == []
    await office.passes(20)
    (call,) = office.fake.calls
    assert call.to == PHONES["a"]
    spoken = twilio_calls.said(call.heard[0])
    assert spoken[1] == "紧急公文待签收：示发〔2026〕12号，关于做好防汛值守的通知，时限11:00前。"
    answer = await office.presses(call, "1")
    assert answer.status_code == 200
    row = await office.recipient()
    assert (row.state, row.signed_by, row.signed_via) == ("signed", "a", "voice")
    assert "已签收示发〔2026〕12号，10:50，按时。没有别的待签收公文了。" in (await office.sms())[-1]
    await office.passes(10)
    assert len(office.fake.calls) == 1, "after signing nobody is called"
    assert not [m for m in await office.world.outgoing("voice", PHONES["a"]) if m.kind == "reply"]


async def test_a_press_delivered_again_or_replayed_later_signs_nothing(office: Office) -> None:
    await office.issue()
    await office.passes(50)
    (call,) = office.fake.calls
    for _ in range(3):
        assert (await office.presses(call, "1")).status_code == 200
    assert len([text for text in await office.sms() if "已签收" in text]) == 1, "one signing, one answer"
    await office.world.says("非本人 12", address=PHONES["a"])
    await office.presses(call, "1")
    assert (await office.recipient()).state == "open", "the old call does not sign what was opened again"


async def test_an_old_call_about_a_document_opened_again_shows_it_instead_of_signing(small: Office) -> None:
    await small.issue()
    await small.passes(50)
    (call,) = small.fake.calls
    await small.world.says("签收", address=PHONES["a"])
    await small.world.says("非本人 12", address=PHONES["a"])
    await small.presses(call, "1")
    assert (await small.recipient()).state == "open"
    assert "1件待签收" in (await small.sms())[-1]


async def test_a_forged_press_is_refused(small: Office) -> None:
    await small.issue()
    await small.passes(50)
    (call,) = small.fake.calls
    action = twilio_calls.action_of(call.heard[0], HOOK)
    form = twilio_calls.key_form(small.fake.state, call, "1")
    assert (await small.posts(action, form, "AAAA")).status_code == 403
    assert (await small.http.post(action.removeprefix(PUBLIC), data=form)).status_code == 403
    elsewhere = action.replace("attempt=", "attempt=x")
    assert (await small.posts(elsewhere, form)).status_code == 403
    assert (await small.recipient()).state == "open"


async def test_several_documents_are_one_call_and_its_key_signs_those_alone(small: Office) -> None:
    await small.issue()
    await small.issue("示发〔2026〕15号")
    await small.passes(50)
    (call,) = small.fake.calls
    spoken = twilio_calls.said(call.heard[0])
    assert "您有2件公文待签收：1〔2026〕12号防汛值守11:00前；2〔2026〕15号防汛值守11:00前。" in spoken[1]
    assert spoken[2].startswith("全部签收请按1。")
    await small.issue("示发〔2026〕16号")
    await small.presses(call, "1")
    states = await small.world.db.read(lambda session: {row.code: row.state for row in session.exec(select(Recipient))})
    assert states == {"12": "signed", "15": "signed", "16": "open"}


async def test_ordinary_documents_call_nobody_and_the_person_who_stands_in_is_called(small: Office) -> None:
    await small.issue("示发〔2026〕15号", "important")
    await small.passes(240)
    assert small.fake.calls == []
    await small.world.says("外出 3天", address=PHONES["a"])
    await small.world.says("1", address=PHONES["a"])
    await small.issue()
    await small.passes(50)
    (call,) = small.fake.calls
    assert call.to == PHONES["b"]
    await small.presses(call, "1")
    row = next(row for row in await small.world.db.read(lambda s: list(s.exec(select(Recipient)))) if row.code == "12")
    assert (row.signed_by, row.in_place_of) == ("b", "a")


async def test_the_reports_of_a_call_are_attempts_of_its_message(small: Office) -> None:
    await small.issue()
    await small.passes(50)
    (call,) = small.fake.calls
    (message,) = await small.world.outgoing("voice", PHONES["a"])
    assert message.state == "sent"
    for status in ("ringing", "in-progress", "completed", "ringing"):
        await small.posts(HOOK, twilio_calls.status_form(small.fake.state, call, status))
    (message,) = await small.world.outgoing("voice", PHONES["a"])
    assert message.state == "delivered"
    reminders = await small.world.db.read(
        lambda session: [(r.channel, r.step) for r in session.exec(select(Reminder)) if r.channel == "voice"]
    )
    assert reminders == [("voice", "yellow")]


async def test_nobody_answers_and_nothing_else_reached_them_so_supervision_is_told_by_name(small: Office) -> None:
    await small.issue()
    await small.passes(50)

    def lose(session: Session) -> None:
        for row in session.exec(select(OutboxMessage)):
            if row.person_id == "a" and row.channel != "voice":
                row.state, row.reason = "failed", "301"
                session.add(row)

    await small.world.db.write(lose)
    (call,) = small.fake.calls
    await small.posts(HOOK, twilio_calls.status_form(small.fake.state, call, "no-answer"))
    await small.world.db.write(small.world.signoff.watch)
    assert "unreachable" in await small.world.db.read(lambda session: list(session.exec(select(SignEvent.what))))
    assert "示例甲" in (await small.world.said("sms", PHONES["boss"]))[-1]
