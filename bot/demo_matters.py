"""Made-up people and matters of the trial: something to look at on every list of the console.

The matters go through the hotline's own moves, each at its own moment of the past weeks; nothing is written by hand.
Nobody is texted about them: people get their pretend telephones afterwards.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, select

from bot.hotline.given import Given
from bot.hotline.intake import NewMatter
from bot.hotline.office import OfficeFacts
from bot.hotline.service import Code, Hotline
from bot.hotline.words import Action, Finding, Grade, Kind
from core.auth import Account, Principal
from core.people import Contact, Person, Role, Unit, address_index
from notify.outbox.service import Outbox

CHANNEL = "phone"
_FIRST = 50
"""Pretend telephones of the staff: +1 202 555 0150 and on."""


class Past:
    """A clock that the story turns."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment of the story."""
        return self.now


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the stories."""

    agent: Principal
    other: Principal
    supervisor: Principal
    handlers: dict[str, Principal]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bot") / "data" / "demo.toml").read_text("utf-8"))


def people(session: Session, now: datetime) -> dict[str, Person]:
    """The made-up people of every unit by name; nobody has an address yet."""
    units = {unit.name: unit for unit in session.exec(select(Unit))}
    found: dict[str, Person] = {}
    for at, entry in enumerate(_data()["people"], start=1):
        unit = units[entry["unit"]]
        person = Person(
            staff_no=f"DEMO{at:02d}", name=entry["name"], unit_id=unit.id, roles=entry["roles"], created_at=now
        )
        session.add(person)
        found[person.name] = person
    session.flush()
    for entry in _data()["people"]:
        person = found[entry["name"]]
        person.deputy_id = found[entry["deputy"]].id if "deputy" in entry else None
        person.leader_id = found[entry["leader"]].id if "leader" in entry else None
        session.add(person)
    session.flush()
    return found


def telephones(session: Session, now: datetime) -> None:
    """A pretend telephone for every made-up person, verified."""
    for at, person in enumerate(session.exec(select(Person).order_by(Person.staff_no)).all()):
        number = f"+120255501{_FIRST + at}"
        session.add(
            Contact(
                person_id=person.id,
                channel=CHANNEL,
                address=number,
                address_index=address_index(CHANNEL, number),
                verified_at=now,
            )
        )
    session.flush()


def matters(session: Session, now: datetime, outbox: Outbox, office: OfficeFacts) -> int:
    """Tell every story; returns how many matters there are."""
    past = Past(now)
    hotline = Hotline(outbox, past, office)
    cast = _cast(session)
    stories = _data()["matters"]
    for at, story in enumerate(stories):
        _tell(session, hotline, past, cast, story, now, key=f"demo:{at}")
    return len(stories)


def _cast(session: Session) -> Cast:
    accounts = {account.name: account for account in session.exec(select(Account))}
    persons = session.exec(select(Person).order_by(Person.staff_no)).all()
    units = {unit.id: unit.name for unit in session.exec(select(Unit))}
    handlers: dict[str, Principal] = {}
    for person in persons:
        if Role.HANDLER.value in person.roles and person.unit_id:
            handlers.setdefault(units[person.unit_id], _person(person))
    other = next(person for person in persons if Role.AGENT.value in person.roles and person.name != "示例壬")
    return Cast(_account(accounts["agent"]), _person(other), _account(accounts["supervisor"]), handlers)


def _person(person: Person) -> Principal:
    roles = frozenset(Role(role) for role in person.roles)
    return Principal(person.id, person.name, roles, "console", person_id=person.id, unit_id=person.unit_id)


def _account(account: Account) -> Principal:
    roles = frozenset(Role(role) for role in account.roles)
    return Principal(account.id, account.name, roles, "console", person_id=account.person_id, unit_id=account.unit_id)


def _tell(
    session: Session, hotline: Hotline, past: Past, cast: Cast, story: dict[str, Any], now: datetime, *, key: str
) -> None:
    came = now - timedelta(hours=float(story["hours_ago"]))
    past.now = came
    opened = hotline.open(
        session,
        NewMatter(
            kind=Kind(story["kind"]),
            text=story["text"],
            title=story.get("title", ""),
            source=story.get("source", "web"),
            name=story.get("name", ""),
            phone=story.get("phone", ""),
            anonymous=story.get("anonymous", False),
            confidential=story.get("confidential", False),
            vulnerable=story.get("vulnerable", False),
            emergency=story.get("emergency", ""),
            place={"address": story["place"]} if "place" in story else None,
            dedup_key=key,
            tell=False,
        ),
    )
    for step in story.get("steps", ()):
        past.now = min(now, came + timedelta(hours=float(step["after"])))
        _step(session, hotline, cast, story, opened.number, opened.code, step)


def _step(
    session: Session, hotline: Hotline, cast: Cast, story: dict[str, Any], number: str, code: str, step: dict[str, Any]
) -> None:
    match step["do"]:
        case "append":
            hotline.append(session, number, Code(code, "demo"), step["text"])
        case "urge":
            hotline.urge(session, number, Code(code, "demo"))
        case "rate":
            grade = Grade.from_api(step["grade"])
            solved = bool(step.get("solved", grade.satisfied))
            hotline.rate(session, number, Code(code, "demo"), solved=solved, grade=grade, comment=step.get("text", ""))
        case action:
            who = _who(cast, story, step)
            given = {name: value for name, value in step.items() if name not in {"do", "after", "by"}}
            if story["kind"] in {"complaint", "report"} and action == "reply":
                given = {"finding": Finding.TRUE, "done": "到现场核实并处理", "contacted_by": who.name, **given}
            hotline.perform(session, number, Action(action), who, Given.model_validate(given))


_UNIT_S = frozenset({"sign", "return", "extend"})


def _who(cast: Cast, story: dict[str, Any], step: dict[str, Any]) -> Principal:
    """Whose move it is unless the story says otherwise: the unit's, the supervisor's, else the agent's."""
    by = step.get("by", "")
    if by == "other":
        return cast.other
    if by == "supervisor" or step["do"] in {"grant", "refuse", "supervise", "designate"}:
        return cast.supervisor
    if by == "unit" or step["do"] in _UNIT_S:
        return cast.handlers[next(one["unit"] for one in story["steps"] if one["do"] == "dispatch")]
    return cast.agent
