"""Settings of calls through Twilio, checked at start. Light: nothing of Twilio's is imported to find that it is off."""

import re

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters import twilio_settings
from adapters.twilio_settings import TwilioSettings
from core.errors import StartupError

NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""A telephone number in E.164."""


class VoiceSettings(BaseSettings):
    """Environment names are the fields' names with ``TWILIO_VOICE_`` in front; ``sender`` is ``TWILIO_VOICE_FROM``."""

    model_config = SettingsConfigDict(
        env_prefix="TWILIO_VOICE_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    sender: str = Field(
        "", validation_alias="TWILIO_VOICE_FROM", description="Our number that calls; empty: nobody is called"
    )
    ring_seconds: int = Field(25, ge=5, le=120, description="How long it rings")
    calls_per_second: float = Field(1.0, gt=0, le=100, description="Calls begun in a second (Twilio allows 1 at first)")


def load(public_url: str) -> tuple[VoiceSettings, TwilioSettings] | None:
    """The settings, or None when no number is set. Raises StartupError naming what is missing or wrong."""
    try:
        settings = VoiceSettings()
    except ValidationError as error:
        names = sorted({str(part["loc"][0]).upper().removeprefix("TWILIO_VOICE_") for part in error.errors()})
        raise StartupError(f"{', '.join(f'TWILIO_VOICE_{name}' for name in names)}: not a valid value") from None
    if not settings.sender:
        return None
    if not NUMBER.fullmatch(settings.sender):
        raise StartupError("TWILIO_VOICE_FROM must be one number in E.164 (+12025550101)")
    account = twilio_settings.load()
    if account is None:
        raise StartupError("TWILIO_VOICE_FROM needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM beside it")
    if not public_url:
        raise StartupError("TWILIO_VOICE_FROM needs SUNLINE_PUBLIC_URL: keys pressed in a call are posted there")
    return settings, account
