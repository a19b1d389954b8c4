"""What we have asked an address and wait to hear: a list to choose from, a rating, a missing detail, a signature.

A bare ``1`` belongs to the latest message sent to that address that expects a number (PRODUCT 7). A list never
changes while it stands: a doubled ``1`` chooses the same thing twice, never the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Column, Index, bindparam, delete, insert
from sqlmodel import Field, Session, SQLModel, col, select

from core.bulk import insert_rows, stored
from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON, ring
from core.people import address_index

LIFETIME = timedelta(hours=72)
_DATA = "expectation.data"


class Expectation(SQLModel, table=True):
    """One question put to one address. ``owner`` names who understands the answer, ``data`` is the owner's."""

    __tablename__ = "expectation"
    __table_args__ = (Index("ix_expectation_address", "channel", "address_index", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=20)
    address_index: str = Field(max_length=32)
    owner: str = Field(max_length=40)
    ref: str = Field(default="", max_length=80)
    data: dict[str, Any] = Field(sa_column=Column(EncryptedJSON(_DATA), nullable=False))
    asked_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that still stands."""

    id: int
    owner: str
    ref: str
    data: dict[str, Any]
    asked_at: datetime


def expect(
    session: Session,
    now: datetime,
    channel: str,
    address: str,
    owner: str,
    data: dict[str, Any],
    *,
    ref: str = "",
    lifetime: timedelta = LIFETIME,
) -> int:
    """Note a question; a former one of the same owner about the same thing is replaced."""
    key = address_index(channel, address)
    forget(session, channel, address, owner, ref=ref)
    added = session.execute(
        _EXPECT,
        {
            "channel": channel,
            "address_index": key,
            "owner": owner,
            "ref": ref,
            "data": data,
            "asked_at": now,
            "expires_at": now + lifetime,
        },
    )
    return int(added.scalar_one())


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to be noted with others. ``index`` is the address's keyed index where it is known already."""

    channel: str
    address: str
    owner: str
    data: dict[str, Any]
    ref: str = ""
    index: str = ""


_COLUMNS = ("channel", "address_index", "owner", "ref", "data", "asked_at", "expires_at")


def expect_many(session: Session, now: datetime, asks: Sequence[Ask], *, lifetime: timedelta = LIFETIME) -> None:
    """Note many questions with one statement. Former ones stay, but a later one is asked first (``standing``)."""
    dialect, seal = session.connection().dialect.name, ring().seal
    asked, ends = stored(now, dialect), stored(now + lifetime, dialect)
    rows = [
        (
            ask.channel,
            ask.index or address_index(ask.channel, ask.address),
            ask.owner,
            ask.ref,
            seal(orjson.dumps(ask.data), _DATA),
            asked,
            ends,
        )
        for ask in asks
    ]
    insert_rows(session, "expectation", _COLUMNS, rows)


def standing(session: Session, now: datetime, channel: str, address: str) -> list[Asked]:
    """The questions this address has not answered yet, latest first."""
    rows = session.exec(
        select(Expectation)
        .where(
            Expectation.channel == channel,
            Expectation.address_index == address_index(channel, address),
            col(Expectation.expires_at) > now,
        )
        .order_by(col(Expectation.id).desc())
        .limit(20)
    )
    return [Asked(row.id or 0, row.owner, row.ref, row.data, row.asked_at) for row in rows]


def forget(session: Session, channel: str, address: str, owner: str, *, ref: str = "") -> None:
    """The question is answered, or no longer of interest."""
    key = address_index(channel, address)
    session.execute(_FORGET, {"b_channel": channel, "b_index": key, "b_owner": owner, "b_ref": ref})


_TABLE: Any = Expectation.__table__  # type: ignore[attr-defined]
_FORGET = delete(_TABLE).where(
    _TABLE.c.channel == bindparam("b_channel"),
    _TABLE.c.address_index == bindparam("b_index"),
    _TABLE.c.owner == bindparam("b_owner"),
    _TABLE.c.ref == bindparam("b_ref"),
)
_EXPECT = insert(_TABLE).returning(_TABLE.c.id)
"""Built once: they run for every message that is answered."""


def purge(session: Session, now: datetime) -> int:
    """Drop what has lapsed; returns how many."""
    result = session.execute(delete(Expectation).where(col(Expectation.expires_at) <= now))
    return int(getattr(result, "rowcount", 0))
