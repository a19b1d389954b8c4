"""Notices in JSON, for those who write and approve them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from core.text import mask_name, mask_phone
from notify.publicity import rows
from notify.publicity.editing import NEEDED, Content
from notify.publicity.models import Beneficiary, Notice, NoticeList, NoticeStep
from notify.publicity.progress import Progress
from notify.publicity.states import State, possible

Title = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Kind = Literal["subsidy", "alert", "consultation"]
AudienceName = Literal["", "beneficiaries", "subscribers", "area", "list", "nobody"]


class NoticeIn(BaseModel):
    """A notice as its author writes it. ``text`` may name {name} {amount} {quantity} {rate} {area} {programme}
    {title} {number} {starts_on} {ends_on} {report_phone} {round}, or their Chinese names.
    """

    title: Title
    programme: Annotated[str, Field(max_length=100)] = ""
    text: Text
    starts_on: date | None = None
    ends_on: date | None = None
    report_phone: Annotated[str, Field(max_length=40)] = ""
    area: Annotated[str, Field(max_length=120)] = ""
    area_id: Annotated[str, Field(max_length=32)] | None = None
    emergency: bool = False
    kind: Kind = "subsidy"
    audience: AudienceName = ""
    topic: Annotated[str, Field(max_length=40)] = ""
    confirm_first: bool = False
    previous_id: Annotated[str, Field(max_length=32)] | None = None
    round: Annotated[str, Field(max_length=40)] = ""

    def content(self) -> Content:
        """As the service takes it."""
        return Content(**self.model_dump())


class NoticeChange(BaseModel):
    """Some fields of a notice; ``version`` is the one its editor saw (0: as it is)."""

    version: int = 0
    title: Title | None = None
    programme: Annotated[str, Field(max_length=100)] | None = None
    text: Text | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    report_phone: Annotated[str, Field(max_length=40)] | None = None
    area: Annotated[str, Field(max_length=120)] | None = None
    area_id: Annotated[str, Field(max_length=32)] | None = None
    emergency: bool | None = None
    audience: AudienceName | None = None
    topic: Annotated[str, Field(max_length=40)] | None = None
    confirm_first: bool | None = None
    previous_id: Annotated[str, Field(max_length=32)] | None = None
    round: Annotated[str, Field(max_length=40)] | None = None

    def changes(self) -> dict[str, Any]:
        """What was really sent; a null empties ``area_id`` and ``previous_id`` and says nothing elsewhere."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {name: value for name, value in sent.items() if value is not None or name in {"area_id", "previous_id"}}


class MoveIn(BaseModel):
    """A move; ``version`` is the one seen, ``reason`` goes with reject, cancel and correct."""

    version: int = 0
    reason: Annotated[str, Field(max_length=500)] = ""


class PublishIn(BaseModel):
    """When it is to go out; now if nothing is said."""

    version: int = 0
    at: AwareDatetime | None = None


class ListOut(BaseModel):
    """A list, or an upload while it runs. ``amount`` in 元; ``flags`` counts what the checks found."""

    id: str
    state: str
    name: str
    started_at: datetime
    ended_at: datetime | None
    lines: int
    expected: int
    rows: int
    bad: int
    with_phone: int
    amount: str
    quantity: str
    flags: dict[str, int]
    flag_lines: dict[str, list[int]]
    duplicates: list[list[int]]
    gone: int
    unknown_columns: list[str]
    error: str | None = None

    @classmethod
    def of(cls, row: NoticeList) -> "ListOut":
        """From its row."""
        found = row.summary
        plain = row.model_dump(include=set(cls.model_fields))
        return cls(
            **plain, amount=rows.yuan(row.amount_cents), quantity=str(found.get("quantity", "")),
            flags=found.get("flags", {}), flag_lines=found.get("lines", {}), duplicates=found.get("duplicates", []),
            gone=found.get("gone", 0), unknown_columns=found.get("unknown_columns", []), error=found.get("error"),
        )  # fmt: skip


