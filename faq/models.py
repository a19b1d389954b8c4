"""The knowledge base's tables: entries, all their versions, what changed, what was asked and what was missed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id

_UNGROUPED = text("missed <> '' AND miss_id IS NULL")
_ANSWERED = text("entry_id IS NOT NULL")


class FaqEntry(SQLModel, table=True):
    """One entry as editors see it: the newest content and how far its review is.

    ``id`` is the entry's own id from the import file. ``state`` (draft, in_review, published, archived) belongs to
    the newest version; ``live_version`` names the version citizens are answered from, which stays while a newer
    one is written and reviewed. ``author`` is whoever wrote the newest version. ``imported`` is the digest of the
    line it was last imported from: the same line again changes nothing, whatever editors did since.
    """

    __tablename__ = "faq_entry"

    id: str = Field(primary_key=True, max_length=80)
    question: str = Field(sa_column=Column(Text, nullable=False))
    aliases: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    answer: str = Field(sa_column=Column(Text, nullable=False))
    category: str = Field(default="", max_length=40, index=True)
    unit: str = Field(default="", max_length=100)
    source: str = Field(default="", sa_column=Column(Text, nullable=False))
    source_number: str = Field(default="", max_length=200)
    source_url: str = Field(default="", max_length=500)
    source_date: date | None = None
    valid_from: date | None = None
    valid_until: date | None = Field(default=None, index=True)
    locale: str = Field(default="zh-Hans", max_length=10)
    state: str = Field(max_length=12, index=True)
    version: int = 1
    live_version: int | None = None
    author: str = Field(max_length=80)
    reviewer: str = Field(default="", max_length=80)
    digest: str = Field(max_length=32)
    imported: str = Field(default="", max_length=32)
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class FaqVersion(SQLModel, table=True):
    """One version of an entry, whole: its content, who wrote it when and why, and who approved it."""

    __tablename__ = "faq_version"

    entry_id: str = Field(primary_key=True, foreign_key="faq_entry.id", max_length=80)
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    author: str = Field(max_length=80)
    at: datetime = Field(sa_type=UTCDateTime)
    why: str = Field(default="", max_length=200)
    approved_by: str = Field(default="", max_length=80)
    approved_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class FaqChange(SQLModel, table=True):
    """The log that every process's index follows. ``entry_id`` ``*`` says: so much changed, read everything."""

    __tablename__ = "faq_change"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    entry_id: str = Field(max_length=80)
    at: datetime = Field(sa_type=UTCDateTime)


class FaqQuery(SQLModel, table=True):
    """One question as it was asked, personal numbers masked.

    ``entry_ids`` are the entries shown, best first; ``entry_id`` the one that answered or was chosen. ``missed``
    is empty, ``unanswered`` or ``unhelpful``; such a question waits until ``miss_id`` names its group.
    """

    __tablename__ = "faq_query"
    __table_args__ = (
        Index("ix_faq_query_ungrouped", "id", sqlite_where=_UNGROUPED, postgresql_where=_UNGROUPED),
        Index("ix_faq_query_entry", "entry_id", "at", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    at: datetime = Field(sa_type=UTCDateTime, index=True)
    channel: str = Field(max_length=20)
    locale: str = Field(default="", max_length=10)
    text: str = Field(sa_column=Column(EncryptedText("faq_query.text"), nullable=False))
    outcome: str = Field(max_length=8)
    score: float = 0.0
    entry_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    entry_id: str | None = Field(default=None, max_length=80)
    helpful: bool | None = None
    missed: str = Field(default="", max_length=12)
    miss_id: int | None = Field(default=None, foreign_key="faq_miss.id", sa_type=BigId, index=True)


class FaqMiss(SQLModel, table=True):
    """Missed questions that mean much the same. ``key`` finds the very same wording again without reading it.

    ``state``: open, answered (``entry_id`` took it up) or dismissed. ``nearest_id`` is the published entry that
    came closest when the group began.
    """

    __tablename__ = "faq_miss"
    __table_args__ = (Index("ix_faq_miss_list", "state", "count", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(max_length=32, unique=True)
    text: str = Field(sa_column=Column(EncryptedText("faq_miss.text"), nullable=False))
    reason: str = Field(max_length=12)
    locale: str = Field(default="", max_length=10)
    count: int = 0
    first_at: datetime = Field(sa_type=UTCDateTime)
    last_at: datetime = Field(sa_type=UTCDateTime)
    nearest_id: str | None = Field(default=None, max_length=80)
    nearest_score: float = 0.0
    state: str = Field(default="open", max_length=12)
    entry_id: str | None = Field(default=None, max_length=80)
    closed_by: str = Field(default="", max_length=80)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    note: str = Field(default="", max_length=200)
