"""What may be done about one person, each named by the button that does it."""

from datetime import timedelta
from typing import Any, get_args

from pydantic import ValidationError
from sqlmodel import Session

from bot import people_routes
from bot.console.desk import Visit
from bot.console.listing import moment
from bot.people_routes import PersonPatch
from core import absence, audit, staffing
from core.contact_codes import give_code
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.people import Person, Role, normal_phone
from core.staffing import PersonFields
from notify.outbox.message import Message
from notify.signoff import away

OFFICE = (Role.ADMIN, Role.SUPERVISOR)
LOCALES = get_args(PersonPatch.model_fields["locale"].annotation)
_MOST_DAYS = 366

Shown = dict[str, Any] | None
"""What the page shows at once instead of a redirect; None for nothing."""


def fields(visit: Visit) -> PersonFields:
    """A person as the form has them."""
    return PersonFields(
        staff_no=visit.text("staff_no"),
        name=visit.text("name"),
        unit=visit.text("unit"),
        roles=visit.texts("roles"),
        locale=visit.text("locale") if visit.text("locale") in LOCALES else None,
    )


def _save(session: Session, visit: Visit, person: Person) -> Shown:
    try:
        body = PersonPatch(deputy=visit.text("deputy"), leader=visit.text("leader"))
    except ValidationError as error:
        raise BadInput("Something does not fit.", fields={"deputy": "too long"}) from error
    now = visit.house.clock()
    staffing.change_person(session, now, visit.who.actor, person, fields(visit))
    people_routes.changed(session, now, visit.who, person.id, body)
    return None


def _depart(session: Session, visit: Visit, person: Person) -> Shown:
    answer = people_routes.changed(session, visit.house.clock(), visit.who, person.id, PersonPatch(active=False))
    held = answer.hand_over_matters, answer.hand_over_documents
    return {"held": held} if any(held) else None


def _rejoin(session: Session, visit: Visit, person: Person) -> Shown:
    people_routes.changed(session, visit.house.clock(), visit.who, person.id, PersonPatch(active=True))
    return None


def _phone(session: Session, visit: Visit, person: Person) -> Shown:
    """Send a code to a telephone: it counts once the code came back from there."""
    case, phone = visit.house.signoff.work(session), normal_phone(visit.text("phone"))
    if not case.office.phone_channel:
        raise Conflict("No channel to telephones is set up.")
    channel = case.office.phone_channel
    code = give_code(session, case.now, visit.who.actor, person, channel=channel, address=phone)
    case.outbox.put(session, Message("contact_code", channel, phone, {"code": code}, locale=person.locale))
    return None


def _link(session: Session, visit: Visit, person: Person) -> Shown:
    return {"code": give_code(session, visit.house.clock(), visit.who.actor, person)}


def _reveal(session: Session, visit: Visit, person: Person) -> Shown:
    audit.record(session, visit.house.clock(), visit.who.actor, "person.reveal", f"person:{person.id}")
    return {"full": True}


def _forget(session: Session, visit: Visit, person: Person) -> Shown:
    staffing.remove_contact(session, visit.house.clock(), visit.who.actor, person, visit.text("contact"))
    return None


def _prefer(session: Session, visit: Visit, person: Person) -> Shown:
    staffing.prefer_contact(session, visit.house.clock(), visit.who.actor, person, visit.text("contact"))
    return None


def _away(session: Session, visit: Visit, person: Person) -> Shown:
    house = visit.house
    until = moment(visit.text("until"), house.settings.zone, "until")
    if until is None or until - house.clock() > timedelta(days=_MOST_DAYS):
        raise BadInput("Until when?", fields={"until": "missing" if until is None else "too long"})
    stand_in = people_routes.other(session, visit.text("stand_in"), "stand_in")
    house.signoff.go_away(session, person, until, visit.who.actor, stand_in)
    return None


def _back(session: Session, visit: Visit, person: Person) -> Shown:
    house = visit.house
    found = absence.absence_of(session, house.clock(), person.id)
    if found is None:
        raise NotFound("This person is not away.")
    away.back(house.signoff.work(session), found, visit.who.actor)
    return None


ADMIN = (Role.ADMIN,)
ACTS = {
    "save": (ADMIN, _save), "depart": (ADMIN, _depart), "rejoin": (ADMIN, _rejoin), "phone": (ADMIN, _phone),
    "link": (ADMIN, _link), "reveal": (ADMIN, _reveal), "forget": (ADMIN, _forget), "prefer": (ADMIN, _prefer),
    "away": (OFFICE, _away), "back": (OFFICE, _back),
}  # fmt: skip
OWN = frozenset({"phone", "link", "away", "back", "prefer"})
"""What everybody may do for themselves."""


def carry_out(session: Session, visit: Visit, wanted: str, what: str) -> dict[str, Any]:
    """Do it; returns what the page shows at once. Raises NotFound, Forbidden, and whatever the act raises."""
    if what not in ACTS:
        raise NotFound("There is no such step.")
    roles, act = ACTS[what]
    person = people_routes.anyone(session, wanted)
    own = bool(visit.who.person_id) and visit.who.person_id == person.id
    if not visit.who.has(*roles) and not (own and what in OWN):
        raise Forbidden("This is for administrators.")
    return act(session, visit, person) or {}
