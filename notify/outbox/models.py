"""The table of messages on their way out, and receipts that came before their message was recorded."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON, EncryptedText
from core.ids import new_id

_QUEUED = text("state = 'queued'")
_OPEN = text("state IN ('claimed', 'sending', 'uncertain')")


class OutboxMessage(SQLModel, table=True):
    """One message to one address.

    ``topic`` is the class a recipient may opt out of; ``rank`` orders the lanes (0 urgent, 1 normal, 2 bulk);
    ``not_before`` is when it may next be tried; ``guard`` names a thing and its generation, tested in the very
    UPDATE that moves the row to *sending*; ``batch`` groups a mass alert; ``history`` has one line for each
    change of state: ISO time, state, reason, attempt, provider's code, separated by spaces.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_due", "channel", "rank", "not_before", "id", sqlite_where=_QUEUED, postgresql_where=_QUEUED
        ),
        Index("ix_outbox_open", "state", "lease_until", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    dedup_key: str = Field(max_length=160, unique=True)
    kind: str = Field(max_length=60)
    topic: str = Field(max_length=40)
    rank: int
    channel: str = Field(max_length=20)
    address: str = Field(sa_column=Column(EncryptedText("outbox.address"), nullable=False))
    address_index: str = Field(max_length=32, index=True)
    sender: str = Field(default="", max_length=60)
    person_id: str | None = Field(default=None, max_length=32, index=True)
    thread: str = Field(default="", max_length=60)
    locale: str = Field(default="zh-Hans", max_length=10)
    text: str = Field(sa_column=Column(EncryptedText("outbox.text"), nullable=False))
    params: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("outbox.params"), nullable=False))
    options: list[list[str]] = Field(sa_column=Column(EncryptedJSON("outbox.options"), nullable=False))
    segments: int = 1
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=8)
    not_before: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    attempts: int = 0
    attempt: str | None = Field(default=None, max_length=32, index=True)
    worker: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lookups: int = 0
    provider_id: str | None = Field(default=None, max_length=80, index=True)
    guard: str = Field(default="", max_length=80)
    batch: str | None = Field(default=None, max_length=32, index=True)
    history: str = Field(default="", sa_column=Column(Text, nullable=False))


class OutboxGuard(SQLModel, table=True):
    """The generation of a thing that messages speak about. Raising it stops every message of an older one."""

    __tablename__ = "outbox_guard"

    name: str = Field(primary_key=True, max_length=60)
    generation: int = 0


class EarlyReceipt(SQLModel, table=True):
    """A receipt whose message is not known yet; applied when the send is recorded, dropped after 72 hours."""

    __tablename__ = "early_receipt"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=20)
    provider_id: str = Field(max_length=80, index=True)
    progress: str = Field(max_length=16)
    reason: str = Field(default="", max_length=8)
    code: str = Field(default="", max_length=40)
    at: datetime = Field(sa_type=UTCDateTime)
