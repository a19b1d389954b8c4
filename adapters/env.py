"""What a channel may know of the house it is built into."""

from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock
from core.ports import Channel


@dataclass(frozen=True)
class ChannelEnv:
    """Handed to every builder.

    ``public_url`` is where providers reach us, empty when they cannot. ``demo`` allows channels that exist for
    the demo only.
    """

    clock: Clock
    public_url: str
    office_name: str
    demo: bool = False


Builder = Callable[[ChannelEnv], Channel | None]
"""None: not configured. Raises StartupError naming the setting that is wrong."""
