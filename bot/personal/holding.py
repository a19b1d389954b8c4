"""One kind of personal data, and what may be done with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.inbox import conversation_id
from core.audit import Actor
from core.people import address_index


@dataclass(frozen=True, slots=True)
class Who:
    """A person as a contact: one address on one channel."""

    channel: str
    address: str

    @property
    def index(self) -> str:
        """Under which the address is found."""
        return address_index(self.channel, self.address)

    @property
    def conversation(self) -> str:
        """The key of the talk with this address."""
        return conversation_id(self.channel, self.address)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records were erased, and what had to stay, each in a few words."""

    count: int = 0
    left: list[str] = field(default_factory=list)


Export = Callable[[Session, Who], list[dict[str, Any]]]
Erase = Callable[[Session, datetime, Actor, Who], Erased]
Purge = Callable[[Session, datetime, bool], int]
"""``purge(session, now, dry_run)``: forget one batch of what is over its time, or count it; returns how many."""


@dataclass(frozen=True, slots=True)
class Holding:
    """``kept`` says for how long, in words; a holding without ``purge`` ends with what it belongs to."""

    name: str
    kept: str
    export: Export | None = None
    erase: Erase | None = None
    purge: Purge | None = None
