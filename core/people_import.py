"""Units and officials from a file (``people import``): good rows are kept, every bad row is named with its reason.

The file is the office's own roster, brought in by its operator, so the telephones in it count as verified unless
asked otherwise. The same file again changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, func, select

from core import audit
from core.audit import Actor
from core.auth import known_roles
from core.contact_codes import add_contact
from core.errors import AppError, BadInput
from core.people import Contact, Person, Unit, address_index, normal_phone
from core.sheet import BadRow, Row, Table, read_table

HEADS: Mapping[str, Sequence[str]] = {
    "id": ("工号", "编号", "staffno"),
    "name": ("姓名",),
    "unit": ("单位", "部门"),
    "roles": ("角色",),
    "phone": ("手机", "手机号", "电话"),
    "email": ("邮箱", "电子邮件"),
    "telegram": ("电报",),
    "deputy": ("B角", "B岗"),
    "leader": ("负责人", "分管领导"),
}
REQUIRED = ("id", "name")


@dataclass(slots=True)
class ImportReport:
    """What became of a file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    units_added: int = 0
    bad: list[BadRow] = field(default_factory=list)
    unknown_columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """Which channel each kind of address belongs to; a kind without a channel is noted and left out."""

    phone: str = ""
    email: str = ""
    telegram: str = ""
    verified: bool = True


def import_people(session: Session, now: datetime, actor: Actor, data: bytes, ways: Ways) -> ImportReport:
    """Bring in a roster. Raises BadInput for a file that is none, TooLarge."""
    table = read_table(data, HEADS, REQUIRED)
    report = ImportReport(unknown_columns=table.unknown)
    units_before = session.exec(select(func.count()).select_from(Unit)).one()
    known = {person.staff_no: person for person in session.exec(select(Person)) if person.staff_no}
    taken: dict[str, tuple[Row, Person, bool, bool]] = {}
    for row in table.rows:
        try:
            with session.begin_nested():
                if row.cells["id"] in taken:
                    raise BadInput("", fields={"id": f"stands in line {taken[row.cells['id']][0].number} already"})
                person, new, changed = _take(session, now, row, known, ways, report)
        except AppError as error:
            column, reason = next(iter(error.fields.items()), ("", error.detail))
            report.bad.append(BadRow(row.number, column, reason))
            continue
        known[row.cells["id"]] = person
        taken[row.cells["id"]] = (row, person, new, changed)
    _relate(session, table, taken, known, report)
    for _, person, new, changed in taken.values():
        report.added += new
        report.changed += changed and not new
        report.unchanged += not changed and not new
        if new or changed:
            audit.record(session, now, actor, "people.import", f"person:{person.id}", after=_facts(person))
    session.flush()
    report.units_added = session.exec(select(func.count()).select_from(Unit)).one() - units_before
    report.bad.sort(key=lambda bad: bad.line)
    return report


def _take(
    session: Session, now: datetime, row: Row, known: Mapping[str, Person], ways: Ways, report: ImportReport
) -> tuple[Person, bool, bool]:
    cells = row.cells
    for column in REQUIRED:
        if not cells.get(column):
            raise BadInput("", fields={column: "is empty"})
    if len(cells["id"]) > 40 or len(cells["name"]) > 60:
        raise BadInput("", fields={"id" if len(cells["id"]) > 40 else "name": "is too long"})
    roles = known_roles(part.strip() for part in cells.get("roles", "").split("|") if part.strip()) or ["official"]
    addresses = _addresses(cells, ways, row, report)
    unit = _unit(session, cells.get("unit", ""))
    person = known.get(cells["id"])
    new = person is None
    if person is None:
        person = Person(staff_no=cells["id"], name=cells["name"], roles=roles, created_at=now)
        before: dict[str, object] = {}
    else:
        before = _facts(person) | {"name": person.name}
    person.name, person.active = cells["name"], True
    if "roles" in cells or new:
        person.roles = roles
    if unit:
        person.unit_id = unit.id
    session.add(person)
    session.flush()
    changed = before != _facts(person) | {"name": person.name}
    for channel, address in addresses:
        changed |= _contact(session, now, person, channel, address, ways)
    return person, new, changed


def _addresses(cells: Mapping[str, str], ways: Ways, row: Row, report: ImportReport) -> list[tuple[str, str]]:
    found = []
    for column, channel in (("phone", ways.phone), ("telegram", ways.telegram), ("email", ways.email)):
        value = cells.get(column, "")
        if not value:
            continue
        if column == "phone":
            value = normal_phone(value)
        elif column == "telegram" and not value.lstrip("-").isdecimal():
            raise BadInput("", fields={"telegram": "is no chat id; leave it empty and link by code (绑定)"})
        elif column == "email" and "@" not in value:
            raise BadInput("", fields={"email": "is no address"})
        if not channel:
            report.bad.append(BadRow(row.number, column, "was left out: no channel for it is set up"))
            continue
        found.append((channel, value))
    return found


def _unit(session: Session, name: str) -> Unit | None:
    if not name:
        return None
    if len(name) > 100:
        raise BadInput("", fields={"unit": "is too long"})
    unit = session.exec(select(Unit).where(Unit.name == name)).first()
    if unit is None:
        unit = Unit(name=name)
        session.add(unit)
        session.flush()
    return unit


def _contact(session: Session, now: datetime, person: Person, channel: str, address: str, ways: Ways) -> bool:
    """Add an address; True when that changed anything. Raises Conflict when it is somebody else's."""
    known = select(Contact.person_id, Contact.verified_at).where(
        Contact.channel == channel, Contact.address_index == address_index(channel, address)
    )
    before = session.exec(known).first()
    kept = add_contact(session, person, channel, address, verified_at=now if ways.verified else None)
    return before != (kept.person_id, kept.verified_at)


def _relate(
    session: Session,
    table: Table,
    taken: dict[str, tuple[Row, Person, bool, bool]],
    known: Mapping[str, Person],
    report: ImportReport,
) -> None:
    """Deputies and leaders, once everybody is there; an unknown one is named, the rest of its row stays."""
    for staff_no, (row, person, new, changed) in taken.items():
        for column in ("deputy", "leader"):
            if column not in table.columns:
                continue
            wanted = row.cells.get(column, "")
            other = known.get(wanted) if wanted else None
            if wanted and (other is None or other.id == person.id):
                reason = "names the person themself" if other else f"{wanted!r} is nobody's number"
                report.bad.append(BadRow(row.number, column, reason))
                continue
            attribute, value = f"{column}_id", other.id if other else None
            if getattr(person, attribute) != value:
                setattr(person, attribute, value)
                session.add(person)
                changed = True
        taken[staff_no] = (row, person, new, changed)


def _facts(person: Person) -> dict[str, object]:
    """What the audit trail keeps: nothing personal."""
    return {
        "unit": person.unit_id,
        "roles": person.roles,
        "deputy": person.deputy_id,
        "leader": person.leader_id,
        "active": person.active,
    }
