"""Random cross-checks (抽查, 交叉检查): closed matters are looked at again by a unit that did not handle them."""

import random

from pydantic import BaseModel
from sqlmodel import col, select

from bot.hotline import record
from bot.hotline.duty_models import CrossCheck
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from bot.hotline.words import State
from core.auth import Principal
from core.errors import Conflict, NotFound
from core.people import Role, Unit


class Drawn(BaseModel):
    """A matter that was drawn, and the unit that looks at it."""

    id: str
    number: str
    unit: str


_CHANCE = random.SystemRandom()


def draw(desk: Desk, doer: Doer, count: int, days: int) -> list[Drawn]:
    """Draw closed matters of the last so many days that were never drawn; protected ones stay out."""
    drawn_before = select(CrossCheck.matter_id)
    found = select(Matter).where(
        Matter.state == State.CLOSED.value,
        col(Matter.unit_id).is_not(None),
        col(Matter.protected).is_(False),
        col(Matter.closed_at) >= desk.days_later(-days),
        col(Matter.id).not_in(drawn_before),
    )
    matters = list(desk.session.exec(found))
    units = list(desk.session.exec(select(Unit).where(col(Unit.active).is_(True))))
    drawn = []
    for matter in _CHANCE.sample(matters, min(count, len(matters))):
        others = [unit for unit in units if unit.id not in {matter.unit_id, matter.about_unit_id}]
        if others:
            drawn.append(_assign(desk, doer, matter, _CHANCE.choice(others)))
    return drawn


def _assign(desk: Desk, doer: Doer, matter: Matter, unit: Unit) -> Drawn:
    row = CrossCheck(matter_id=matter.id, unit_id=unit.id, drawn_at=desk.now)
    desk.session.add(row)
    record.note(desk, matter, "cross_check", doer, data={"unit": unit.id})
    return Drawn(id=row.id, number=matter.number, unit=unit.name)


def waiting(desk: Desk, who: Principal) -> list[Drawn]:
    """What was drawn and not looked at yet: for the reader's unit, for supervisors all."""
    found = (
        select(CrossCheck, Matter.number, Unit.name)
        .join(Matter, col(Matter.id) == col(CrossCheck.matter_id))
        .join(Unit, col(Unit.id) == col(CrossCheck.unit_id))
        .where(CrossCheck.verdict == "")
    )
    if not who.has(Role.SUPERVISOR):
        found = found.where(CrossCheck.unit_id == who.unit_id)
    return [Drawn(id=row.id, number=number, unit=unit) for row, number, unit in desk.session.exec(found)]


def judge(desk: Desk, check_id: str, who: Principal, *, sound: bool, note: str) -> None:
    """What the other unit found, once. Raises NotFound for another unit, Conflict when it was said already."""
    row = desk.session.get(CrossCheck, check_id)
    if row is None or (row.unit_id != who.unit_id and not who.has(Role.SUPERVISOR)):
        raise NotFound("There is no such check.")
    if row.verdict:
        raise Conflict("This check was made already.")
    row.verdict, row.note = "sound" if sound else "faulty", note or None
    row.checked_at, row.checked_by = desk.now, who.identity
    desk.session.add(row)
    matter = desk.session.get_one(Matter, row.matter_id)
    data = {"verdict": row.verdict}
    record.note(desk, matter, "cross_checked", Doer.staff(who), text=note or None, data=data)
