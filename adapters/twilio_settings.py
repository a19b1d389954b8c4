"""Twilio's settings, checked at start so that a wrong one is named before the first message is lost."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from zlib import crc32

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import StartupError

DEFAULT_API_BASE = "https://api.twilio.com"
_SID = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_TOKEN = re.compile(r"[0-9a-f]{32}")
_BASE = re.compile(r"https?://[^/?#@\s]+/?")
_NUMBER = re.compile(r"(?:[a-z]+:)?(?:\+[1-9]\d{6,14}|\d{3,8})|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


@dataclass(frozen=True, slots=True)
class Sender:
    """One of our own addresses and its share of the messages."""

    address: str
    weight: int = 1


class TwilioSettings(BaseSettings):
    """Environment names are the fields' names with ``TWILIO_`` in front; ``senders`` is ``TWILIO_FROM``.

    ``TWILIO_FROM`` lists numbers with optional weights (``+12025550101=3,+12025550102``). ``one_way_countries``
    and ``linkless_countries`` list calling codes (``+86,+852``) where replies do not arrive or links are refused.
    """

    model_config = SettingsConfigDict(env_prefix="TWILIO_", env_file=".env", extra="ignore", env_ignore_empty=True)

    account_sid: str = Field("", description="AC… from the Twilio console; empty: no Twilio")
    auth_token: SecretStr = Field(SecretStr(""), description="The account's auth token; signs and checks webhooks")
    senders: str = Field(
        "",
        validation_alias="TWILIO_FROM",
        description="Our numbers, with weights if there are several: +12025550101=3,+12025550102; one that fails is "
        "stood in for by the others",
    )
    messaging_service_sid: str = Field("", description="MG… of a messaging service, instead of TWILIO_FROM")
    api_base: str = Field("", description="Where the API is; another for a stand-in")
    segments_per_second: float = Field(1.0, gt=0, description="Speed of each sender")
    timeout_seconds: float = Field(15.0, gt=0, le=60, description="How long one call may take")
    two_way: bool = Field(True, description="Whether our senders receive replies")
    links: bool = Field(True, description="Whether texts may hold links")
    one_way_countries: str = Field("+86", description="Calling codes from which replies do not arrive")
    linkless_countries: str = Field("+86", description="Calling codes where links are refused")
    opt_out_at_provider: bool = Field(True, description="Whether Twilio itself answers STOP and START")
    media_hosts: str = Field(
        "mms.twiliocdn.com,media.twiliocdn.com", description="Hosts that a picture may be fetched from by redirect"
    )
    edge: str = Field("", description="Not supported beside TWILIO_API_BASE; refused at start")
    region: str = Field("", description="Not supported beside TWILIO_API_BASE; refused at start")

    @property
    def configured(self) -> bool:
        """Whether anybody meant Twilio to be used at all."""
        return bool(
            self.account_sid or self.auth_token.get_secret_value() or self.senders or self.messaging_service_sid
        )


def load() -> TwilioSettings | None:
    """The settings, or None when nothing of Twilio is set. Raises StartupError naming what is wrong."""
    try:
        settings = TwilioSettings()
    except ValidationError as error:
        names = {str(part["loc"][0]).upper().removeprefix("TWILIO_") for part in error.errors()}
        raise StartupError(f"{', '.join(f'TWILIO_{name}' for name in sorted(names))}: not a valid value") from None
    if not settings.configured:
        return None
    check(settings)
    return settings


def check(settings: TwilioSettings) -> None:
    """Raises StartupError with a sentence that names the first setting that is missing or malformed."""
    token = settings.auth_token.get_secret_value()
    faults = {
        "TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits": not _SID.fullmatch(settings.account_sid),
        "TWILIO_AUTH_TOKEN must be 32 hexadecimal digits; it signs webhooks, so nothing runs without it": (
            not _TOKEN.fullmatch(token)
        ),
        "TWILIO_AUTH_TOKEN is too simple to be a real one": len(set(token)) < 6,
        "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID must be set, so that there is a sender": (
            not settings.senders and not settings.messaging_service_sid
        ),
        "TWILIO_MESSAGING_SERVICE_SID must be MG and 32 hexadecimal digits": (
            bool(settings.messaging_service_sid) and not _SERVICE.fullmatch(settings.messaging_service_sid)
        ),
        "TWILIO_API_BASE must be http(s)://host[:port] without a path": (
            bool(settings.api_base) and not _BASE.fullmatch(settings.api_base)
        ),
        "TWILIO_EDGE and TWILIO_REGION cannot be used beside TWILIO_API_BASE: they would change its host": (
            bool(settings.api_base and (settings.edge or settings.region))
        ),
    }
    for sentence, wrong in faults.items():
        if wrong:
            raise StartupError(sentence)
    parse_senders(settings.senders)


def parse_senders(text: str) -> tuple[Sender, ...]:
    """``"+12025550101=3,+12025550102"`` as senders. Raises StartupError naming TWILIO_FROM."""
    senders = []
    for part in filter(None, map(str.strip, text.split(","))):
        address, _, weight = part.partition("=")
        if not _NUMBER.fullmatch(address) or not (weight or "1").isdecimal() or int(weight or 1) < 1:
            raise StartupError("TWILIO_FROM must list numbers in E.164 (+12025550101), with =weight where wanted")
        senders.append(Sender(address, int(weight or 1)))
    return tuple(senders)


def parse_list(text: str) -> tuple[str, ...]:
    """A comma list without blanks."""
    return tuple(filter(None, map(str.strip, text.split(","))))


def prefix_of(address: str) -> str:
    """``whatsapp:`` of ``whatsapp:+1202…``, empty for a plain number."""
    head, colon, _ = address.rpartition(":")
    return head + colon


def fitting_senders(senders: Iterable[Sender], address: str) -> list[Sender]:
    """The senders that may write to ``address``: those of its own kind; without one, the plain ones get its prefix."""
    senders, prefix = tuple(senders), prefix_of(address)
    fitting = [sender for sender in senders if prefix_of(sender.address) == prefix]
    if not fitting and prefix:
        fitting = [Sender(prefix + sender.address, sender.weight) for sender in senders if ":" not in sender.address]
    return fitting


def choose_sender(senders: Iterable[Sender], address: str) -> str:
    """The sender for ``address``: always the same one, so that people know it; shares follow the weights."""
    fitting = fitting_senders(senders, address)
    if not fitting:
        return ""
    totals = list(accumulate(sender.weight for sender in fitting))
    point = crc32(address.encode()) % totals[-1]
    return next(sender.address for sender, total in zip(fitting, totals, strict=True) if point < total)
