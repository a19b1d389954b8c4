"""The tables of cases that another system handles: the case and its record."""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class ServiceCase(SQLModel, table=True):
    """One case (办件) of another system. ``ref`` is that system's own number, unique for ``source``.

    ``limit`` is how the other system wrote its limit ("20 working days"), empty where it gave a moment or none;
    ``due_at`` and ``yellow_at`` are what it comes to with the ``pauses`` so far ([from, to] each). ``applicant_index``
    finds the cases of an address without reading it.
    """

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("source", "ref"),
        Index("ix_service_case_applicant", "channel", "applicant_index"),
        Index("ix_service_case_open", "ended_at", "due_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    source: str = Field(max_length=60)
    ref: str = Field(max_length=60, index=True)
    title: str = Field(max_length=100)
    unit: str = Field(default="", max_length=100)
    status: str = Field(max_length=20)
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("case.note")))
    applicant: str | None = Field(default=None, sa_column=Column(EncryptedText("case.applicant")))
    channel: str = Field(default="", max_length=20)
    address: str | None = Field(default=None, sa_column=Column(EncryptedText("case.address")))
    applicant_index: str = Field(default="", max_length=32)
    locale: str = Field(default="zh-Hans", max_length=10)
    limit: str = Field(default="", max_length=40)
    pauses: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    responsible_id: str | None = Field(default=None, max_length=32)
    received_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    yellow_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_by: str = Field(max_length=80)


class CaseEvent(SQLModel, table=True):
    """One status of a case, as the other system reported it."""

    __tablename__ = "case_event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: str = Field(foreign_key="service_case.id", max_length=32, index=True)
    at: datetime = Field(sa_type=UTCDateTime)
    status: str = Field(max_length=20)
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("case_event.note")))
    by_ref: str = Field(max_length=80)
    outbox_id: str = Field(default="", max_length=32)
