"""Booking a place, giving it back, and the visit. One place for each person and day; no slot takes more than it has."""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from core import audit
from core.audit import Actor
from core.auth import Principal
from core.crypto import index
from core.errors import BadInput, Conflict, NotFound
from core.ids import new_code
from notify.reception import coming, days, reminding
from notify.reception.models import (
    BOOKED,
    CANCELLED,
    MISSED,
    VISITED,
    ReceptionBooking,
    ReceptionDay,
)
from notify.reception.office import OpenVisit, Visit, VisitMatter, Work

MAX_TOPIC = 500
_SHORTEST_TOPIC = 2
_CODE_DIGITS = 6
_TRIES = 10
"""Wrong codes for one booking; after that only staff can cancel it. With six digits: a chance of 1 in 100,000."""


class NoPlaceLeft(Conflict):
    """The day, or the slot asked for, is full."""


class BookedAlready(Conflict):
    """This person has a place on that day."""


class TooLate(Conflict):
    """Places of this day can no longer be booked."""


class NotOpen(Conflict):
    """The booking was cancelled, or the visit is over."""


@dataclass(frozen=True, slots=True)
class NewBooking:
    """A wish to come. ``phone`` in E.164 or empty; ``channel`` and ``address`` where it was written, if anywhere."""

    day: date
    topic: str
    slot: str = ""
    name: str = ""
    phone: str = ""
    channel: str = ""
    address: str = ""
    sender: str = ""
    thread: str = ""
    locale: str = "zh-Hans"
    via: str = "web"


@dataclass(frozen=True, slots=True)
class Booked:
    """A place: its number and code, who receives where and when."""

    number: str
    code: str
    day: date
    slot: days.Slot
    leader: str
    place: str


def who_key(phone: str, channel: str = "", address: str = "") -> str:
    """Under which whoever books is found again: by telephone on whatever channel, else by address."""
    return index(phone or f"{channel}:{address}", "reception.who")


def book(work: Work, new: NewBooking) -> Booked:
    """Take a place. Raises NotFound for a day without reception, TooLate, BookedAlready, NoPlaceLeft, BadInput."""
    topic = new.topic.strip()
    if not _SHORTEST_TOPIC <= len(topic) <= MAX_TOPIC:
        raise BadInput("Please say in a sentence what it is about.", fields={"topic": f"2 to {MAX_TOPIC} characters"})
    row, rules = locked_day(work, new.day)
    if work.today > days.last_day_to_book(row.day, rules, work.days()):
        raise TooLate("Places of this day can no longer be booked.")
    who = who_key(new.phone, new.channel, new.address)
    if work.session.exec(select(ReceptionBooking.id).where(ReceptionBooking.holder == holder_of(row.day, who))).first():
        raise BookedAlready("There is a booking for this day already.")
    slot = _free_slot(work, row, new.slot)
    row.last_number += 1
    number, code = f"Y{row.day:%y%m%d}-{row.last_number:02d}", new_code(_CODE_DIGITS)
    booking = ReceptionBooking(
        number=number,
        code_digest=_digest(number, code),
        day=row.day,
        slot=slot.name,
        who=who,
        holder=holder_of(row.day, who),
        name=new.name.strip() or None,
        phone=new.phone or None,
        topic=topic,
        channel=new.channel,
        address=new.address or None,
        sender=new.sender,
        thread=new.thread,
        locale=new.locale,
        booked_at=work.now,
    )
    work.session.add(row)
    work.session.add(booking)
    _note(work, booking, Actor("citizen", new.via), "reception.book")
    work.session.flush()
    reminding.plan(work, rules, booking)
    return Booked(number, code, row.day, slot, coming.promised_leader(row)[0].title, row.place)


def _free_slot(work: Work, row: ReceptionDay, wanted: str) -> days.Slot:
    slots = coming.slots_of(row)
    if wanted and all(slot.name != wanted for slot in slots):
        raise BadInput("There is no such slot on this day.", fields={"slot": "not one of the day's"})
    ahead = [slot for slot in slots if work.moment(row.day, slot.begins) > work.now]
    taken = coming.taken_places(work, row.day, row.day).get(row.day, {})
    slot = days.next_free_slot(ahead, taken, wanted)
    if slot is None:
        raise NoPlaceLeft("There is no place left." if ahead else "It has begun.")
    return slot


def locked_day(work: Work, day: date) -> tuple[ReceptionDay, days.Rules]:
    """The day's row, made when it is the first time, locked until the end of the transaction. Raises NotFound."""
    held = coming.in_force(work)
    ahead = held is not None and timedelta() <= day - work.today <= timedelta(days=held.rules.ahead_days)
    shown = coming.between(work, held.rules, day, day) if held and ahead else []
    if held is None or not shown:
        raise NotFound("There is no reception on this day.")
    planned, rules = shown[0].planned, held.rules
    former = planned.in_place_of.model_dump(mode="json") if planned.in_place_of else None
    values: dict[str, Any] = {
        "day": day,
        "named": planned.named,
        "leader": planned.leader.model_dump(mode="json"),
        "in_place_of": former,
        "slots": [part.slot.model_dump(mode="json") for part in shown[0].parts],
        "place": shown[0].place,
        "last_number": 0,
    }
    add_day(work.session, values)
    row = lock(work.session, day)
    if row.moved_to is not None:
        raise NotFound("This reception day was moved.")
    return row, rules


