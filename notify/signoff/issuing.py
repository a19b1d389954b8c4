"""Issuing a document (发文): checked, planned, and written with its due moments in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import or_, select

from core import audit
from core.auth import Principal
from core.errors import BadInput
from core.ids import new_code
from core.people import Person, Unit
from core.terms import Limit, Measure, begin
from notify.outbox.service import raise_guard
from notify.signoff import bulletin, deadlines, firing, register, roster, wording
from notify.signoff.models import DOCUMENT, INSTRUCTION, Document, Recipient
from notify.signoff.office import Work
from notify.signoff.plan import OverdueRule, Plan, make_plan, to_fire
from notify.signoff.reminding import guard_name
from notify.signoff.rules import Urgency
from notify.timers import set_timers

SOON = timedelta(minutes=5)
"""How far clocks of issuers may go ahead of ours."""
OLDEST = timedelta(days=31)
_CLOCKS = {"round_the_clock": Measure.ROUND_THE_CLOCK, "working_time": Measure.WORKING_TIME}


class NobodyReachable(BadInput):
    """Nobody of a unit can be reached on any channel; ``fields`` names the people."""


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A unit that has to sign: unit by id or name, people by id or staff number. B and leader default to A's own."""

    unit: str
    a: str
    b: str | None = None
    leader: str | None = None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be issued. ``clock`` empty: as the urgency says. ``kind``: document or instruction.

    ``inspector``: who follows an instruction up (督查专员), by id or staff number; the issuer when nobody is named.
    """

    number: str
    title: str
    urgency: str
    non_secret: bool
    recipients: Sequence[NewRecipient]
    issued_at: datetime | None = None
    due_at: datetime | None = None
    clock: str = ""
    kind: str = DOCUMENT
    feedback_by: datetime | None = None
    corrects_id: str | None = None
    inspector: str | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the clerk should know: a machine's name, a sentence, and what is offered instead."""

    code: str
    detail: str
    offer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Issued:
    """The document as it was written."""

    document: Document
    recipients: list[Recipient]
    warnings: list[Warned]


@dataclass(frozen=True, slots=True)
class _Line:
    unit: Unit
    a: Person
    b: Person | None
    leader: Person | None


def issue(work: Work, new: NewDocument, who: Principal) -> Issued:
    """Issue it. Raises BadInput naming every field that does not fit, NobodyReachable with the names."""
    urgency = work.office.rules.urgency(new.urgency)
    if new.clock:
        urgency = urgency.on_clock(_clock(new.clock))
    _check(work, new)
    issued_at = new.issued_at or work.now
    lines = _lines(work, new.recipients)
    _check_reachable(work, lines)
    plan = _plan(work, issued_at, urgency.limit, new.due_at)
    if new.due_at and new.due_at <= issued_at:
        raise BadInput("It must be due after it is issued.", fields={"due_at": "before the issue"})
    document = Document(
        kind=new.kind,
        number=new.number.strip(),
        title=new.title.strip(),
        urgency=urgency.name,
        clock=urgency.limit.measure.value,
        issuer=who.identity,
        issuer_person_id=who.person_id,
        issued_at=issued_at,
        due_at=plan.due_at,
        yellow_at=plan.yellow_at,
        feedback_by=new.feedback_by,
        inspector_id=_inspector(work, new, who),
        corrects_id=new.corrects_id,
        created_at=work.now,
    )
    work.session.add(document)
    work.session.flush()
    recipients = [_recipient(work, document, plan, place, line) for place, line in enumerate(lines)]
    if new.kind == INSTRUCTION:
        document.register_no = _register_no(work, new)
        deadlines.for_feedback(work, document, recipients)
        bulletin.plan_next(work)
    _record(work, document, who)
    return Issued(document, recipients, _warnings(work, plan, urgency, issued_at, new))


def _register_no(work: Work, new: NewDocument) -> str:
    """The next one of the register; a corrected instruction keeps the number it was registered under."""
    former = work.session.get(Document, new.corrects_id) if new.corrects_id else None
    return (former.register_no if former else None) or register.next_number(work)


def _inspector(work: Work, new: NewDocument, who: Principal) -> str | None:
    """One person for each instruction (OFFICE); an ordinary document has none."""
    if new.kind != INSTRUCTION:
        return None
    if not new.inspector:
        return who.person_id
    found = _person(work, new.inspector)
    if found is None:
        raise BadInput("There is no such inspector.", fields={"inspector": "unknown person"})
    return found.id


def _clock(name: str) -> Measure:
    if name not in _CLOCKS:
        raise BadInput(f"There is no clock {name!r}.", fields={"clock": f"one of {', '.join(_CLOCKS)}"})
    return _CLOCKS[name]


def _check(work: Work, new: NewDocument) -> None:
    if not new.non_secret:
        raise BadInput(
            "Confirm that the document is not secret (非涉密); others are not issued here.",
            fields={"non_secret": "must be true"},
        )
    work.office.rules.check_title(new.title)
    work.office.rules.check_title(new.number)
    if not new.recipients:
        raise BadInput("Name at least one unit.", fields={"recipients": "empty"})
    if new.issued_at and not work.now - OLDEST <= new.issued_at <= work.now + SOON:
        raise BadInput("It must be issued now, or lately.", fields={"issued_at": "in the future or too long ago"})
    if new.due_at and new.due_at <= work.now:
        raise BadInput("It must be due in the future.", fields={"due_at": "in the past"})
    if new.kind not in {DOCUMENT, INSTRUCTION}:
        raise BadInput(f"There is no kind {new.kind!r}.", fields={"kind": f"{DOCUMENT} or {INSTRUCTION}"})
    if new.kind == INSTRUCTION and (new.feedback_by is None or new.feedback_by <= work.now):
        raise BadInput("An instruction says by when feedback is due.", fields={"feedback_by": "missing or past"})


