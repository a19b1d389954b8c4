"""The office's people as its administrators keep them: finding, adding, changing, leaving, coming back.

Deputy (B岗) and leader are changed by ``core.absence.ask_change`` only, because another person has to approve; here
they are set once, when somebody is added. Everything is audited without names and numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_
from sqlmodel import Session, col, select

from core import audit
from core.audit import Actor
from core.auth import Account, ApiToken, end_sessions, known_roles
from core.contact_codes import add_contact
from core.errors import BadInput, Conflict, NotFound
from core.people import Contact, Person, normal_phone
from core.units import unit_named

MAX_NAME = 60
MAX_STAFF_NO = 40
EMAIL = "email"
"""Channel under which an e-mail address is kept; it is used once a channel of this name is set up."""
_SCANNED = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people: ``q`` is part of a name, or the beginning of a staff number. ``active`` None: both."""

    q: str = ""
    unit_id: str = ""
    role: str = ""
    active: bool | None = True


@dataclass(frozen=True, slots=True)
class PersonFields:
    """What is set of a person; None leaves it as it is."""

    staff_no: str | None = None
    name: str | None = None
    unit: str | None = None
    roles: Sequence[str] | None = None
    locale: str | None = None


def find_people(session: Session, wanted: Wanted, after: tuple[str, str] | None, limit: int) -> list[Person]:
    """People of the office by staff number, from ``after`` (staff number, id) on.

    Names are ciphertext in the database, so a part of a name is looked for here, in steps.
    """
    found: list[Person] = []
    text = wanted.q.strip().casefold()
    while True:
        rows = session.exec(_query(wanted, after).limit(_SCANNED if text else limit)).all()
        found += [row for row in rows if not text or _speaks_of(row, text)]
        if len(found) >= limit or len(rows) < (_SCANNED if text else limit):
            return found[:limit]
        after = cursor_of(rows[-1])


def cursor_of(person: Person) -> tuple[str, str]:
    """Where the list goes on after somebody."""
    return person.staff_no or "", person.id


def _query(wanted: Wanted, after: tuple[str, str] | None) -> Any:
    number: ColumnElement[str] = _number()
    query = select(Person).where(or_(col(Person.staff_no).is_not(None), cast(col(Person.roles), String) != "[]"))
    if wanted.active is not None:
        query = query.where(col(Person.active).is_(wanted.active))
    if wanted.unit_id:
        query = query.where(Person.unit_id == wanted.unit_id)
    if wanted.role:
        query = query.where(cast(col(Person.roles), String).contains(f'"{wanted.role}"', autoescape=True))
    if after:
        query = query.where((number > after[0]) | ((number == after[0]) & (col(Person.id) > after[1])))
    return query.order_by(number, col(Person.id))


def _number() -> Any:
    return func.coalesce(Person.staff_no, "")


def _speaks_of(person: Person, text: str) -> bool:
    return text in person.name.casefold() or (person.staff_no or "").casefold().startswith(text)


def add_person(
    session: Session,
    now: datetime,
    actor: Actor,
    fields: PersonFields,
    *,
    deputy_id: str | None = None,
    leader_id: str | None = None,
    addresses: Iterable[tuple[str, str]] = (),
) -> Person:
    """Somebody new; their addresses count once proved. Raises BadInput naming the fields, Conflict."""
    person = Person(name="", created_at=now, deputy_id=deputy_id, leader_id=leader_id)
    _set(session, person, fields, new=True)
    if not person.roles:
        raise BadInput("Choose at least one role.", fields={"roles": "missing"})
    session.add(person)
    session.flush()
    for channel, address in addresses:
        add_contact(session, person, channel, address, verified_at=None)
    audit.record(session, now, actor, "person.add", f"person:{person.id}", after=facts(person))
    return person


def change_person(session: Session, now: datetime, actor: Actor, person: Person, fields: PersonFields) -> bool:
    """Change somebody; True when that changed anything. Other roles end the sessions of their accounts."""
    before, name = facts(person), person.name
    _set(session, person, fields, new=False)
    after = facts(person)
    if (before, name) == (after, person.name):
        return False
    session.add(person)
    if before["roles"] != after["roles"]:
        for account in accounts_of(session, person.id):
            end_sessions(session, account.id)
    noted = {**after, "name_changed": name != person.name}
    audit.record(session, now, actor, "person.change", f"person:{person.id}", before=before, after=noted)
    session.flush()
    return True


def _set(session: Session, person: Person, fields: PersonFields, *, new: bool) -> None:
    wrong: dict[str, str] = {}
    if fields.name is not None or new:
        person.name = (fields.name or "").strip()
        if not 1 <= len(person.name) <= MAX_NAME or not person.name.isprintable():
            wrong["name"] = "missing" if not person.name else "too long"
    if fields.staff_no is not None and (fault := _set_staff_no(session, person, fields.staff_no.strip())):
        wrong["staff_no"] = fault
    if fields.unit is not None:
        unit = unit_named(session, fields.unit) if fields.unit else None
        if fields.unit and unit is None:
            wrong["unit"] = "unknown unit"
        person.unit_id = unit.id if unit else None
    if fields.roles is not None:
        person.roles = known_roles(fields.roles)
    if fields.locale is not None:
        person.locale = fields.locale
    if wrong:
        raise BadInput("Something about this person does not fit; see fields.", fields=wrong)