def add_day(session: Session, values: dict[str, Any]) -> None:
    """Write a day down unless it is there."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(ReceptionDay).values(**values).on_conflict_do_nothing(index_elements=["day"]))


def lock(session: Session, day: date) -> ReceptionDay:
    """The row of a day that is there, as it is now, locked."""
    wanted = select(ReceptionDay).where(ReceptionDay.day == day).with_for_update()
    return session.exec(wanted.execution_options(populate_existing=True)).one()


# --- giving it back, and the visit -----------------------------------------------------------------------------------


def own(work: Work, who: str) -> list[ReceptionBooking]:
    """What somebody has booked from today on, in order."""
    found = select(ReceptionBooking).where(
        ReceptionBooking.who == who, ReceptionBooking.state == BOOKED, col(ReceptionBooking.day) >= work.today
    )
    return list(work.session.exec(found.order_by(col(ReceptionBooking.day))))


def cancel_by_code(work: Work, number: str, code: str) -> bool:
    """Cancel with number and code; False alike for an unknown number, a wrong code and too many wrong codes.

    A wrong code is counted, so the caller commits before it tells. Raises NotOpen for the right code too late.
    """
    booking = find(work, number)
    if booking is None or booking.wrong_codes >= _TRIES:
        return False
    if not hmac.compare_digest(_digest(booking.number, code.strip()), booking.code_digest):
        booking.wrong_codes += 1
        work.session.add(booking)
        return False
    cancel(work, booking, Actor("citizen", "web"))
    return True


def cancel(work: Work, booking: ReceptionBooking, actor: Actor) -> None:
    """Give the place back. Raises NotOpen."""
    _end(work, booking, CANCELLED)
    _note(work, booking, actor, "reception.cancel")


def cancel_own(work: Work, number: str, who: str, actor: Actor) -> ReceptionBooking:
    """Cancel what this person booked. Raises NotFound, also for somebody else's, and NotOpen."""
    booking = must_find(work, number)
    if booking.who != who:
        raise NotFound("There is no such booking.")
    cancel(work, booking, actor)
    return booking


def visited(
    work: Work, number: str, who: Principal, open_visit: OpenVisit, *, kind: str = "consultation", text: str = ""
) -> VisitMatter:
    """They came: the visit becomes a matter (来访). ``text`` is what was said, else the topic. Raises NotOpen."""
    booking = _there(work, number)
    visit = Visit(
        key=f"reception:{booking.id}",
        kind=kind,
        text=text.strip() or booking.topic or "",
        name=booking.name or "",
        phone=booking.phone or "",
        channel=booking.channel,
        address=booking.address or "",
        sender=booking.sender,
        thread=booking.thread,
        locale=booking.locale,
    )
    _end(work, booking, VISITED)
    matter = open_visit(work.session, visit, who)
    booking.matter = matter.number
    _note(work, booking, who.actor, "reception.visited", matter=matter.number)
    return matter


def missed(work: Work, number: str, who: Principal) -> None:
    """They did not come. Raises NotOpen."""
    booking = _there(work, number)
    _end(work, booking, MISSED)
    _note(work, booking, who.actor, "reception.missed")


def find(work: Work, number: str) -> ReceptionBooking | None:
    """A booking by its number, locked; None when there is none."""
    wanted = select(ReceptionBooking).where(ReceptionBooking.number == number.strip().upper()).with_for_update()
    return work.session.exec(wanted.execution_options(populate_existing=True)).first()


def must_find(work: Work, number: str) -> ReceptionBooking:
    """As ``find``; raises NotFound."""
    booking = find(work, number)
    if booking is None:
        raise NotFound("There is no such booking.")
    return booking


def _there(work: Work, number: str) -> ReceptionBooking:
    booking = must_find(work, number)
    if booking.day > work.today:
        raise Conflict("This day has not come yet.")
    return booking


def _end(work: Work, booking: ReceptionBooking, state: str) -> None:
    if booking.state != BOOKED:
        raise NotOpen(f"This booking is {booking.state}.")
    booking.state, booking.holder, booking.ended_at = state, None, work.now
    if state != CANCELLED:
        booking.holder = holder_of(booking.day, booking.who)
    reminding.forget(work, booking)
    work.session.add(booking)
    work.session.flush()


def holder_of(day: date, who: str) -> str:
    """What is unique: one place for a person on a day."""
    return f"{day.isoformat()}:{who}"


def _digest(number: str, code: str) -> str:
    return index(code, f"reception.code.{number}")


def _note(work: Work, booking: ReceptionBooking, actor: Actor, action: str, **more: str) -> None:
    after = {"state": booking.state, "day": booking.day.isoformat(), "slot": booking.slot, **more}
    audit.record(work.session, work.now, actor, action, f"reception:{booking.number}", after=after)
