"""The hotline's service: what conversations, staff channels, pages and the API call. Functions of a session.

``await db.write(hotline.open, new)``. Nothing here commits or awaits; what leaves goes through the outbox.
"""

from sqlmodel import Session

from bot.hotline import barrier, handling, letters, moves, replies, sending
from bot.hotline.intake import NewMatter, Opened, ReplyTo, register
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer, OfficeFacts
from bot.hotline.replies import Answer
from bot.hotline.words import Action, Kind
from core.auth import Principal
from core.clock import Clock
from notify.outbox.service import Outbox

__all__ = ["Answer", "Hotline", "NewMatter", "OfficeFacts", "Opened", "ReplyTo"]


class Hotline:
    """The hotline of one office."""

    def __init__(self, outbox: Outbox, clock: Clock, office: OfficeFacts) -> None:
        self._outbox = outbox
        self._clock = clock
        self.office = office

    def desk(self, session: Session) -> Desk:
        """A desk for one piece of work in this transaction."""
        return Desk.open(session, self._clock(), self._outbox, self.office)

    def open(self, session: Session, new: NewMatter, doer: Doer | None = None) -> Opened:
        """Register a matter; the same ``dedup_key`` again gives the same number and code. Raises BadInput."""
        desk = self.desk(session)
        matter, opened = register(desk, new, doer)
        if new.tell and not opened.known:
            sending.tell(desk, matter, letters.received(desk, matter, opened.code))
        return opened

    def reply(self, session: Session, number: str, version: int, answer: Answer, who: Principal) -> Matter:
        """Answer; it leaves in 20 seconds. Raises BrushOffAnswer, IllegalMove, StaleVersion, SamePerson."""
        desk = self.desk(session)
        matter = moves.begin(desk, number, Action.REPLY, who, version)
        replies.may_answer(matter, who)
        waits = barrier.only_a_handler(who) and desk.rules.kinds[Kind(matter.kind)].checked
        replies.write(desk, matter, answer, Doer.staff(who), wait_for_check=waits)
        return matter

    def accept(self, session: Session, number: str, version: int, who: Principal) -> Matter:
        """Take a matter up (受理)."""
        desk = self.desk(session)
        matter = moves.begin(desk, number, Action.ACCEPT, who, version)
        handling.accept(desk, matter, Doer.staff(who))
        return matter
