"""One working day before, whoever booked is reminded; a timer brings it about."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from core.calendar_days import previous_working_day
from notify.outbox.service import Message
from notify.reception import coming
from notify.reception.days import Rules
from notify.reception.models import BOOKED, ReceptionBooking, ReceptionDay
from notify.reception.office import Work
from notify.reception.wording import day_words
from notify.timers import Timer, cancel_timers, set_timers

OWNER = "reception.reminder"


def plan(work: Work, rules: Rules, booking: ReceptionBooking) -> None:
    """Set the reminder, unless its time is over: who books on the day before needs none."""
    day = previous_working_day(booking.day, 1, work.days())
    at = work.moment(day, rules.remind_at)
    if at > work.now:
        set_timers(work.session, [Timer(OWNER, booking.id, at)])


def forget(work: Work, booking: ReceptionBooking) -> None:
    """Nobody is to be reminded of this any more."""
    cancel_timers(work.session, OWNER, booking.id)


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """Remind those whose place still stands."""
    wanted = [timer.ref for timer in timers]
    bookings = work.session.exec(
        select(ReceptionBooking).where(col(ReceptionBooking.id).in_(wanted), ReceptionBooking.state == BOOKED)
    ).all()
    found = work.session.exec(select(ReceptionDay).where(col(ReceptionDay.day).in_({one.day for one in bookings})))
    rows = {row.day: row for row in found}
    tell(work, "reception_reminder", [(booking, rows[booking.day], None) for booking in bookings])


def tell(work: Work, kind: str, about: Sequence[tuple[ReceptionBooking, ReceptionDay, date | None]]) -> None:
    """Send a message to each; the third value is the day it was before. Whoever left no way is left out."""
    messages = []
    for booking, row, before in about:
        channel = booking.channel or work.office.phone_channel
        address = booking.address if booking.channel else booking.phone
        if not channel or not address:
            continue
        messages.append(
            Message(
                kind=kind,
                channel=channel,
                address=address,
                sender=booking.sender,
                thread=booking.thread,
                locale=booking.locale,
                payload={
                    "day": day_words(booking.day, booking.locale),
                    "before": day_words(before, booking.locale) if before else "",
                    "at": booking.slot,
                    "leader": coming.promised_leader(row)[0].title,
                    "place": row.place,
                    "number": booking.number,
                    "phone": work.office.phone,
                },
                dedup_key=f"{kind}:{booking.id}:{booking.day.isoformat()}",
            )
        )
    work.outbox.put_many(work.session, messages)
