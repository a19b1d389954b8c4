"""Visits on a matter's page: ask for one (上门服务, 现场核查), set who goes and when, say what came of it, call it off.

What each of these may do is the service's to say (``site_visits``); here are the forms, read and shown.
"""

from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from sqlmodel import Session, col, select

from bot.console import once, ticket_forms
from bot.console.desk import Visit
from bot.console.menu import STAFF
from bot.hotline import barrier, moves, site_visits
from bot.hotline.site_visits import BOOKED, CHECK, OPEN, SERVICE, BookIn, ReportIn, VisitIn
from bot.hotline.staff_view import Whole
from bot.hotline.states import ANSWERED, FINAL
from bot.hotline.words import State
from bot.hotline.work_models import SiteVisit
from core.auth import Principal
from core.errors import BadInput, NotFound
from core.people import Person, Role, Unit

_WORKS = frozenset({Role.OFFICIAL, Role.HANDLER, Role.AGENT})
Body = TypeVar("Body", bound=BaseModel)


def purposes(view: Whole, who: Principal) -> list[str]:
    """What a visit may be asked for now: not twice at a time, a check only once it was answered. Pure."""
    if not who.has(*STAFF) or (view.confidential and not who.has(*barrier.HOTLINE)):
        return []
    state = State(view.state)
    running = {one["purpose"] for one in view.visits if one["state"] in OPEN}
    fits = {SERVICE: state not in FINAL, CHECK: state in ANSWERED | {State.CLOSED}}
    return [purpose for purpose, may in fits.items() if may and purpose not in running]


def goers(session: Session, view: Whole, who: Principal) -> list[tuple[str, str]]:
    """Who may be sent, the matter's unit first; nobody is looked for where there is nothing to arrange."""
    if not who.has(*STAFF) or not (purposes(view, who) or any(one["state"] in OPEN for one in view.visits)):
        return []
    found = select(Person, Unit.name).outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
    people = [
        (unit != view.unit, unit or "", person.name, person.id)
        for person, unit in session.exec(found.where(col(Person.active).is_(True)))
        if set(person.roles) & _WORKS
    ]
    return [(person_id, f"{name}（{unit}）" if unit else name) for _, unit, name, person_id in sorted(people)]


def act(session: Session, visit: Visit, number: str, what: str, visit_id: str = "") -> str:
    """Carry out a form about a visit: ``ask``, ``book``, ``cancel`` or ``report``; the visit's id.

    Raises BadInput naming the field, NotFound for a visit of another matter, and what the service raises.
    """
    if what == "book":
        return _book(session, visit, number, visit_id)
    work = {"ask": _ask, "cancel": _cancel, "report": _report}.get(what)
    if work is None:
        raise NotFound("There is no such form.")
    return once.carry_out(session, visit, lambda inner: work(inner, visit, number, visit_id))


def _ask(session: Session, visit: Visit, number: str, _: str) -> str:
    person, at = visit.text("person"), ticket_forms.moment(visit.text("at"), visit.house.settings.zone, "at")
    if bool(person) != bool(at):
        raise BadInput("A time needs somebody who goes.", fields={"at" if person else "person": "is needed"})
    given = {"number": number, "purpose": visit.text("purpose"), "person": person, "at": at}
    asked = _read(VisitIn, {**given, "note": visit.text("note").strip()})
    return site_visits.ask(visit.house.hotline.desk(session), visit.who, asked).id


def _book(session: Session, visit: Visit, number: str, visit_id: str) -> str:
    """Set person and time. The same form twice says the same twice: nothing is written or told again."""
    row, zone = _of(session, visit, number, visit_id), visit.house.settings.zone
    person, at = visit.text("person"), ticket_forms.moment(visit.text("at"), zone, "at")
    empty = {name: "is needed" for name, value in (("person", person), ("at", at)) if not value}
    if empty:
        raise BadInput("Say who goes, and when.", fields=empty)
    if (row.state, row.person_id, row.at) != (BOOKED, person, at):
        booked = _read(BookIn, {"person": person, "at": at})
        site_visits.book(visit.house.hotline.desk(session), visit.who, row.id, booked)
    return row.id


def _cancel(session: Session, visit: Visit, number: str, visit_id: str) -> str:
    row, why = _of(session, visit, number, visit_id), visit.text("why").strip()
    if not why:
        raise BadInput("Say why nobody goes.", fields={"why": "is needed"})
    return site_visits.cancel(visit.house.hotline.desk(session), visit.who, row.id, why[:500]).id


def _report(session: Session, visit: Visit, number: str, visit_id: str) -> str:
    """What came of it; the outcome is one list: for a check ``sound`` or ``faulty``, for both ``missed``."""
    row, outcome = _of(session, visit, number, visit_id), visit.text("outcome")
    note = visit.text("note").strip()
    wrong = {} if note else {"note": "is needed"}
    if outcome not in outcomes(row.purpose):
        wrong["outcome"] = "is needed"
    if wrong:
        raise BadInput("Say what came of it.", fields=wrong)
    result = outcome if row.purpose == CHECK and outcome != "missed" else ""
    told = _read(ReportIn, {"note": note, "result": result, "missed": outcome == "missed"})
    return site_visits.report(visit.house.hotline.desk(session), visit.who, row.id, told).id


def outcomes(purpose: str) -> tuple[str, ...]:
    """What can come of a visit. Pure."""
    return ("sound", "faulty", "missed") if purpose == CHECK else ("done", "missed")


def _of(session: Session, visit: Visit, number: str, visit_id: str) -> SiteVisit:
    matter = moves.find_for(visit.house.hotline.desk(session), number, visit.who)
    row = session.get(SiteVisit, visit_id)
    if row is None or row.matter_id != matter.id:
        raise NotFound("There is no such visit.")
    return row


def _read(model: type[Body], values: dict[str, Any]) -> Body:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        said = {str(one["loc"][0]): ticket_forms.what_is_wrong(one["type"]) for one in error.errors() if one["loc"]}
        raise BadInput("Something does not fit; see fields.", fields=said) from error


def local(view: Whole, zone: ZoneInfo) -> dict[str, str]:
    """The times that are set, as a browser's field for date and time takes them: visit id to office time. Pure."""
    return {one["id"]: f"{one['at'].astimezone(zone):%Y-%m-%dT%H:%M}" for one in view.visits if one["at"]}
