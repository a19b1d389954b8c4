"""Publicity as others call it: ``await db.write(publicity.submit, notice_id, who)``. Nothing here commits or awaits."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from core.audit import Actor
from core.clock import Clock
from core.ports import Channel
from notify.outbox.service import Outbox
from notify.publicity import confirming
from notify.publicity.models import Beneficiary
from notify.publicity.office import PublicityOffice, Work


class Publicity:
    """The notices of one office."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, office: PublicityOffice) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self.office = office

    def work(self, session: Session, now: datetime | None = None) -> Work:
        """One piece of work in this transaction."""
        return Work(session, now or self._clock(), self._outbox, self.office, self._channels)

    # --- what households say

    def confirm_row(self, session: Session, row_id: int, actor: Actor, via: str) -> Beneficiary:
        """The household says its row is right (确认). Raises NotFound, NotAsked."""
        return confirming.confirm_row(session, self._clock(), row_id, actor, via)

    def dispute_row(self, session: Session, row_id: int, text: str, actor: Actor, via: str) -> Beneficiary:
        """The household says its row is wrong (有误), in its own words. Raises NotFound, NotAsked."""
        return confirming.dispute_row(session, self._clock(), row_id, text, actor, via)

    def remove_number(self, session: Session, address: str, actor: Actor) -> list[str]:
        """Take a number out of every list (不是本人); the ids of the notices it stood in."""
        return confirming.remove_number(session, self._clock(), address, actor)
