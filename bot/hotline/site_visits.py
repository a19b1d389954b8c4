"""Going there: to somebody's home who cannot come (上门服务), or to see whether a thing was really done (核查).

A wish waits until somebody sets a time; the old, ill and disabled are served first (OFFICE, "For others"). A check on
site is asked of somebody near, usually whoever looks after that grid (网格员), and what they find goes into the record.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field
from sqlmodel import col, select

from bot.hotline import barrier, letters, moves, paging, record, sending
from bot.hotline.errors import illegal
from bot.hotline.models import Matter
from bot.hotline.office import CLOCK, Desk, Doer
from bot.hotline.states import ANSWERED, FINAL
from bot.hotline.words import State
from bot.hotline.work_models import SiteVisit
from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.people import Person, Role

SERVICE, CHECK = "service", "check"
WISHED, BOOKED, DONE, MISSED, CANCELLED = "wished", "booked", "done", "missed", "cancelled"
SOUND, FAULTY = "sound", "faulty"
OPEN = (WISHED, BOOKED)
LATEST = timedelta(days=60)
SILENT_AFTER = timedelta(days=1)
"""So long after the time that was set a visit nobody reported on is asked about."""
_GOES_FOR = {
    SERVICE: {"zh-Hans": "请上门服务", "zh-Hant": "請上門服務", "en": "Please visit"},
    CHECK: {"zh-Hans": "请到现场核查", "zh-Hant": "請到現場核查", "en": "Please check on site"},
}
_REPORT_WORD = {
    SERVICE: {"zh-Hans": "上门", "zh-Hant": "上門", "en": "VISIT"},
    CHECK: {"zh-Hans": "核查", "zh-Hant": "核查", "en": "CHECKED"},
}


class VisitIn(BaseModel):
    """A visit to ask for: ``purpose`` service or check; with ``person`` (an id) and ``at`` it is booked at once."""

    number: str = Field(max_length=20)
    purpose: str = Field(SERVICE, pattern="^(service|check)$")
    person: str = Field("", max_length=32)
    at: datetime | None = None
    note: str = Field("", max_length=500)


class BookIn(BaseModel):
    """Who goes, and when."""

    person: str = Field(max_length=32)
    at: datetime


class ReportIn(BaseModel):
    """What came of it: ``result`` sound or faulty for a check; ``missed`` when nobody was there."""

    note: str = Field(min_length=1, max_length=1000)
    result: str = Field("", pattern="^(|sound|faulty)$")
    missed: bool = False


def wish(desk: Desk, matter: Matter, doer: Doer, note: str = "", purpose: str = SERVICE) -> SiteVisit:
    """Write down that somebody should come; one open visit of a purpose for a matter. Raises Conflict."""
    if open_visit(desk, matter, purpose):
        raise Conflict("There is an open visit for this matter already.")
    row = SiteVisit(
        matter_id=matter.id,
        purpose=purpose,
        state=WISHED,
        rank=1 if matter.vulnerable else matter.priority,
        note=note or None,
        asked_at=desk.now,
        asked_by=doer.ref,
    )
    desk.session.add(row)
    desk.session.flush()
    record.note(desk, matter, "visit", doer, text=note or None, data={"visit": row.id, "purpose": purpose})
    return row


def open_visit(desk: Desk, matter: Matter, purpose: str = SERVICE) -> SiteVisit | None:
    """The visit of a matter that is not over."""
    found = select(SiteVisit).where(
        SiteVisit.matter_id == matter.id, SiteVisit.purpose == purpose, col(SiteVisit.state).in_(OPEN)
    )
    return desk.session.exec(found.order_by(col(SiteVisit.asked_at).desc())).first()


def ask(desk: Desk, who: Principal, given: VisitIn) -> SiteVisit:
    """Ask for a visit, and book it where person and time are named. Raises NotFound, IllegalMove, BadInput."""
    matter = moves.find_for(desk, given.number, who)
    _may_be_visited(matter, given.purpose, who)
    row = wish(desk, matter, Doer.staff(who), given.note, given.purpose)
    if given.person or given.at:
        if not (given.person and given.at):
            raise BadInput("A time needs somebody who goes, and the other way round.", fields={"person": "with at"})
        book(desk, who, row.id, BookIn(person=given.person, at=given.at))
    return row


def _may_be_visited(matter: Matter, purpose: str, who: Principal) -> None:
    if matter.protected and not who.has(*barrier.HOTLINE):
        raise Forbidden("Who goes to a confidential matter is the hotline's to say.")
    if purpose == CHECK and State(matter.state) not in ANSWERED | {State.CLOSED}:
        raise illegal(matter, "It is checked on site once it was answered.")
    if purpose == SERVICE and State(matter.state) in FINAL:
        raise illegal(matter, f"A matter that is {matter.state} is not visited any more.")


def book(desk: Desk, who: Principal, visit_id: str, given: BookIn) -> SiteVisit:
    """Set person and time, or another time. The citizen hears when, whoever goes hears what for."""
    row, matter = _find(desk, who, visit_id)
    if row.state not in OPEN:
        raise Conflict(f"This visit is {row.state}.")
    if not desk.now < given.at <= desk.now + LATEST:
        raise BadInput("The time lies ahead, within 60 days.", fields={"at": "not ahead, or too far"})
    person = desk.session.get(Person, given.person)
    if person is None or not person.active or not set(person.roles) & _GOERS:
        raise BadInput("Only an active official, handler or agent goes there.", fields={"person": "unknown"})
    row.state, row.person_id, row.at, row.reminded_at = BOOKED, person.id, given.at, None
    desk.session.add(row)
    data = {"visit": row.id, "purpose": row.purpose, "at": given.at.isoformat()}
    record.note(desk, matter, "visit", Doer.staff(who), public=row.purpose == SERVICE, data=data)
    if row.purpose == SERVICE:
        _tell_citizen(desk, matter, "matter_visit", row)
    _send(desk, matter, row, person)
    return row


_GOERS = frozenset({Role.OFFICIAL, Role.HANDLER, Role.AGENT})


def _tell_citizen(desk: Desk, matter: Matter, kind: str, row: SiteVisit) -> None:
    if matter.silent or row.at is None:
        return
    letter = letters.status(kind, desk, matter, f"{kind}:{row.id}:{row.at:%Y%m%d%H%M}", row.at)
    sending.tell(desk, matter, letter)


def _send(desk: Desk, matter: Matter, row: SiteVisit, person: Person) -> None:
    locale = person.locale if person.locale in _GOES_FOR[row.purpose] else "zh-Hans"
    more = {"more": _GOES_FOR[row.purpose][locale], "text": _REPORT_WORD[row.purpose][locale]}
    dedup = f"visit:{row.id}:{row.at:%Y%m%d%H%M}"
    paging.page(desk, matter, [person], "staff_visit", dedup, row.at, **more)


def cancel(desk: Desk, who: Principal, visit_id: str, why: str) -> SiteVisit:
    """Nobody goes; a citizen who was told a time is told that as well."""
    row, matter = _find(desk, who, visit_id)
    if row.state not in OPEN:
        raise Conflict(f"This visit is {row.state}.")
    told, row.state = row.state == BOOKED, CANCELLED
    desk.session.add(row)
    data = {"visit": row.id, "purpose": row.purpose, "state": CANCELLED}
    record.note(desk, matter, "visit", Doer.staff(who), text=why or None, data=data)
    if told and row.purpose == SERVICE:
        _tell_citizen(desk, matter, "matter_visit_off", row)
    return row


def report(desk: Desk, who: Principal, visit_id: str, given: ReportIn) -> SiteVisit:
    """What came of it. A check that found a fault brings a call, as discontent does. Raises NotFound, Conflict."""
    row, matter = _find(desk, who, visit_id)
    if row.state not in OPEN:
        raise Conflict(f"This visit is {row.state}.")
    if row.purpose == CHECK and not given.missed and not given.result:
        raise BadInput("A check says whether it was done.", fields={"result": "sound or faulty"})
    row.state, row.result = MISSED if given.missed else DONE, given.result if row.purpose == CHECK else ""
    row.note, row.done_at, row.person_id = given.note, desk.now, row.person_id or who.person_id
    desk.session.add(row)
    data = {"visit": row.id, "purpose": row.purpose, "state": row.state, "result": row.result}
    record.note(desk, matter, "visited", Doer.staff(who), text=given.note, data=data)
    if row.result == FAULTY or given.missed:
        _owner_hears(desk, matter, row, given)
    return row


def _owner_hears(desk: Desk, matter: Matter, row: SiteVisit, given: ReportIn) -> None:
    """The owner calls and has it done over where that is needed."""
    if row.result == FAULTY and State(matter.state) in ANSWERED | {State.CLOSED}:
        record.mark(desk, matter, {"call_by": desk.due_in("call_back")}, version=matter.version)
    text = f"{'现场核查没办好' if row.result == FAULTY else '上门没见到人'}：{given.note}"[:500]
    paging.page(desk, matter, paging.owner(desk, matter), "staff_decided", f"visited:{row.id}", text=text)


def _find(desk: Desk, who: Principal, visit_id: str) -> tuple[SiteVisit, Matter]:
    """A visit that is this person's, their unit's or the hotline's. Raises NotFound."""
    row = desk.session.get(SiteVisit, visit_id)
    matter = desk.session.get(Matter, row.matter_id) if row else None
    if row is None or matter is None or not (goes(who, row) or barrier.may_see(who, moves.guarded(desk, matter))):
        raise NotFound("There is no such visit.")
    return row, matter