class NoticeOut(BaseModel):
    """A notice for staff: its content, where it stands and what can be done to it now."""

    id: str
    number: str
    kind: str
    title: str
    programme: str
    text: str
    area: str
    area_id: str | None
    topic: str
    audience: str
    starts_on: date | None
    ends_on: date | None
    report_phone: str
    emergency: bool
    confirm_first: bool
    previous_id: str | None
    round: str
    state: str
    version: int
    revision: int
    author: str
    approvals: list[dict[str, str]]
    approvals_needed: int
    why: str
    publish_at: datetime | None
    published_at: datetime | None
    reviewed_at: datetime | None
    final_at: datetime | None
    created_at: datetime
    changed_at: datetime
    can: list[str]
    beneficiaries: ListOut | None = None
    open_objections: int = 0

    @classmethod
    def of(cls, notice: Notice, found: NoticeList | None = None, open_objections: int = 0) -> "NoticeOut":
        """From its row and list."""
        derived = {"can", "beneficiaries", "open_objections", "approvals_needed"}
        return cls(
            **notice.model_dump(include=set(cls.model_fields) - derived),
            approvals_needed=NEEDED[notice.emergency], can=[str(move) for move in possible(State(notice.state))],
            beneficiaries=ListOut.of(found) if found else None, open_objections=open_objections,
        )  # fmt: skip


class RowOut(BaseModel):
    """A row as staff see it in lists: name and number masked. ``amount`` in 元."""

    number: int
    line: int
    name: str
    phone: str | None
    area: str
    quantity: str
    rate: str
    amount: str
    flags: list[str]
    confirmation: str
    review: str
    dispute: str | None = None

    @classmethod
    def of(cls, row: Beneficiary) -> "RowOut":
        """From its row."""
        return cls(
            number=row.number, line=row.line, name=mask_name(row.name),
            phone=mask_phone(row.phone) if row.phone else None, area=row.area, quantity=row.quantity, rate=row.rate,
            amount=rows.yuan(row.amount_cents), flags=[flag for flag in row.flags.split(",") if flag],
            confirmation=row.confirmation, review=row.review, dispute=row.dispute,
        )  # fmt: skip


class RowChange(BaseModel):
    """New cells of a row, as people type them; review: none keeps the row as it is."""

    version: int = 0
    name: Annotated[str, Field(max_length=60)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    area: Annotated[str, Field(max_length=120)] | None = None
    quantity: Annotated[str, Field(max_length=24)] | None = None
    rate: Annotated[str, Field(max_length=24)] | None = None
    amount: Annotated[str, Field(max_length=24)] | None = None

    def changes(self) -> dict[str, str]:
        """What was really sent."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {name: value for name, value in sent.items() if value is not None}


class AnswerIn(BaseModel):
    """What a household said in person."""

    said: Literal["confirmed", "disputed"]
    text: Annotated[str, Field(max_length=1000)] = ""


class ToldIn(BaseModel):
    """Rows ticked off as told in person; ``done`` false takes the tick back."""

    rows: Annotated[list[Annotated[int, Field(ge=1, le=1_000_000_000)]], Field(min_length=1, max_length=500)]
    done: bool = True


class ToTellOut(BaseModel):
    """A household no message reached, and why. The name is whole: somebody has to knock at the door."""

    number: int
    name: str
    area: str
    quantity: str
    rate: str
    amount: str
    reason: str
    told_at: datetime | None

    @classmethod
    def of(cls, row: Beneficiary, reason: str, told_at: datetime | None) -> "ToTellOut":
        """From its row."""
        return cls(
            number=row.number, name=row.name, area=row.area, quantity=row.quantity, rate=row.rate,
            amount=rows.yuan(row.amount_cents), reason=reason, told_at=told_at,
        )  # fmt: skip


class BadRowOut(BaseModel):
    """A line that could not be taken: each problem with its column, code and sentence."""

    line: int
    problems: list[dict[str, str]]


class StepIn(BaseModel):
    """A step after the period: which, on what day, by whom, under which document number."""

    step: Literal["no_objection", "objections_reviewed", "reported", "determined", "paid"]
    on: date
    person: Annotated[str, Field(min_length=1, max_length=100)]
    document: Annotated[str, Field(max_length=100)] = ""


class StepOut(BaseModel):
    """A step recorded."""

    step: str
    on: date
    person: str
    document: str
    at: datetime

    @classmethod
    def of(cls, row: NoticeStep) -> "StepOut":
        """From its row."""
        return cls(step=row.step, on=row.on_day, person=row.person, document=row.document, at=row.at)


class ProgressOut(BaseModel):
    """Where the sending stands. ``total`` is the sum of ``by_state``; ``eta``: at the speed measured so far."""

    state: str
    total: int
    by_state: dict[str, int]
    reasons: dict[str, int]
    segments: int
    segments_done: int
    estimated_cost: str
    speed: float | None
    eta: datetime | None

    @classmethod
    def of(cls, found: Progress) -> "ProgressOut":
        """From the count."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class Told(BaseModel):
    """How many."""

    count: int