def _set_staff_no(session: Session, person: Person, staff_no: str) -> str:
    """Give somebody a staff number; returns what is wrong with it, empty for nothing."""
    if len(staff_no) > MAX_STAFF_NO:
        return "too long"
    same = select(Person.id).where(Person.staff_no == staff_no, Person.id != person.id)
    if staff_no and session.exec(same).first():
        return "taken"
    person.staff_no = staff_no or None
    return ""


def facts(person: Person) -> dict[str, Any]:
    """What the audit trail keeps of somebody: nothing personal."""
    return {
        "unit": person.unit_id,
        "roles": list(person.roles),
        "deputy": person.deputy_id,
        "leader": person.leader_id,
        "active": person.active,
    }


def accounts_of(session: Session, person_id: str) -> list[Account]:
    """The accounts somebody signs in with."""
    return list(session.exec(select(Account).where(Account.person_id == person_id)))


def end_ways_in(session: Session, person_id: str) -> int:
    """End every way somebody acts by: sessions, tokens and linked addresses; returns how many addresses.

    An address stays with its person, unproved, so that coming back needs one code and not a new entry.
    """
    for account in accounts_of(session, person_id):
        end_sessions(session, account.id)
    for token in session.exec(select(ApiToken).where(ApiToken.person_id == person_id)):
        token.revoked = True
        session.add(token)
    linked = session.exec(
        select(Contact).where(Contact.person_id == person_id, col(Contact.verified_at).is_not(None))
    ).all()
    for contact in linked:
        contact.verified_at = None
        session.add(contact)
    session.flush()
    return len(linked)


def depart(session: Session, now: datetime, actor: Actor, person: Person) -> None:
    """Somebody leaves the office: nothing reaches them and nothing of theirs opens any more. Raises Conflict."""
    if not person.active:
        raise Conflict("This person has left already.")
    others = select(Account).where(col(Account.disabled).is_(False), Account.person_id != person.id)
    for account in accounts_of(session, person.id):
        if "admin" in account.roles and not any("admin" in other.roles for other in session.exec(others)):
            raise Conflict("This is the last administrator: make another one first.")
        account.disabled = True
        session.add(account)
    links = end_ways_in(session, person.id)
    person.active = False
    session.add(person)
    audit.record(session, now, actor, "person.depart", f"person:{person.id}", after={"links_ended": links})
    session.flush()


def rejoin(session: Session, now: datetime, actor: Actor, person: Person) -> None:
    """Somebody is back in the office. Addresses have to be proved and accounts opened anew. Raises Conflict."""
    if person.active:
        raise Conflict("This person is here.")
    person.active = True
    session.add(person)
    audit.record(session, now, actor, "person.rejoin", f"person:{person.id}")
    session.flush()


def all_contacts(session: Session, person_id: str) -> list[Contact]:
    """Every address of somebody, the unproved ones too, in their own order."""
    found = select(Contact).where(Contact.person_id == person_id).order_by(col(Contact.position), col(Contact.id))
    return list(session.exec(found))


def remove_contact(session: Session, now: datetime, actor: Actor, person: Person, contact_id: str) -> None:
    """Forget an address. Raises NotFound."""
    contact = session.get(Contact, contact_id)
    if contact is None or contact.person_id != person.id:
        raise NotFound("There is no such address of this person.")
    audit.record(session, now, actor, "contact.remove", f"person:{person.id}", before={"channel": contact.channel})
    session.delete(contact)
    session.flush()


def prefer_contact(session: Session, now: datetime, actor: Actor, person: Person, contact_id: str) -> None:
    """Put an address first: it is the one tried first from now on. Raises NotFound."""
    rows = all_contacts(session, person.id)
    chosen = next((row for row in rows if row.id == contact_id), None)
    if chosen is None:
        raise NotFound("There is no such address of this person.")
    for place, row in enumerate([chosen, *(row for row in rows if row.id != contact_id)]):
        row.position = place
        session.add(row)
    audit.record(session, now, actor, "contact.prefer", f"person:{person.id}", after={"channel": chosen.channel})
    session.flush()


def given_addresses(phone: str, email: str, phone_channel: str) -> list[tuple[str, str]]:
    """A telephone and an e-mail address as contacts. Raises BadInput naming the field."""
    found = []
    if phone.strip():
        if not phone_channel:
            raise BadInput("No channel to telephones is set up.", fields={"phone": "no channel"})
        found.append((phone_channel, normal_phone(phone)))
    if email.strip():
        if "@" not in email or len(email) > 200 or any(character.isspace() for character in email.strip()):
            raise BadInput("This is not an e-mail address.", fields={"email": "is no address"})
        found.append((EMAIL, email.strip()))
    return found
