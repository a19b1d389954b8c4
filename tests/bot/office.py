"""People and units of a made-up office, and what its staff do on the console."""

from typing import Any

from sqlmodel import Session, select

from bot.hotline.models import Matter, MatterEvent
from bot.hotline.service import Given
from bot.hotline.words import Action
from core.auth import Principal
from core.people import Contact, Person, Role, Unit, address_index
from tests.bot.world import World

AGENT, HANDLER, SECOND, BOSS = "示例甲", "示例丙", "示例乙", "示例戊"
_PEOPLE = {
    AGENT: ("agent", None, "+12025550151"),
    SECOND: ("agent", None, "+12025550152"),
    HANDLER: ("handler", "lamps", "+12025550153"),
    BOSS: ("supervisor", None, "+12025550154"),
}


def settle(session: Session, world: World) -> None:
    """A unit for lamps and one for water, two agents, a handler and a supervisor with a number each."""
    session.add_all([Unit(id="lamps", name="城管局"), Unit(id="water", name="水务局")])
    session.flush()
    for name, (role, unit, phone) in _PEOPLE.items():
        session.add(Person(id=f"p-{name}", name=name, unit_id=unit, roles=[role], created_at=world.clock()))
        session.flush()
        index = address_index("sms", phone)
        session.add(
            Contact(person_id=f"p-{name}", channel="sms", address=phone, address_index=index, verified_at=world.clock())
        )
    session.flush()


def staff(name: str) -> Principal:
    """One of them at the console."""
    role, unit, _ = _PEOPLE[name]
    return Principal(
        ref=f"p-{name}", name=name, roles=frozenset({Role(role)}), via="console", person_id=f"p-{name}", unit_id=unit
    )


def phone_of(name: str) -> str:
    """Their number."""
    return _PEOPLE[name][2]


async def matters(world: World) -> list[Matter]:
    """Every matter, oldest first."""
    return await world.db.read(lambda session: list(session.exec(select(Matter).order_by(Matter.number))))


async def events(world: World, number: str) -> list[tuple[str, str | None]]:
    """The record of a matter: what happened, with its text."""

    def read(session: Session) -> list[tuple[str, str | None]]:
        matter = session.exec(select(Matter).where(Matter.number == number)).one()
        found = session.exec(select(MatterEvent).where(MatterEvent.matter_id == matter.id).order_by(MatterEvent.id))
        return [(event.what, event.text) for event in found]

    return await world.db.read(read)


async def move(world: World, number: str, action: Action, name: str = AGENT, **given: Any) -> Matter:
    """One action of staff at the console, on the matter as it is now."""

    def do(session: Session) -> Matter:
        version = session.exec(select(Matter).where(Matter.number == number)).one().version
        return world.hotline.perform(session, number, action, staff(name), Given(version=version, **given))

    return await world.db.write(do)


async def answered(world: World, number: str, text: str = "11月26日已修好村口路灯，晚上请您看看。") -> None:
    """Accepted, given to the unit, signed for, answered by the handler, checked; the 20 seconds are over."""
    await move(world, number, Action.ACCEPT)
    await move(world, number, Action.DISPATCH, unit="lamps")
    await move(world, number, Action.SIGN, HANDLER)
    matter = await move(world, number, Action.REPLY, HANDLER, text=text, finding="true")
    if matter.state != "replied":
        await move(world, number, Action.CHECK, SECOND, ok=True)
    world.later(seconds=30)
