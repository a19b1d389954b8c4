"""The tables of delivery: messages on their way out, batches, paces, counts, and receipts that came too early."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedJSON, EncryptedText
from core.ids import new_id

_QUEUED = text("state = 'queued'")
_OPEN = text("state IN ('sending', 'uncertain')")
_SENT = text("state = 'sent'")
_BAD = text("state IN ('failed', 'undeliverable', 'uncertain')")
_OF_PERSON = text("person_id IS NOT NULL")
_OF_PROVIDER = text("provider_id IS NOT NULL")
_OF_BATCH = text("batch IS NOT NULL")
_CONFIRM = text("confirm_by IS NOT NULL")


def _partial(name: str, *columns: str, where: Any) -> Index:
    """An index over the few rows it is asked for: every change of a row pays for every index it is in."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class OutboxMessage(SQLModel, table=True):
    """One message to one address.

    ``topic`` is the class a recipient may opt out of; ``rank`` orders the lanes (0 urgent, 1 normal, 2 bulk);
    ``queue`` is whose pace it waits for (the channel, or ``channel/sender`` where each sender has its own);
    ``not_before`` is when it may next be tried; ``quiet`` says that quiet hours hold it back; ``guard`` names a
    thing and its generation, tested in the very UPDATE that moves the row to *sending*; ``batch`` groups a mass
    alert; ``via`` is the channel that carried it when that was not its own; ``position`` and ``confirm_by`` belong
    to a message to a person: which contact this is, and when the next one is used as well; ``trial`` goes the
    whole way without leaving; ``doubled`` counts sends made although
    an earlier one may have arrived; ``history`` has one line for each change of state: ISO time, state, reason,
    attempt, provider's code, separated by spaces.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        _partial("ix_outbox_due", "queue", "rank", "not_before", "id", where=_QUEUED),
        _partial("ix_outbox_open", "state", "lease_until", where=_OPEN),
        _partial("ix_outbox_sent", "channel", "changed_at", where=_SENT),
        _partial("ix_outbox_bad", "state", "id", where=_BAD),
        _partial("ix_outbox_person", "person_id", where=_OF_PERSON),
        _partial("ix_outbox_provider", "provider_id", where=_OF_PROVIDER),
        _partial("ix_outbox_batch", "batch", "state", where=_OF_BATCH),
        _partial("ix_outbox_confirm", "confirm_by", where=_CONFIRM),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    dedup_key: str = Field(max_length=160, unique=True)
    kind: str = Field(max_length=60)
    topic: str = Field(max_length=40)
    rank: int
    channel: str = Field(max_length=20)
    queue: str = Field(max_length=90)
    via: str = Field(default="", max_length=20)
    address: str = Field(sa_column=Column(EncryptedText("outbox.address"), nullable=False))
    address_index: str = Field(max_length=32, index=True)
    sender: str = Field(default="", max_length=60)
    person_id: str | None = Field(default=None, max_length=32)
    position: int | None = None
    confirm_by: datetime | None = Field(default=None, sa_type=UTCDateTime)
    thread: str = Field(default="", max_length=60)
    locale: str = Field(default="zh-Hans", max_length=10)
    text: str = Field(sa_column=Column(EncryptedText("outbox.text"), nullable=False))
    params: dict[str, Any] = Field(sa_column=Column(EncryptedJSON("outbox.params"), nullable=False))
    options: list[list[str]] = Field(sa_column=Column(EncryptedJSON("outbox.options"), nullable=False))
    segments: int = 1
    quiet: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    trial: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, default=False))
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=8)
    not_before: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    attempts: int = 0
    worker: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lookups: int = 0
    doubled: int = 0
    provider_id: str | None = Field(default=None, max_length=80)
    guard: str = Field(default="", max_length=80)
    batch: str | None = Field(default=None, max_length=32)
    history: str = Field(default="", sa_column=Column(Text, nullable=False))

    @property
    def attempt(self) -> str:
        """The id of the latest attempt, as it travels in the status callback."""
        return attempt_id(self.id, self.attempts)


def attempt_id(message_id: str, attempts: int) -> str:
    """The id of a message's n-th attempt. Computed, so that no column and no index has to change with each try."""
    return f"{message_id}-{attempts}"


def attempt_parts(attempt: str) -> tuple[str, int]:
    """Message and number of an attempt id; an id that is none of ours gives one that nothing has."""
    message_id, _, number = attempt.rpartition("-")
    return (message_id, int(number)) if number.isdecimal() and len(number) < 9 else ("", 0)


class OutboxGuard(SQLModel, table=True):
    """The generation of a thing that messages speak about. Raising it stops every message of an older one."""

    __tablename__ = "outbox_guard"

    name: str = Field(primary_key=True, max_length=60)
    generation: int = 0


class OutboxBatch(SQLModel, table=True):
    """A mass alert as the dispatcher sees it: ``running``, ``paused`` or ``cancelled``. No row: running."""

    __tablename__ = "outbox_batch"

    id: str = Field(primary_key=True, max_length=32)
    state: str = Field(max_length=10)
    changed_at: datetime = Field(sa_type=UTCDateTime)


class OutboxPace(SQLModel, table=True):
    """How far a limited queue's allowance is used up, for all workers; see ``pacing``."""

    __tablename__ = "outbox_pace"

    queue: str = Field(primary_key=True, max_length=90)
    used_until: datetime = Field(sa_type=UTCDateTime)


class OutboxAddress(SQLModel, table=True):
    """When an address may be written to again, where a channel limits that (a chat on Telegram: once a second)."""

    __tablename__ = "outbox_address"

    address_index: str = Field(primary_key=True, max_length=32)
    free_at: datetime = Field(sa_type=UTCDateTime)


class SegmentCount(SQLModel, table=True):
    """Segments of a day by what is capped: ``all``, ``prefix:+861380`` or ``address:`` and the address's index."""

    __tablename__ = "segment_count"

    day: date = Field(primary_key=True)
    scope: str = Field(primary_key=True, max_length=60)
    segments: int = 0


class EarlyReceipt(SQLModel, table=True):
    """A receipt whose message is not known yet; applied when the send is recorded, dropped after 72 hours."""

    __tablename__ = "early_receipt"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=20)
    provider_id: str = Field(max_length=80, index=True)
    progress: str = Field(max_length=16)
    reason: str = Field(default="", max_length=8)
    code: str = Field(default="", max_length=40)
    at: datetime = Field(sa_type=UTCDateTime)
