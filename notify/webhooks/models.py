"""Where changes are told."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class WebhookEndpoint(SQLModel, table=True):
    """Another system's address. ``events`` are patterns (``matter.*``); ``told`` the last link of the audit chain
    that was looked at for it. An address may hold a token of theirs, so it is encrypted.
    """

    __tablename__ = "webhook_endpoint"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=60)
    url: str = Field(sa_column=Column(EncryptedText("webhook.url"), nullable=False))
    url_index: str = Field(max_length=32, unique=True)
    events: list[str] = Field(sa_column=Column(JSON, nullable=False))
    told: int = Field(default=0, sa_type=BigId)
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: str = Field(max_length=80)