def _lines(work: Work, recipients: Sequence[NewRecipient]) -> list[_Line]:
    fields: dict[str, str] = {}
    lines = []
    for place, new in enumerate(recipients):
        unit = _unit(work, new.unit)
        people = {role: _person(work, getattr(new, role)) for role in ("a", "b", "leader")}
        if unit is None:
            fields[f"recipients.{place}.unit"] = "unknown unit"
        for role, person in people.items():
            if getattr(new, role) and person is None:
                fields[f"recipients.{place}.{role}"] = "unknown person"
        a = people["a"]
        if a is None or unit is None:
            continue
        b = people["b"] or _of(work, a.deputy_id)
        if new.b and b is not None and b.id == a.id:
            fields[f"recipients.{place}.b"] = "A and B must be two persons"
        leader = people["leader"] or _of(work, a.leader_id)
        lines.append(_Line(unit, a, b if b is not None and b.id != a.id else None, leader))
    units = [line.unit.id for line in lines]
    for place, unit_id in enumerate(units):
        if not fields and units.index(unit_id) != place:
            fields[f"recipients.{place}.unit"] = "named twice"
    if fields:
        raise BadInput("Some recipients do not fit; see fields.", fields=fields)
    return lines


def _unit(work: Work, wanted: str) -> Unit | None:
    found = work.session.exec(select(Unit).where(or_(Unit.id == wanted, Unit.name == wanted))).first()
    return found if found and found.active else None


def _person(work: Work, wanted: str | None) -> Person | None:
    if not wanted:
        return None
    found = work.session.exec(select(Person).where(or_(Person.id == wanted, Person.staff_no == wanted))).first()
    return found if found and found.active else None


def _of(work: Work, person_id: str | None) -> Person | None:
    found = work.session.get(Person, person_id) if person_id else None
    return found if found and found.active else None


def _check_reachable(work: Work, lines: Sequence[_Line]) -> None:
    """PRODUCT 3: a document without any reachable person is refused, with names."""
    fields = {}
    ids = {person.id for line in lines for person in (line.a, line.b, line.leader) if person}
    known = roster.officials(work.session, ids, work.channels)
    for place, line in enumerate(lines):
        people = [person for person in (line.a, line.b, line.leader) if person]
        if not any(roster.willing(work.session, known[person.id]) for person in people if person.id in known):
            fields[f"recipients.{place}"] = "、".join(person.name for person in people)
    if fields:
        names = "；".join(fields.values())
        raise NobodyReachable(f"Nobody of these can be reached on any channel: {names}.", fields=fields)


def _plan(work: Work, issued_at: datetime, limit: Limit, due_at: datetime | None) -> Plan:
    rules = work.office.rules
    overdue = OverdueRule(rules.overdue_every, rules.overdue_times)
    return make_plan(issued_at, limit, overdue, work.office.hours, work.days(), due_at=due_at)


def _recipient(work: Work, document: Document, plan: Plan, place: int, line: _Line) -> Recipient:
    row = Recipient(
        document_id=document.id,
        position=place,
        unit_id=line.unit.id,
        a_id=line.a.id,
        b_id=line.b.id if line.b else None,
        leader_id=line.leader.id if line.leader else None,
        code=wording.code_of(document.number) or new_code(4),
        plan=[step.to_json() for step in plan.steps],
        due_at=plan.due_at,
        yellow_at=plan.yellow_at,
    )
    row.generation = raise_guard(work.session, guard_name(row.id))
    work.session.add(row)
    work.session.flush()
    set_timers(work.session, firing.timers_for(row, to_fire(plan.steps, work.now)))
    return row


def _record(work: Work, document: Document, who: Principal) -> None:
    facts = {"number": document.number, "urgency": document.urgency, "due_at": document.due_at.isoformat()}
    work.event(document.id, "issued", by=who.identity, via=who.via, non_secret=True, **facts)
    after = {**facts, "non_secret": True}
    audit.record(work.session, work.now, who.actor, "document.issue", f"document:{document.id}", after=after)


def _warnings(work: Work, plan: Plan, urgency: Urgency, issued_at: datetime, new: NewDocument) -> list[Warned]:
    """OFFICE: issuing warns when a limit falls in the night, and offers working time instead."""
    hours, at = work.office.hours, plan.due_at
    if urgency.limit.measure is not Measure.ROUND_THE_CLOCK or not work.office.rules.in_the_night(at, hours.zone):
        return []
    if new.due_at:  # the first working moment after it: a named moment is no length of time
        instead = begin(at, Limit(1, Measure.WORKING_TIME), hours, work.days()).due - timedelta(minutes=1)
        offer = {"due_at": instead.isoformat()}
    else:
        instead = _plan(work, issued_at, urgency.on_clock(Measure.WORKING_TIME).limit, None).due_at
        offer = {"clock": Measure.WORKING_TIME.value, "due_at": instead.isoformat()}
    night, day = (f"{moment.astimezone(hours.zone):%m-%d %H:%M}" for moment in (at, instead))
    return [Warned("NightLimit", f"The limit falls in the night ({night}); working time would be {day}.", offer)]
