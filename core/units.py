"""The office's units (承办单位) as its administrators keep them: finding, adding, renaming, moving, closing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from core import audit
from core.audit import Actor
from core.errors import BadInput, Conflict, NotFound
from core.people import Person, Unit

MAX_UNIT_NAME = 100
_HIGHEST = 20
"""Levels of units above each other; more is surely a mistake."""


def unit_named(session: Session, wanted: str) -> Unit | None:
    """An active unit by id or name."""
    named = or_(col(Unit.id) == wanted, col(Unit.name) == wanted.strip())
    found = select(Unit).where(named, col(Unit.active).is_(True))
    return session.exec(found).first()


def unit_by_id(session: Session, unit_id: str) -> Unit:
    """A unit; raises NotFound."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("There is no such unit.")
    return unit


def find_units(
    session: Session, q: str = "", *, active: bool | None = None, after: tuple[str, str] | None = None, limit: int = 0
) -> list[Unit]:
    """Units by name, from ``after`` (name, id) on."""
    query = select(Unit).order_by(col(Unit.name), col(Unit.id))
    if q.strip():
        query = query.where(col(Unit.name).contains(q.strip(), autoescape=True))
    if active is not None:
        query = query.where(col(Unit.active).is_(active))
    if after:
        name = col(Unit.name)
        query = query.where((name > after[0]) | ((name == after[0]) & (col(Unit.id) > after[1])))
    return list(session.exec(query.limit(limit) if limit else query))


def add_unit(session: Session, now: datetime, actor: Actor, name: str, parent: str = "") -> Unit:
    """A new unit, below another one or none. Raises Conflict for a name that is taken, BadInput, NotFound."""
    unit = Unit(name=_unit_name(session, name, ""), parent_id=_parent(session, None, parent))
    session.add(unit)
    session.flush()
    after = {"name": unit.name, "parent": unit.parent_id}
    audit.record(session, now, actor, "unit.add", f"unit:{unit.id}", after=after)
    return unit


def change_unit(
    session: Session,
    now: datetime,
    actor: Actor,
    unit_id: str,
    *,
    name: str | None = None,
    parent: str | None = None,
    active: bool | None = None,
) -> Unit:
    """Rename a unit, put it below another, close or open it. Raises NotFound, Conflict, BadInput."""
    unit = unit_by_id(session, unit_id)
    before: Mapping[str, Any] = {"name": unit.name, "parent": unit.parent_id, "active": unit.active}
    if name is not None:
        unit.name = _unit_name(session, name, unit.id)
    if parent is not None:
        unit.parent_id = _parent(session, unit, parent)
    if active is False and unit.active:
        _check_empty(session, unit)
    unit.active = unit.active if active is None else active
    after = {"name": unit.name, "parent": unit.parent_id, "active": unit.active}
    if after != before:
        session.add(unit)
        audit.record(session, now, actor, "unit.change", f"unit:{unit.id}", before=before, after=after)
        session.flush()
    return unit


def _unit_name(session: Session, name: str, own_id: str) -> str:
    name = name.strip()
    if not 2 <= len(name) <= MAX_UNIT_NAME or not name.isprintable():
        raise BadInput("A unit's name has 2 to 100 characters.", fields={"name": "too short" if name else "missing"})
    if session.exec(select(Unit).where(Unit.name == name, Unit.id != own_id)).first():
        raise Conflict(f"There is already a unit named {name!r}.", fields={"name": "taken"})
    return name


def _parent(session: Session, unit: Unit | None, parent: str) -> str | None:
    """The unit above, checked against circles."""
    if not parent:
        return None
    above = session.get(Unit, parent)
    if above is None:
        raise NotFound("There is no unit with the id given as parent.", fields={"parent": "unknown unit"})
    line: Unit | None = above
    for _ in range(_HIGHEST):
        if line is None:
            return above.id
        if unit is not None and line.id == unit.id:
            break
        line = session.get(Unit, line.parent_id) if line.parent_id else None
    raise BadInput("A unit cannot stand below itself.", fields={"parent": "a circle"})


def _check_empty(session: Session, unit: Unit) -> None:
    inside = session.exec(select(Person.id).where(Person.unit_id == unit.id, col(Person.active).is_(True))).first()
    below = session.exec(select(Unit.id).where(Unit.parent_id == unit.id, col(Unit.active).is_(True))).first()
    if inside or below:
        raise Conflict("People or units still belong to it: move them first.", fields={"active": "not empty"})
