"""The tables of a matter itself: the matter, its record, who handles it, its pauses, its answers.

The texts of confidential matters and reports, names, phones and places are encrypted; other texts stay readable
so that staff can search them. The record (``MatterEvent``) is only ever added to.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON, EncryptedText
from core.ids import new_id


class NumberSeries(SQLModel, table=True):
    """The last number given out in one register and month."""

    __tablename__ = "number_series"

    name: str = Field(primary_key=True, max_length=20)
    last: int = 0


class Matter(SQLModel, table=True):
    """One matter (诉求).

    ``version`` grows with every move. ``reply_*`` is where an answer goes. ``accept_from`` and ``clock_from`` are
    where the limits of acceptance and of the citizen's answer begin, the ``…_by`` where they end with the pauses so
    far; ``due_at`` and ``yellow_at`` belong to the one that governs now. ``priority``: 0 emergency, 1 old, ill or
    disabled, 2 others. ``protected``: confidential or a report; ``secret_text`` then holds its text, else ``text``.
    """

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_state_due", "state", "due_at"),
        Index("ix_matter_unit_state", "unit_id", "state"),
        Index("ix_matter_sender", "reply_channel", "reply_index"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    number: str = Field(max_length=20, unique=True)
    code_digest: str = Field(max_length=32)
    version: int = 1
    kind: str = Field(max_length=24)
    state: str = Field(max_length=20)
    paused_from: str = Field(default="", max_length=20)
    source: str = Field(max_length=20, index=True)
    outside_number: str = Field(default="", max_length=60)
    origin_key: str | None = Field(default=None, max_length=160, unique=True)
    category: str = Field(default="", max_length=20)
    title: str = Field(default="", max_length=80)
    text: str = Field(default="", sa_column=Column(Text, nullable=False))
    secret_text: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.text")))
    place: dict[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON("matter.place")))
    transcript: list[list[str]] | None = Field(default=None, sa_column=Column(EncryptedJSON("matter.transcript")))
    extra: dict[str, Any] | None = Field(default=None, sa_column=Column(EncryptedJSON("matter.extra")))
    name: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.name")))
    phone: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.phone")))
    phone_index: str = Field(default="", max_length=32, index=True)
    for_person: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.for_person")))
    for_phone: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.for_phone")))
    anonymous: bool = False
    confidential: bool = False
    protected: bool = False
    vulnerable: bool = False
    locale: str = Field(default="zh-Hans", max_length=10)
    reply_channel: str = Field(default="", max_length=20)
    reply_address: str | None = Field(default=None, sa_column=Column(EncryptedText("matter.reply_address")))
    reply_index: str = Field(default="", max_length=32)
    reply_sender: str = Field(default="", max_length=60)
    reply_thread: str = Field(default="", max_length=60)
    person_id: str | None = Field(default=None, max_length=32, index=True)
    owner_ref: str = Field(default="", max_length=32, index=True)
    owner_name: str = Field(default="", max_length=60)
    offered_to: str = Field(default="", max_length=32)
    accepted_by: str = Field(default="", max_length=32)
    unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    about_unit_id: str | None = Field(default=None, foreign_key="unit.id", max_length=32)
    dispatches: int = 0
    designated: bool = False
    extended: bool = False
    contested: bool = False
    redone: int = 0
    silent: bool = False
    asked_for: str = Field(default="", max_length=100)
    emergency: str = Field(default="", max_length=20)
    merged_into: str | None = Field(default=None, max_length=32, index=True)
    received_at: datetime = Field(sa_type=UTCDateTime, index=True)
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    replied_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    clock_from: datetime = Field(sa_type=UTCDateTime)
    answer_limit: str = Field(max_length=40)
    statutory_limit: str = Field(max_length=40)
    extra_days: int = 0
    priority: int = 2
    accept_from: datetime = Field(sa_type=UTCDateTime)
    accept_by: datetime = Field(sa_type=UTCDateTime)
    answer_by: datetime = Field(sa_type=UTCDateTime)
    statutory_by: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    yellow_at: datetime = Field(sa_type=UTCDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lamp_told: str = Field(default="", max_length=8)
    follow_up_by: datetime | None = Field(default=None, sa_type=UTCDateTime)
    follow_up_tries: int = 0
    call_by: datetime | None = Field(default=None, sa_type=UTCDateTime)
    urged_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    @property
    def body(self) -> str:
        """The text, wherever it is kept."""
        return self.secret_text if self.secret_text is not None else self.text


class MatterEvent(SQLModel, table=True):
    """One line of a matter's record: who did what, from which state to which. Only ever added.

    ``public`` lines are shown to the citizen. ``data`` holds ids, dates and codes, never personal data.
    """

    __tablename__ = "matter_event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    at: datetime = Field(sa_type=UTCDateTime, index=True)
    what: str = Field(max_length=24)
    actor: str = Field(max_length=80)
    actor_name: str = Field(default="", max_length=60)
    via: str = Field(default="", max_length=40)
    unit_id: str | None = Field(default=None, max_length=32)
    before: str = Field(default="", max_length=20)
    after: str = Field(default="", max_length=20)
    public: bool = False
    text: str | None = Field(default=None, sa_column=Column(EncryptedText("matter_event.text")))
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Dispatch(SQLModel, table=True):
    """A matter in a unit's hands (派单). ``lead`` answers the citizen (主办), others give their opinion (协办)."""

    __tablename__ = "dispatch"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    unit_id: str = Field(foreign_key="unit.id", max_length=32, index=True)
    lead: bool = True
    designated: bool = False
    at: datetime = Field(sa_type=UTCDateTime)
    sign_by: datetime = Field(sa_type=UTCDateTime)
    return_by: datetime = Field(sa_type=UTCDateTime)
    due: datetime = Field(sa_type=UTCDateTime)
    signed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    signed_by: str = Field(default="", max_length=32)
    return_asked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    returned_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str | None = Field(default=None, sa_column=Column(EncryptedText("dispatch.reason")))
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    opinion_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MatterPause(SQLModel, table=True):
    """The clock stood still (暂停计时)."""

    __tablename__ = "matter_pause"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    reason: str = Field(max_length=20)
    starts: datetime = Field(sa_type=UTCDateTime)
    ends: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MatterReply(SQLModel, table=True):
    """An answer to the citizen. ``state``: check (waits for 审核), held (for 20 s), final, undone, refused."""

    __tablename__ = "matter_reply"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    text: str = Field(sa_column=Column(EncryptedText("matter_reply.text"), nullable=False))
    details: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("matter_reply.details"), nullable=False))
    finding: str = Field(default="", max_length=20)
    direct: bool = False
    supplement: bool = False
    forced: str = Field(default="", max_length=20)
    unit_id: str | None = Field(default=None, max_length=32)
    by_ref: str = Field(max_length=32)
    by_name: str = Field(default="", max_length=60)
    state: str = Field(max_length=10)
    from_state: str = Field(default="", max_length=20)
    at: datetime = Field(sa_type=UTCDateTime)
    sends_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MatterMessage(SQLModel, table=True):
    """What was put into the outbox for a matter, to whom; ``outbox_id`` is empty when nobody could be told."""

    __tablename__ = "matter_message"
    __table_args__ = (UniqueConstraint("matter_id", "dedup"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    matter_id: str = Field(foreign_key="matter.id", max_length=32, index=True)
    at: datetime = Field(sa_type=UTCDateTime)
    kind: str = Field(max_length=60)
    audience: str = Field(max_length=12)
    dedup: str = Field(max_length=100)
    outbox_id: str = Field(default="", max_length=32)
    reply_id: str = Field(default="", max_length=32)
    counts: bool = False
