"""A wall clock that jumps (set by hand, a machine woken up): seen, said, and what waits for a wrong hour is freed."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, SQLModel

from core.clock import Clock
from notify.outbox import models  # noqa: F401 - defines the tables used below
from notify.outbox.states import Reason, State

LEAST = timedelta(seconds=5)
"""Less than this is a clock being kept right, or a busy machine."""
_TRIED_AGAIN = (Reason.PROVIDER_BUSY, Reason.MISCONFIGURED, Reason.UNCERTAIN_RESENT, Reason.NEVER_ARRIVED)
_T = SQLModel.metadata.tables["outbox_message"]
_PACE = SQLModel.metadata.tables["outbox_pace"]


class JumpWatch:
    """Compares how far the clock has moved with how much time has passed."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._seen = clock(), steady()

    def look(self) -> timedelta:
        """By how much the clock jumped since the last look, negative for backward; zero when it did not."""
        before, began = self._seen
        self._seen = now, steady = self._clock(), self._steady()
        jump = (now - before) - timedelta(seconds=steady - began)
        return jump if abs(jump) >= LEAST else timedelta(0)


def after_backward(session: Session, now: datetime, jump: timedelta) -> int:
    """Free what was stamped by a clock that ran ahead: else it would wait as long as the clock went back.

    New messages and those that wait for another try may go now; what was planned for later keeps its time. A
    sender's pace moves back with the clock. Returns how many messages were freed.
    """
    planned_now = or_(_T.c.not_before == _T.c.created_at, _T.c.reason.in_([reason.value for reason in _TRIED_AGAIN]))
    freed = session.execute(
        update(_T)
        .where(_T.c.state == State.QUEUED.value, _T.c.changed_at > now, _T.c.not_before > now, planned_now)
        .values(not_before=now)
    )
    for queue, used_until in session.execute(_PACE.select().where(_PACE.c.used_until > now)):
        earlier = max(now, used_until + jump)
        later = (_PACE.c.queue == queue) & (_PACE.c.used_until > earlier)
        session.execute(update(_PACE).where(later).values(used_until=earlier))
    return int(freed.rowcount)  # type: ignore[attr-defined]
