"""Where a sending stands: recipients by state, segments, cost, and when it will be done at its real speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel

from notify.outbox import hands
from notify.outbox.quiet_hours import end_of_quiet
from notify.outbox.states import Reason
from notify.outbox.states import State as Sent
from notify.publicity import moves, sending
from notify.publicity.models import Notice
from notify.publicity.office import Work
from notify.publicity.states import State

_R: Any = SQLModel.metadata.tables["notice_recipient"]
_O: Any = SQLModel.metadata.tables["outbox_message"]
_OPEN = (Sent.QUEUED.value, Sent.SENDING.value)


@dataclass(frozen=True, slots=True)
class Progress:
    """``total`` is the sum of ``by_state``: each recipient stands in exactly one. ``reasons`` explains the states that
    are no success, by the outbox's reason numbers and our own words. ``eta``: None when nothing is left or nothing
    moves. ``speed`` is segments a second, measured.
    """

    state: str
    total: int
    by_state: dict[str, int]
    reasons: dict[str, int]
    segments: int
    segments_done: int
    estimated_cost: str
    speed: float | None
    eta: datetime | None


def progress(work: Work, notice_id: str) -> Progress:
    """The progress of what a notice is sending, or has sent last."""
    notice = moves.find(work, notice_id)
    by_state, reasons = count(work, notice)
    counted = sum(by_state.values())
    waiting = max(0, notice.planned - counted) if notice.batch else 0
    if waiting:
        state = Sent.CANCELLED if notice.state == State.CANCELLED.value else Sent.QUEUED
        by_state[state.value] = by_state.get(state.value, 0) + waiting
    batch = hands.batch_progress(work.session, notice.batch or "")
    done = sum(n for state, n in batch.segments.items() if state not in _OPEN)
    total = max(sum(batch.segments.values()), 0 if notice.fanned else int(notice.estimate.get("segments") or 0))
    speed = speed_of(notice.samples, work.now, done)
    return Progress(
        state=notice.state, total=counted + waiting, by_state=by_state, reasons=reasons, segments=total,
        segments_done=done, estimated_cost=str(notice.estimate.get("estimated_cost", "0")), speed=speed,
        eta=_eta(work, notice, total - done, speed),
    )  # fmt: skip


def count(work: Work, notice: Notice, purpose: str = "") -> tuple[dict[str, int], dict[str, int]]:
    """Recipients by state, and by reason where there is one. A recipient without a message is *suppressed*."""
    state = func.coalesce(_O.c.state, Sent.SUPPRESSED.value)
    reason = func.coalesce(_O.c.reason, _R.c.excluded)
    rows = work.session.execute(
        select(state, reason, func.count())
        .select_from(_R.outerjoin(_O, _O.c.id == _R.c.message_id))
        .where(
            _R.c.notice_id == notice.id,
            _R.c.revision == notice.revision,
            _R.c.purpose == (purpose or _purpose_sent(notice)),
        )
        .group_by(state, reason)
    )
    by_state: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for found, why, number in rows:
        by_state[found] = by_state.get(found, 0) + int(number)
        if why:
            reasons[why] = reasons.get(why, 0) + int(number)
    return by_state, reasons


def _purpose_sent(notice: Notice) -> str:
    """What was sent last: the questions to households until it is published."""
    asked = notice.confirm_first and notice.published_at is None
    return sending.CONFIRM if asked else sending.PUBLICITY


def speed_of(samples: Sequence[Sequence[float]], now: datetime, done: int) -> float | None:
    """Segments a second over the samples kept; None while nothing can be said. Pure."""
    if not samples:
        return None
    at, before = samples[0]
    seconds = now.timestamp() - at
    return round((done - before) / seconds, 3) if seconds >= 1 and done > before else None


def _eta(work: Work, notice: Notice, left: int, speed: float | None) -> datetime | None:
    if notice.state not in {State.SENDING.value, State.CONFIRMING.value} or left <= 0:
        return None
    resumes = None
    if not notice.emergency:
        resumes = end_of_quiet(work.now, work.office.rules.quiet, work.office.zone)
    speed = speed or _planned_speed(work)
    if not speed:
        return None
    return ((resumes or work.now) + timedelta(seconds=left / speed)).astimezone(UTC)


def _planned_speed(work: Work) -> float | None:
    """Before anything has moved: what the channel allows."""
    channel = work.channels.get(work.office.phone_channel)
    return channel.limits.rate if channel else None


CAN_SUCCEED = (
    Reason.EXPIRED, Reason.CAP, Reason.CAP_PREFIX, Reason.CAP_ADDRESS, Reason.NOT_DELIVERED, Reason.PROVIDER_BUSY,
    Reason.MISCONFIGURED, Reason.GAVE_UP,
)  # fmt: skip
"""Reasons that time or a person may cure; nobody is tried again who opted out, is unknown, or may have it already."""
RETRIED_AT_ONCE = 1000


def retry(work: Work, notice_id: str) -> int:
    """Have messages tried again that failed and may still succeed; how many. The rest stays as it is."""
    notice = moves.find(work, notice_id)
    ids = work.session.execute(
        select(_O.c.id)
        .where(
            _O.c.batch == (notice.batch or ""),
            _O.c.state.in_((Sent.FAILED.value, Sent.UNDELIVERABLE.value)),
            _O.c.reason.in_([reason.value for reason in CAN_SUCCEED]),
        )
        .limit(RETRIED_AT_ONCE)
    ).scalars()
    found = list(ids)
    for message_id in found:
        hands.retry(work.session, work.now, message_id)
    return len(found)
