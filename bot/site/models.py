"""What the citizen pages remember of a browser: its talk, and the matters it may read."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.crypto import EncryptedText


class WebChat(SQLModel, table=True):
    """One visitor's talk in one browser, from the first message until it ends.

    ``id`` is the address on the channel: a keyed digest of the cookie, so the table opens no session. ``used_at``
    is when the person last did something; ``ended_at`` when they ended it.
    """

    __tablename__ = "web_chat"

    id: str = Field(primary_key=True, max_length=32)
    started_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime = Field(sa_type=UTCDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class WebVisit(SQLModel, table=True):
    """A browser that showed number and code, or handed something in, until half an hour after its last use.

    ``id`` is a keyed digest of the cookie, so the table opens no session. ``matters`` are ids; ``receipt`` is what
    was handed in last (number, code, what follows), as JSON, so that the page that says it can be loaded again.
    """

    __tablename__ = "web_visit"

    id: str = Field(primary_key=True, max_length=32)
    matters: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    receipt: str | None = Field(default=None, sa_column=Column(EncryptedText("web_visit.receipt")))
    started_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime = Field(sa_type=UTCDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
