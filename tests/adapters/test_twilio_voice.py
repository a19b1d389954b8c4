"""Calls: what is read out, what each key means, and what Twilio reports."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.env import ChannelEnv
from adapters.twilio_voice import TwilioVoice, build
from core.clock import ManualClock
from core.errors import BadSignature, Rejected, Retryable, StartupError
from core.messages import Inbound, Option, Outgoing, Progress, Receipt, Received
from tests.contract.case import NOW
from tests.contract.cases.twilio import settings
from tests.contract.cases.voice import HOOK, PERSON, signed, voice_settings
from tests.fakes import twilio_calls
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, FakeTwilio


class Phone:
    """Somebody who is called."""

    def __init__(self, fake: FakeTwilio, channel: TwilioVoice, clock: ManualClock) -> None:
        self.fake, self.channel, self.clock = fake, channel, clock

    async def rings(
        self, locale: str = "zh-Hans", text: str = "紧急公文待签收。", to: str = PERSON
    ) -> twilio_calls.Call:
        """A call with one option."""
        options = (Option("c:sign:abc.3", "签收" if locale != "en" else "Sign"),)
        message = Outgoing("row", "attempt-1", "voice", to, text, locale=locale, options=options, callback_url=HOOK)
        await self.channel.send(message)
        return self.fake.calls[-1]

    async def presses(self, key: str, *, heard: int = 0) -> Received:
        """A key, pressed after a document was heard."""
        call = self.fake.calls[-1]
        action = twilio_calls.action_of(call.heard[heard], HOOK)
        received = await self.channel.receive(
            signed(self.fake, action, twilio_calls.key_form(self.fake.state, call, key))
        )
        call.heard.append(received.reply.decode())
        return received

    async def hears(self, status: str) -> Receipt:
        """A report of this state."""
        call = self.fake.calls[-1]
        form = twilio_calls.status_form(self.fake.state, call, status)
        (event,) = (await self.channel.receive(signed(self.fake, f"{HOOK}?attempt=attempt-1", form))).events
        assert isinstance(event, Receipt)
        return event


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    clock = ManualClock(NOW)
    async with FakeTwilio(clock=clock, receipts=False) as fake:
        channel = TwilioVoice(voice_settings(), settings(api_base=fake.url), clock=clock, hook=HOOK, office="示例办")
        yield Phone(fake, channel, clock)
        await channel.aclose()


async def test_a_call_greets_reads_the_text_and_names_the_keys_twice(phone: Phone) -> None:
    call = await phone.rings()
    spoken = twilio_calls.said(call.heard[0])
    assert spoken[:3] == ["您好，这里是示例办。", "紧急公文待签收。", "签收请按1。重听请按2。"]
    assert spoken.count("紧急公文待签收。") == 2
    assert "没有收到按键" in spoken[-1]
    assert twilio_calls.languages(call.heard[0]) == {"zh-CN"}


@pytest.mark.parametrize(("locale", "language"), [("zh-Hant", "zh-TW"), ("en", "en-US")])
async def test_it_is_read_in_the_language_of_the_message(phone: Phone, locale: str, language: str) -> None:
    call = await phone.rings(locale, "x")
    assert twilio_calls.languages(call.heard[0]) == {language}


async def test_key_1_is_the_option_and_the_same_press_again_has_the_same_id(phone: Phone) -> None:
    await phone.rings()
    first, again = await phone.presses("1"), await phone.presses("1")
    (event,) = first.events
    assert isinstance(event, Inbound)
    assert (event.channel, event.address, event.choice) == ("voice", PERSON, "c:sign:abc.3")
    assert again.events == first.events
    assert "结果马上发到您的手机" in twilio_calls.said(first.reply.decode())[0]


async def test_key_2_repeats_and_another_key_is_said_not_to_exist(phone: Phone) -> None:
    await phone.rings()
    repeated = await phone.presses("2")
    assert repeated.events == ()
    assert twilio_calls.said(repeated.reply.decode())[:2] == ["紧急公文待签收。", "签收请按1。重听请按2。"]
    assert (await phone.presses("1", heard=1)).events, "keys count after the repetition too"
    for key in ("9", "0", "#", "*", "", "12"):
        wrong = await phone.presses(key)
        assert wrong.events == ()
        assert twilio_calls.said(wrong.reply.decode())[0] == "没有这个按键。"


async def test_keys_of_an_old_call_mean_nothing_any_more(phone: Phone) -> None:
    await phone.rings()
    phone.clock.advance(timedelta(minutes=31))
    late = await phone.presses("1")
    assert late.events == ()
    assert "已失效" in twilio_calls.said(late.reply.decode())[0]


async def test_what_a_key_means_cannot_be_taken_to_another_attempt(phone: Phone) -> None:
    call = await phone.rings()
    action = twilio_calls.action_of(call.heard[0], HOOK).replace("attempt-1", "attempt-2")
    with pytest.raises(BadSignature):
        await phone.channel.receive(signed(phone.fake, action, twilio_calls.key_form(phone.fake.state, call, "1")))


async def test_nothing_said_can_be_read_in_the_address_keys_are_posted_to(phone: Phone) -> None:
    call = await phone.rings()
    action = twilio_calls.action_of(call.heard[0], HOOK)
    assert "abc" not in action
    assert "%E7" not in action


async def test_reports_move_the_message_and_say_why_it_failed(phone: Phone) -> None:
    await phone.rings()
    assert [(await phone.hears(status)).progress for status in ("initiated", "ringing", "in-progress")] == [
        Progress.SENT
    ] * 3
    assert (await phone.hears("completed")).progress is Progress.DELIVERED
    busy, missed, failed = [await phone.hears(status) for status in ("busy", "no-answer", "failed")]
    assert isinstance(busy.outcome, Retryable)
    assert busy.outcome.after == timedelta(minutes=3)
    assert isinstance(missed.outcome, Rejected)
    assert isinstance(failed.outcome, Rejected)
    assert {busy.attempt, missed.attempt, failed.attempt} == {"attempt-1"}


async def test_a_call_that_is_not_reported_on_can_be_asked_about(phone: Phone) -> None:
    call = await phone.rings(to="+12025550187")
    found = await phone.channel.status(call.sid)
    assert found is not None
    assert found.progress is Progress.UNDELIVERED


async def test_the_longest_text_with_its_keys_fits_what_twilio_takes(phone: Phone) -> None:
    call = await phone.rings(text="长" * 300)
    assert len(call.heard[0]) <= twilio_calls.TWIML_MAX


def test_without_a_number_nobody_is_called_and_half_a_set_up_is_a_start_up_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = ChannelEnv(ManualClock(NOW), "https://sun.example", "示例办")
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM", "VOICE_FROM"):
        monkeypatch.delenv(f"TWILIO_{name}", raising=False)
    assert build(env) is None
    monkeypatch.setenv("TWILIO_VOICE_FROM", "12345")
    with pytest.raises(StartupError, match="TWILIO_VOICE_FROM"):
        build(env)
    monkeypatch.setenv("TWILIO_VOICE_FROM", NUMBER)
    with pytest.raises(StartupError, match="TWILIO_ACCOUNT_SID"):
        build(env)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
    monkeypatch.setenv("TWILIO_FROM", NUMBER)
    with pytest.raises(StartupError, match="SUNLINE_PUBLIC_URL"):
        build(ChannelEnv(ManualClock(NOW), "", "示例办"))
    assert build(env) is not None
