"""The tables of reception days: the office's rules, the days that somebody booked, the bookings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id

BOOKED, CANCELLED, VISITED, MISSED = "booked", "cancelled", "visited", "missed"
"""States of a booking (预约 已取消 已来访 未到访); only ``booked`` may change."""


class ReceptionRules(SQLModel, table=True):
    """The rules as they were laid down at one moment; the highest version holds. ``body``: ``days.Rules`` as JSON."""

    __tablename__ = "reception_rules"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_by: str = Field(max_length=80)
    made_at: datetime = Field(sa_type=UTCDateTime)


class ReceptionDay(SQLModel, table=True):
    """A day as it was promised to the first who booked: it stands when rules or rota change afterwards.

    Everybody who books locks this row, so that no slot takes more than its places. ``last_number`` counts bookings.
    """

    __tablename__ = "reception_day"

    day: date = Field(primary_key=True)
    named: date
    leader: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    in_place_of: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    slots: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    place: str = Field(max_length=60)
    last_number: int = 0
    moved_to: date | None = None


class ReceptionBooking(SQLModel, table=True):
    """Somebody comes on a day. ``holder`` (day and who) is unique while it is booked, and empty afterwards."""

    __tablename__ = "reception_booking"
    __table_args__ = (
        Index("ix_reception_booking_day", "day", "slot"),
        Index("ix_reception_booking_who", "who", "state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    number: str = Field(max_length=20, unique=True)
    code_digest: str = Field(max_length=64)
    wrong_codes: int = 0
    day: date = Field(foreign_key="reception_day.day")
    slot: str = Field(max_length=5)
    state: str = Field(default=BOOKED, max_length=12)
    who: str = Field(max_length=64)
    holder: str | None = Field(default=None, max_length=80, unique=True)
    name: str | None = Field(default=None, sa_column=Column(EncryptedText("reception.name")))
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText("reception.phone")))
    topic: str | None = Field(default=None, sa_column=Column(EncryptedText("reception.topic")))
    channel: str = Field(default="", max_length=20)
    address: str | None = Field(default=None, sa_column=Column(EncryptedText("reception.address")))
    sender: str = Field(default="", max_length=60)
    thread: str = Field(default="", max_length=60)
    locale: str = Field(default="zh-Hans", max_length=10)
    matter: str | None = Field(default=None, max_length=20)
    booked_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
