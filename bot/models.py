"""Messages on their way in, and where each conversation stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON

_NEW = text("state = 'new'")


class InboxMessage(SQLModel, table=True):
    """One message from a person, as it came; committed before the webhook answers.

    ``state``: new → done, or dead after ``MAX_ATTEMPTS`` failures. ``payload`` is the ``Inbound`` as JSON.
    """

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_inbox_new", "conversation", "id", sqlite_where=_NEW, postgresql_where=_NEW),
        Index("ix_inbox_history", "conversation", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=20)
    provider_id: str = Field(max_length=120)
    conversation: str = Field(max_length=60)
    payload: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("inbox.payload"), nullable=False))
    received_at: datetime = Field(sa_type=UTCDateTime)
    state: str = Field(default="new", max_length=8)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Conversation(SQLModel, table=True):
    """Where the talk with one address stands. ``holder`` is the worker that is handling it just now."""

    __tablename__ = "conversation"

    id: str = Field(primary_key=True, max_length=60)
    channel: str = Field(max_length=20)
    locale: str = Field(default="", max_length=10)
    state: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("conversation.state"), nullable=False))
    waiting: bool = Field(default=False)
    holder: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)

    __table_args__ = (
        Index(
            "ix_conversation_waiting",
            "lease_until",
            sqlite_where=text("waiting"),
            postgresql_where=text("waiting"),
        ),
    )
