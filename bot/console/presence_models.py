"""Who has which page of the console open: so two people on one matter see each other, whichever process serves them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime


class OpenPage(SQLModel, table=True):
    """One open page (one tab). It counts while ``seen_at`` is fresh; ``typing`` while somebody writes there."""

    __tablename__ = "console_open_page"

    id: str = Field(primary_key=True, max_length=32)
    page: str = Field(max_length=120, index=True)
    account_ref: str = Field(max_length=32)
    name: str = Field(max_length=60)
    typing: bool = False
    seen_at: datetime = Field(sa_type=UTCDateTime, index=True)
