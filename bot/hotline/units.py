"""Finding the unit somebody names."""

from sqlmodel import Session, select

from core.errors import BadInput
from core.people import Unit


def find_unit(session: Session, name: str, field: str = "unit") -> Unit:
    """An active unit by id or name; raises BadInput naming the field."""
    unit = session.get(Unit, name) or session.exec(select(Unit).where(Unit.name == name)).first()
    if unit is None or not unit.active:
        raise BadInput("There is no such unit.", fields={field: "unknown"})
    return unit
