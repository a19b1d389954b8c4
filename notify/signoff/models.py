"""The tables of sign-off: documents, who has to sign, reminders, the record, supervision orders, deadlines."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from core.columns import BigId, UTCDateTime
from core.crypto import EncryptedText
from core.ids import new_id

DOCUMENT, INSTRUCTION = "document", "instruction"
"""What a document is: one to sign for, or a leader's instruction (领导批示) that also wants feedback."""

OPEN, RETURNING, RETURNED, SIGNED, WITHDRAWN = "open", "returning", "returned", "signed", "withdrawn"
"""States of a recipient. ``returning``: asked to be taken back (退文), not decided; ``returned``: taken back."""


class Document(SQLModel, table=True):
    """A non-secret document (公文). Its times were computed once, at issue. ``state``: issued, withdrawn, corrected.

    A leader's instruction (批示) has a number in the office's register and one inspector (督查专员) who follows it up.
    """

    __tablename__ = "sign_document"
    __table_args__ = (Index("ix_sign_document_issued", "issued_at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    kind: str = Field(default=DOCUMENT, max_length=12)
    number: str = Field(max_length=60)
    title: str = Field(max_length=200)
    urgency: str = Field(max_length=20)
    clock: str = Field(max_length=20)
    state: str = Field(default="issued", max_length=12)
    issuer: str = Field(max_length=80)
    issuer_person_id: str | None = Field(default=None, max_length=32)
    issued_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    yellow_at: datetime = Field(sa_type=UTCDateTime)
    feedback_by: datetime | None = Field(default=None, sa_type=UTCDateTime)
    register_no: str | None = Field(default=None, max_length=40)
    inspector_id: str | None = Field(default=None, max_length=32)
    corrects_id: str | None = Field(default=None, max_length=32)
    corrected_by_id: str | None = Field(default=None, max_length=32)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)


class SignSeries(SQLModel, table=True):
    """The last number given out in a register and year."""

    __tablename__ = "sign_series"

    name: str = Field(primary_key=True, max_length=20)
    last: int


class Recipient(SQLModel, table=True):
    """One unit that has to sign, with its A person, B person and leader.

    ``code`` is what is typed behind 签收; ``plan`` the frozen steps; ``generation`` that of the guard all its
    reminders carry; ``waiting`` says that steps fell due while a return was being decided. ``in_place_of`` is the
    A person when somebody else signed; ``late_minutes`` is None when signed in time.
    """

    __tablename__ = "sign_recipient"
    __table_args__ = (
        Index("ix_sign_recipient_a", "a_id", "state"),
        Index("ix_sign_recipient_due", "state", "due_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    document_id: str = Field(foreign_key="sign_document.id", index=True, max_length=32)
    position: int
    unit_id: str = Field(max_length=32)
    a_id: str = Field(max_length=32)
    b_id: str | None = Field(default=None, max_length=32)
    leader_id: str | None = Field(default=None, max_length=32)
    code: str = Field(max_length=20)
    state: str = Field(default=OPEN, max_length=12)
    generation: int = 0
    plan: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    due_at: datetime = Field(sa_type=UTCDateTime)
    yellow_at: datetime = Field(sa_type=UTCDateTime)
    waiting: bool = False
    signed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    signed_by: str | None = Field(default=None, max_length=32)
    signed_via: str | None = Field(default=None, max_length=20)
    in_place_of: str | None = Field(default=None, max_length=32)
    late_minutes: int | None = None
    return_reason: str | None = Field(default=None, sa_column=Column(EncryptedText("sign.reason")))
    return_by: str | None = Field(default=None, max_length=32)
    return_asked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    return_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


_WATCHED = text("watched")
_OF_BUNDLE = text("bundle IS NOT NULL")


class Reminder(SQLModel, table=True):
    """One message that reminds one person of one recipient row: the plan carried out, and the proof of it.

    ``role`` is the one the person held then and ``step`` the plan's; ``planned_at`` is when it was to go,
    ``at`` when it went to the outbox; ``rung`` is which of the person's contacts it used. Messages about several
    documents share ``bundle`` and ``outbox_id``. ``watched``: what became of it is not settled yet.
    """

    __tablename__ = "sign_reminder"
    __table_args__ = (
        Index("ix_sign_reminder_watched", "id", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        Index("ix_sign_reminder_bundle", "bundle", sqlite_where=_OF_BUNDLE, postgresql_where=_OF_BUNDLE),
        Index("ix_sign_reminder_person", "person_id", "recipient_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    recipient_id: str = Field(index=True, max_length=32)
    person_id: str = Field(max_length=32)
    role: str = Field(max_length=12)
    step: str = Field(max_length=12)
    rung: int
    channel: str = Field(max_length=20)
    outbox_id: str = Field(max_length=32)
    bundle: str | None = Field(default=None, max_length=32)
    planned_at: datetime = Field(sa_type=UTCDateTime)
    at: datetime = Field(sa_type=UTCDateTime)
    watched: bool = True


class SignEvent(SQLModel, table=True):
    """What happened to a document, append-only. ``by`` is a person's id or who acted; ``note`` a person's words."""

    __tablename__ = "sign_event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    document_id: str = Field(index=True, max_length=32)
    recipient_id: str | None = Field(default=None, max_length=32)
    at: datetime = Field(sa_type=UTCDateTime)
    what: str = Field(max_length=30)
    by: str = Field(default="", max_length=80)
    via: str = Field(default="", max_length=40)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("sign.note")))


class SignOrder(SQLModel, table=True):
    """A supervision order (督办单) with a limit of its own: opened at the red lamp or by hand, closed by signing."""

    __tablename__ = "sign_order"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    recipient_id: str = Field(index=True, max_length=32)
    opened_by: str = Field(max_length=80)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    note: str | None = Field(default=None, sa_column=Column(EncryptedText("sign.note")))


class Feedback(SQLModel, table=True):
    """What a unit reports on a leader's instruction. It leaves only after two leaders confirmed it (OFFICE)."""

    __tablename__ = "sign_feedback"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    recipient_id: str = Field(index=True, max_length=32)
    text: str = Field(sa_column=Column(EncryptedText("sign.feedback"), nullable=False))
    written_by: str = Field(max_length=80)
    at: datetime = Field(sa_type=UTCDateTime)
    confirmed_by: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    left_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Deadline(SQLModel, table=True):
    """Something a person has to have done by a day: feedback on an instruction, a publication (公开时限)."""

    __tablename__ = "sign_deadline"
    __table_args__ = (Index("ix_sign_deadline_open", "done_at", "due_at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    kind: str = Field(max_length=12)
    subject: str = Field(max_length=200)
    ref: str = Field(default="", index=True, max_length=32)
    person_id: str = Field(max_length=32)
    starts_at: datetime = Field(sa_type=UTCDateTime)
    yellow_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    done_by: str | None = Field(default=None, max_length=80)
