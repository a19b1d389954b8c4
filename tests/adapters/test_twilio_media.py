"""Attachments: fetched from Twilio's own hosts only, of types that do no harm."""

from collections.abc import AsyncIterator

import pytest

from adapters.twilio_sms import TwilioChannel
from core.clock import ManualClock
from core.errors import BadInput, Rejected
from core.messages import Inbound, Media
from tests.contract.case import NOW
from tests.contract.cases.twilio import PERSON, settings, signed
from tests.fakes.twilio import ACCOUNT_SID, NUMBER, FakeTwilio


@pytest.fixture
async def fake() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(clock=ManualClock(NOW)) as fake:
        yield fake


@pytest.fixture
async def channel(fake: FakeTwilio) -> AsyncIterator[TwilioChannel]:
    chosen = settings(api_base=fake.url, media_hosts=fake.url.removeprefix("http://"))
    channel = TwilioChannel(chosen, clock=ManualClock(NOW))
    yield channel
    await channel.aclose()


async def test_attachments_are_listed_and_can_be_fetched(fake: FakeTwilio, channel: TwilioChannel) -> None:
    content = b"\xff\xd8 made up"
    media = [fake.attach(content), fake.attach(b"%PDF", "application/pdf")]
    received = await channel.receive(signed(fake, fake.inbound(PERSON, NUMBER, "", media)))
    [event] = received.events
    assert isinstance(event, Inbound)
    assert [one.mime for one in event.media] == ["image/jpeg", "application/pdf"]
    file = await channel.fetch(event.media[0], 1000)
    assert (file.content, file.mime) == (content, "image/jpeg")
    assert file.name.endswith((".jpg", ".jpeg"))


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "application/zip", "application/x-msdownload"])
async def test_a_type_that_can_do_harm_is_refused(fake: FakeTwilio, channel: TwilioChannel, mime: str) -> None:
    url, _ = fake.attach(b"made up", mime)
    with pytest.raises(BadInput):
        await channel.fetch(Media(url, "image/jpeg"), 1000)


async def test_a_file_that_is_gone_is_rejected(fake: FakeTwilio, channel: TwilioChannel) -> None:
    url, _ = fake.attach(b"made up")
    fake.state.media.clear()
    with pytest.raises(Rejected):
        await channel.fetch(Media(url), 1000)


async def test_a_redirection_to_another_host_is_not_followed(fake: FakeTwilio) -> None:
    chosen = settings(api_base=fake.url, media_hosts="media.example")
    channel = TwilioChannel(chosen, clock=ManualClock(NOW))
    url, _ = fake.attach(b"made up")
    with pytest.raises(BadInput):
        await channel.fetch(Media(url), 1000)
    await channel.aclose()


@pytest.mark.parametrize(
    "ref",
    [
        "https://media.twiliocdn.com.example.com/a",
        "https://user@mms.twiliocdn.com/a",
        "http://mms.twiliocdn.com/a",
        "https://mms.twiliocdn.com:8443/a",
        "https://api.twilio.com/2010-04-01/Accounts/" + "AC" + "f" * 32 + "/Messages/MM1/Media/ME1",
        f"http://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM1/Media/ME1",
        "ftp://api.twilio.com/a",
        "http://127.0.0.1/latest/meta-data",
        "//api.twilio.com/a",
        "",
        "http://[::1",
    ],
)
async def test_an_address_that_is_not_twilios_is_refused_before_anything_is_asked(ref: str) -> None:
    channel = TwilioChannel(settings(), clock=ManualClock(NOW))
    with pytest.raises(BadInput):
        await channel.fetch(Media(ref), 1000)
    await channel.aclose()
