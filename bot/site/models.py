"""The sessions of the web chat."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime


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
