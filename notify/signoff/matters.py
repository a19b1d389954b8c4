"""What sign-off asks of whoever keeps the matters (诉求) that officials handle: the hotline, handed in by ``main``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class InHand:
    """A matter somebody handles (承办). ``title`` is empty where only the number may be shown."""

    number: str
    title: str
    due_at: datetime


class Matters(Protocol):
    """The matters of officials."""

    def in_hand(self, session: Session, person_id: str) -> Sequence[InHand]:
        """What a person handles and nobody has answered yet, by limit."""

    def answered_for(self, session: Session, person_id: str, since: datetime) -> int:
        """How many matters of this person others have answered since then."""


class NoMatters:
    """For an office without a hotline."""

    def in_hand(self, session: Session, person_id: str) -> Sequence[InHand]:  # noqa: ARG002
        """None."""
        return ()

    def answered_for(self, session: Session, person_id: str, since: datetime) -> int:  # noqa: ARG002
        """None."""
        return 0
