"""Documents in JSON."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from notify.signoff.issuing import NewDocument, NewRecipient, Warned
from notify.signoff.models import Deadline, Feedback, Recipient, SignOrder
from notify.signoff.plan import Planned
from notify.signoff.views import DocumentView, Moment, RecipientView

Name = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(max_length=500)]


class RecipientIn(BaseModel):
    """A unit by id or name; people by id or staff number."""

    unit: Name
    a: Name
    b: Name | None = None
    leader: Name | None = None


class DocumentIn(BaseModel):
    """A document to issue. Urgency by name or alias (特急 …); ``clock`` overrides the urgency's own."""

    number: Annotated[str, Field(min_length=1, max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    urgency: Name
    non_secret: bool = False
    issued_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    clock: Literal["", "round_the_clock", "working_time"] = ""
    kind: Literal["document", "instruction"] = "document"
    feedback_by: AwareDatetime | None = None
    inspector: Name | None = None
    recipients: Annotated[list[RecipientIn], Field(min_length=1, max_length=500)]

    def new(self) -> NewDocument:
        """As the service takes it."""
        lines = [NewRecipient(line.unit, line.a, line.b, line.leader) for line in self.recipients]
        return NewDocument(**{**self.model_dump(exclude={"recipients"}), "recipients": lines})


class StepOut(BaseModel):
    """A step of the plan: when, to which roles, which; ``n`` counts the reminders after the limit."""

    at: datetime
    to: list[str]
    step: str
    n: int = 0


class OrderOut(BaseModel):
    """A supervision order (督办单)."""

    id: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    overdue: bool
    note: str | None

    @classmethod
    def of(cls, order: SignOrder) -> "OrderOut":
        """From its row."""
        late = order.closed_at is not None and order.closed_at > order.due_at
        return cls(**order.model_dump(include=set(cls.model_fields) - {"overdue"}), overdue=late)


class RecipientOut(BaseModel):
    """A unit that has to sign, and how it stands."""

    id: str
    unit: str
    unit_name: str
    a: str
    b: str | None
    leader: str | None
    names: dict[str, str]
    code: str
    state: str
    lamp: str | None
    due_at: datetime
    yellow_at: datetime
    signed_at: datetime | None
    signed_by: str | None
    signed_via: str | None
    in_place_of: str | None
    late_minutes: int | None
    return_reason: str | None
    return_due_at: datetime | None
    plan: list[StepOut]
    orders: list[OrderOut]

    @classmethod
    def of(cls, view: RecipientView) -> "RecipientOut":
        """From what the service shows."""
        row: Recipient = view.row
        people = (row.a_id, row.b_id, row.leader_id, row.signed_by)
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name) and name != "plan"}
        return cls(
            **same,
            unit=row.unit_id,
            unit_name=view.unit,
            a=row.a_id,
            b=row.b_id,
            leader=row.leader_id,
            names={person: view.names[person] for person in people if person and person in view.names},
            lamp=view.lamp.value if view.lamp else None,
            plan=[_step(Planned.from_json(step)) for step in row.plan],
            orders=[OrderOut.of(order) for order in view.orders],
        )


def _step(step: Planned) -> StepOut:
    return StepOut(at=step.at, to=[role.value for role in step.to], step=step.step.value, n=step.n)


class WarningOut(BaseModel):
    """Something to think over; nothing was refused."""

    code: str
    detail: str
    offer: dict[str, str]


class DocumentOut(BaseModel):
    """A document with its units."""

    id: str
    kind: str
    number: str
    title: str
    urgency: str
    clock: str
    state: str
    lamp: str | None
    issuer: str
    issued_at: datetime
    due_at: datetime
    feedback_by: datetime | None
    register_no: str | None
    inspector_id: str | None
    corrects: str | None
    corrected_by: str | None
    recipients: list[RecipientOut]
    warnings: list[WarningOut] = []

    @classmethod
    def of(cls, view: DocumentView, warnings: list[Warned] | None = None) -> "DocumentOut":
        """From what the service shows."""
        row = view.row
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **same,
            lamp=view.lamp.value if view.lamp else None,
            corrects=row.corrects_id,
            corrected_by=row.corrected_by_id,
            recipients=[RecipientOut.of(recipient) for recipient in view.recipients],
            warnings=[WarningOut(code=w.code, detail=w.detail, offer=dict(w.offer)) for w in warnings or []],
        )


class MomentOut(BaseModel):
    """One line of the timeline; ``state`` is that of a reminder's delivery."""

    at: datetime
    what: str
    recipient: str | None
    by: str
    via: str
    state: str
    data: dict[str, object]
    note: str

    @classmethod
    def of(cls, moment: Moment) -> "MomentOut":
        """From what the service shows."""
        return cls(
            at=moment.at,
            what=moment.what,
            recipient=moment.recipient_id,
            by=moment.by,
            via=moment.via,
            state=moment.state,
            data=dict(moment.data),
            note=moment.note,
        )


class SignIn(BaseModel):
    """Who signs which recipient; ``by`` defaults to whoever asks."""

    recipient: Name
    by: Name | None = None


class ReturnIn(SignIn):
    """退文, with its reason."""

    reason: Annotated[str, Field(min_length=2, max_length=500)]


class DecideIn(BaseModel):
    """The issuer's decision on a return."""

    recipient: Name
    granted: bool
    note: Note = ""


class SuperviseIn(BaseModel):
    """A supervision order."""

    recipient: Name
    note: Note = ""
    due_at: AwareDatetime | None = None


class FeedbackIn(BaseModel):
    """What was done about an instruction."""

    recipient: Name
    text: Annotated[str, Field(min_length=2, max_length=5000)]


class FeedbackOut(BaseModel):
    """Feedback and who confirmed it; it has left when ``left_at`` is set."""

    id: str
    recipient: str
    at: datetime
    confirmed: int
    left_at: datetime | None

    @classmethod
    def of(cls, row: Feedback) -> "FeedbackOut":
        """From its row."""
        return cls(
            id=row.id, recipient=row.recipient_id, at=row.at, confirmed=len(row.confirmed_by), left_at=row.left_at
        )


class DeadlineIn(BaseModel):
    """Something that must be public: what, who sees to it, when it was made."""

    subject: Annotated[str, Field(min_length=1, max_length=200)]
    person: Name
    formed_at: AwareDatetime | None = None


class DeadlineOut(BaseModel):
    """A deadline with its lamp."""

    id: str
    kind: str
    subject: str
    person: str
    due_at: datetime
    lamp: str
    done_at: datetime | None

    @classmethod
    def of(cls, row: Deadline, lamp: str) -> "DeadlineOut":
        """From its row."""
        return cls(
            **row.model_dump(include={"id", "kind", "subject", "due_at", "done_at"}), person=row.person_id, lamp=lamp
        )
