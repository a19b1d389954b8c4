"""What to do after an attempt: pure decisions over outcome, lane and number of tries.

Delays: urgent every 25 s for the first minutes (Canadian Notify's figure for priority texts), then as normal;
normal 1, 5, 10, then every 5 minutes (GOV.UK Notify: 300 s); bulk the same but slower. Each message also has an
age at which it is of no more use (``expires_at``), so retrying always ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Misconfigured, Rejected, Retryable, SendError, Unreachable
from core.messages import Lane
from notify.outbox.states import Reason, State

DELAYS: dict[Lane, Sequence[timedelta]] = {
    Lane.URGENT: [timedelta(seconds=s) for s in (5, 25, 25, 25, 60, 300)],
    Lane.NORMAL: [timedelta(seconds=s) for s in (10, 60, 300, 600, 300)],
    Lane.BULK: [timedelta(seconds=s) for s in (60, 300, 600, 1800)],
}
"""Wait before the second, third … try; the last repeats."""

MAX_ATTEMPTS: dict[Lane, int] = {Lane.URGENT: 30, Lane.NORMAL: 48, Lane.BULK: 12}
MISCONFIGURED_DELAY = timedelta(minutes=5)
"""Our own fault stops a channel, not its messages: they wait until somebody repairs it or they are too old."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state an attempt leads to; ``at`` is when a queued message is due again."""

    state: State
    reason: Reason = Reason.NONE
    at: datetime | None = None


def after_failure(error: SendError, *, lane: Lane, attempts: int, now: datetime, expires_at: datetime) -> Verdict:
    """What becomes of a message whose ``attempts``-th try ended with this error."""
    if isinstance(error, Misconfigured):
        return _again(now + MISCONFIGURED_DELAY, Reason.MISCONFIGURED, expires_at)
    if isinstance(error, Retryable):
        if attempts >= MAX_ATTEMPTS[lane]:
            return Verdict(State.FAILED, Reason.GAVE_UP)
        wait = delay(lane, attempts) if error.after is None else max(error.after, timedelta(milliseconds=100))
        return _again(now + wait, Reason.PROVIDER_BUSY, expires_at)
    return final(error)


def final(error: SendError) -> Verdict:
    """The verdict on an outcome that no waiting changes."""
    if isinstance(error, Unreachable):
        return Verdict(State.UNDELIVERABLE, Reason.PROVIDER_STOP if error.opted_out else Reason.UNREACHABLE)
    if isinstance(error, Rejected):
        return Verdict(State.FAILED, Reason.REJECTED)
    return Verdict(State.UNCERTAIN, Reason.UNCERTAIN)


def delay(lane: Lane, attempts: int) -> timedelta:
    """How long to wait after this many tries."""
    table = DELAYS[lane]
    return table[min(attempts, len(table)) - 1] if attempts else timedelta(0)


def _again(at: datetime, reason: Reason, expires_at: datetime) -> Verdict:
    return Verdict(State.FAILED, Reason.EXPIRED) if at >= expires_at else Verdict(State.QUEUED, reason, at)


LOOKUPS_NEEDED = 2


def after_silence(*, lane: Lane, can_look_up: bool, lookups: int, doubled: int, idempotent: bool) -> Verdict | None:
    """What becomes of an uncertain message that was not found (yet); None: keep waiting.

    Two look-ups that find nothing prove that it never arrived. Without look-up, urgent and normal messages are
    sent once more (better twice than never), bulk ones are left and counted (better never than twice).
    """
    if idempotent:
        return Verdict(State.QUEUED, Reason.NEVER_ARRIVED)
    if can_look_up:
        return Verdict(State.QUEUED, Reason.NEVER_ARRIVED) if lookups >= LOOKUPS_NEEDED else None
    if lane is Lane.BULK or doubled:
        return Verdict(State.UNCERTAIN, Reason.LEFT_UNCERTAIN)
    return Verdict(State.QUEUED, Reason.UNCERTAIN_RESENT)
