"""The tables of subscriptions: topics the office added, and who subscribed to what, where."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id

PENDING, ACTIVE, ENDED = "pending", "active", "ended"
"""States of a subscription: asked for on a page and not confirmed from the number itself, running, ended."""


class SubscriptionTopic(SQLModel, table=True):
    """A topic (主题) that the office added to those of ``data/topics.toml``, or changed there."""

    __tablename__ = "subscription_topic"

    id: str = Field(primary_key=True, max_length=40)
    labels: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    aliases: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    active: bool = True


class Subscription(SQLModel, table=True):
    """One address wants the alerts of one topic in one area; ``area_id`` is empty for all of the office's area.

    ``code_digest`` is kept while it waits to be confirmed; ``codes`` counts those that were sent since ``asked_at``.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("channel", "address_index", "topic", "area_id"),
        Index("ix_subscription_topic", "topic", "state", "address_index", "channel"),
        Index("ix_subscription_state", "state", "address_index", "channel"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    topic: str = Field(max_length=40)
    area_id: str = Field(default="", max_length=32)
    state: str = Field(default=PENDING, max_length=10)
    channel: str = Field(max_length=20)
    address: str | None = Field(sa_column=Column(EncryptedText("subscription.address")))
    address_index: str = Field(max_length=32)
    sender: str = Field(default="", max_length=60)
    thread: str = Field(default="", max_length=60)
    locale: str = Field(default="zh-Hans", max_length=10)
    via: str = Field(default="", max_length=20)
    code_digest: str = Field(default="", max_length=32)
    wrong_codes: int = 0
    codes: int = 0
    asked_at: datetime = Field(sa_type=UTCDateTime)
    began_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_by: str = Field(default="", max_length=20)
