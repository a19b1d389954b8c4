"""The officials as reminders need them: their addresses in their own order, and who holds a role just now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import String, cast, select
from sqlmodel import Session, col

from core.absence import Away, acting
from core.crypto import ring
from core.people import EVERYTHING, Person, Role, Unit, refusals_of
from notify.kinds.document_fields import TOPIC
from notify.outbox.driver import array, dialect_of, run
from notify.outbox.service import PROVIDER_STOP
from notify.signoff.plan import To


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach somebody, in their own order."""

    channel: str
    address: str
    index: str


class Official(NamedTuple):
    """A person as reminders need them."""

    id: str
    name: str
    unit_id: str | None
    locale: str
    deputy_id: str | None
    leader_id: str | None
    addresses: tuple[Address, ...]


_OFFICIALS = {
    "sqlite": """
        SELECT p.id, p.name, p.unit_id, p.locale, p.deputy_id, p.leader_id, c.channel, c.address, c.address_index
        FROM person AS p
        LEFT JOIN contact AS c ON c.person_id = p.id AND c.verified_at IS NOT NULL
             AND c.channel IN (SELECT value FROM json_each(:channels))
        WHERE p.id IN (SELECT value FROM json_each(:ids)) AND p.active
        ORDER BY p.id, c.position, c.id""",
    "postgresql": """
        SELECT p.id, p.name, p.unit_id, p.locale, p.deputy_id, p.leader_id, c.channel, c.address, c.address_index
        FROM person AS p
        LEFT JOIN contact AS c ON c.person_id = p.id AND c.verified_at IS NOT NULL AND c.channel = ANY(%(channels)s)
        WHERE p.id = ANY(%(ids)s) AND p.active
        ORDER BY p.id, c.position, c.id""",
}
"""A row for each address, one with none for who has no address; people together, addresses in their order.

In the drivers' own words (see ``notify.outbox.driver``): thousands may have to be reminded in one second.
"""


def officials(session: Session, ids: Iterable[str | None], channels: Collection[str]) -> dict[str, Official]:
    """Active people by id, with their verified addresses on the channels there are."""
    wanted = sorted({person_id for person_id in ids if person_id})
    if not wanted:
        return {}
    dialect, opened = dialect_of(session), ring().open
    values = {"ids": array(wanted, dialect), "channels": array(list(channels), dialect)}
    found: dict[str, Official] = {}
    listed: Sequence[Any] = run(session, _OFFICIALS, values).all()
    for person_id, rows in groupby(listed, key=itemgetter(0)):
        of_person = list(rows)
        addresses = tuple(
            Address(row[6], opened(bytes(row[7]), "contact.address").decode(), row[8]) for row in of_person if row[6]
        )
        _, name, unit_id, locale, deputy_id, leader_id = of_person[0][:6]
        name = opened(bytes(name), "person.name").decode()
        found[person_id] = Official(person_id, name, unit_id, locale, deputy_id, leader_id, addresses)
    return found


def supervisors(session: Session, channels: Collection[str]) -> list[Official]:
    """Everybody who watches over limits (督办) and can be written to."""
    ids = session.execute(
        select(col(Person.id)).where(
            cast(col(Person.roles), String).contains(f'"{Role.SUPERVISOR.value}"'), col(Person.active).is_(True)
        )
    ).scalars()
    return [person for person in officials(session, ids, channels).values() if person.addresses]


def willing(session: Session, person: Official) -> bool:
    """Whether at least one of somebody's addresses takes messages about work."""
    return any(
        not refusals_of(session, address.channel, [address.index])
        .get(address.index, frozenset())
        .intersection({EVERYTHING, TOPIC, PROVIDER_STOP})
        for address in person.addresses
    )


def unit_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Names of units by id."""
    rows = session.execute(select(col(Unit.id), col(Unit.name)).where(col(Unit.id).in_(sorted(set(ids)))))
    return {row[0]: row[1] for row in rows}


def ladder(addresses: Sequence[Address], used: int | None) -> Sequence[Address]:
    """The addresses for the next reminder: the first one, and with each step without a signature one more.

    ``used`` is the highest rung used before, None for the first reminder. Pure.
    """
    return addresses[:1] if used is None else addresses[: used + 2]


def lines(a: str, b: str | None, leader: Official | None) -> Mapping[To, tuple[str | None, ...]]:
    """Who is asked for each role, in order, until one is there: A, B, leader; the leader's own deputy and leader."""
    above = (leader.id, leader.deputy_id, leader.leader_id) if leader else ()
    return {To.A: (a, b, *above), To.B: (b,), To.LEADER: above}


def holders(roles: Iterable[To], line: Mapping[To, Sequence[str | None]], away: Away) -> dict[str, To]:
    """Who hears of a step, each person once and in the first role they hold. Pure."""
    found: dict[str, To] = {}
    for role in roles:
        if role in line and (person := acting(line[role], away)):
            found.setdefault(person, role)
    return found


def leads(session: Session, person_id: str) -> bool:
    """Whether somebody in the roster has this person as their leader."""
    found = select(col(Person.id)).where(col(Person.leader_id) == person_id, col(Person.active).is_(True)).limit(1)
    return session.execute(found).first() is not None
