"""The office's areas: brought in from a file, added one by one, found by name, read with what is inside them.

One line of the file names one area with everything above it; what is above and not there yet is made. The same file
again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from core import audit
from core.audit import Actor
from core.errors import BadInput, NotFound
from core.sheet import BadRow, Row, read_table
from notify.publicity import area_names
from notify.publicity.area_models import LEVELS, Area
from notify.publicity.area_names import Named

HEADS: Mapping[str, Sequence[str]] = {
    "county": ("县", "区县", "县市区", "市", "区"),
    "township": ("乡镇", "镇", "乡", "街道", "乡镇街道"),
    "village": ("村", "社区", "行政村", "村社区"),
    "group": ("村民小组", "小组", "组"),
    "code": ("代码", "区划代码", "行政区划代码"),
}
MAX_NAME = 60
LISTED = 5_000


@dataclass(slots=True)
class AreaReport:
    """What became of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    unknown_columns: Sequence[str] = ()


class AmbiguousArea(BadInput):
    """Several areas bear this name; ``fields["area"]`` lists them with their paths."""


def import_areas(session: Session, now: datetime, actor: Actor, data: bytes) -> AreaReport:
    """Bring in a tree of areas (CSV, XLSX). Raises BadInput for a file that is none, TooLarge."""
    table = read_table(data, HEADS, ())
    if not set(LEVELS) & set(table.columns):
        heads = "、".join(f"{level} ({HEADS[level][0]})" for level in LEVELS)
        raise BadInput(f"The first line must name at least one of the columns {heads}.", fields={"file": "no column"})
    report = AreaReport(unknown_columns=table.unknown)
    known = {area.key: area for area in session.exec(select(Area))}
    for row in table.rows:
        if reason := _problem(row):
            report.bad.append(BadRow(row.number, *reason))
            continue
        _take(session, now, row, known, report)
    session.flush()
    if report.added or report.changed:
        audit.record(session, now, actor, "areas.import", "areas", after={"added": report.added})
    return report


def _problem(row: Row) -> tuple[str, str] | None:
    named = [level for level in LEVELS if row.cells.get(level)]
    if not named:
        return "", "names no area"
    for level in named:
        if len(row.cells[level]) > MAX_NAME:
            return level, "is too long"
        if not any(char.isalnum() for char in row.cells[level]) or "/" in row.cells[level]:
            return level, "is no name"
    return ("code", "is too long") if len(row.cells.get("code", "")) > 20 else None


def _take(session: Session, now: datetime, row: Row, known: dict[str, Area], report: AreaReport) -> None:
    """One line: every area it names, the widest first. Only the last one is counted, and has the line's code."""
    parent: Area | None = None
    named = [level for level in LEVELS if row.cells.get(level)]
    for level in named:
        area = known.get(_key(parent, row.cells[level]))
        made = area is None
        if area is None:
            area = _make(session, now, level, row.cells[level], parent)
            known[area.key] = area
            report.added += 1
        if level == named[-1]:
            code = row.cells.get("code", "")
            if code and area.code != code:
                area.code, changed = code, not made
                session.add(area)
                report.changed += changed
                report.unchanged += not changed and not made
            else:
                report.unchanged += not made
        parent = area


def _make(session: Session, now: datetime, level: str, name: str, parent: Area | None) -> Area:
    area = Area(
        level=level,
        name=name.strip(),
        parent_id=parent.id if parent else None,
        key=_key(parent, name),
        trail="",
        path=f"{parent.path}/{name.strip()}" if parent else name.strip(),
        added_at=now,
    )
    area.trail = f"{parent.trail if parent else ''}{area.id}."
    session.add(area)
    session.flush()
    return area


def _key(parent: Area | None, name: str) -> str:
    return f"{parent.id if parent else ''}/{area_names.folded(name)}"[:120]


def add(session: Session, now: datetime, actor: Actor, level: str, name: str, parent: str = "", code: str = "") -> Area:
    """Add one area; the one that is there already comes back as it is. ``parent`` by id or name.

    Raises BadInput, NotFound, AmbiguousArea.
    """
    if level not in LEVELS:
        raise BadInput(f"There is no level {level!r}; there are {', '.join(LEVELS)}.", fields={"level": "unknown"})
    if not any(char.isalnum() for char in name) or "/" in name or len(name.strip()) > MAX_NAME:
        raise BadInput(f"An area needs a name of at most {MAX_NAME} characters.", fields={"name": "does not fit"})
    above = resolve(session, parent, field_name="parent") if parent else None
    if above and LEVELS.index(above.level) >= LEVELS.index(level):
        raise BadInput(f"A {level} cannot lie inside a {above.level}.", fields={"parent": "is not wider"})
    known = session.exec(select(Area).where(Area.key == _key(above, name))).first()
    if known:
        return known
    made = _make(session, now, level, name, above)
    made.code = code
    session.add(made)
    session.flush()
    audit.record(session, now, actor, "area.add", f"area:{made.id}", after={"level": level, "path": made.path})
    return made


def listed(session: Session, parent_id: str | None = None, level: str = "") -> list[Area]:
    """Areas by path: all of them, those of a level, or those right below one."""
    found = select(Area).where(col(Area.active).is_(True)).order_by(col(Area.path)).limit(LISTED)
    if parent_id is not None:
        found = found.where(Area.parent_id == parent_id)
    if level:
        found = found.where(Area.level == level)
    return list(session.exec(found))


def search(session: Session, text: str) -> list[Area]:
    """The areas a text may mean, best first; empty when it names none."""
    rows = session.execute(select(Area.id, Area.path).where(col(Area.active).is_(True)))
    found = area_names.find(text, (Named(row[0], tuple(row[1].split("/"))) for row in rows))
    areas = [session.get(Area, one.id) for one in found]
    return [area for area in areas if area is not None]


def resolve(session: Session, given: str, *, field_name: str = "area") -> Area:
    """The one area that an id, a code or a name means. Raises NotFound, AmbiguousArea naming the field."""
    if direct := session.get(Area, given.strip()) if given else None:
        return direct
    if coded := session.exec(select(Area).where(Area.code == given.strip(), Area.code != "")).first():
        return coded
    found = search(session, given)
    if not found:
        raise NotFound(f"There is no area called {given!r}.", fields={field_name: "unknown"})
    if len(found) > 1:
        paths = "; ".join(shown(area) for area in found[:5])
        raise AmbiguousArea(f"Which of these is meant: {paths}?", fields={field_name: paths})
    return found[0]


def inside(session: Session, area: Area) -> list[str]:
    """The ids of an area and of everything in it."""
    found = select(Area.id).where(col(Area.trail).startswith(area.trail, autoescape=True))
    return list(session.exec(found))


def around(area: Area) -> list[str]:
    """The ids of an area and of everything it lies in, the widest first. Pure."""
    return [part for part in area.trail.split(".") if part]


def touching(session: Session, area: Area) -> list[str]:
    """The ids of all areas that share ground with this one: around it and inside it."""
    return list({*around(area), *inside(session, area)})


def shown(area: Area, locale: str = "zh-Hans") -> str:
    """An area as people read it, without the county: 示例镇西河村三组. Pure."""
    names = area.path.split("/")
    names = names[1:] if area.level != LEVELS[0] and len(names) > 1 else names
    return ", ".join(reversed(names)) if locale == "en" and area.path.isascii() else "".join(names)