def goes(who: Principal, row: SiteVisit) -> bool:
    """Whether this person goes there."""
    return row.person_id is not None and row.person_id == who.person_id


def mine(desk: Desk, who: Principal, number: str, purpose: str) -> SiteVisit:
    """The open visit somebody speaks of by the matter's number. Raises NotFound."""
    matter = moves.find(desk, number)
    row = open_visit(desk, matter, purpose)
    if row is None:
        raise NotFound("There is no open visit for this matter.")
    return _find(desk, who, row.id)[0]


def remind(desk: Desk) -> int:
    """Ask after visits whose time is over and of which nothing was heard; once. Returns how many."""
    found = select(SiteVisit).where(
        SiteVisit.state == BOOKED,
        col(SiteVisit.at) < desk.now - SILENT_AFTER,
        col(SiteVisit.reminded_at).is_(None),
    )
    asked = 0
    for row in desk.session.exec(found.limit(50)).all():
        matter = desk.session.get_one(Matter, row.matter_id)
        row.reminded_at = desk.now
        desk.session.add(row)
        record.note(desk, matter, "visit_silent", CLOCK, data={"visit": row.id})
        people = paging.owner(desk, matter)
        paging.page(desk, matter, people, "staff_decided", f"silent:{row.id}", text="约好的上门没有回报，请问一下。")
        asked += 1
    return asked
