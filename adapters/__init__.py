"""Channels: one file for each way to reach people. Nothing outside imports a provider's library.

``CHANNELS`` is the one place that lists them; each builder reads its own settings from the environment.
"""

from adapters import phone, push, telegram, twilio_sms, webchat
from adapters.env import Builder, ChannelEnv

__all__ = ["CHANNELS", "Builder", "ChannelEnv"]

CHANNELS: dict[str, Builder] = {
    "telegram": telegram.build,
    "twilio": twilio_sms.build,
    "webchat": webchat.build,
    "push": push.build,
    "phone": phone.build,
}
