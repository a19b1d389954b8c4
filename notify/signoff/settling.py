"""What settles a recipient: nothing prepared for it goes out any more; what travelled with it still does."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import col

from notify.outbox.models import OutboxMessage
from notify.outbox.service import raise_guard
from notify.outbox.states import State
from notify.signoff import firing, store
from notify.signoff.models import OPEN, Recipient, Reminder, SignOrder
from notify.signoff.office import Work
from notify.signoff.plan import Planned, Step, To, to_fire
from notify.signoff.reminding import Due, bundle_guard, guard_name, remind
from notify.signoff.roster import Official
from notify.signoff.wording import Item
from notify.timer_models import TimerRow
from notify.timers import set_timers

_NOT_OUT = (State.QUEUED, State.SENDING, State.UNCERTAIN)
"""A message in one of these may not have arrived: what else it lists is said again."""


def stop_reminders(work: Work, recipients: Sequence[Recipient]) -> None:
    """No reminder of these starts after this transaction commits.

    The guard is tested in the very UPDATE that moves a message to *sending*, so neither one that is being chosen nor
    one that failed and would be tried again passes. Messages that list other documents too are stopped, and the
    others are said again.
    """
    for recipient in recipients:
        recipient.generation = raise_guard(work.session, guard_name(recipient.id))
        work.session.add(recipient)
    work.session.flush()
    ids = [recipient.id for recipient in recipients]
    _cancel_timers(work, ids)
    _divide_bundles(work, ids)


def _cancel_timers(work: Work, ids: Sequence[str]) -> None:
    """Those being fired just now are left: they find another generation and do nothing."""
    free = (
        select(col(TimerRow.id))
        .where(col(TimerRow.owner).in_([firing.OWNER, firing.ORDER_OWNER]), col(TimerRow.ref).in_(ids))
        .with_for_update(skip_locked=True)
    )
    found = work.session.execute(free).scalars().all()
    work.session.execute(delete(TimerRow).where(col(TimerRow.id).in_(found)))


def _divide_bundles(work: Work, ids: Sequence[str]) -> None:
    rows = work.session.execute(
        select(col(Reminder.bundle), col(Reminder.person_id), col(Reminder.rung))
        .join(OutboxMessage, col(OutboxMessage.id) == col(Reminder.outbox_id))
        .where(
            col(Reminder.recipient_id).in_(ids),
            col(Reminder.bundle).is_not(None),
            col(OutboxMessage.state).in_(_NOT_OUT),
        )
        .distinct()
    ).all()
    again: dict[tuple[str, str], list[int]] = {}
    for bundle, person_id, rung in rows:
        again.setdefault((bundle, person_id), []).append(rung)
    for bundle in {bundle for bundle, _ in again}:
        raise_guard(work.session, bundle_guard(bundle))
    for (bundle, person_id), rungs in again.items():
        _say_the_others(work, bundle, person_id, tuple(rungs), set(ids))


def _say_the_others(work: Work, bundle: str, person_id: str, rungs: tuple[int, ...], gone: set[str]) -> None:
    kept = select(Reminder).where(col(Reminder.bundle) == bundle).order_by(col(Reminder.id))
    rows = {row.recipient_id: row for row in work.session.execute(kept).scalars() if row.recipient_id not in gone}
    items = [item for item in store.items(work.session, list(rows)) if item.state == OPEN]
    faces = firing.faces_of(work, items)
    person = faces.people.get(person_id)
    if person is None:
        return
    remind(work, [_again(item, person, rows[item.recipient_id], faces, rungs) for item in items])


def _again(item: Item, person: Official, row: Reminder, faces: firing.Faces, rungs: tuple[int, ...]) -> Due:
    a_name = faces.people[item.a_id].name if item.a_id in faces.people else ""
    unit = faces.units.get(item.unit_id, "")
    return Due(item, person, To(row.role), Step(row.step), row.planned_at, unit, a_name, rungs)


def close_orders(work: Work, recipient_ids: Sequence[str]) -> None:
    """The supervision orders of these are done with."""
    work.session.execute(
        update(SignOrder)
        .where(col(SignOrder.recipient_id).in_(list(recipient_ids)), col(SignOrder.closed_at).is_(None))
        .values(closed_at=work.now)
    )


def remind_from_now(work: Work, recipient: Recipient, since: datetime | None = None) -> None:
    """Set the steps that are still to come; those that fell due after ``since`` go out at once, as one.

    For a recipient that is open again: a return refused, a signing that was not theirs.
    """
    steps = [Planned.from_json(step) for step in recipient.plan]
    due = [
        (at, places)
        for at, places in to_fire(steps, work.now)
        if at > work.now or since is None or any(steps[place].at > since for place in places)
    ]
    if since is not None:
        due = [(at, tuple(place for place in places if at > work.now or steps[place].at > since)) for at, places in due]
    set_timers(work.session, firing.timers_for(recipient, due))
