"""Tables about what people thought of an answer, and about more time for giving one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class Rating(SQLModel, table=True):
    """What the citizen thought of one answer (评价), once. ``grade`` by name; ``by_call`` when told on the phone.

    ``set_aside`` is the reason for which a supervisor keeps it out of the adjusted rates (重复, 不合理).
    """

    __tablename__ = "matter_rating"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    reply_id: str = Field(max_length=32, unique=True)
    solved: bool
    grade: str = Field(max_length=20)
    comment: str | None = Field(default=None, sa_column=Column(EncryptedText("rating.comment")))
    by_call: bool = False
    via: str = Field(default="", max_length=20)
    at: datetime = Field(sa_type=UTCDateTime)
    set_aside: str = Field(default="", max_length=60)


class FollowUpTry(SQLModel, table=True):
    """One recorded try to hear what the citizen thinks (回访): a message or a call."""

    __tablename__ = "follow_up_try"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    reply_id: str = Field(max_length=32)
    at: datetime = Field(sa_type=UTCDateTime)
    by_ref: str = Field(max_length=32)
    how: str = Field(max_length=12)
    reached: bool = False
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("follow_up.note")))


class Extension(SQLModel, table=True):
    """More time asked for (延期): ``days`` are working days; ``decision`` is empty, granted or refused."""

    __tablename__ = "matter_extension"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    asked_by: str = Field(max_length=32)
    days: int
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText("extension.reason")))
    decision: str = Field(default="", max_length=10)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decided_by: str = Field(default="", max_length=32)


class SupervisionOrder(SQLModel, table=True):
    """A supervision order (督办单): what is wanted until when, and what came of it (整改反馈)."""

    __tablename__ = "supervision_order"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    at: datetime = Field(sa_type=UTCDateTime)
    by_ref: str = Field(max_length=32)
    why: str = Field(max_length=20)
    text: str | None = Field(default=None, sa_column=Column(EncryptedText("supervision.text")))
    due: datetime = Field(sa_type=UTCDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    feedback: str | None = Field(default=None, sa_column=Column(EncryptedText("supervision.feedback")))


class Alert(SQLModel, table=True):
    """An alert point that was reached (告警点). ``step`` climbs the ladder 电话督促 → 通报 → 督办单 → 整改反馈."""

    __tablename__ = "matter_alert"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    rule: str = Field(max_length=40, index=True)
    level: str = Field(max_length=10)
    key: str = Field(max_length=120, unique=True)
    at: datetime = Field(sa_type=UTCDateTime)
    step: int = 0
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
