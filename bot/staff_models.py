"""Groups in which staff work, and the topic of each matter there."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class StaffGroup(SQLModel, table=True):
    """A group chat of staff. ``unit_id`` None: the hotline itself, which sees every matter."""

    __tablename__ = "staff_group"
    __table_args__ = (UniqueConstraint("channel", "address_index"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    channel: str = Field(max_length=20)
    address: str = Field(sa_column=Column(EncryptedText("staff_group.address"), nullable=False))
    address_index: str = Field(max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    by_ref: str = Field(default="", max_length=32)
    created_at: datetime = Field(sa_type=UTCDateTime)


class StaffTopic(SQLModel, table=True):
    """The topic of one matter in one group; ``thread`` is empty where the group has no topics.

    ``told`` is the last line of the matter's record that was told there; ``card`` the outbox row that opened it;
    ``round`` grows each time the topic had to be opened again.
    """

    __tablename__ = "staff_topic"
    __table_args__ = (UniqueConstraint("matter_id", "group_id"), Index("ix_staff_topic_thread", "group_id", "thread"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32)
    group_id: str = Field(foreign_key="staff_group.id", max_length=32)
    thread: str = Field(default="", max_length=60)
    told: int = 0
    card: str = Field(default="", max_length=32)
    round: int = 0
    opened_at: datetime = Field(sa_type=UTCDateTime)
