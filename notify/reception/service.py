"""Reception days as others call them: ``await db.write(reception.book, new)``. Nothing here commits or awaits."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from core.audit import Actor
from core.auth import Principal
from core.clock import Clock
from notify.outbox.service import Outbox
from notify.reception import booking, coming, managing, personal, reminding
from notify.reception.booking import Booked, NewBooking
from notify.reception.coming import ComingDay, InForce
from notify.reception.days import Leader, Rules
from notify.reception.models import ReceptionBooking
from notify.reception.office import OpenVisit, ReceptionOffice, VisitMatter, Work
from notify.timers import Owner, Timer


class Reception:
    """The reception days of one office."""

    def __init__(self, outbox: Outbox, clock: Clock, office: ReceptionOffice, open_visit: OpenVisit) -> None:
        self._outbox = outbox
        self._clock = clock
        self._open_visit = open_visit
        self.office = office

    def work(self, session: Session, now: datetime | None = None) -> Work:
        """One piece of work in this transaction."""
        return Work(session, now or self._clock(), self._outbox, self.office)

    def owners(self) -> dict[str, Owner]:
        """The owner of the reminders, for ``notify.timers.Timers``."""

        def remind(session: Session, now: datetime, timers: Sequence[Timer]) -> None:
            reminding.fire(self.work(session, now), timers)

        return {reminding.OWNER: remind}

    # --- anyone

    def coming(self, session: Session) -> list[ComingDay]:
        """The days to come, with their free places."""
        return coming.coming(self.work(session))

    def book(self, session: Session, new: NewBooking) -> Booked:
        """Take a place. Raises NotFound, TooLate, BookedAlready, NoPlaceLeft, BadInput."""
        return booking.book(self.work(session), new)

    def own(self, session: Session, who: str) -> list[ReceptionBooking]:
        """What somebody (``booking.who_key``) has booked from today on."""
        return booking.own(self.work(session), who)

    def cancel_by_code(self, session: Session, number: str, code: str) -> bool:
        """Cancel with number and code; False is to be told as NotFound, after the commit."""
        return booking.cancel_by_code(self.work(session), number, code)

    def cancel_own(self, session: Session, number: str, who: str, via: str) -> ReceptionBooking:
        """Cancel from the address it was booked from. Raises NotFound, NotOpen."""
        work = self.work(session)
        return booking.cancel_own(work, number, who, Actor("citizen", via))

    # --- the office

    def cancel(self, session: Session, number: str, who: Principal) -> None:
        """Cancel for somebody who called. Raises NotFound, NotOpen."""
        work = self.work(session)
        booking.cancel(work, booking.must_find(work, number), who.actor)

    def visited(
        self, session: Session, number: str, who: Principal, *, kind: str = "consultation", text: str = ""
    ) -> VisitMatter:
        """They came: open a matter. Raises NotFound, NotOpen, BadInput."""
        return booking.visited(self.work(session), number, who, self._open_visit, kind=kind, text=text)

    def missed(self, session: Session, number: str, who: Principal) -> None:
        """They did not come. Raises NotFound, NotOpen."""
        booking.missed(self.work(session), number, who)

    def listed(self, session: Session, day: date, who: Principal) -> Sequence[ReceptionBooking]:
        """Who comes on a day; a write, because the look is recorded."""
        return managing.listed(self.work(session), day, who)

    def rules(self, session: Session) -> InForce:
        """The rules that hold; version 0 is an example that does not hold yet."""
        work = self.work(session)
        return coming.in_force(work) or InForce(0, managing.example(work.today))

    def lay_down(self, session: Session, version: int, rules: Rules, who: Principal) -> InForce:
        """Lay down rules. Raises StaleVersion."""
        return managing.lay_down(self.work(session), version, rules, who)

    def name_leader(self, session: Session, day: date, leader: Leader, who: Principal) -> None:
        """Name who receives on one day. Raises NotFound."""
        managing.name_leader(self.work(session), day, leader, who)

    def move(self, session: Session, day: date, to: date, who: Principal) -> int:
        """Hold a day on another one. Raises NotFound, BadInput."""
        return managing.move(self.work(session), day, to, who)

    def forget(self, session: Session, *, dry_run: bool = False) -> int:
        """Remove personal data of days long over, a thousand bookings at a time; a dry run counts all of them."""
        return managing.forget(self.work(session), dry_run=dry_run)

    # --- a person's data

    def export_person(self, session: Session, channel: str, address: str) -> list[dict[str, Any]]:
        """A person's own bookings, as they may have them."""
        return personal.export(self.work(session), channel, address)

    def erase_person(self, session: Session, channel: str, address: str, actor: Actor) -> tuple[int, list[str]]:
        """Erase what is over of a person's bookings; how many, and the numbers left because they stand."""
        return personal.erase(self.work(session), channel, address, actor)
