"""The office's own lists a new list is checked against: the deceased (死亡), those not entitled (不符合条件)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from core.audit import record
from core.auth import Principal
from core.errors import BadInput
from core.sheet import read_table
from notify.publicity import rows
from notify.publicity.models import OfficeListEntry
from notify.publicity.office import Work

KINDS = ("deceased", "ineligible")
HEADS: Mapping[str, Sequence[str]] = {
    "name": ("姓名", "户主姓名", "户主"),
    "area": ("村", "地区", "村 / 地区", "村组", "住址", "地址"),
}


def replace(work: Work, kind: str, data: bytes, who: Principal) -> int:
    """Put a file in the place of the list; how many names it has. Only keyed digests of names are kept."""
    if kind not in KINDS:
        raise BadInput(f"There are the lists {', '.join(KINDS)}.", fields={"kind": "unknown"})
    table = read_table(data, HEADS, ("name",))
    work.session.execute(delete(OfficeListEntry).where(col(OfficeListEntry.kind) == kind))
    found = [
        {
            "kind": kind, "name_index": rows.name_index(row.cells["name"]),
            "area": rows.folded_area(row.cells.get("area", ""))[:120], "added_at": work.now,
        }
        for row in table.rows
        if row.cells.get("name")
    ]  # fmt: skip
    if found:
        work.session.execute(insert(OfficeListEntry), found)
    record(work.session, work.now, who.actor, "notice.own_list", f"office-list:{kind}", after={"names": len(found)})
    work.session.flush()
    return len(found)


def sizes(session: Session) -> dict[str, int]:
    """How many names each list has."""
    counted = session.exec(select(OfficeListEntry.kind, func.count()).group_by(OfficeListEntry.kind))
    return dict.fromkeys(KINDS, 0) | {kind: int(number) for kind, number in counted}
