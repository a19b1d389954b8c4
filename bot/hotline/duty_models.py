"""Tables of the duty roster (值班), of alarms given to whoever is on duty, and of cross-checks."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id


class DutyShift(SQLModel, table=True):
    """Somebody on duty from one moment to another; ``unit_id`` None is the hotline itself. 0 is called first."""

    __tablename__ = "duty_shift"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=32)
    starts: datetime = Field(sa_type=UTCDateTime, index=True)
    ends: datetime = Field(sa_type=UTCDateTime, index=True)
    position: int = 0


class Alarm(SQLModel, table=True):
    """One person called about one emergency; the next is called after five minutes of silence."""

    __tablename__ = "duty_alarm"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    person_id: str = Field(default="", max_length=32)
    at: datetime = Field(sa_type=UTCDateTime)
    reached: bool = True
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    answered_by: str = Field(default="", max_length=32)


class CrossCheck(SQLModel, table=True):
    """A closed matter looked at again by another unit (交叉检查, 抽查). ``verdict`` is empty, sound or faulty."""

    __tablename__ = "cross_check"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, unique=True)
    unit_id: str = Field(foreign_key="unit.id", max_length=32, index=True)
    drawn_at: datetime = Field(sa_type=UTCDateTime)
    verdict: str = Field(default="", max_length=10)
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("cross_check.note")))
    checked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    checked_by: str = Field(default="", max_length=32)
