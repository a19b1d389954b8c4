"""Bodies and answers of the reception routes."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from core.people import normal_phone
from core.text import mask_name, mask_phone
from notify.reception.booking import MAX_TOPIC, Booked, NewBooking
from notify.reception.coming import ComingDay, InForce
from notify.reception.days import Leader, Rules
from notify.reception.models import ReceptionBooking


class SlotOut(BaseModel):
    """A part of the day: from, to, places and how many are free."""

    begins: str
    ends: str
    places: int
    free: int


class DayOut(BaseModel):
    """A reception day to come.

    ``open``: places can still be booked. ``assumed``: the holidays of that year are not published yet, the day may
    move. ``covered`` is False while nobody is found who receives.
    """

    day: date
    named: date
    leader: str
    in_place_of: str | None
    place: str
    free: int
    slots: list[SlotOut]
    open: bool
    assumed: bool
    covered: bool

    @classmethod
    def of(cls, found: ComingDay) -> "DayOut":
        """As the list shows it."""
        planned = found.planned
        return cls(
            day=planned.day,
            named=planned.named,
            leader=planned.leader.title,
            in_place_of=planned.in_place_of.title if planned.in_place_of else None,
            place=found.place,
            free=found.free if found.open else 0,
            slots=[
                SlotOut(begins=part.slot.name, ends=f"{part.slot.ends:%H:%M}", places=part.slot.places, free=part.free)
                for part in found.parts
            ],
            open=found.open and found.free > 0,
            assumed=planned.assumed,
            covered=planned.covered,
        )


class BookingIn(BaseModel):
    """A wish to come. ``slot`` is a slot's beginning (09:00); without it the first free one is given."""

    name: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=3, max_length=30)
    topic: str = Field(min_length=2, max_length=MAX_TOPIC)
    slot: str = Field("", max_length=5)
    locale: str = Field("zh-Hans", max_length=10)

    def booking(self, day: date) -> NewBooking:
        """As the service takes it; raises BadInput for what is no telephone number."""
        return NewBooking(
            day=day,
            topic=self.topic,
            slot=self.slot,
            name=self.name,
            phone=normal_phone(self.phone),
            locale=self.locale,
        )


class BookedOut(BaseModel):
    """A place: number and code are needed to give it back."""

    number: str
    code: str
    day: date
    begins: str
    ends: str
    leader: str
    place: str

    @classmethod
    def of(cls, booked: Booked) -> "BookedOut":
        """As whoever booked sees it."""
        return cls(
            number=booked.number,
            code=booked.code,
            day=booked.day,
            begins=booked.slot.name,
            ends=f"{booked.slot.ends:%H:%M}",
            leader=booked.leader,
            place=booked.place,
        )


class CodeIn(BaseModel):
    """The code that was given with the number."""

    code: str = Field(min_length=1, max_length=20)


class BookingRow(BaseModel):
    """Who comes, for staff. ``matter`` is what the visit became."""

    number: str
    slot: str
    state: str
    name: str | None
    phone: str | None
    topic: str | None
    matter: str | None
    booked_at: datetime

    @classmethod
    def of(cls, row: ReceptionBooking, *, masked: bool) -> "BookingRow":
        """A row of the list; names and numbers are masked for whoever does not receive them."""
        name, phone = row.name, row.phone
        return cls(
            number=row.number,
            slot=row.slot,
            state=row.state,
            name=mask_name(name) if masked and name else name,
            phone=mask_phone(phone) if masked and phone else phone,
            topic=None if masked else row.topic,
            matter=row.matter,
            booked_at=row.booked_at,
        )


class VisitIn(BaseModel):
    """What was said at the visit; without it the topic of the booking stands."""

    kind: str = Field("consultation", max_length=30)
    text: str = Field("", max_length=5000)


class VisitOut(BaseModel):
    """The matter the visit became, to be read out."""

    number: str
    code: str


class RulesBody(BaseModel):
    """The rules and the version that was looked at; version 0 holds nothing yet."""

    version: int = Field(ge=0)
    rules: Rules

    @classmethod
    def of(cls, held: InForce) -> "RulesBody":
        """As they are in force."""
        return cls(version=held.version, rules=held.rules)


class LeaderIn(Leader):
    """Who receives on one day."""


class MoveIn(BaseModel):
    """The working day a reception day is held on instead."""

    to: date


class MovedOut(BaseModel):
    """How many moved along and were told."""

    moved: int
