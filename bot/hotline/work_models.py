"""Tables of daily work beside a matter: canned replies, visits on site, circulars of a month or a year."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class CannedReply(SQLModel, table=True):
    """A reply kept for use again (常用答复). ``unit_id`` None: the whole office's. ``kind`` empty: for every kind."""

    __tablename__ = "canned_reply"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32, index=True)
    kind: str = Field(default="", max_length=24)
    title: str = Field(max_length=40)
    text: str = Field(sa_column=Column(Text, nullable=False))
    used: int = 0
    created_by: str = Field(default="", max_length=32)
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)


class SiteVisit(SQLModel, table=True):
    """Somebody goes there: ``purpose`` "service" (上门服务) or "check" (核查).

    ``state``: wished (nobody has set a time), booked, done, missed or cancelled. ``person_id`` goes there, ``at`` is
    when. ``result`` of a check is "sound" or "faulty" once done. ``rank`` orders the waiting: 1 old, ill, disabled.
    """

    __tablename__ = "site_visit"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    purpose: str = Field(max_length=10)
    state: str = Field(max_length=10, index=True)
    rank: int = 2
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=32, index=True)
    at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    result: str = Field(default="", max_length=10)
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("site_visit.note")))
    asked_at: datetime = Field(sa_type=UTCDateTime)
    asked_by: str = Field(max_length=80)
    reminded_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Circular(SQLModel, table=True):
    """A circular (通报) as it was issued: the figures of a month, quarter or year, and its text. Never changed."""

    __tablename__ = "circular"
    __table_args__ = (UniqueConstraint("period"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    period: str = Field(max_length=10)
    text: str = Field(sa_column=Column(Text, nullable=False))
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    issued_at: datetime = Field(sa_type=UTCDateTime)
    issued_by: str = Field(max_length=32)
