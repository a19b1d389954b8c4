"""Calls through Twilio: a text is read out, keys choose. Off unless ``TWILIO_VOICE_FROM`` names a number of ours.

``send`` places the call and carries what is said with it (TwiML). Keys 1 to 8 are the message's options, the next
one repeats. What a key means travels in the address that Twilio posts it to, sealed, bound to the attempt and with
an end; so nothing is kept here, and any process may answer. Nobody can be written back to on a call: an answer goes
to the same number in writing (``Can.SPOKEN``).
"""

import base64
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
from twilio.base import values
from twilio.twiml.voice_response import Gather, VoiceResponse

from adapters.env import ChannelEnv
from adapters.texts import check_text
from adapters.twilio_account import CONNECTION_OVERRIDES, TwilioAccount, callback_of
from adapters.twilio_settings import TwilioSettings
from adapters.twilio_voice_settings import NUMBER, VoiceSettings, load
from core import crypto
from core.clock import Clock
from core.errors import BadSignature, Rejected, Retryable, SendError, Uncertain, Unreachable
from core.messages import Inbound, Outgoing, Progress, Receipt, Received, Sent, WebhookRequest
from core.ports import Can, Limits

NAME = "voice"
TEXT_MAX = 300
"""Characters read out: about a minute, and said twice."""
TWIML_MAX = 4000
"""Characters of TwiML that Twilio takes with a call."""
KEYS = 8
"""Options that keys can choose: one more key repeats."""
KEYS_HOLD = timedelta(minutes=30)
"""How long after a call was placed its keys count: longer than any call lasts."""
BUSY_AGAIN = timedelta(minutes=3)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""
_EVENTS = ("initiated", "ringing", "answered", "completed")

_PROGRESS = {
    "queued": Progress.SENT,
    "initiated": Progress.SENT,
    "ringing": Progress.SENT,
    "in-progress": Progress.SENT,
    "completed": Progress.DELIVERED,
    "busy": Progress.UNDELIVERED,
    "no-answer": Progress.UNDELIVERED,
    "failed": Progress.FAILED,
    "canceled": Progress.FAILED,
}
"""Twilio's states of a call (twilio.com/docs/voice/api/call-resource). Answered is delivered, which is not signed."""

_LANGUAGES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "en": "en-US"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "hello": "您好，这里是{office}。",
        "key": "{label}请按{key}。",
        "again": "重听请按{key}。",
        "taken": "好的，{label}，结果马上发到您的手机。再见。",
        "nothing": "没有收到按键。稍后请看手机上的消息。再见。",
        "other": "没有这个按键。",
        "over": "这次来电已失效，请看手机上的消息。再见。",
    },
    "zh-Hant": {
        "hello": "您好，這裡是{office}。",
        "key": "{label}請按{key}。",
        "again": "重聽請按{key}。",
        "taken": "好的，{label}，結果馬上發到您的手機。再見。",
        "nothing": "沒有收到按鍵。稍後請看手機上的訊息。再見。",
        "other": "沒有這個按鍵。",
        "over": "這次來電已失效，請看手機上的訊息。再見。",
    },
    "en": {
        "hello": "Hello, this is {office}.",
        "key": "{label}: press {key}.",
        "again": "To hear it again, press {key}.",
        "taken": "Thank you: {label}. The result is on its way to your phone. Goodbye.",
        "nothing": "No key was pressed. Please see the message on your phone. Goodbye.",
        "other": "There is no such key.",
        "over": "This call is no longer valid. Please see the message on your phone. Goodbye.",
    },
}


def build(env: ChannelEnv) -> "TwilioVoice | None":
    """The channel from the environment, None when no number is set. Raises StartupError naming what is wrong."""
    found = load(env.public_url)
    if found is None:
        return None
    return TwilioVoice(*found, clock=env.clock, hook=f"{env.public_url}/hooks/{NAME}", office=env.office_name)


