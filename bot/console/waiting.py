"""What waits for somebody: the cards of the home page. Each group of pages offers its own (see ``home``)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.house import House
from core.auth import Principal


@dataclass(frozen=True, slots=True)
class Card:
    """So many of something wait at an address. ``key`` names the text; ``tone`` is plain, yellow or red.

    A card with ``always`` is shown at 0 too, because 0 is news there.
    """

    key: str
    count: int
    href: str
    tone: str = "plain"
    always: bool = False


Cards = Callable[[Session, House, Principal], Sequence[Card]]
"""What one group of pages has waiting for somebody. Reads only."""
