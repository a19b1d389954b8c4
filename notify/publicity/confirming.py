"""What a household says about its row: it is right (确认), it is wrong (有误), this is not my number (不是本人).

The rows are publicity's; the words that lead here are the bot's.
"""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.audit import Actor, record
from core.errors import Conflict, NotFound
from notify.outbox import hands
from notify.outbox.models import OutboxMessage
from notify.outbox.states import State as Waiting
from notify.publicity import rows
from notify.publicity.models import Beneficiary, Notice, NoticeList, NoticeRecipient
from notify.publicity.states import State

CONFIRMED, DISPUTED = "confirmed", "disputed"
NOT_ME = "not_me"


class NotAsked(Conflict):
    """The households of this list are not being asked now."""


def confirm_row(session: Session, now: datetime, row_id: int, actor: Actor, via: str) -> Beneficiary:
    """The household says its row is right. Saying it again changes nothing. Raises NotFound, NotAsked."""
    return _answer(session, now, row_id, actor, via, CONFIRMED, None)


def dispute_row(session: Session, now: datetime, row_id: int, text: str, actor: Actor, via: str) -> Beneficiary:
    """The household says its row is wrong, in its own words; the township reviews it. Raises NotFound, NotAsked."""
    return _answer(session, now, row_id, actor, via, DISPUTED, rows.clean(text).strip()[:1000])


def _answer(
    session: Session, now: datetime, row_id: int, actor: Actor, via: str, said: str, words: str | None
) -> Beneficiary:
    row = session.get(Beneficiary, row_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such row.")
    notice = session.exec(select(Notice).where(Notice.list_id == row.list_id)).first()
    if notice is None or notice.state != State.CONFIRMING.value:
        raise NotAsked("The households of this list are not being asked now; an objection can be handed in instead.")
    before = row.confirmation
    if before == said and words is None:
        return row
    row.confirmation, row.confirmed_at, row.confirmed_via, row.dispute, row.review = said, now, via, words, ""
    session.add(row)
    record(
        session, now, actor, f"beneficiary.{said}", f"notice:{notice.id}:{row.number}",
        before={"confirmation": before}, after={"confirmation": said, "via": via},
    )  # fmt: skip
    session.flush()
    return row


def remove_number(session: Session, now: datetime, address: str, actor: Actor) -> list[str]:
    """Take a number out of every list (不是本人); returns the ids of the notices it stood in.

    The row stays, without a number: its household is on the list of those to be told in person.
    """
    found = session.exec(
        select(Beneficiary.id, Beneficiary.number, NoticeList.notice_id)
        .join(NoticeList, col(NoticeList.id) == col(Beneficiary.list_id))
        .where(Beneficiary.phone_index == rows.phone_index(address))
    ).all()
    if not found:
        return []
    session.execute(
        update(Beneficiary)
        .where(col(Beneficiary.id).in_([row_id for row_id, _, _ in found]))
        .values(phone=None, phone_index=None, entry_index=None, phone_gone=NOT_ME)
    )
    for _, number, notice_id in found:
        _stop_waiting(session, now, notice_id, number)
    notices = sorted({notice_id for _, _, notice_id in found})
    for notice_id in notices:
        record(session, now, actor, "beneficiary.number_removed", f"notice:{notice_id}", after={"why": NOT_ME})
    session.flush()
    return notices


def _stop_waiting(session: Session, now: datetime, notice_id: str, number: int) -> None:
    """What waits in the outbox for this row's number is not sent."""
    waiting = session.exec(
        select(OutboxMessage.id)
        .join(NoticeRecipient, col(NoticeRecipient.message_id) == col(OutboxMessage.id))
        .where(
            NoticeRecipient.notice_id == notice_id,
            NoticeRecipient.row == number,
            OutboxMessage.state == Waiting.QUEUED.value,
        )
    ).all()
    for message_id in waiting:
        hands.close(session, now, message_id)
