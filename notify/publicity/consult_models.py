"""The table of what the office answers to a consultation (采纳情况反馈)."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime

DRAFT, PUBLISHED = "draft", "published"


class ConsultationFeedback(SQLModel, table=True):
    """What became of the opinions about one consultation (a notice of kind ``consultation``).

    ``opinions`` are those received when it was written, ``adopted`` of them were taken up. ``writer`` and
    ``approver`` are identities (``Principal.identity``), never the same; published, it does not change any more.
    """

    __tablename__ = "consultation_feedback"

    notice_id: str = Field(primary_key=True, max_length=32)
    text: str = Field(sa_column=Column(Text, nullable=False))
    opinions: int = 0
    adopted: int = 0
    state: str = Field(default=DRAFT, max_length=10)
    writer: str = Field(max_length=80)
    written_at: datetime = Field(sa_type=UTCDateTime)
    approver: str = Field(default="", max_length=80)
    published_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
