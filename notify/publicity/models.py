"""The tables of publicity: notices, what was published of them, lists and their rows, recipients, steps afterwards.

What other folders may use (everything else here is publicity's own):

* read ``Notice``, ``NoticeRevision``, ``Beneficiary``; never write them, nor their states;
* ``notify.publicity.rows_store``: ``published(session, notice_id)`` → the ``NoticeRevision`` the public may see,
  ``published_notices(session, …)``, ``rows_of(session, list_id, after, limit)``, ``own_row(session, list_id, name,
  last4)``, ``find_rows_by_phone(session, address)`` → rows with their notice, newest first;
* ``notify.publicity.service.Publicity``: ``confirm_row``, ``dispute_row``, ``remove_number`` (``session`` first);
* hand in ``open_objections(session, notice_id) -> int`` and ``audiences`` when ``Publicity`` is built (``ports``).

A notice's *revision* is one content that was or will be published; a correction is the next one. Its rows hang on a
*list*, one upload: two revisions may share a list. ``Notice`` holds what is being written, ``NoticeRevision`` what was
published, so that a correction under way changes nothing the public reads.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON, EncryptedText
from core.ids import new_id

SUBSIDY, ALERT, CONSULTATION = "subsidy", "alert", "consultation"
KINDS = (SUBSIDY, ALERT, CONSULTATION)
"""公示 with a list and a period; 通知 or 预警 to subscribers, an area or a list; 征求意见 with a period and no list."""
BENEFICIARIES, SUBSCRIBERS, AREA, LIST, NOBODY = "beneficiaries", "subscribers", "area", "list", "nobody"
AUDIENCES = (BENEFICIARIES, SUBSCRIBERS, AREA, LIST, NOBODY)
"""Who gets messages. ``beneficiaries`` and ``list`` are rows of an upload; ``nobody``: only the page and the board."""

_WITH_PHONE = text("phone_index IS NOT NULL")
_WITH_MESSAGE = text("message_id IS NOT NULL")


class Notice(SQLModel, table=True):
    """A notice as it is being written and where it stands.

    ``number`` is the public one (公示〔2026〕12号). ``version`` counts every change (optimistic lock), ``revision``
    what is published: 1, then one more for each correction. ``author`` and ``writers`` are identities as
    ``Principal.identity`` has them; ``approvals`` holds ``{"by", "at"}`` for the present content only. ``paused_at``
    and ``samples`` (``[at, segments done]``) serve the estimate of the time left. ``cursor`` is how far the fan-out
    of this revision has come, ``estimate`` what the preview of this content worked out.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state", "state", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    number: str = Field(max_length=40, unique=True)
    kind: str = Field(default=SUBSIDY, max_length=12)
    title: str = Field(max_length=200)
    programme: str = Field(default="", max_length=100)
    text: str = Field(sa_column=Column(Text, nullable=False))
    area: str = Field(default="", max_length=120)
    area_id: str | None = Field(default=None, max_length=32)
    topic: str = Field(default="", max_length=40)
    audience: str = Field(default=BENEFICIARIES, max_length=16)
    starts_on: date | None = None
    ends_on: date | None = None
    report_phone: str = Field(default="", max_length=40)
    emergency: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    confirm_first: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    previous_id: str | None = Field(default=None, max_length=32)
    round: str = Field(default="", max_length=40)
    state: str = Field(default="draft", max_length=16)
    version: int = 1
    revision: int = 1
    list_id: str | None = Field(default=None, max_length=32)
    author: str = Field(max_length=80)
    unit_id: str | None = Field(default=None, max_length=32)
    writers: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    approvals: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reviewed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reviewed_by: str | None = Field(default=None, max_length=80)
    publish_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    final_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    why: str = Field(default="", max_length=500)
    batch: str | None = Field(default=None, max_length=32)
    cursor: str = Field(default="", max_length=120)
    fanned: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    planned: int = 0
    estimate: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    samples: list[list[Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)


class NoticeRevision(SQLModel, table=True):
    """What was published, as it was published: the public reads the one with the highest ``revision``.

    ``why`` is the reason of a correction; ``restarted`` says that it began the period anew because a published column
    changed. ``withdrawn_at``: cancelled afterwards. ``batch`` names its messages in the outbox.
    """

    __tablename__ = "notice_revision"
    __table_args__ = (UniqueConstraint("notice_id", "revision"), Index("ix_notice_revision_public", "published_at"))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    notice_id: str = Field(max_length=32)
    revision: int
    kind: str = Field(max_length=12)
    title: str = Field(max_length=200)
    programme: str = Field(default="", max_length=100)
    text: str = Field(sa_column=Column(Text, nullable=False))
    area: str = Field(default="", max_length=120)
    area_id: str | None = Field(default=None, max_length=32)
    starts_on: date | None = None
    ends_on: date | None = None
    report_phone: str = Field(default="", max_length=40)
    emergency: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    list_id: str | None = Field(default=None, index=True, max_length=32)
    published_digest: str = Field(default="", max_length=64)
    restarted: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, default=True))
    why: str = Field(default="", max_length=500)
    batch: str = Field(max_length=32)
    published_at: datetime = Field(sa_type=UTCDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class NoticeSeries(SQLModel, table=True):
    """The last number given out in a year."""

    __tablename__ = "notice_series"

    year: int = Field(primary_key=True)
    last: int = 0


class NoticeList(SQLModel, table=True):
    """One upload and the list it became. ``reading`` while it runs, then ``done``, ``refused`` (bad rows, nothing
    imported) or ``failed``; ``seen_at`` moves while it runs, so that one whose process died is known.

    ``summary`` has totals, flags and the first bad rows; all bad rows are ``NoticeBadRow``.
    ``rows``, ``with_phone``, ``amount_cents`` are of the whole list; ``digest`` is over its published columns.
    """

    __tablename__ = "notice_list"
    __table_args__ = (Index("ix_notice_list_notice", "notice_id", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    notice_id: str = Field(max_length=32)
    state: str = Field(default="reading", max_length=10)
    name: str = Field(default="", max_length=120)
    by: str = Field(max_length=80)
    started_at: datetime = Field(sa_type=UTCDateTime)
    seen_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lines: int = 0
    expected: int = 0
    rows: int = 0
    bad: int = 0
    with_phone: int = 0
    amount_cents: int = Field(default=0, sa_type=BigId)
    digest: str = Field(default="", max_length=64)
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Beneficiary(SQLModel, table=True):
    """One household of a list. ``number`` is its place in the list (from 1), ``line`` the line of the file.

    ``phone`` is E.164; ``phone_index`` finds it (``rows.phone_index``), ``entry_index`` finds a row by name and the
    last four digits of its number (``rows.entry_index``). ``quantity`` and ``rate`` are plain decimal numerals,
    ``amount_cents`` is money in 分. ``flags`` names what the checks found, with commas between (``checks``).

    ``confirmation``: "" not asked or not answered, ``confirmed`` (确认), ``disputed`` (有误, with ``dispute``).
    ``review``: what the township decided about a disputed row: "" open, ``kept`` or ``changed``.
    ``phone_gone``: why a number was taken out (``not_me``: 不是本人).
    """

    __tablename__ = "beneficiary"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        Index("ix_beneficiary_phone", "list_id", "phone_index", "number"),
        Index("ix_beneficiary_by_phone", "phone_index", sqlite_where=_WITH_PHONE, postgresql_where=_WITH_PHONE),
        Index("ix_beneficiary_entry", "entry_index", sqlite_where=_WITH_PHONE, postgresql_where=_WITH_PHONE),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    list_id: str = Field(max_length=32)
    number: int
    line: int
    name: str = Field(sa_column=Column(EncryptedText("beneficiary.name"), nullable=False))
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText("beneficiary.phone")))
    phone_index: str | None = Field(default=None, max_length=32)
    entry_index: str | None = Field(default=None, max_length=32)
    area: str = Field(default="", max_length=120)
    quantity: str = Field(default="", max_length=24)
    rate: str = Field(default="", max_length=24)
    amount_cents: int | None = Field(default=None, sa_type=BigId)
    flags: str = Field(default="", max_length=120)
    confirmation: str = Field(default="", max_length=10)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    confirmed_via: str = Field(default="", max_length=20)
    dispute: str | None = Field(default=None, sa_column=Column(EncryptedText("beneficiary.dispute")))
    review: str = Field(default="", max_length=10)
    reviewed_by: str | None = Field(default=None, max_length=80)
    phone_gone: str = Field(default="", max_length=12)


class NoticeBadRow(SQLModel, table=True):
    """A line of an upload that could not be taken: ``problems`` as ``[column, code, place]``, and its cells."""

    __tablename__ = "notice_bad_row"
    __table_args__ = (Index("ix_notice_bad_row", "list_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    list_id: str = Field(max_length=32)
    line: int
    problems: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    cells: dict[str, str] = Field(sa_column=Column(EncryptedJSON("notice.cells"), nullable=False))


class NoticeRecipient(SQLModel, table=True):
    """One recipient of one sending: a row of the list, or an address of an audience (``row`` counts them).

    Unique on (notice, revision, purpose, row, channel): a batch that is repeated adds nothing. Either ``message_id``
    says which message of the outbox tells it (rows that share a phone share one), or ``excluded`` why there is none;
    so each recipient has exactly one state. ``told_at``: told in person (入户告知).
    """

    __tablename__ = "notice_recipient"
    __table_args__ = (
        UniqueConstraint("notice_id", "revision", "purpose", "row", "channel"),
        Index("ix_notice_recipient_message", "message_id", sqlite_where=_WITH_MESSAGE, postgresql_where=_WITH_MESSAGE),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    notice_id: str = Field(max_length=32)
    revision: int
    purpose: str = Field(max_length=12)
    row: int
    channel: str = Field(default="", max_length=20)
    area: str = Field(default="", max_length=120)
    message_id: str | None = Field(default=None, max_length=32)
    excluded: str = Field(default="", max_length=20)
    told_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    told_by: str | None = Field(default=None, max_length=80)


class NoticeStep(SQLModel, table=True):
    """A step after the period: which, on what day, by whom, under which document number; in the order of ``states``."""

    __tablename__ = "notice_step"
    __table_args__ = (UniqueConstraint("notice_id", "step"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    notice_id: str = Field(max_length=32)
    step: str = Field(max_length=24)
    on_day: date
    person: str = Field(max_length=100)
    document: str = Field(default="", max_length=100)
    by: str = Field(max_length=80)
    at: datetime = Field(sa_type=UTCDateTime)


class OfficeListEntry(SQLModel, table=True):
    """A name of one of the office's own lists: ``deceased`` (死亡) or ``ineligible`` (不符合条件).

    Of name and phone only keyed indexes are kept.
    """

    __tablename__ = "office_list_entry"
    __table_args__ = (Index("ix_office_list_name", "kind", "name_index"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(max_length=12)
    name_index: str = Field(max_length=32)
    area: str = Field(default="", max_length=120)
    phone_index: str | None = Field(default=None, max_length=32)
    added_at: datetime = Field(sa_type=UTCDateTime)
