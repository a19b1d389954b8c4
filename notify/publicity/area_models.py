"""The table of areas: county → township → village → village group (村民小组)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import UTCDateTime
from core.ids import new_id

COUNTY, TOWNSHIP, VILLAGE, GROUP = "county", "township", "village", "group"
LEVELS = (COUNTY, TOWNSHIP, VILLAGE, GROUP)
"""县（市、区） 乡镇（街道） 村（社区） 村民小组, the widest first."""


class Area(SQLModel, table=True):
    """One area.

    ``trail`` holds the ids from the widest area to this one, each with a dot behind it, so that everything inside
    an area begins with its trail; ``path`` the names, with slashes between. ``key`` is the folded name below its
    parent and unique there.
    """

    __tablename__ = "area"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    level: str = Field(max_length=12)
    name: str = Field(max_length=60)
    code: str = Field(default="", max_length=20)
    parent_id: str | None = Field(default=None, foreign_key="area.id", max_length=32)
    key: str = Field(max_length=120, unique=True)
    trail: str = Field(max_length=160, index=True)
    path: str = Field(max_length=260)
    active: bool = True
    added_at: datetime = Field(sa_type=UTCDateTime)
