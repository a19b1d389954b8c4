"""Media that people attached and that is still to be fetched from the channel."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON


class PendingFile(SQLModel, table=True):
    """One attachment to fetch. ``media`` is the channel's handle; ``told`` an address to tell when it is refused."""

    __tablename__ = "pending_file"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    channel: str = Field(max_length=20)
    media: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("pending.media"), nullable=False))
    by_ref: str = Field(default="citizen", max_length=32)
    attempts: int = 0
    not_before: datetime = Field(sa_type=UTCDateTime, index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
