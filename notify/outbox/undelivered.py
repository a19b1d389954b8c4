"""What receipts say about our own numbers: messages a provider accepted from one and then did not deliver.

A carrier that blocks a number, or asks for one to be registered first, refuses after the provider has accepted. What
is the recipient's own (no such number, opted out) says nothing about ours and is not counted.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlmodel import Session, SQLModel

from core.ids import new_id
from notify.outbox import models  # noqa: F401 - defines the table used below
from notify.outbox.states import Reason, State

_T = SQLModel.metadata.tables["outbox_message"]
_PACE = SQLModel.metadata.tables["outbox_pace"]
_BAD = text("state IN ('failed', 'undeliverable', 'uncertain')")  # as the index of what is bad says it
_QUEUED = text("state = 'queued'")
_NOT_DELIVERED = (Reason.REJECTED.value, Reason.NOT_DELIVERED.value)
_TO_BE_TRIED = (Reason.PROVIDER_BUSY.value, Reason.MISCONFIGURED.value)
_CREATED_WITHIN = timedelta(hours=12)
"""Older messages are not looked at, so that the look stays short: providers hold a message for ten hours at most."""


def by_sender(session: Session, now: datetime, within: timedelta) -> dict[str, tuple[int, datetime | None]]:
    """For each number (``channel/number``) the messages that ended or wait so, and when the latest did."""
    queue = _T.c.channel + "/" + _T.c.sender
    first = f"{int(new_id()[:12], 16) - _CREATED_WITHIN // timedelta(milliseconds=1):012x}"  # ids begin with the time
    recent = (_T.c.changed_at > now - within) & (_T.c.sender != "") & (_T.c.id >= first)
    ended = select(queue.label("queue"), _T.c.changed_at).where(
        _BAD,
        recent,
        _T.c.state != State.UNCERTAIN.value,
        _T.c.provider_id.is_not(None),
        _T.c.reason.in_(_NOT_DELIVERED),
    )
    waiting = select(queue.label("queue"), _T.c.changed_at).where(
        _QUEUED, recent, _T.c.queue.in_(select(_PACE.c.queue)), _T.c.rank.in_((0, 1, 2)), _T.c.not_before > now,
        _T.c.history.contains(f" {State.SENT.value} "), _T.c.reason.in_(_TO_BE_TRIED),
    )  # fmt: skip
    both = ended.union_all(waiting).subquery()
    rows = session.execute(select(both.c.queue, func.count(), func.max(both.c.changed_at)).group_by(both.c.queue))
    return {name: (count, latest) for name, count, latest in rows}
