"""The end of a consultation (征求意见): what became of the opinions is written, approved by another, and published."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict, NotFound, SamePerson
from notify.publicity import rows_store
from notify.publicity.consult_models import DRAFT, PUBLISHED, ConsultationFeedback
from notify.publicity.models import CONSULTATION


def write(
    session: Session, now: datetime, notice_id: str, text: str, *, opinions: int, adopted: int, who: Principal
) -> ConsultationFeedback:
    """Write the feedback (采纳情况反馈), anew while it is not public. Raises NotFound, Conflict, BadInput."""
    revision = rows_store.published(session, notice_id)
    if revision is None or revision.kind != CONSULTATION:
        raise NotFound("There is no such consultation.")
    if not text.strip():
        raise BadInput("Say what became of the opinions.", fields={"text": "is needed"})
    if not 0 <= adopted <= opinions:
        raise BadInput("No more can be taken up than came in.", fields={"adopted": f"0 to {opinions}"})
    row = session.get(ConsultationFeedback, notice_id)
    if row and row.state == PUBLISHED:
        raise Conflict("The feedback is public and stays as it is.")
    values: dict[str, Any] = {
        "text": text.strip(),
        "opinions": opinions,
        "adopted": adopted,
        "writer": who.identity,
        "written_at": now,
    }
    if row is None:
        row = ConsultationFeedback(notice_id=notice_id, state=DRAFT, **values)
    row.sqlmodel_update(values)
    session.add(row)
    after = {"opinions": opinions, "adopted": adopted}
    audit.record(session, now, who.actor, "consultation.feedback", f"notice:{notice_id}", after=after)
    session.flush()
    return row


def publish(session: Session, now: datetime, notice_id: str, who: Principal) -> ConsultationFeedback:
    """Another person approves the feedback, and it is public. Raises NotFound, Conflict, SamePerson."""
    row = session.get(ConsultationFeedback, notice_id, with_for_update=True)
    if row is None:
        raise NotFound("No feedback was written yet.")
    if row.state == PUBLISHED:
        raise Conflict("The feedback is public already.")
    if row.writer == who.identity:
        raise SamePerson("Whoever wrote it cannot approve it.")
    row.state, row.approver, row.published_at = PUBLISHED, who.identity, now
    session.add(row)
    audit.record(session, now, who.actor, "consultation.publish", f"notice:{notice_id}", after={"state": PUBLISHED})
    session.flush()
    return row
