"""Sending through Twilio: what it is told, what becomes of an answer, and how a lost one is found again."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.twilio_sms import TwilioChannel
from core.clock import ManualClock
from core.errors import Misconfigured, Retryable, Uncertain, Unreachable
from core.messages import Lane, Outgoing, Progress
from core.ports import Can, Health, Lookup
from tests.contract.case import NOW
from tests.contract.cases.twilio import PERSON, settings
from tests.fakes.twilio import NUMBER, SECOND_NUMBER, SERVICE_SID, FakeTwilio, Fault, Record

MESSAGE = Outgoing("row", "attempt-1", "twilio", PERSON, "【示例办】您好，路灯已修好。")
HOOK = "https://sunline.example/hooks/twilio"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(clock=clock) as fake:
        yield fake


@pytest.fixture
async def channel(fake: FakeTwilio, clock: ManualClock) -> AsyncIterator[TwilioChannel]:
    channel = _channel(fake, clock)
    yield channel
    await channel.aclose()


def _channel(fake: FakeTwilio, clock: ManualClock, **changes: Any) -> TwilioChannel:
    return TwilioChannel(settings(api_base=fake.url, timeout_seconds=0.5, **changes), clock=clock)


def _told(fake: FakeTwilio) -> dict[str, str]:
    return dict(fake.transcript[-1].form)


async def test_twilio_is_told_who_what_and_from_whom(fake: FakeTwilio, channel: TwilioChannel) -> None:
    sent = await channel.send(MESSAGE)
    assert _told(fake) == {"To": PERSON, "Body": MESSAGE.text, "From": NUMBER, "ValidityPeriod": "14400"}
    assert sent.provider_id == fake.state.messages[0].sid
    assert (sent.segments, sent.sender, sent.delivered) == (1, NUMBER, False)


@pytest.mark.parametrize(("lane", "seconds"), [(Lane.URGENT, "3600"), (Lane.NORMAL, "14400"), (Lane.BULK, "36000")])
async def test_a_message_waits_at_twilio_as_long_as_its_lane_allows(
    fake: FakeTwilio, channel: TwilioChannel, lane: Lane, seconds: str
) -> None:
    await channel.send(replace(MESSAGE, lane=lane))
    assert _told(fake)["ValidityPeriod"] == seconds


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (HOOK, f"{HOOK}?attempt=attempt-1#ct=3000&rc=5&rt=1500&rp=all"),
        (f"{HOOK}?a=b", f"{HOOK}?a=b&attempt=attempt-1#ct=3000&rc=5&rt=1500&rp=all"),
        (f"{HOOK}?attempt=1.signed#x", f"{HOOK}?attempt=1.signed#ct=3000&rc=5&rt=1500&rp=all"),
    ],
)
async def test_receipts_come_to_the_callback_with_the_attempts_id_and_retries(
    fake: FakeTwilio, channel: TwilioChannel, given: str, told: str
) -> None:
    await channel.send(replace(MESSAGE, callback_url=given))
    assert _told(fake)["StatusCallback"] == told


async def test_an_answer_leaves_from_the_number_that_was_written_to(fake: FakeTwilio, channel: TwilioChannel) -> None:
    sent = await channel.send(replace(MESSAGE, sender=SECOND_NUMBER))
    assert _told(fake)["From"] == SECOND_NUMBER
    assert sent.sender == SECOND_NUMBER


async def test_a_messaging_service_chooses_the_sender_and_we_count_the_segments(
    fake: FakeTwilio, clock: ManualClock
) -> None:
    channel = _channel(fake, clock, TWILIO_FROM="", messaging_service_sid=SERVICE_SID)
    sent = await channel.send(replace(MESSAGE, text="长" * 71))
    assert "From" not in _told(fake)
    assert _told(fake)["MessagingServiceSid"] == SERVICE_SID
    assert (sent.segments, sent.sender) == (2, "")
    await channel.send(replace(MESSAGE, sender=NUMBER))
    assert _told(fake)["From"] == NUMBER
    assert channel.sender_for(PERSON) == ""
    await channel.aclose()


async def test_whatsapp_goes_by_the_prefix(fake: FakeTwilio, channel: TwilioChannel) -> None:
    await channel.send(replace(MESSAGE, address=f"whatsapp:{PERSON}"))
    assert _told(fake)["From"] == f"whatsapp:{NUMBER}"
    assert _told(fake)["To"] == f"whatsapp:{PERSON}"


async def test_after_stop_the_recipient_is_opted_out_until_start(fake: FakeTwilio, channel: TwilioChannel) -> None:
    fake.inbound(PERSON, NUMBER, " stop ")
    with pytest.raises(Unreachable) as caught:
        await channel.send(MESSAGE)
    assert caught.value.opted_out
    assert caught.value.provider_code == "21610"
    fake.inbound(PERSON, NUMBER, "START")
    assert (await channel.send(MESSAGE)).provider_id


async def test_a_refused_connection_may_be_tried_again(fake: FakeTwilio, clock: ManualClock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        channel = TwilioChannel(settings(api_base=base), clock=clock)
        with pytest.raises(Retryable, match="no connection"):
            await channel.send(MESSAGE)
        await channel.aclose()


async def test_a_wrong_account_is_our_own_fault(fake: FakeTwilio, clock: ManualClock) -> None:
    channel = _channel(fake, clock, auth_token="0123456789abcdef" * 2)
    with pytest.raises(Misconfigured) as caught:
        await channel.send(MESSAGE)
    assert caught.value.provider_code == "20003"
    await channel.aclose()


async def test_a_sender_of_somebody_else_is_our_own_fault(fake: FakeTwilio, channel: TwilioChannel) -> None:
    with pytest.raises(Misconfigured) as caught:
        await channel.send(replace(MESSAGE, sender="+12025550177"))
    assert caught.value.provider_code == "21606"


async def test_many_messages_go_out_at_the_same_time(fake: FakeTwilio, channel: TwilioChannel) -> None:
    fake.fail_next(*[Fault(accept=True, delay_s=0.2)] * 20)
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent = await asyncio.gather(*(channel.send(replace(MESSAGE, text=f"第{n}条")) for n in range(20)))
    assert len({one.provider_id for one in sent}) == 20
    assert loop.time() - began < 0.2 * 20


# --- looking up what was lost ----------------------------------------------------------------------------------


async def test_a_message_still_in_the_queue_is_found(fake: FakeTwilio, channel: TwilioChannel) -> None:
    fake.receipts = False
    fake.fail_next(Fault(accept=True, cut=True))
    with pytest.raises(Uncertain):
        await channel.send(MESSAGE)
    assert fake.state.messages[0].sent is None
    found = await channel.lookup(MESSAGE, NOW)
    assert found is not None
    assert (found.provider_id, found.sender) == (fake.state.messages[0].sid, NUMBER)


@pytest.mark.parametrize(
    "change",
    [
        {"form": {"To": "+12025550111", "Body": MESSAGE.text}},
        {"form": {"To": PERSON, "Body": "【示例办】别的。"}},
        {"form": {"To": PERSON, "Body": MESSAGE.text + "又"}},
        {"sender": SECOND_NUMBER},
        {"created": NOW - timedelta(seconds=2)},
        {"direction": "inbound"},
    ],
    ids=["recipient", "text", "longer text", "sender", "older", "inbound"],
)
async def test_another_message_is_not_taken_for_the_lost_one(
    fake: FakeTwilio, channel: TwilioChannel, change: dict[str, Any]
) -> None:
    record = Record("SM1", {"To": PERSON, "Body": MESSAGE.text}, NUMBER, NOW)
    fake.state.keep(record)
    assert await channel.lookup(MESSAGE, NOW) is not None
    fake.state.messages[0] = replace(record, **change)
    assert await channel.lookup(MESSAGE, NOW) is None


async def test_a_lost_message_is_found_behind_many_others(fake: FakeTwilio, channel: TwilioChannel) -> None:
    await channel.send(MESSAGE)
    for number in range(150):
        fake.state.keep(Record(f"SM{number}", {"To": PERSON, "Body": f"别的{number}"}, NUMBER, NOW))
    assert await channel.lookup(MESSAGE, NOW) is not None


async def test_the_time_is_compared_to_the_second_that_twilio_keeps(fake: FakeTwilio, channel: TwilioChannel) -> None:
    await channel.send(MESSAGE)
    assert await channel.lookup(MESSAGE, NOW + timedelta(milliseconds=900)) is not None


async def test_a_look_up_that_fails_may_be_tried_again(fake: FakeTwilio, clock: ManualClock) -> None:
    channel = _channel(fake, clock)
    await fake.__aexit__()
    with pytest.raises(Retryable):
        await channel.lookup(MESSAGE, NOW)
    await channel.aclose()
    await fake.__aenter__()


# --- asking ----------------------------------------------------------------------------------------------------


async def test_the_state_of_a_silent_message_can_be_asked_for(fake: FakeTwilio, channel: TwilioChannel) -> None:
    delivered = await channel.send(MESSAGE)
    receipt = await channel.status(delivered.provider_id)
    assert receipt is not None
    assert (receipt.progress, receipt.provider_id) == (Progress.DELIVERED, delivered.provider_id)
    gone = await channel.send(replace(MESSAGE, address="+12025550191"))
    receipt = await channel.status(gone.provider_id)
    assert receipt is not None
    assert receipt.progress is Progress.UNDELIVERED
    assert receipt.code == "30005"
    assert isinstance(receipt.outcome, Unreachable)


async def test_the_account_is_named_when_it_is_active(fake: FakeTwilio, channel: TwilioChannel) -> None:
    assert isinstance(channel, Health)
    assert isinstance(channel, Lookup)
    assert "Example Office" in await channel.check()
    fake.state.account_status = "suspended"
    with pytest.raises(Misconfigured, match="suspended"):
        await channel.check()


async def test_some_countries_are_one_way_and_take_no_links(channel: TwilioChannel) -> None:
    assert {Can.TWO_WAY, Can.LINKS} <= set(channel.can_for(PERSON))
    assert not {Can.TWO_WAY, Can.LINKS} & set(channel.can_for("+86" + "138" + "0" * 8))


async def test_a_closed_channel_never_opens_again(fake: FakeTwilio, clock: ManualClock) -> None:
    channel = _channel(fake, clock)
    await channel.aclose()
    with pytest.raises(Retryable, match="closed"):
        await channel.send(MESSAGE)
    assert not fake.transcript
