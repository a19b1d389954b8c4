"""Calls through Twilio against its stand-in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlencode

from adapters.twilio_voice import TwilioVoice
from adapters.twilio_voice_settings import VoiceSettings
from core.clock import ManualClock
from core.errors import Misconfigured, Rejected, Retryable, Uncertain, Unreachable
from core.messages import Option, Outgoing, WebhookRequest
from tests.contract.case import NOW, Arrived, Case, Failure, Rig, message, unsigned
from tests.contract.cases.twilio import settings
from tests.fakes import twilio_calls
from tests.fakes.twilio import NUMBER, FakeTwilio, Fault

PERSON = "+12025550111"
HOOK = "https://sunline.example/hooks/voice"


def voice_settings() -> VoiceSettings:
    """Right settings; nothing comes from the environment's file."""
    return VoiceSettings(_env_file=None, TWILIO_VOICE_FROM=NUMBER)


def signed(fake: FakeTwilio, url: str, form: Mapping[str, str], signature: str = "") -> WebhookRequest:
    """A form as Twilio would post it to our webhook."""
    headers = {
        "X-Twilio-Signature": signature or fake.sign(url, form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return WebhookRequest("POST", url, headers, twilio_calls.query_of(url), urlencode(form).encode())


async def placed(fake: FakeTwilio, channel: TwilioVoice, case: Case, rig: Rig, **changes: object) -> Outgoing:
    """A call with one option whose keys are posted to us."""
    outgoing = message(case, rig, callback_url=HOOK, options=(Option("c:sign:一", "签收"),), text="紧急公文待签收。")
    outgoing = replace(outgoing, **changes)  # type: ignore[arg-type]
    await channel.send(outgoing)
    return outgoing


async def _forged(fake: FakeTwilio, channel: TwilioVoice, rig: Rig) -> dict[str, WebhookRequest]:
    await placed(fake, channel, CASE, rig)
    call = fake.calls.pop()
    action = twilio_calls.action_of(call.heard[0], HOOK)
    form = twilio_calls.key_form(fake.state, call, "1")
    other = action.replace("0000000a", "0000000b")
    changed = action[:-6] + "AAAAAA"
    return {
        "no signature": unsigned(urlencode(form).encode()),
        "changed key": signed(fake, action, {**form, "Digits": "2"}, fake.sign(action, form)),
        "another's number": signed(fake, action, {**form, "To": "+12025550112"}, fake.sign(action, form)),
        "signed, for another attempt": signed(fake, other, form),
        "signed, sealed by somebody else": signed(fake, changed, form),
    }


@asynccontextmanager
async def _open() -> AsyncIterator[Rig]:
    clock = ManualClock(NOW)
    async with FakeTwilio(clock=clock) as fake:
        account = settings(api_base=fake.url, timeout_seconds=0.5)
        channel = TwilioVoice(voice_settings(), account, clock=clock, hook=HOOK, office="示例办")

        def arrived() -> list[Arrived]:
            heard = [twilio_calls.said(call.heard[0]) for call in fake.calls if call.to == PERSON]
            return [Arrived(texts[1], options=_labels(texts)) for texts in heard]

        def receipt(provider_id: str, attempt: str) -> WebhookRequest:
            call = next(call for call in fake.calls if call.sid == provider_id)
            url = f"{HOOK}?attempt={attempt}"
            return signed(fake, url, twilio_calls.status_form(fake.state, call, "completed"))

        rig = Rig(
            channel,
            PERSON,
            arrived,
            stand_in=fake,
            unsupported={"a state unknown to us": signed(fake, HOOK, {"CallSid": "CA1", "CallStatus": "dreaming"})},
            receipt=receipt,
            hang=lambda: fake.fail_next(Fault(delay_s=3)),
        )
        rig.forged = await _forged(fake, channel, rig)
        yield rig
        await channel.aclose()


def _labels(texts: list[str]) -> tuple[str, ...]:
    """The options as they were read out behind greeting and text, without the last key, which repeats."""
    menu = texts[2]
    return tuple(part.partition("请按")[0] for part in menu.split("。")[:-2] if "请按" in part)


def _fails(name: str, fault: Fault, outcome: type, accepted: bool = False, **expect: object) -> Failure:
    return Failure(name, lambda fake: fake.fail_next(fault), outcome, expect, accepted)


CASE = Case(
    "voice",
    _open,
    failures=(
        _fails("too many requests", Fault(status=429, code=20429), Retryable, provider_code="20429"),
        _fails("out of service", Fault(status=503), Retryable),
        _fails("refused with an unknown code", Fault(status=400, code=29999), Rejected, provider_code="29999"),
        _fails("wrong token", Fault(status=401, code=20003), Misconfigured),
        _fails("cut after it was taken", Fault(accept=True, cut=True), Uncertain, accepted=True),
        _fails("taken, then silence", Fault(accept=True, delay_s=3), Uncertain, accepted=True),
        _fails("taken, then nonsense", Fault(accept=True, body="<html>"), Uncertain, accepted=True),
        _fails("taken, then an answer without an id", Fault(accept=True, body="{}"), Uncertain, accepted=True),
        Failure("number refused", lambda _: None, Unreachable, change={"address": "+12025550181"}),
        Failure("no number at all", lambda _: None, Unreachable, change={"address": "anna"}),
    ),
)
