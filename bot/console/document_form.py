"""The form that issues a document: what is offered, how it is read, and a trial run that shows the plan first."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.console.desk import Visit
from bot.console.listing import moment
from core import units
from core.auth import Principal
from core.errors import BadInput, Conflict
from core.people import Person, Role, Unit
from notify.signoff import store, views
from notify.signoff.issuing import Issued, NewDocument, NewRecipient, Warned
from notify.signoff.models import DOCUMENT, INSTRUCTION
from notify.signoff.plan import Planned
from notify.signoff.service import SignOff
from notify.signoff.views import DocumentView

SIGNERS = (Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can sign for a unit, as the form offers them."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit with its people; ``usual`` is who is proposed as A: whoever others name as theirs, else the first."""

    unit: Unit
    people: tuple[Member, ...]
    usual: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What issuing it would do: units with lamps, the steps of the plan, warnings."""

    view: DocumentView
    steps: tuple[Planned, ...]
    warnings: tuple[Warned, ...]


class _TriedOut(Exception):
    """Carries the result of a trial run out of its transaction, which is thereby taken back."""

    def __init__(self, trial: Trial) -> None:
        super().__init__("tried out")
        self.trial = trial


def choices(session: Session) -> list[Choice]:
    """Active units that have somebody who can sign, by name."""
    people: dict[str, list[Person]] = defaultdict(list)
    for person in session.exec(select(Person).where(col(Person.active).is_(True)).order_by(col(Person.staff_no))):
        if person.unit_id and set(person.roles) & set(SIGNERS):
            people[person.unit_id].append(person)
    deputies = {person.deputy_id for some in people.values() for person in some if person.deputy_id}
    return [
        Choice(unit, tuple(_member(one) for one in people[unit.id]), _usual(people[unit.id], deputies))
        for unit in units.find_units(session, active=True)
        if unit.id in people
    ]


def _member(person: Person) -> Member:
    return Member(person.id, f"{person.name} {person.staff_no}" if person.staff_no else person.name)


def _usual(people: list[Person], deputies: set[str]) -> str:
    """A is who has a deputy and is nobody's deputy; else the first by staff number."""
    first = sorted(people, key=lambda one: (one.deputy_id is None, one.id in deputies))
    return first[0].id


def urgency_of(visit: Visit) -> Callable[[str], str]:
    rules, locale = visit.house.signoff.office.rules, visit.locale

    def label(name: str) -> str:
        return rules.urgency(name).label(locale)

    return label


def inspectors(offered: list[Choice]) -> list[tuple[str, str]]:
    """Who may follow an instruction up (督查专员): everybody the form knows, with their unit."""
    return [(one.id, f"{one.label}（{choice.unit.name}）") for choice in offered for one in choice.people]


Prefilled = tuple[dict[str, str], set[str], DocumentView]


def prefilled(session: Session, document_id: str, zone: ZoneInfo) -> Prefilled:
    """A document as its form shows it, the units ticked in it, and the document itself. Raises NotFound, Conflict.

    The limit counts anew from the new issue, whatever it was.
    """
    document = store.document(session, document_id)
    if document.state != "issued":
        raise Conflict(f"This document is {document.state} already.")
    view = views.view(session, document.issued_at, [document])[0]
    given = {name: getattr(document, name) for name in ("number", "title", "urgency", "kind")}
    given |= {"inspector": document.inspector_id or ""}
    if document.feedback_by:
        given["feedback_by"] = f"{document.feedback_by.astimezone(zone):%Y-%m-%dT%H:%M}"
    for one in view.recipients:
        given |= {f"a-{one.row.unit_id}": one.row.a_id, f"b-{one.row.unit_id}": one.row.b_id or ""}
    return given, {one.row.unit_id for one in view.recipients}, view


def read(visit: Visit, zone_of: SignOff) -> NewDocument:
    """The document in the form. Raises BadInput naming the fields."""
    zone, kind = zone_of.office.hours.zone, visit.text("kind") or DOCUMENT
    fields = {name: "missing" for name in ("number", "title") if not visit.text(name).strip()}
    if len(visit.text("number")) > 60 or len(visit.text("title")) > 200:
        fields |= {"number" if len(visit.text("number")) > 60 else "title": "too long"}
    chosen = visit.texts("unit")
    if not chosen:
        fields["unit"] = "choose a unit"
    if fields:
        raise BadInput("Something is missing.", fields=fields)
    lines = [
        NewRecipient(unit, visit.text(f"a-{unit}"), visit.text(f"b-{unit}") or None, None) for unit in chosen[:500]
    ]
    return NewDocument(
        number=visit.text("number").strip(),
        title=visit.text("title").strip(),
        urgency=visit.text("urgency"),
        non_secret=visit.text("non_secret") == "1",
        recipients=lines,
        due_at=moment(visit.text("due_at"), zone, "due_at"),
        clock=visit.text("clock"),
        kind=kind,
        feedback_by=moment(visit.text("feedback_by"), zone, "feedback_by") if kind == INSTRUCTION else None,
        inspector=visit.text("inspector") or None,
    )


def tried(
    session: Session, signoff: SignOff, new: NewDocument, who: Principal, now: datetime, corrects: str = ""
) -> None:
    """Issue it and take it back: raises ``_TriedOut`` with what came of it, or what issuing would raise."""
    issued = signoff.correct(session, corrects, new, who) if corrects else signoff.issue(session, new, who)
    raise _TriedOut(_trial(session, issued, now))


def _trial(session: Session, issued: Issued, now: datetime) -> Trial:
    view = views.view(session, now, [issued.document])[0]
    steps = tuple(Planned.from_json(step) for step in issued.recipients[0].plan)
    return Trial(view, steps, tuple(issued.warnings))


async def try_out(visit: Visit, new: NewDocument, corrects: str = "") -> Trial:
    """What issuing (or correcting that document) would do; nothing is kept. Raises BadInput as issuing does."""
    house = visit.house
    try:
        await house.db.write(tried, house.signoff, new, visit.who, house.clock(), corrects)
    except _TriedOut as done:
        return done.trial
    raise AssertionError("a trial run always ends with its result")
