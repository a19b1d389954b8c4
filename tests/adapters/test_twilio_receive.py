"""Twilio's webhooks: receipts in any order, people's messages, and opt-out words."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.twilio_events import inbound, receipt_of
from adapters.twilio_sms import TwilioChannel
from core.clock import ManualClock
from core.errors import BadSignature, Rejected, Retryable, Unreachable
from core.messages import Inbound, Outgoing, Place, Progress, Receipt, WebhookRequest
from tests.contract.case import NOW
from tests.contract.cases.twilio import PERSON, settings, signed
from tests.fakes.twilio import NUMBER, FakeTwilio
from tests.fakes.twilio_callbacks import Overrides

TEXT = "【示例办】您好，路灯已修好。"


class Office:
    """Our side: a web server that hands each request to the channel, and can be told to fail first."""

    def __init__(self, channel: TwilioChannel) -> None:
        self.channel = channel
        self.events: list[Inbound | Receipt] = []
        self.failures: list[int] = []
        self.url = ""

    async def hook(self, request: web.Request) -> web.Response:
        if self.failures:
            return web.Response(status=self.failures.pop(0))
        asked = WebhookRequest(
            request.method, str(request.url), dict(request.headers), dict(request.query), await request.read()
        )
        try:
            received = await self.channel.receive(asked)
        except BadSignature:
            return web.Response(status=403)
        self.events.extend(received.events)
        return web.Response(body=received.reply, content_type=received.reply_type)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(clock=ManualClock(NOW)) as fake:
        yield fake


@pytest.fixture
async def channel(fake: FakeTwilio) -> AsyncIterator[TwilioChannel]:
    host = fake.url.removeprefix("http://")
    chosen = settings(api_base=fake.url, timeout_seconds=2, media_hosts=host)
    channel = TwilioChannel(chosen, clock=ManualClock(NOW))
    yield channel
    await channel.aclose()


@pytest.fixture
async def office(channel: TwilioChannel, fake: FakeTwilio) -> AsyncIterator[Office]:
    office = Office(channel)
    app = web.Application()
    app.router.add_post("/hooks/twilio", office.hook)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.url = fake.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/twilio"
    yield office
    await runner.cleanup()


def _message(office: Office, **changes: Any) -> Outgoing:
    return replace(Outgoing("row", "attempt-1", "twilio", PERSON, TEXT, callback_url=office.url), **changes)


def _receipts(office: Office) -> list[Receipt]:
    return [event for event in office.events if isinstance(event, Receipt)]


async def test_receipts_name_the_message_and_the_attempt(
    fake: FakeTwilio, channel: TwilioChannel, office: Office
) -> None:
    sent = await channel.send(_message(office))
    await fake.callbacks.settled()
    assert [event.progress for event in _receipts(office)] == [Progress.SENT, Progress.SENT, Progress.DELIVERED]
    assert {(event.provider_id, event.attempt) for event in _receipts(office)} == {(sent.provider_id, "attempt-1")}
    assert all(event.outcome is None for event in _receipts(office))


async def test_an_undelivered_message_says_why(fake: FakeTwilio, channel: TwilioChannel, office: Office) -> None:
    for address in ("+12025550190", "+12025550192", "+12025550193"):
        await channel.send(_message(office, address=address))
    await fake.callbacks.settled()
    ends = {event.code: event for event in _receipts(office) if event.progress is Progress.UNDELIVERED}
    assert {code: type(event.outcome) for code, event in ends.items()} == {
        "30003": Retryable,
        "30006": Unreachable,
        "30007": Rejected,
    }


async def test_receipts_may_come_shuffled_and_twice(fake: FakeTwilio, channel: TwilioChannel, office: Office) -> None:
    fake.callbacks.shuffle, fake.callbacks.repeat = True, 2
    await channel.send(_message(office))
    await fake.callbacks.settled()
    states = [event.progress for event in _receipts(office)]
    assert sorted(states) == [Progress.DELIVERED] * 2 + [Progress.SENT] * 4
    assert states != sorted(states, reverse=True), "this seed shuffles"


async def test_a_callback_is_tried_again_because_the_address_asks_for_it(
    fake: FakeTwilio, channel: TwilioChannel, office: Office
) -> None:
    fake.callbacks.statuses = ("delivered",)
    office.failures = [503, 500, 403]
    await channel.send(_message(office))
    await fake.callbacks.settled()
    assert [answer.status for answer in fake.callbacks.answers] == [503, 500, 403, 200]
    assert [event.progress for event in _receipts(office)] == [Progress.DELIVERED]


async def test_without_overrides_twilio_tries_a_refused_callback_once_only(fake: FakeTwilio, office: Office) -> None:
    office.failures = [503, 503]
    form = fake.inbound(PERSON, NUMBER, "你好")
    assert await fake.callbacks.deliver(office.url, form, Overrides.of(office.url)) == 503
    assert len(fake.callbacks.answers) == 1


async def test_a_handsets_message_arrives_and_is_acknowledged_with_empty_twiml(
    fake: FakeTwilio, office: Office
) -> None:
    office.failures = [500, 503]
    sid = await fake.handset_says(PERSON, NUMBER, "  路灯坏了 💡 ")
    assert office.events == [Inbound("twilio", sid, PERSON, text="  路灯坏了 💡 ", to=NUMBER)]
    assert [answer.status for answer in fake.callbacks.answers] == [500, 503, 200]


async def test_the_reply_to_a_webhook_says_nothing_to_the_person(fake: FakeTwilio, channel: TwilioChannel) -> None:
    received = await channel.receive(signed(fake, fake.inbound(PERSON, NUMBER, "你好")))
    assert received.reply.endswith(b"<Response/>")
    assert received.reply_type == "application/xml"


@pytest.mark.parametrize("word", ["STOP", " stop ", "StopAll", "unsubscribe", "CANCEL", "End", "QUIT"])
async def test_an_opt_out_word_is_marked_also_without_the_advanced_parameter(
    fake: FakeTwilio, channel: TwilioChannel, word: str
) -> None:
    received = await channel.receive(signed(fake, fake.inbound(PERSON, NUMBER, word)))
    [event] = received.events
    assert isinstance(event, Inbound)
    assert event.opt_out == "stop"


@pytest.mark.parametrize(
    ("form", "at_provider", "marked"),
    [
        ({"Body": "START"}, True, "start"),
        ({"Body": "STOP"}, False, ""),
        ({"Body": "stop it please"}, True, ""),
        ({"Body": "YES"}, True, ""),
        ({"Body": "HELP"}, True, ""),
        ({"Body": "退订"}, True, ""),
        ({"Body": "退订", "OptOutType": "STOP"}, False, "stop"),
        ({"Body": "info", "OptOutType": "HELP"}, True, "help"),
        ({"Body": "x", "OptOutType": "MADE UP"}, True, ""),
        ({"Body": "STOP", "From": "whatsapp:" + PERSON}, True, ""),
    ],
)
def test_opt_out_is_marked_where_twilio_acted(form: dict[str, str], at_provider: bool, marked: str) -> None:
    event = inbound("twilio", {"MessageSid": "SM1", "From": PERSON, **form}, words_at_provider=at_provider)
    assert event is not None
    assert event.opt_out == marked


async def test_advanced_opt_out_names_the_kind(fake: FakeTwilio, channel: TwilioChannel) -> None:
    fake.advanced_opt_out = True
    assert fake.inbound(PERSON, NUMBER, "stop")["OptOutType"] == "STOP"
    assert [record.direction for record in fake.to(PERSON)] == ["outbound-reply"]


def test_whatsapp_brings_its_name_button_and_place() -> None:
    form = {
        "MessageSid": "SM1",
        "From": f"whatsapp:{PERSON}",
        "To": f"whatsapp:{NUMBER}",
        "Body": "是",
        "ButtonPayload": "yes",
        "ProfileName": "示例甲",
        "OriginalRepliedMessageSid": "SM0",
        "Latitude": "31.2304",
        "Longitude": "121.4737",
    }
    event = inbound("twilio", form, words_at_provider=True)
    assert event == Inbound(
        "twilio",
        "SM1",
        f"whatsapp:{PERSON}",
        text="是",
        to=f"whatsapp:{NUMBER}",
        choice="yes",
        sender_name="示例甲",
        reply_to="SM0",
        place=Place(31.2304, 121.4737),
    )


@pytest.mark.parametrize(
    "form",
    [
        {"Latitude": "north", "Longitude": "1"},
        {"Latitude": "91", "Longitude": "1"},
        {"Latitude": "nan", "Longitude": "1"},
        {"Latitude": "1"},
        {},
    ],
)
def test_a_place_that_is_none_is_left_out(form: dict[str, str]) -> None:
    event = inbound("twilio", {"MessageSid": "SM1", "From": PERSON, "Body": "", **form}, words_at_provider=True)
    assert event is not None
    assert event.place is None


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("accepted", Progress.SENT),
        ("queued", Progress.SENT),
        ("sending", Progress.SENT),
        ("sent", Progress.SENT),
        ("delivered", Progress.DELIVERED),
        ("read", Progress.DELIVERED),
        ("undelivered", Progress.UNDELIVERED),
        ("failed", Progress.FAILED),
        ("canceled", Progress.FAILED),
        ("received", None),
        ("", None),
    ],
)
def test_twilios_states_become_ours(status: str, progress: Progress | None) -> None:
    found = receipt_of("twilio", status, "SM1", "")
    assert (found.progress if found else None) == progress
    failed = progress in (Progress.UNDELIVERED, Progress.FAILED)
    assert isinstance(found.outcome if found else None, Rejected) == failed


async def test_a_port_in_the_address_does_not_break_the_signature(fake: FakeTwilio, channel: TwilioChannel) -> None:
    form = fake.inbound(PERSON, NUMBER, "你好")
    request = signed(fake, form)
    with_port = replace(request, url="https://sunline.example:443/hooks/twilio")
    assert (await channel.receive(with_port)).events


@given(
    headers=st.dictionaries(st.sampled_from(["X-Twilio-Signature", "Content-Type", "x"]), st.text(), max_size=3),
    url=st.text(),
    body=st.binary(),
    method=st.sampled_from(["POST", "GET", ""]),
)
async def test_no_made_up_request_gets_past_the_signature(
    headers: dict[str, str], url: str, body: bytes, method: str
) -> None:
    channel = TwilioChannel(settings(), clock=ManualClock(NOW))
    with pytest.raises(BadSignature):
        await channel.receive(WebhookRequest(method, url, headers, {}, body))