class TwilioVoice:
    """Calls from one number of an account. ``hook`` is the address that keys are posted to, ``office`` who calls."""

    name = NAME
    can: Collection[Can] = frozenset({Can.SPOKEN, Can.BUTTONS, Can.TWO_WAY, Can.RECEIPTS})

    def __init__(
        self, settings: VoiceSettings, account: TwilioSettings, *, clock: Clock, hook: str, office: str
    ) -> None:
        self._settings = settings
        self._office = office
        self._hook = hook
        self._clock = clock
        self._account = TwilioAccount(account, clock=clock)
        self.limits = Limits(
            text=TEXT_MAX,
            rate=settings.calls_per_second,
            options=KEYS,
            timeout_s=account.timeout_seconds,
        )

    def secrets(self) -> Collection[str]:
        return self._account.secrets()

    async def aclose(self) -> None:
        await self._account.aclose()

    async def check(self) -> str:
        """A sentence naming the account, for ``sunline doctor``. Raises SendError."""
        return await self._account.check()

    # --- calling -------------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        check_text(message.text, TEXT_MAX)
        if not NUMBER.fullmatch(message.address):
            raise Unreachable("not a telephone number", provider_code="no_number")
        created = await self._account.call(
            self._account.client().calls.create_async(
                to=message.address,
                from_=message.sender or self._settings.sender,
                twiml=self._spoken(message),
                timeout=self._settings.ring_seconds,
                status_callback=_callback(message) or values.unset,
                status_callback_event=list(_EVENTS) if message.callback_url else values.unset,
            ),
            lost=Uncertain,
        )
        if not isinstance(created.sid, str) or not created.sid:
            raise Uncertain("Twilio's answer names no call")
        return Sent(created.sid, sender=self._settings.sender)

    def _spoken(self, message: Outgoing) -> str:
        said = {
            "text": message.text,
            "locale": message.locale,
            "options": [[option.value, option.label] for option in message.options[:KEYS]],
            "until": int((self._clock() + KEYS_HOLD).timestamp()),
        }
        action = f"{self._hook}{_query(message.attempt, _seal(said, message.attempt))}"
        spoken = _menu(said, action, _words(message.locale, "hello", office=self._office))
        if len(spoken) > TWIML_MAX:
            raise Rejected("the text is too long to be read out with its keys", provider_code="too_long")
        return spoken

    async def status(self, provider_id: str) -> Receipt | None:
        """What Twilio now says of a call whose reports stay away. Raises SendError."""
        record = await self._account.call(self._account.client().calls(provider_id).fetch_async())
        return _receipt(str(record.status), provider_id)

    # --- listening -----------------------------------------------------------------------------------------

    async def receive(self, request: WebhookRequest) -> Received:
        form = self._account.verified_form(request)
        attempt, call = request.query.get("attempt", ""), form.get("CallSid", "")
        if "said" in request.query:
            return self._pressed(request.query["said"], attempt, form)
        event = _receipt(form.get("CallStatus", ""), call, attempt)
        return Received((event,) if event else (), reply=_xml(VoiceResponse()), reply_type="application/xml")

    def _pressed(self, sealed: str, attempt: str, form: Mapping[str, str]) -> Received:
        said = _open(sealed, attempt)
        locale, options = str(said["locale"]), said["options"]
        key = form.get("Digits", "")
        place = int(key) if len(key) == 1 and key.isascii() and key.isdecimal() else 0
        if datetime.fromtimestamp(said["until"], UTC) < self._clock():
            return _answer(_bye(locale, "over"))
        if not 1 <= place <= len(options):
            before = "" if place == len(options) + 1 else _words(locale, "other")
            return _answer(_menu(said, _query(attempt, sealed), before))
        value, label = options[place - 1]
        event = Inbound(
            NAME,
            f"{form.get('CallSid', '')}:{key}",
            form.get("To", ""),
            text=label,
            to=form.get("From", ""),
            choice=value,
            reply_to=form.get("CallSid", ""),
            locale=locale,
        )
        return _answer(_bye(locale, "taken", label=label), event)


def _menu(said: Mapping[str, Any], action: str, before: str = "") -> str:
    """What is said: the text, which key means what, and what happens without one. Twice, then goodbye."""
    locale, response = str(said["locale"]), VoiceResponse()
    ear = Gather(num_digits=1, action=action, method="POST", timeout=6)
    if before:
        _say(ear, before, locale)
    keys = [_words(locale, "key", label=label, key=n) for n, (_, label) in enumerate(said["options"], 1)]
    keys.append(_words(locale, "again", key=len(keys) + 1))
    for _ in range(2):
        _say(ear, str(said["text"]), locale)
        _say(ear, "".join(keys), locale)
        ear.pause(length=2)
    response.append(ear)
    _say(response, _words(locale, "nothing"), locale)
    return str(response)


def _query(attempt: str, sealed: str) -> str:
    """Behind the hook's address, or alone: Twilio resolves it against the address it has just called."""
    return f"?attempt={quote(attempt, safe='')}&said={sealed}"


def _bye(locale: str, words: str, **named: object) -> str:
    response = VoiceResponse()
    _say(response, _words(locale, words, **named), locale)
    response.hangup()
    return str(response)


def _say(verb: Any, text: str, locale: str) -> None:
    verb.say(_CONTROL.sub("", text), language=_LANGUAGES.get(locale, _LANGUAGES["zh-Hans"]))


def _words(locale: str, name: str, **named: object) -> str:
    return _WORDS.get(locale, _WORDS["zh-Hans"])[name].format(**named)


def _xml(response: VoiceResponse) -> bytes:
    return str(response).encode()


def _answer(spoken: str, event: Inbound | None = None) -> Received:
    return Received((event,) if event else (), reply=spoken.encode(), reply_type="application/xml")


def _seal(said: Mapping[str, Any], attempt: str) -> str:
    sealed = crypto.ring().seal(orjson.dumps(said), f"voice.{attempt}")
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _open(sealed: str, attempt: str) -> Any:
    """What ``_seal`` was given; raises BadSignature for another attempt's or one that is not ours."""
    try:
        body = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        return orjson.loads(crypto.ring().open(body, f"voice.{attempt}"))
    except (ValueError, crypto.CannotDecrypt):
        raise BadSignature from None


def _callback(message: Outgoing) -> str:
    url = callback_of(message)
    return url and url + CONNECTION_OVERRIDES


def _receipt(status: str, call: str, attempt: str = "") -> Receipt | None:
    """A call's state as a Receipt, None for one unknown to us."""
    progress = _PROGRESS.get(status)
    if progress is None or not (call or attempt):
        return None
    return Receipt(NAME, progress, provider_id=call, attempt=attempt, code=status, outcome=_outcome(status))


def _outcome(status: str) -> SendError | None:
    match status:
        case "busy":
            return Retryable("the line is busy", after=BUSY_AGAIN, provider_code=status)
        case "no-answer":
            return Rejected("nobody answered", provider_code=status)
        case "canceled":
            return Rejected("the call was cancelled", provider_code=status)
        case "failed":
            return Rejected("the call could not be connected", provider_code=status)
    return None
