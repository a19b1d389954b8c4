"""The table that says which objection (异议) belongs to which row of a notice."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime


class Objection(SQLModel, table=True):
    """A matter that objects to a notice. ``number`` is the matter's; what it says stands there, not here.

    ``row_id`` is the beneficiary row it is about, empty when nobody could tell; ``kind`` is one of ``objecting.KINDS``.
    """

    __tablename__ = "notice_objection"

    number: str = Field(primary_key=True, max_length=20)
    notice_id: str = Field(max_length=32, index=True)
    row_id: str = Field(default="", max_length=32)
    kind: str = Field(max_length=16)
    secret: bool = False
    reviewer: str = Field(default="", max_length=100)
    via: str = Field(default="", max_length=20)
    at: datetime = Field(sa_type=UTCDateTime)
