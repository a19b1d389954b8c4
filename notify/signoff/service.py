"""Sign-off as others call it: ``await db.write(signoff.issue, new, who)``. Nothing here commits or awaits."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from core.audit import Actor
from core.auth import Principal
from core.clock import Clock
from core.people import Person
from core.ports import Channel
from notify.outbox.service import Outbox
from notify.signoff import (
    away,
    bulletin,
    deadlines,
    ending,
    feedback,
    firing,
    instructions,
    issuing,
    returns,
    roster,
    signing,
    watching,
)
from notify.signoff.issuing import Issued, NewDocument
from notify.signoff.models import Deadline, Document, Feedback, Recipient, SignOrder
from notify.signoff.office import SignOffice, Work
from notify.signoff.returns import Decision
from notify.signoff.signing import Signed, Signer
from notify.timers import Owner, Timer


class SignOff:
    """The sign-off of one office."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, office: SignOffice) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self.office = office

    def work(self, session: Session, now: datetime | None = None) -> Work:
        """One piece of work in this transaction."""
        return Work(session, now or self._clock(), self._outbox, self._channels, self.office)

    def owners(self) -> dict[str, Owner]:
        """The owners of timers, for ``notify.timers.Timers``."""

        def owner(do: Callable[[Work, Sequence[Timer]], None]) -> Owner:
            return lambda session, now, timers: do(self.work(session, now), timers)

        return {
            firing.OWNER: owner(firing.fire),
            firing.ORDER_OWNER: owner(firing.fire_orders),
            returns.OWNER: owner(returns.fire),
            away.OWNER: owner(away.fire),
            deadlines.OWNER: owner(deadlines.fire),
            bulletin.OWNER: owner(bulletin.fire),
        }

    def watch(self, session: Session) -> int:
        """Follow up reminders that came back; a periodic job (``watching.EVERY``)."""
        return watching.watch(self.work(session))

    def issue(self, session: Session, new: NewDocument, who: Principal) -> Issued:
        """Issue a document with its plan."""
        return issuing.issue(self.work(session), new, who)

    def sign(self, session: Session, recipient_id: str, signer: Signer, *, tell: bool = False) -> Signed:
        """Sign; ``tell`` sends the receipt where the signer is not answered in a conversation anyway."""
        work = self.work(session)
        signed = signing.sign(work, recipient_id, signer)
        if tell:
            known = roster.officials(session, [signer.person_id], self._channels)
            if person := known.get(signer.person_id):
                signing.receipt(work, signed, person)
        return signed

    def not_me(self, session: Session, recipient_id: str, signer: Signer) -> Signed:
        """非本人: open again."""
        return signing.not_me(self.work(session), recipient_id, signer)

    def ask_return(self, session: Session, recipient_id: str, signer: Signer, reason: str) -> Signed:
        """退文."""
        return returns.ask(self.work(session), recipient_id, signer, reason)

    def decide_return(
        self, session: Session, recipient_id: str, by: str, actor: Actor, decision: Decision
    ) -> Recipient:
        """The issuer's decision on a return."""
        return returns.decide(self.work(session), recipient_id, by, actor, decision)

    def withdraw(self, session: Session, document_id: str, who: Principal) -> Document:
        """撤回: everything stops."""
        return ending.withdraw(self.work(session), document_id, who)

    def correct(self, session: Session, document_id: str, new: NewDocument, who: Principal) -> Issued:
        """更正: issue anew, end the former one."""
        return ending.correct(self.work(session), document_id, new, who)

    def supervise(
        self, session: Session, recipient_id: str, who: Principal, note: str, due_at: datetime | None
    ) -> SignOrder:
        """督办单."""
        return ending.supervise(self.work(session), recipient_id, who, note=note, due_at=due_at)

    def write_feedback(self, session: Session, recipient_id: str, text: str, who: Principal) -> Feedback:
        """Feedback on an instruction."""
        return feedback.write(self.work(session), recipient_id, text, who)

    def confirm_feedback(self, session: Session, feedback_id: str, who: Principal) -> Feedback:
        """A leader confirms feedback."""
        return feedback.confirm(self.work(session), feedback_id, who)

    def take_back_feedback(self, session: Session, feedback_id: str, who: Principal) -> None:
        """A draft that has not left."""
        feedback.take_back(self.work(session), feedback_id, who)

    def appoint_inspector(self, session: Session, document_id: str, person_id: str, who: Principal) -> Document:
        """督查专员 of an instruction."""
        return instructions.appoint(self.work(session), document_id, person_id, who)

    def open_publication(
        self, session: Session, subject: str, person_id: str, who: Principal, formed_at: datetime | None
    ) -> Deadline:
        """Something must be public within the office's days."""
        return deadlines.for_publication(self.work(session), subject, person_id, who, formed_at=formed_at)

    def deadline_done(self, session: Session, deadline_id: str, who: Principal) -> Deadline:
        """A deadline is met."""
        return deadlines.done(self.work(session), deadline_id, who)

    def go_away(
        self, session: Session, person: Person, ends_at: datetime, actor: Actor, stand_in_id: str | None = None
    ) -> away.StandIn:
        """外出."""
        return away.go(self.work(session), person, ends_at, actor, stand_in_id=stand_in_id)
