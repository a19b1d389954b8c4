"""Changing an area that is there: another name or code, another place in the tree, closed or open again.

Everything inside moves along: its trail and its path begin with those of the area it lies in.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from core import audit
from core.audit import Actor
from core.errors import BadInput, Conflict, NotFound
from notify.publicity import area_names
from notify.publicity.area_models import LEVELS, Area
from notify.publicity.areas import MAX_NAME, resolve

MAX_CODE = 20


def find(session: Session, area_id: str) -> Area:
    """One area by its id. Raises NotFound."""
    area = session.get(Area, area_id)
    if area is None:
        raise NotFound("There is no such area.")
    return area


def below(session: Session, parent_id: str | None) -> list[tuple[Area, int]]:
    """The areas right below one (below none: the widest), closed ones too, each with how many lie right below it."""
    rows = session.exec(select(Area).where(Area.parent_id == parent_id).order_by(col(Area.name), col(Area.id))).all()
    ids = [area.id for area in rows]
    counted = (
        select(col(Area.parent_id), func.count()).where(col(Area.parent_id).in_(ids)).group_by(col(Area.parent_id))
    )
    held: dict[str | None, int] = {row[0]: row[1] for row in session.execute(counted)}
    return [(area, held.get(area.id, 0)) for area in rows]


def above(session: Session, area: Area) -> list[Area]:
    """What an area lies in, the widest first."""
    ids = [part for part in area.trail.split(".") if part and part != area.id]
    found = {one.id: one for one in session.exec(select(Area).where(col(Area.id).in_(ids)))}
    return [found[one] for one in ids if one in found]


def change(
    session: Session, now: datetime, actor: Actor, area_id: str, *, name: str, parent: str = "", code: str = ""
) -> Area:
    """Name, code and what it lies in (by id or name; empty: in nothing). Raises NotFound, BadInput, AmbiguousArea."""
    area = find(session, area_id)
    before = {"path": area.path, "code": area.code}
    name, code = name.strip(), code.strip()
    if not any(char.isalnum() for char in name) or "/" in name or len(name) > MAX_NAME:
        raise BadInput(f"An area needs a name of at most {MAX_NAME} characters.", fields={"name": "does not fit"})
    if len(code) > MAX_CODE:
        raise BadInput(f"A code has at most {MAX_CODE} characters.", fields={"code": "too long"})
    wider = resolve(session, parent, field_name="parent") if parent.strip() else None
    if wider and LEVELS.index(wider.level) >= LEVELS.index(area.level):
        raise BadInput(f"A {area.level} cannot lie inside a {wider.level}.", fields={"parent": "is not wider"})
    key = f"{wider.id if wider else ''}/{area_names.folded(name)}"[:120]
    taken = session.exec(select(Area).where(Area.key == key, Area.id != area.id)).first()
    if taken:
        raise BadInput("There is an area of this name there already.", fields={"name": "taken"})
    _move(session, area, wider, name, key)
    area.code = code
    session.add(area)
    after = {"path": area.path, "code": area.code}
    if after != before:
        audit.record(session, now, actor, "area.change", f"area:{area.id}", before=before, after=after)
    session.flush()
    return area


def _move(session: Session, area: Area, wider: Area | None, name: str, key: str) -> None:
    """Write name, key, trail and path of the area, and the beginnings of those of everything inside it."""
    old_trail, old_path = area.trail, area.path
    within = col(Area.trail).startswith(old_trail, autoescape=True)
    inside = session.exec(select(Area).where(within, Area.id != area.id)).all()
    area.name, area.key, area.parent_id = name, key, wider.id if wider else None
    area.trail = f"{wider.trail if wider else ''}{area.id}."
    area.path = f"{wider.path}/{name}" if wider else name
    for one in inside:
        one.trail = area.trail + one.trail[len(old_trail) :]
        one.path = area.path + one.path[len(old_path) :]
        session.add(one)


def set_active(session: Session, now: datetime, actor: Actor, area_id: str, *, active: bool) -> Area:
    """Close an area, which is then found and offered nowhere, or open it again. Raises NotFound, Conflict.

    One that holds open areas, or lies in a closed one, stays as it is: nothing may be open inside what is closed.
    """
    area = find(session, area_id)
    if area.active == active:
        return area
    if active and any(not one.active for one in above(session, area)):
        raise Conflict("What it lies in is closed: open that first.", fields={"active": "lies in a closed one"})
    held = select(Area.id).where(Area.parent_id == area.id, col(Area.active).is_(True))
    if not active and session.exec(held.limit(1)).first():
        raise Conflict("There are open areas in it: close or move them first.", fields={"active": "holds open ones"})
    area.active = active
    session.add(area)
    action = "area.open" if active else "area.close"
    audit.record(session, now, actor, action, f"area:{area.id}", after={"path": area.path})
    session.flush()
    return area
