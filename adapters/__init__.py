"""Channels: one file for each way to reach people. Nothing outside imports a provider's library.

``CHANNELS`` is the one place that lists them; each builder reads its own settings from the environment.
"""

from adapters import telegram
from adapters.env import Builder, ChannelEnv

__all__ = ["CHANNELS", "Builder", "ChannelEnv"]

CHANNELS: dict[str, Builder] = {
    "telegram": telegram.build,
}
