"""The table of the publication register (公开台账)."""

from datetime import date, datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.ids import new_id

ACTIVE_OPEN, ON_REQUEST, CLOSED = "open", "on_request", "closed"
"""Attribute of a piece of information: 主动公开, 依申请公开, 不予公开 (which needs a reason)."""
LASTING, PERIODIC, AS_NEEDED = "lasting", "periodic", "as_needed"
"""How often it is renewed: 长期, 定期, 随时."""


class RegisterEntry(SQLModel, table=True):
    """One piece of information that the office must, may or may not make public.

    ``due_at`` is what was promised (15 working days), ``statutory_by`` what the law allows (20). ``published_at`` is
    empty until it is public; ``review_on`` is when a periodic one is to be renewed. ``deadline_id`` is the deadline
    its editor is reminded of, ``stale_told`` the day whose passing was told. ``number_key`` finds a 文号 however it
    is written. ``author`` and ``approver`` are identities.
    """

    __tablename__ = "register_entry"
    __table_args__ = (Index("ix_register_entry_due", "published_at", "due_at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    number: str = Field(default="", max_length=60)
    number_key: str = Field(default="", max_length=60, index=True)
    title: str = Field(max_length=200)
    topic: str = Field(default="", max_length=60)
    issue: int = 0
    summary: str = Field(default="", sa_column=Column(Text, nullable=False))
    attribute: str = Field(max_length=12)
    reason: str = Field(default="", max_length=200)
    scope: str = Field(default="", max_length=60)
    form: str = Field(default="", max_length=60)
    cycle: str = Field(default=AS_NEEDED, max_length=12)
    cycle_days: int = 0
    unit: str = Field(default="", max_length=100)
    editor_id: str | None = Field(default=None, max_length=32)
    deadline_id: str | None = Field(default=None, max_length=32)
    formed_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    statutory_by: datetime = Field(sa_type=UTCDateTime)
    author: str = Field(max_length=80)
    approver: str = Field(default="", max_length=80)
    approver_name: str = Field(default="", max_length=60)
    approved_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_where: str = Field(default="", max_length=200)
    review_on: date | None = None
    stale_told: date | None = None
    made_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
