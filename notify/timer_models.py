"""The table of due moments."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime


class TimerRow(SQLModel, table=True):
    """Something that will be due. ``ref`` is the owner's own name for the thing, ``data`` what it needs."""

    __tablename__ = "timer"
    __table_args__ = (Index("ix_timer_due", "due_at", "id"), Index("ix_timer_ref", "owner", "ref"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    owner: str = Field(max_length=40)
    ref: str = Field(max_length=80)
    due_at: datetime = Field(sa_type=UTCDateTime)
    planned_at: datetime = Field(sa_type=UTCDateTime)
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    failures: int = 0
