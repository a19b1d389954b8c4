"""Channels: one file for each way to reach people. Nothing outside imports a provider's library.

``CHANNELS`` is the one place that lists them; each builder reads its own settings from the environment.
"""

from importlib import import_module

from adapters import phone, push, telegram_settings, twilio_settings, twilio_voice_settings, webchat, webhook
from adapters.env import Builder, ChannelEnv
from core.ports import Channel

__all__ = ["CHANNELS", "Builder", "ChannelEnv"]


def _telegram(env: ChannelEnv) -> Channel | None:
    """Imported only where it is set up: aiogram alone takes more memory than the rest of the service."""
    return _built("telegram", env) if telegram_settings.load() else None


def _twilio(env: ChannelEnv) -> Channel | None:
    return _built("twilio_sms", env) if twilio_settings.load() else None


def _voice(env: ChannelEnv) -> Channel | None:
    return _built("twilio_voice", env) if twilio_voice_settings.load(env.public_url) else None


def _built(module: str, env: ChannelEnv) -> Channel | None:
    build: Builder = import_module(f"adapters.{module}").build
    return build(env)


CHANNELS: dict[str, Builder] = {
    "telegram": _telegram,
    "twilio": _twilio,
    "voice": _voice,
    "webchat": webchat.build,
    "push": push.build,
    "email": push.build_email,
    "webhook": webhook.build,
    "phone": phone.build,
}
