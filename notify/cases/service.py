"""Cases of other systems as others call them: ``await db.write(cases.take, new, who)``. Nothing here commits.

The other system reports; we tell the applicant once for each status, keep the lamp of the case's own limit, and warn
whoever is responsible before it turns red.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from core import audit
from core.auth import Principal
from core.calendar import load_days
from core.clock import Clock
from core.due_words import describe_due
from core.errors import BadInput, Conflict, NotFound
from core.lamps import Lamp
from core.office_hours import OfficeHours
from core.people import Person, Role, address_index, contacts_of
from core.ports import Channel
from core.terms import Term
from notify.cases import limits
from notify.cases.models import CaseEvent, ServiceCase
from notify.cases.statuses import Status, status_of
from notify.outbox.fallback import ToPerson, put_to_person
from notify.outbox.service import Message, Outbox
from notify.signoff import roster
from notify.timers import Owner, Timer, cancel_timers, set_timers

OWNER = "cases.lamp"
_LISTED = 200


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case as another system reports it. ``limit`` as in ``core.terms`` or ``due_at``; neither: no lamp."""

    ref: str
    title: str
    status: str
    unit: str = ""
    note: str = ""
    applicant: str = ""
    channel: str = ""
    address: str = ""
    locale: str = "zh-Hans"
    responsible: str = ""
    received_at: datetime | None = None
    limit: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its lamp and its record, oldest first."""

    case: ServiceCase
    lamp: Lamp | None
    events: Sequence[CaseEvent]


class Cases:
    """The cases other systems report to one office."""

    def __init__(
        self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, hours: OfficeHours, phone: str
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._hours = hours
        self._phone = phone

    def owners(self) -> dict[str, Owner]:
        """The owner of the lamps' timers, for ``notify.timers.Timers``."""
        return {OWNER: self._fire}

    def take(self, session: Session, new: NewCase, who: Principal) -> ServiceCase:
        """Register a case and tell its applicant. Raises Conflict for a known number, BadInput, NotFound."""
        now, status = self._clock(), status_of(new.status)
        if self._find(session, new.ref, who) is not None:
            raise Conflict("This case is known already; report its status.", fields={"ref": "taken"})
        case = ServiceCase(
            source=who.name[:60],
            ref=new.ref,
            title=new.title,
            unit=new.unit,
            status=status.name,
            note=new.note or None,
            applicant=new.applicant or None,
            channel=new.channel,
            address=new.address or None,
            applicant_index=address_index(new.channel, new.address) if new.address else "",
            locale=new.locale,
            limit=new.due_at.isoformat() if new.due_at else limits.checked(new.limit.strip()),
            responsible_id=_person(session, new.responsible) if new.responsible else None,
            received_at=new.received_at or now,
            changed_at=now,
            created_by=who.ref,
        )
        session.add(case)
        session.flush()
        self._pause(session, case, status)
        self._set_limit(session, case)
        case.ended_at = now if status.ends else None
        session.add(case)
        audit.record(session, now, who.actor, "case.open", f"case:{case.id}", after={"status": status.name})
        self._record(session, case, status, new.note, who)
        return case

    def report(
        self, session: Session, ref: str, status: str, note: str, who: Principal, source: str = ""
    ) -> ServiceCase:
        """A new status; the same again changes nothing and tells nobody. ``source``: of which system, for staff.

        Raises NotFound, Conflict when the case is over.
        """
        now, moved = self._clock(), status_of(status)
        case = self._find(session, ref, who, lock=True, source=source)
        if case is None:
            raise NotFound("There is no case with this number from your system.", fields={"ref": "unknown"})
        if case.status == moved.name and (case.note or "") == note:
            return case
        if case.ended_at is not None:
            raise Conflict("This case is over.", fields={"status": case.status})
        before = case.status
        case.status, case.note, case.changed_at = moved.name, note or None, now
        self._pause(session, case, moved)
        if moved.ends:
            case.ended_at = now
            cancel_timers(session, OWNER, case.id)
        session.add(case)
        audit.record(
            session, now, who.actor, "case.status", f"case:{case.id}",
            before={"status": before}, after={"status": moved.name},
        )  # fmt: skip
        self._record(session, case, moved, note, who)
        return case

    def view(self, session: Session, ref: str, who: Principal) -> CaseView:
        """One case. Raises NotFound."""
        case = self._find(session, ref, who)
        if case is None:
            raise NotFound("There is no such case.")
        return self._view(session, case)

    def by_id(self, session: Session, case_id: str) -> CaseView:
        """One case, for staff. Raises NotFound."""
        case = session.get(ServiceCase, case_id)
        if case is None:
            raise NotFound("There is no such case.")
        return self._view(session, case)

    def listed(self, session: Session, wanted: str = "", *, open_only: bool = True, words: str = "") -> list[CaseView]:
        """Cases that end first before the others; ``wanted`` is a lamp, ``words`` a part of number, title or unit."""
        found = select(ServiceCase).order_by(col(ServiceCase.due_at), col(ServiceCase.id)).limit(_LISTED)
        if open_only:
            found = found.where(col(ServiceCase.ended_at).is_(None))
        if words:
            named = (ServiceCase.ref, ServiceCase.title, ServiceCase.unit)
            found = found.where(or_(*(col(one).contains(words, autoescape=True) for one in named)))
        views = [CaseView(case, self._lamp(session, case), ()) for case in session.exec(found)]
        return [view for view in views if not wanted or (view.lamp and view.lamp.value == wanted)]

    def own(self, session: Session, channel: str, address: str, ref: str = "") -> list[CaseView]:
        """The cases of an address, latest first; with ``ref`` that one alone."""
        found = select(ServiceCase).where(
            ServiceCase.channel == channel, ServiceCase.applicant_index == address_index(channel, address)
        )
        if ref:
            found = found.where(ServiceCase.ref == ref)
        rows = session.exec(found.order_by(col(ServiceCase.changed_at).desc()).limit(10)).all()
        return [self._view(session, case) for case in rows]

    def due_words(self, due: datetime, locale: str) -> str:
        """A limit as people read it."""
        return describe_due(due, self._clock(), self._hours.zone, locale)

    def day_words(self, at: datetime, locale: str) -> str:
        """A day as people read it."""
        local = at.astimezone(self._hours.zone)
        return f"{local.day} {local:%B}" if locale == "en" else f"{local.month}月{local.day}日"

    # --- rows

    def _find(
        self, session: Session, ref: str, who: Principal, *, lock: bool = False, source: str = ""
    ) -> ServiceCase | None:
        """By the number of the system that asks; staff find any system's."""
        found = select(ServiceCase).where(ServiceCase.ref == ref.strip()).order_by(col(ServiceCase.id).desc())
        mine = found.where(ServiceCase.source == who.name[:60])
        if source and _staff(who):
            mine = found = found.where(ServiceCase.source == source)
        for query in (mine, found) if _staff(who) else (mine,):
            if case := session.exec(query.with_for_update() if lock else query).first():
                return case
        return None

    def _view(self, session: Session, case: ServiceCase) -> CaseView:
        events = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id)))
        return CaseView(case, self._lamp(session, case), list(events))

    def _record(self, session: Session, case: ServiceCase, status: Status, note: str, who: Principal) -> None:
        event = CaseEvent(case_id=case.id, at=self._clock(), status=status.name, note=note or None, by_ref=who.ref)
        session.add(event)
        session.flush()
        if case.address:
            event.outbox_id = self._outbox.put(session, self._message(case, status, note, f"{event.id}"))
            session.add(event)
            session.flush()

    def _message(self, case: ServiceCase, status: Status, note: str, key: str) -> Message:
        more = note.rstrip("。. ") + ("." if case.locale == "en" else "。") if note else ""
        if not status.ends and not status.pauses and case.due_at:
            due = self.due_words(case.due_at, case.locale)
            more += f"Due by {due}." if case.locale == "en" else f"最迟{due}办结。"
        payload = {
            "title": case.title,
            "ref": case.ref,
            "status": status.label(case.locale),
            "unit": case.unit,
            "more": more[:400],
            "phone": self._phone,
        }
        return Message("case_status", case.channel, case.address or "", payload, f"case:{key}", locale=case.locale)

    # --- the limit

    def _term(self, session: Session, case: ServiceCase) -> Term | None:
        days = load_days(session)
        return limits.term_of(case.received_at, case.limit, case.pauses, case.paused_at, self._hours, days)

    def _lamp(self, session: Session, case: ServiceCase) -> Lamp | None:
        term = self._term(session, case)
        days = load_days(session)
        return limits.lamp_of(term, self._clock(), case.ended_at, self._hours, days) if term else None

    def _set_limit(self, session: Session, case: ServiceCase) -> None:
        """Work out when the lamp turns, and be called then; while the clock stands still nothing is due."""
        cancel_timers(session, OWNER, case.id)
        term = self._term(session, case)
        if term is None or case.paused_at is not None:
            return
        turns = limits.times(term, self._clock(), self._hours, load_days(session))
        case.yellow_at, case.due_at = turns.yellow_at, turns.red_at
        set_timers(session, [Timer(OWNER, case.id, at) for at in (turns.yellow_at, turns.red_at)])

    def _pause(self, session: Session, case: ServiceCase, status: Status) -> None:
        if status.pauses and case.paused_at is None:
            case.paused_at = self._clock()
            cancel_timers(session, OWNER, case.id)
        elif not status.pauses and case.paused_at is not None:
            case.pauses = [*case.pauses, [case.paused_at.isoformat(), self._clock().isoformat()]]
            case.paused_at = None
            if not status.ends:
                self._set_limit(session, case)

    def _fire(self, session: Session, now: datetime, timers: Sequence[Timer]) -> None:
        """A case is near its limit, or over it: whoever is responsible hears of both, supervisors of red."""
        for timer in timers:
            case = session.get(ServiceCase, timer.ref)
            if case is None or case.ended_at or case.paused_at or case.due_at is None:
                continue
            red = now >= case.due_at
            kind = "deadline_red" if red else "deadline_yellow"
            people = {case.responsible_id} if case.responsible_id else set()
            if red:
                people |= {person.id for person in roster.supervisors(session, self._channels)}
            for person_id in sorted(person for person in people if person):
                self._warn(session, now, case, kind, person_id)

    def _warn(self, session: Session, now: datetime, case: ServiceCase, kind: str, person_id: str) -> None:
        responsible = session.get(Person, case.responsible_id) if case.responsible_id else None
        person = session.get(Person, person_id)
        if person is None or case.due_at is None or not contacts_of(session, person_id):
            return
        payload = {
            "title": f"{case.title} {case.ref}"[:200],
            "name": responsible.name if responsible else case.unit,
            "due": self.due_words(case.due_at, person.locale),
        }
        message = Message(kind, "", "", payload, f"{kind}:{case.id}:{person_id}:{case.due_at:%y%m%d%H%M}")
        put_to_person(session, now, self._outbox, ToPerson(person_id, message))


def _person(session: Session, given: str) -> str:
    found = session.exec(
        select(Person.id).where(
            (col(Person.id) == given) | (col(Person.staff_no) == given), col(Person.active).is_(True)
        )
    ).first()
    if found is None:
        raise BadInput("There is no such person.", fields={"responsible": "unknown"})
    return found


def _staff(who: Principal) -> bool:
    return who.has(Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
