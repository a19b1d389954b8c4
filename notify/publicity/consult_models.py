"""The table of consultations (征求意见)."""

from datetime import date, datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.ids import new_id

DRAFT, OPEN, CLOSED, ANSWERED = "draft", "open", "closed", "answered"
"""States: written; public and taking opinions; over, the office weighs them; answered (采纳情况反馈 is public)."""


class Consultation(SQLModel, table=True):
    """A draft the office asks the public about. Opinions are matters of kind 建议 that name it.

    ``approved_by`` and ``feedback_by`` are identities of persons, never the author's own for the first.
    """

    __tablename__ = "consultation"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    number: str = Field(default="", max_length=60)
    title: str = Field(max_length=200)
    text: str = Field(sa_column=Column(Text, nullable=False))
    unit: str = Field(default="", max_length=100)
    contact_phone: str = Field(default="", max_length=40)
    starts_on: date
    ends_on: date
    state: str = Field(default=DRAFT, max_length=10, index=True)
    author: str = Field(max_length=80)
    author_person: str = Field(default="", max_length=32)
    approved_by: str = Field(default="", max_length=80)
    opened_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    opinions: int = 0
    adopted: int = 0
    feedback: str = Field(default="", sa_column=Column(Text, nullable=False))
    feedback_by: str = Field(default="", max_length=80)
    feedback_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    feedback_asked: bool = False
    made_at: datetime = Field(sa_type=UTCDateTime)
    version: int = 1
