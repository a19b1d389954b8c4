"""Names and numbers of lists: handed out to whoever they belong to, erased, forgotten when their time is over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_
from sqlmodel import Session, col, select

from core.audit import Actor
from core.text import mask_name
from notify.publicity import confirming, rows
from notify.publicity.models import Beneficiary, Notice, NoticeBadRow, NoticeList
from notify.publicity.states import FINISHED

KEPT = timedelta(days=3 * 365)
"""Names and numbers after the end of a notice: as long as a payment is asked about. Masked, a row stays for good."""
BAD_KEPT = timedelta(days=30)
"""Lines that could not be taken: long enough to correct the file."""
_AT_ONCE = 500
_ENDED = [state.value for state in FINISHED]


def export(session: Session, address: str) -> list[dict[str, Any]]:
    """Every row that names this number, with its notice."""
    return [
        {
            "notice": notice.number, "title": notice.title, "name": row.name, "area": row.area,
            "quantity": row.quantity, "rate": row.rate, "amount": rows.yuan(row.amount_cents),
            "confirmation": row.confirmation, "dispute": row.dispute,
        }
        for row, notice in session.exec(
            select(Beneficiary, Notice)
            .join(NoticeList, col(NoticeList.id) == col(Beneficiary.list_id))
            .join(Notice, col(Notice.id) == col(NoticeList.notice_id))
            .where(Beneficiary.phone_index == rows.phone_index(address))
            .order_by(col(Beneficiary.id))
        )
    ]  # fmt: skip


def erase(session: Session, now: datetime, actor: Actor, address: str) -> tuple[int, list[str]]:
    """Take the number out of every list, and the name too where the notice has ended; how many rows, and what stays.

    A name stays in a list that is still public: a list somebody may object to is not changed behind their backs.
    """
    found = session.exec(
        select(Beneficiary, Notice)
        .join(NoticeList, col(NoticeList.id) == col(Beneficiary.list_id))
        .join(Notice, col(Notice.id) == col(NoticeList.notice_id))
        .where(Beneficiary.phone_index == rows.phone_index(address))
    ).all()
    for row, notice in found:
        if notice.state in _ENDED:
            row.name, row.dispute = mask_name(row.name), None
            session.add(row)
    session.flush()
    confirming.remove_number(session, now, address, actor)
    left = sorted({notice.number for _, notice in found if notice.state not in _ENDED})
    return len(found), [f"the name stands in {number} until it is final" for number in left]


def purge(session: Session, now: datetime, *, dry_run: bool = False) -> int:
    """Mask names and take out numbers of notices that ended long ago, some hundred rows at a time; how many."""
    old = (
        select(NoticeList.id)
        .join(Notice, col(Notice.id) == col(NoticeList.notice_id))
        .where(col(Notice.state).in_(_ENDED), col(Notice.changed_at) < now - KEPT)
    )
    personal: ColumnElement[bool] = or_(
        col(Beneficiary.phone_index).is_not(None), col(Beneficiary.phone_gone) != "forgotten"
    )
    due = select(Beneficiary).where(col(Beneficiary.list_id).in_(old), personal)
    if dry_run:
        return int(session.exec(select(func.count()).select_from(due.subquery())).one())
    some = session.exec(due.limit(_AT_ONCE)).all()
    for row in some:
        row.name, row.phone, row.phone_index, row.entry_index = mask_name(row.name), None, None, None
        row.phone_gone, row.dispute = "forgotten", None
        session.add(row)
    session.flush()
    return len(some)


def forget_bad_rows(session: Session, now: datetime) -> int:
    """Lines that could not be taken, when nobody needs them any more; how many."""
    old = select(NoticeList.id).where(col(NoticeList.seen_at) < now - BAD_KEPT)
    gone = session.execute(delete(NoticeBadRow).where(col(NoticeBadRow.list_id).in_(old)))
    return int(getattr(gone, "rowcount", 0))
