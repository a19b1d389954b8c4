"""What publicity asks of others; ``main`` hands it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from notify.publicity.models import Notice

OpenObjections = Callable[[Session, str], int]
"""``open_objections(session, notice_id)``: how many objections to a notice are not answered yet."""


def no_objections(_session: Session, _notice_id: str) -> int:
    """Where nobody takes objections, none is open."""
    return 0


@dataclass(frozen=True, slots=True)
class Target:
    """One address a notice goes to. ``key`` orders an audience and names the same target again after a restart."""

    key: str
    channel: str
    address: str
    locale: str = "zh-Hans"
    area: str = ""
    sender: str = ""


class Audience(Protocol):
    """Who hears of a notice that does not go to the rows of a list."""

    def page(self, session: Session, notice: Notice, after: str, limit: int) -> Sequence[Target]:
        """The next targets by ``key``, from behind ``after`` (``""``: from the beginning); empty at the end."""

    def count(self, session: Session, notice: Notice) -> int:
        """How many targets there are."""
