"""What the bookings say about a person: handed out and erased on request.

Somebody is found by the address the booking came from, and by the telephone it names. A place that is still booked
is left: whoever receives would wait for nobody, and the reminder would have nowhere to go. Cancelling it comes first.
"""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from core import audit
from core.audit import Actor
from notify.reception.booking import who_key
from notify.reception.models import BOOKED, ReceptionBooking
from notify.reception.office import Work


def of_person(work: Work, channel: str, address: str) -> Sequence[ReceptionBooking]:
    """The bookings of an address, or of the telephone it is, oldest first."""
    keys = [who_key("", channel, address), who_key(address)]
    found = select(ReceptionBooking).where(col(ReceptionBooking.who).in_(keys))
    return work.session.exec(found.order_by(col(ReceptionBooking.day))).all()


def export(work: Work, channel: str, address: str) -> list[dict[str, Any]]:
    """Everything a person may have of their bookings, as JSON."""
    return [
        {
            "number": one.number,
            "day": one.day.isoformat(),
            "slot": one.slot,
            "state": one.state,
            "name": one.name,
            "phone": one.phone,
            "topic": one.topic,
            "matter": one.matter,
            "booked_at": one.booked_at.isoformat(),
        }
        for one in of_person(work, channel, address)
    ]


def erase(work: Work, channel: str, address: str, actor: Actor) -> tuple[int, list[str]]:
    """Take the person out of bookings that are over; how many, and the numbers of those still booked."""
    found = of_person(work, channel, address)
    left = [one.number for one in found if _stands(work, one)]
    for one in found:
        if not _stands(work, one):
            forget(work, one)
            audit.record(work.session, work.now, actor, "reception.erase", f"reception:{one.number}")
    return len(found) - len(left), left


def forget(work: Work, booking: ReceptionBooking) -> None:
    """Take everything personal out of one booking."""
    booking.name = booking.phone = booking.topic = booking.address = booking.holder = None
    booking.who = ""
    work.session.add(booking)


def _stands(work: Work, booking: ReceptionBooking) -> bool:
    return booking.state == BOOKED and booking.day >= work.today
