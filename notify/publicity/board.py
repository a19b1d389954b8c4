"""What hangs on the village board: posters by village group, and the photos that prove it hung (张贴照片)."""

from datetime import datetime

from sqlmodel import Session, col, select

from core import audit, files
from core.auth import Principal
from core.errors import BadInput, Conflict
from core.files import StoredFile
from core.messages import File
from notify.publicity import moves, rows, rows_store
from notify.publicity.models import Beneficiary, Notice
from notify.publicity.office import Work
from notify.publicity.poster import MAX_ROWS, Poster, PosterRow
from notify.publicity.states import State

START, END = "start", "end"
"""When a photo was taken: at the beginning of the period, and at its end."""
_NOT_YET = frozenset({State.DRAFT.value, State.IN_REVIEW.value, State.CANCELLED.value})


def poster(work: Work, notice_id: str, area: str, who: Principal) -> Poster:
    """A poster's content. Full names are looked at, so it is written down. Raises NotFound, Conflict, BadInput."""
    notice = moves.find(work, notice_id)
    if notice.state in _NOT_YET:
        raise Conflict("Only what was approved is posted.", fields={"state": notice.state})
    revision = rows_store.published(work.session, notice_id)
    list_id = (revision.list_id if revision else None) or notice.list_id
    if not list_id:
        raise Conflict("This notice has no list.", fields={"list": "missing"})
    found = _rows(work.session, list_id, area)
    if area and not found:
        raise BadInput("No household of the list is in this area.", fields={"area": "unknown"})
    audit.record(
        work.session, work.now, who.actor, "notice.poster", f"notice:{notice.id}",
        after={"rows": len(found), "one_area": bool(area)},
    )  # fmt: skip
    return _poster(work, notice, found, area)


def groups(work: Work, notice_id: str) -> list[str]:
    """The areas of a notice's list: one poster each. Raises NotFound."""
    notice = moves.find(work, notice_id)
    revision = rows_store.published(work.session, notice_id)
    list_id = (revision.list_id if revision else None) or notice.list_id
    return rows_store.areas_of(work.session, list_id) if list_id else []


def _poster(work: Work, notice: Notice, found: list[Beneficiary], area: str) -> Poster:
    cents = sum(row.amount_cents or 0 for row in found)
    total = f"{len(found)}户" + (f"，{rows.yuan(cents)}元" if cents else "")
    begins, ends = notice.starts_on, notice.ends_on
    return Poster(
        office=work.office.name,
        number=notice.number,
        title=notice.title,
        programme=notice.programme,
        area=area or notice.area,
        period=f"{begins} 至 {ends}" if begins and ends else "",
        report_phone=notice.report_phone,
        total=total,
        rows=[PosterRow(row.number, row.name, row.quantity, row.rate, rows.yuan(row.amount_cents)) for row in found],
    )


def _rows(session: Session, list_id: str, area: str) -> list[Beneficiary]:
    query = select(Beneficiary).where(Beneficiary.list_id == list_id)
    if area:
        query = query.where(Beneficiary.area == area)
    return list(session.exec(query.order_by(col(Beneficiary.number)).limit(MAX_ROWS + 1)))


# --- photos of the posting


def add_photo(
    session: Session, now: datetime, notice: Notice, stage: str, name: str, content: bytes, who: Principal
) -> StoredFile:
    """Keep a photo of the board. Raises BadInput for anything but a photo, TooLarge, Conflict when there are enough."""
    if stage not in {START, END}:
        raise BadInput("A photo is of the start or the end.", fields={"stage": f"{START} or {END}"})
    if (files.sniff(content) or "").partition("/")[0] != "image":
        raise BadInput("Only photos are kept here.", fields={"file": "no photo"})
    kept = files.save(session, now, owner(notice.id, stage), name, content, who.ref)
    audit.record(session, now, who.actor, "notice.photo", f"notice:{notice.id}", after={"stage": stage})
    return kept


def photos(session: Session, notice_id: str) -> list[tuple[str, StoredFile]]:
    """The photos of a notice with their stage, those of the start first."""
    return [(stage, row) for stage in (START, END) for row in files.listed(session, owner(notice_id, stage))]


def photo(session: Session, notice_id: str, file_id: str) -> File:
    """One photo with its content. Raises NotFound."""
    row = session.get(StoredFile, file_id)
    stage = END if row and row.owner == owner(notice_id, END) else START
    return files.load(session, file_id, owner(notice_id, stage))


def owner(notice_id: str, stage: str) -> str:
    """Under which a notice's photos are kept."""
    return f"notice-board:{notice_id}:{stage}"
