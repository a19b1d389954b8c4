"""Telling staff: a unit's handlers and leaders, the owner, the supervisors. Confidential matters: the number alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.hotline import letters
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.pressing import below
from bot.hotline.sending import Letter, tell_person
from core.absence import acting, away_now
from core.crypto import index
from core.people import Person, Role

CODE_DIGITS = 4
SUBJECT_MAX = 20
_PROTECTED = {"zh-Hans": "（保密）", "zh-Hant": "（保密）", "en": "(confidential)"}


def staff_code(number: str, person_id: str) -> str:
    """What a person puts into an SMS about a matter, because a sender's number can be forged. Never stored."""
    return f"{int(index(f'{number}:{person_id}', 'staff.code'), 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def holders(session: Session, role: Role, unit_id: str | None = None) -> list[Person]:
    """Active people with a role, of one unit or of any."""
    found = select(Person).where(col(Person.active).is_(True)).order_by(Person.id)
    if unit_id is not None:
        found = found.where(Person.unit_id == unit_id)
    return [person for person in session.exec(found) if role in person.roles]


def leaders(session: Session, people: list[Person]) -> list[Person]:
    """The leaders of these people, each once."""
    ids = {person.leader_id for person in people if person.leader_id}
    found = [session.get(Person, person_id) for person_id in sorted(ids)]
    return [person for person in found if person is not None and person.active]


def handlers(desk: Desk, matter: Matter) -> list[Person]:
    """The handlers of the unit that has a matter."""
    return holders(desk.session, Role.HANDLER, matter.unit_id) if matter.unit_id else []


def supervisors(desk: Desk) -> list[Person]:
    """Everybody who supervises."""
    return holders(desk.session, Role.SUPERVISOR)


def owner(desk: Desk, matter: Matter) -> list[Person]:
    """Who is responsible for a matter (首问负责); the agents where nobody is, or where it is a token."""
    person = desk.session.get(Person, matter.owner_ref) if matter.owner_ref else None
    return [person] if person else holders(desk.session, Role.AGENT)


def page(
    desk: Desk,
    matter: Matter,
    people: list[Person],
    kind: str,
    dedup: str,
    due: datetime | None = None,
    **more: Any,
) -> int:
    """Send each of these people one message; returns how many could be reached.

    ``text`` of a protected matter is left out: outside the console there is its number and nothing else.
    """
    reached = 0
    for person in _present(desk, people):
        values = _values(desk, matter, due, {"code": staff_code(matter.number, person.id), **more})
        letter = Letter(kind, values, dedup, buttons=below(kind, matter))
        reached += tell_person(desk, matter, letter, person)
    return reached


def _present(desk: Desk, people: list[Person]) -> list[Person]:
    """Each of them once, and for whoever is away the one who stands in (AB岗)."""
    away = away_now(desk.session, desk.now)
    found = {}
    for person in people:
        here = acting((person.id, person.deputy_id, person.leader_id), away) or person.id
        found[here] = person if here == person.id else desk.session.get_one(Person, here)
    return list(found.values())


def _values(desk: Desk, matter: Matter, due: datetime | None, more: Mapping[str, Any]) -> Any:
    common = letters.values(desk, matter, due, **more)

    def for_locale(locale: str) -> Mapping[str, Any]:
        values = dict(common(locale))
        values["subject"] = staff_subject(matter, locale)
        if matter.protected and values.get("text"):
            values["text"] = _PROTECTED.get(locale, _PROTECTED["zh-Hans"])
        return values

    return for_locale


def staff_subject(matter: Matter, locale: str = "zh-Hans") -> str:
    """What staff see of a matter outside the console."""
    if matter.protected:
        return _PROTECTED.get(locale, _PROTECTED["zh-Hans"])
    return matter.title[:SUBJECT_MAX]
