"""What providers report about messages sent before: applied at once, or kept until the send is recorded."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.errors import Misconfigured, Retryable, SendError, Unreachable
from core.messages import Progress, Receipt
from core.people import UNREACHABLE, set_consent
from core.wake import wake
from notify.outbox import following
from notify.outbox.attempts import LANES, PROVIDER_STOP
from notify.outbox.driver import array, dialect_of, run
from notify.outbox.models import EarlyReceipt, OutboxMessage
from notify.outbox.retry import after_failure, final
from notify.outbox.states import Reason, State
from notify.outbox.topic import TOPIC

KEPT_FOR = timedelta(hours=72)
_EARLY = {
    "sqlite": "SELECT id FROM early_receipt WHERE provider_id IN (SELECT value FROM json_each(:ids))",
    "postgresql": "SELECT id FROM early_receipt WHERE provider_id = ANY(%(ids)s)",
}

_STATES = {
    Progress.SENT: State.SENT,
    Progress.DELIVERED: State.DELIVERED,
    Progress.UNDELIVERED: State.UNDELIVERABLE,
    Progress.FAILED: State.FAILED,
}


def apply(session: Session, now: datetime, receipt: Receipt) -> bool:
    """Move the message a receipt speaks of, forward only; keep the receipt when the message is not known yet.

    Returns whether anything moved. The same receipt twice, or an older one after a newer, changes nothing.
    """
    again = _try_again(session, now, receipt)
    if again is not None:
        return again
    state, reason = _verdict(receipt)
    moved = following.advance(
        session, now, state, reason, attempt=receipt.attempt, provider_id=receipt.provider_id, code=receipt.code
    )
    if moved:
        _note_stop(session, now, moved, receipt)
        return True
    if receipt.provider_id and not following.exists(session, attempt=receipt.attempt, provider_id=receipt.provider_id):
        session.add(
            EarlyReceipt(
                channel=receipt.channel,
                provider_id=receipt.provider_id,
                progress=receipt.progress.value,
                reason=reason.value,
                code=receipt.code,
                at=now,
            )
        )
    return False


def apply_early(session: Session, now: datetime, provider_ids: list[str]) -> None:
    """Apply what was reported about these before we knew their ids."""
    known = run(session, _EARLY, {"ids": array(provider_ids, dialect_of(session))}).scalars().all()
    if not known:
        return
    early = session.exec(select(EarlyReceipt).where(col(EarlyReceipt.id).in_(known)).order_by(col(EarlyReceipt.id)))
    for receipt in early.all():
        following.advance(
            session,
            now,
            _STATES[Progress(receipt.progress)],
            Reason(receipt.reason),
            attempt="",
            provider_id=receipt.provider_id,
            code=receipt.code,
        )
        session.delete(receipt)


def purge(session: Session, now: datetime) -> int:
    """Drop receipts nobody claimed within 72 hours; returns how many."""
    result = session.execute(delete(EarlyReceipt).where(col(EarlyReceipt.at) < now - KEPT_FOR))
    return int(getattr(result, "rowcount", 0))


def _verdict(receipt: Receipt) -> tuple[State, Reason]:
    state = _STATES[receipt.progress]
    if state in {State.SENT, State.DELIVERED}:
        return state, Reason.NONE
    if isinstance(receipt.outcome, SendError):
        verdict = final(receipt.outcome)
        if verdict.state is not State.UNCERTAIN:
            return verdict.state, verdict.reason
    return state, Reason.NOT_DELIVERED


def _try_again(session: Session, now: datetime, receipt: Receipt) -> bool | None:
    """A failure that time may cure (handset off, network congested) puts the message back, as the table says.

    None when the receipt says nothing of the kind; False when the message was moved on already.
    """
    if not isinstance(receipt.outcome, Retryable | Misconfigured):
        return None
    row = following.spoken_of(session, receipt.attempt, receipt.provider_id)
    if row is None:
        return None
    verdict = after_failure(
        receipt.outcome, lane=LANES[row.rank], attempts=row.attempts, now=now, expires_at=row.expires_at
    )
    if verdict.state is not State.QUEUED:
        return None
    moved = following.requeue(session, now, row.id, row.attempts, verdict.at or now, verdict.reason, receipt.code)
    if moved:
        wake(session, TOPIC)
    return moved


def _note_stop(session: Session, now: datetime, message_id: str, receipt: Receipt) -> None:
    """A provider that says "opted out" or "no such number" will say so for every later message: remember it."""
    if not isinstance(receipt.outcome, Unreachable):
        return
    message = session.get(OutboxMessage, message_id)
    if message:
        set_consent(
            session,
            now,
            message.channel,
            message.address,
            PROVIDER_STOP if receipt.outcome.opted_out else UNREACHABLE,
            allowed=False,
            reason=receipt.code or "stop",
        )
