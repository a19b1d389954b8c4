"""Reading what was published: for public pages, for objections, for a household's own row."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from notify.publicity import rows
from notify.publicity.models import Beneficiary, Notice, NoticeRevision
from notify.publicity.states import State


@dataclass(frozen=True, slots=True)
class Found:
    """A row and the notice it stands in. ``public``: that list is published; else its households are being asked."""

    notice: Notice
    row: Beneficiary
    public: bool


def published(session: Session, notice_id: str) -> NoticeRevision | None:
    """What the public may read of a notice now: its latest published revision, None when withdrawn or not yet."""
    found = session.exec(
        select(NoticeRevision)
        .where(NoticeRevision.notice_id == notice_id)
        .order_by(col(NoticeRevision.revision).desc())
        .limit(1)
    ).first()
    return found if found and found.withdrawn_at is None else None


def published_notices(session: Session, before: str, limit: int) -> list[tuple[Notice, NoticeRevision]]:
    """Published notices, the newest first, with what the public may read of each; ``before`` is the last id seen."""
    latest = (
        select(NoticeRevision.id)
        .where(NoticeRevision.notice_id == Notice.id)
        .order_by(col(NoticeRevision.revision).desc())
        .limit(1)
        .correlate(Notice)
        .scalar_subquery()
    )
    query = (
        select(Notice, NoticeRevision)
        .join(NoticeRevision, col(NoticeRevision.id) == latest)
        .where(col(NoticeRevision.withdrawn_at).is_(None))
        .order_by(col(Notice.id).desc())
        .limit(limit)
    )
    if before:
        query = query.where(Notice.id < before)
    return list(session.exec(query))


def rows_of(session: Session, list_id: str, after: int, limit: int) -> list[Beneficiary]:
    """Rows of a list in its order, from behind number ``after``."""
    query = select(Beneficiary).where(Beneficiary.list_id == list_id, Beneficiary.number > after)
    return list(session.exec(query.order_by(col(Beneficiary.number)).limit(limit)))


def areas_of(session: Session, list_id: str) -> list[str]:
    """The villages or groups of a list, in order of their names."""
    query = select(Beneficiary.area).where(Beneficiary.list_id == list_id).distinct()
    return sorted(session.exec(query))


def own_row(session: Session, list_id: str, name: str, last4: str) -> list[Beneficiary]:
    """Rows of a list by name and the last four digits of the telephone number (one's own entry)."""
    query = select(Beneficiary).where(
        Beneficiary.entry_index == rows.entry_index(name, last4), Beneficiary.list_id == list_id
    )
    return list(session.exec(query.order_by(col(Beneficiary.number)).limit(20)))


def find_rows_by_phone(session: Session, address: str, limit: int = 20) -> list[Found]:
    """Rows that name this number in lists that are published or whose households are being asked; newest first.

    ``address`` is a telephone number as any channel has it (``+1…``, ``whatsapp:+1…``).
    """
    rows_found = session.exec(
        select(Beneficiary)
        .where(Beneficiary.phone_index == rows.phone_index(address))
        .order_by(col(Beneficiary.id).desc())
        .limit(limit * 5)
    ).all()
    lists = {row.list_id for row in rows_found}
    live = _live_lists(session, lists)
    found = [Found(live[row.list_id][0], row, live[row.list_id][1]) for row in rows_found if row.list_id in live]
    return found[:limit]


def _live_lists(session: Session, lists: set[str]) -> dict[str, tuple[Notice, bool]]:
    """For each list that people may speak about: its notice, and whether it is published."""
    live: dict[str, tuple[Notice, bool]] = {}
    asked = select(Notice).where(col(Notice.list_id).in_(lists), Notice.state == State.CONFIRMING.value)
    for notice in session.exec(asked):
        live[notice.list_id or ""] = (notice, False)
    revisions: Sequence[NoticeRevision] = session.exec(
        select(NoticeRevision).where(col(NoticeRevision.list_id).in_(lists))
    ).all()
    for revision in revisions:
        latest = published(session, revision.notice_id)
        notice_found = session.get(Notice, revision.notice_id)
        if latest and latest.id == revision.id and notice_found:
            live[revision.list_id or ""] = (notice_found, True)
    return live


def rows_for_staff(
    session: Session, list_id: str, after: int, limit: int, *, flagged: bool = False, disputed: bool = False
) -> list[Beneficiary]:
    """As ``rows_of``, only those the checks flagged or their households dispute if asked."""
    query = select(Beneficiary).where(Beneficiary.list_id == list_id, Beneficiary.number > after)
    if flagged:
        query = query.where(Beneficiary.flags != "")
    if disputed:
        query = query.where(Beneficiary.confirmation == "disputed")
    return list(session.exec(query.order_by(col(Beneficiary.number)).limit(limit)))
