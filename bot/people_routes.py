"""The office's people over HTTP: find, add, change, leave and come back, addresses.

Proving a telephone, linking a chat, absence and changes of deputies stand with the documents (``notify.signoff``).
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from bot.leaving import depart
from core import absence, audit, staffing
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, NotFound
from core.idempotent_route import Once
from core.people import Contact, Person, Role, Unit
from core.staffing import PersonFields, Wanted
from core.text import mask_phone
from core.web import Guard, Page, decode_cursor, encode_cursor, require

READERS = (Role.AGENT, Role.HANDLER, Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN)
Name = Annotated[str, Field(max_length=100)]


class PersonIn(BaseModel):
    """Somebody new. Unit by id or name; deputy and leader by id or staff number."""

    staff_no: Annotated[str | None, Field(max_length=40, description="工号")] = None
    name: Annotated[str, Field(min_length=1, max_length=60)]
    unit: Name = ""
    roles: Annotated[list[str], Field(min_length=1, max_length=9)]
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=200)] = ""
    deputy: Name = ""
    leader: Name = ""
    locale: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"


class PersonPatch(BaseModel):
    """What shall change. Another deputy or leader waits for the approval of another person (``pending``)."""

    staff_no: Annotated[str | None, Field(max_length=40)] = None
    name: Annotated[str | None, Field(max_length=60)] = None
    unit: Annotated[str | None, Field(max_length=100)] = None
    roles: Annotated[list[str] | None, Field(max_length=9)] = None
    locale: Literal["zh-Hans", "zh-Hant", "en"] | None = None
    deputy: Annotated[str | None, Field(max_length=100, description="Id or staff number; empty: none")] = None
    leader: Annotated[str | None, Field(max_length=100, description="Id or staff number; empty: none")] = None
    active: Annotated[bool | None, Field(description="false: left the office; true: back")] = None


class ContactOut(BaseModel):
    """An address, masked unless an administrator asked to see it (``reveal``, audited)."""

    id: str
    channel: str
    address: str
    verified: bool


class PersonOut(BaseModel):
    """Somebody of the office. ``pending`` is the id of a change of deputy or leader that waits for approval."""

    id: str
    staff_no: str | None
    name: str
    unit: str | None
    unit_name: str
    roles: list[str]
    locale: str
    deputy: str | None
    leader: str | None
    active: bool
    away_until: datetime | None
    contacts: list[ContactOut]
    pending: str | None = None
    hand_over_matters: list[str] = []
    hand_over_documents: list[str] = []


def build_router(db: Database, clock: Clock, guard: Guard, phone_channel: str) -> APIRouter:
    """``/api/v1/people``."""
    router = APIRouter(prefix="/api/v1", tags=["people"])
    _add_reading(router, db, clock, guard)
    _add_writing(router, db, clock, guard, phone_channel, Once(db, clock))
    return router


def _add_reading(router: APIRouter, db: Database, clock: Clock, guard: Guard) -> None:
    reader = require(guard, *READERS)

    @router.get("/people")
    async def find(
        q: Annotated[str, Query(max_length=60)] = "",
        unit: Annotated[str, Query(max_length=32)] = "",
        role: Annotated[Role | None, Query()] = None,
        active: bool = True,
        cursor: Annotated[str, Query(max_length=400)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        _who: Principal = reader,
    ) -> Page[PersonOut]:
        """People by staff number; ``q`` is part of a name or the beginning of a staff number."""
        wanted = Wanted(q, unit, role or "", active)

        def work(session: Session) -> Page[PersonOut]:
            found = staffing.find_people(session, wanted, after(cursor), limit + 1)
            following = encode_cursor(*staffing.cursor_of(found[limit - 1])) if len(found) > limit else None
            return Page(items=shown(session, clock(), found[:limit]), next=following)

        return await db.read(work)

    @router.get("/people/{person}")
    async def one(person: str, reveal: bool = False, who: Principal = reader) -> PersonOut:
        """One person. ``reveal``: addresses in full, for administrators, written to the audit trail."""

        def work(session: Session) -> PersonOut:
            found = anyone(session, person)
            full = reveal and who.has(Role.ADMIN)
            if full:
                audit.record(session, clock(), who.actor, "person.reveal", f"person:{found.id}")
            return shown(session, clock(), [found], full=full)[0]

        return await (db.write(work) if reveal else db.read(work))


def _add_writing(router: APIRouter, db: Database, clock: Clock, guard: Guard, phone_channel: str, once: Once) -> None:
    admin = require(guard, Role.ADMIN)

    @router.post("/people", status_code=201, response_model=PersonOut)
    async def add(body: PersonIn, request: Request, who: Principal = admin) -> Response:
        """Add somebody. Addresses are used once their owner has proved them (``…/phones``, ``…/link-code``)."""

        def work(session: Session) -> PersonOut:
            ids = {role: other(session, getattr(body, role), role) for role in ("deputy", "leader")}
            addresses = staffing.given_addresses(body.phone, body.email, phone_channel)
            fields = PersonFields(body.staff_no, body.name, body.unit, body.roles, body.locale)
            made = staffing.add_person(
                session, clock(), who.actor, fields,
                deputy_id=ids["deputy"], leader_id=ids["leader"], addresses=addresses,
            )  # fmt: skip
            return shown(session, clock(), [made])[0]

        return await once(request, who.identity, lambda: db.write(work))

    @router.patch("/people/{person}")
    async def change(person: str, body: PersonPatch, who: Principal = admin) -> PersonOut:
        """Change somebody. One who leaves loses every way in; what they hold is listed to be handed over."""
        return await db.write(changed, clock(), who, person, body)

    @router.delete("/people/{person}/contacts/{contact}", status_code=204)
    async def forget(person: str, contact: str, who: Principal = admin) -> None:
        """Forget an address."""
        await db.write(lambda s: staffing.remove_contact(s, clock(), who.actor, anyone(s, person), contact))

    @router.post("/people/{person}/contacts/{contact}/first")
    async def prefer(person: str, contact: str, who: Principal = admin) -> PersonOut:
        """Try this address first from now on."""

        def work(session: Session) -> PersonOut:
            found = anyone(session, person)
            staffing.prefer_contact(session, clock(), who.actor, found, contact)
            return shown(session, clock(), [found])[0]

        return await db.write(work)


def changed(session: Session, now: datetime, who: Principal, wanted: str, body: PersonPatch) -> PersonOut:
    """Carry out a change; the console does the same."""
    person = anyone(session, wanted)
    if body.active and not person.active:
        staffing.rejoin(session, now, who.actor, person)
    fields = PersonFields(body.staff_no, body.name, body.unit, body.roles, body.locale)
    staffing.change_person(session, now, who.actor, person, fields)
    pending = _ask(session, now, who, person, body)
    held = depart(session, now, who.actor, person) if body.active is False and person.active else None
    answer = shown(session, now, [person])[0]
    answer.pending = pending or answer.pending
    if held is not None:
        answer.hand_over_matters, answer.hand_over_documents = list(held.matters), list(held.documents)
    return answer


def _ask(session: Session, now: datetime, who: Principal, person: Person, body: PersonPatch) -> str | None:
    """Another deputy or leader has to be approved by another person; the id of what was asked."""
    before = (person.deputy_id, person.leader_id)
    deputy = before[0] if body.deputy is None else other(session, body.deputy, "deputy")
    leader = before[1] if body.leader is None else other(session, body.leader, "leader")
    if (deputy, leader) == before:
        return None
    ask = absence.ask_change(session, now, who.actor, who.identity, person, deputy_id=deputy, leader_id=leader)
    return ask.id


def after(cursor: str) -> tuple[str, str] | None:
    """Where a list goes on; raises BadInput for a cursor not made here."""
    if not cursor:
        return None
    key = decode_cursor(cursor)
    if len(key) != 2:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    return str(key[0]), str(key[1])


def anyone(session: Session, wanted: str) -> Person:
    """Somebody of the office by id or staff number, also one who left. Raises NotFound."""
    found = session.exec(select(Person).where((Person.id == wanted) | (Person.staff_no == wanted))).first()
    if found is None or not (found.staff_no or found.roles):
        raise NotFound(f"There is no person {wanted!r}.")
    return found


def other(session: Session, wanted: str, field: str) -> str | None:
    """The id of a deputy or leader; None for nobody. Raises BadInput naming the field."""
    if not wanted.strip():
        return None
    wanted = wanted.strip()
    found = session.exec(select(Person).where((Person.id == wanted) | (Person.staff_no == wanted))).first()
    if found is None or not found.active:
        raise BadInput("There is nobody with this number.", fields={field: "unknown person"})
    return found.id


def shown(session: Session, now: datetime, people: list[Person], *, full: bool = False) -> list[PersonOut]:
    """People as the API shows them, in few statements."""
    ids = [person.id for person in people]
    names = dict(session.exec(select(Unit.id, Unit.name)).all())
    addresses: dict[str, list[ContactOut]] = {}
    rows = session.exec(select(Contact).where(col(Contact.person_id).in_(ids)).order_by(col(Contact.position)))
    for row in rows:
        addresses.setdefault(row.person_id, []).append(_contact(row, full=full))
    asked = {change.person_id: change.id for change in absence.open_changes(session)}
    away = absence.away_until(session, now, ids)
    return [
        PersonOut(
            **person.model_dump(include={"id", "staff_no", "name", "roles", "locale", "active"}),
            unit=person.unit_id,
            unit_name=names.get(person.unit_id or "", ""),
            deputy=person.deputy_id,
            leader=person.leader_id,
            away_until=away.get(person.id),
            contacts=addresses.get(person.id, []),
            pending=asked.get(person.id),
        )
        for person in people
    ]


def _contact(row: Contact, *, full: bool) -> ContactOut:
    address = row.address if full else masked(row.channel, row.address)
    return ContactOut(id=row.id, channel=row.channel, address=address, verified=row.verified_at is not None)


def masked(channel: str, address: str) -> str:
    """An address as most may see it. What is no number (an e-mail address, a token) keeps its beginning only."""
    name, at, domain = address.partition("@")
    if channel == staffing.EMAIL:
        return f"{name[:1]}***{at}{domain}"
    return mask_phone(address) if address.lstrip("+-").isdecimal() else f"{address[:2]}***"
