"""Twilio's channel against its stand-in."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlencode

from adapters.twilio_settings import TwilioSettings
from adapters.twilio_sms import TwilioChannel
from core.clock import ManualClock
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from core.messages import Media, WebhookRequest
from tests.contract.case import NOW, Arrived, Case, Failure, Rig, unsigned
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, FakeTwilio, Fault
from tests.fakes.twilio_callbacks import status_form

PERSON = "+12025550110"
HOOK = "https://sunline.example/hooks/twilio"
FORM_TYPE = "application/x-www-form-urlencoded"


def settings(**changes: object) -> TwilioSettings:
    """Right settings, with changes; nothing comes from the environment's file."""
    right: dict[str, object] = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "TWILIO_FROM": NUMBER}
    return TwilioSettings(_env_file=None, **{**right, **changes})  # type: ignore[arg-type]


def signed(fake: FakeTwilio, form: Mapping[str, str], attempt: str = "", signature: str = "") -> WebhookRequest:
    """A form as Twilio would post it to our webhook."""
    url = f"{HOOK}?attempt={attempt}" if attempt else HOOK
    headers = {"X-Twilio-Signature": signature or fake.sign(url, form), "Content-Type": FORM_TYPE}
    query = {"attempt": attempt} if attempt else {}
    return WebhookRequest("POST", url, headers, query, urlencode(form).encode())


def signed_json(fake: FakeTwilio, event: object) -> WebhookRequest:
    """An event of the kind that Twilio posts as JSON, signed over its digest in the address."""
    body = json.dumps(event).encode()
    url = f"{HOOK}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"x-twilio-signature": fake.sign(url, {}), "content-type": "application/json"}
    return WebhookRequest("POST", url, headers, {}, body)


def _forged(fake: FakeTwilio) -> dict[str, WebhookRequest]:
    form = fake.inbound(PERSON, NUMBER, "真的")
    right = fake.sign(HOOK, form)
    tampered = signed(fake, {**form, "Body": "假的"}, signature=right)
    elsewhere = signed(fake, form, attempt="other", signature=right)
    body = json.dumps({"what": "ever"}).encode()
    undigested = WebhookRequest(
        "POST", HOOK, {"X-Twilio-Signature": fake.sign(HOOK, {}), "Content-Type": "application/json"}, {}, body
    )
    return {
        "no signature": unsigned(urlencode(form).encode()),
        "empty signature": signed(fake, form, signature=" "),
        "not a signature": signed(fake, form, signature="签名"),
        "changed text": tampered,
        "other address": elsewhere,
        "JSON without a digest": undigested,
    }


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    clock = ManualClock(NOW)
    async with FakeTwilio(clock=clock) as fake:
        host = fake.url.removeprefix("http://")
        channel = TwilioChannel(settings(api_base=fake.url, timeout_seconds=0.5, media_hosts=host), clock=clock)

        def media() -> tuple[Media, bytes]:
            content = b"\xff\xd8 made up" * 20_000
            url, mime = fake.attach(content)
            return Media(url, mime), content

        def receipt(provider_id: str, attempt: str) -> WebhookRequest:
            record = fake.state.by_sid[provider_id]
            return signed(fake, status_form(fake.state, record, "delivered", None), attempt)

        yield Rig(
            channel,
            PERSON,
            lambda: [Arrived(record.body) for record in fake.to(PERSON)],
            stand_in=fake,
            forged=_forged(fake),
            webhook=lambda text: signed(fake, fake.inbound(PERSON, NUMBER, text)),
            unsupported={
                "another kind of form": signed(fake, {"AccountSid": ACCOUNT_SID, "EventType": "onMessageAdded"}),
                "a state unknown to us": signed(fake, {"MessageSid": "SM1", "MessageStatus": "dreaming"}),
                "JSON": signed_json(fake, [{"type": "com.twilio.made.up"}]),
            },
            receipt=receipt,
            hang=lambda: fake.fail_next(Fault(delay_s=3)),
            lose_answer=lambda: fake.fail_next(Fault(accept=True, delay_s=3)),
            media=media,
            foreign_media=(
                Media("https://example.com/a.jpg"),
                Media("file:///etc/hostname"),
                Media("not an address"),
                Media(f"{fake.url}/2010-04-01/Accounts/AC{'0' * 32}/Messages/MM1/Media/ME1"),
                Media(f"http://{host}@example.com/2010-04-01/Accounts/{ACCOUNT_SID}/a"),
            ),
        )
        await channel.aclose()


def _fails(name: str, fault: Fault, outcome: type, accepted: bool = False, **expect: object) -> Failure:
    return Failure(name, lambda fake: fake.fail_next(fault), outcome, expect, accepted)


CASE = Case(
    "twilio",
    _open,
    failures=(
        _fails(
            "too many requests",
            Fault(status=429, code=20429, retry_after="7"),
            Retryable,
            after=timedelta(seconds=7),
            provider_code="20429",
        ),
        _fails("out of service", Fault(status=503), Retryable),
        _fails("fault inside", Fault(status=500, code=20500), Retryable),
        _fails("queue full", Fault(status=400, code=21611), Retryable, after=timedelta(minutes=5)),
        _fails("content refused", Fault(status=400, code=21618), Rejected),
        _fails("refused with an unknown code", Fault(status=400, code=29999), Rejected, provider_code="29999"),
        _fails("opted out", Fault(status=400, code=21610), Unreachable, opted_out=True),
        _fails("country not enabled", Fault(status=403, code=21408), Unreachable, opted_out=False),
        _fails("wrong token", Fault(status=401, code=20003), Misconfigured),
        _fails("sent elsewhere", Fault(status=302), Misconfigured),
        _fails("cut before it was taken", Fault(cut=True), Uncertain),
        _fails("cut after it was taken", Fault(accept=True, cut=True), Uncertain, accepted=True),
        _fails("taken, then silence", Fault(accept=True, delay_s=3), Uncertain, accepted=True),
        _fails("taken, then nonsense", Fault(accept=True, body="<html>"), Uncertain, accepted=True),
        _fails("taken, then a list", Fault(accept=True, body="[1]"), Uncertain, accepted=True),
        _fails("taken, then an answer without an id", Fault(accept=True, body="{}"), Uncertain, accepted=True),
        _fails("a gateway gave up", Fault(accept=True, status=504), Uncertain, accepted=True),
        Failure("number refused", lambda _: None, Unreachable, change={"address": "+12025550181"}),
    ),
)
