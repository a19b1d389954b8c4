"""What became of reminders: one that came back is followed by the next channel at once, and by a supervisor's call.

Delivery is not signing. But a reminder that cannot be delivered reminds nobody: the person's next address is used
without waiting for the next step, and when none is left the supervisors are told by name.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from notify.outbox.models import OutboxMessage
from notify.outbox.states import Reason, State
from notify.signoff import firing, store
from notify.signoff.models import OPEN, RETURNING, Reminder, SignEvent
from notify.signoff.office import Work
from notify.signoff.plan import Step, To
from notify.signoff.reminding import Due, remind, ways
from notify.signoff.wording import Item

EVERY = timedelta(seconds=10)
_BATCH = 1000
_LOST = (State.FAILED.value, State.UNDELIVERABLE.value, State.SUPPRESSED.value)
_SETTLED = (State.DELIVERED.value, State.CANCELLED.value, *_LOST)
_HARMLESS = (Reason.EXPIRED.value, Reason.MERGED.value, Reason.TEST.value)


@dataclass(frozen=True, slots=True)
class _Back:
    id: int
    recipient_id: str
    person_id: str
    role: str
    step: str
    rung: int
    state: str
    reason: str


def watch(work: Work) -> int:
    """Settle reminders whose fate is known; returns how many came back."""
    rows = _settled(work.session)
    if not rows:
        return 0
    work.session.execute(update(Reminder).where(col(Reminder.id).in_([row.id for row in rows])).values(watched=False))
    lost = [row for row in rows if row.state in _LOST and row.reason not in _HARMLESS]
    items = store.lock_items(work.session, [row.recipient_id for row in lost])
    still = [row for row in lost if items[row.recipient_id].state in {OPEN, RETURNING}]
    if still:
        _use_next(work, still, items)
    return len(still)


def _settled(session: Session) -> list[_Back]:
    rows = session.execute(
        select(
            col(Reminder.id),
            col(Reminder.recipient_id),
            col(Reminder.person_id),
            col(Reminder.role),
            col(Reminder.step),
            col(Reminder.rung),
            col(OutboxMessage.state),
            col(OutboxMessage.reason),
        )
        .join(OutboxMessage, col(OutboxMessage.id) == col(Reminder.outbox_id))
        .where(col(Reminder.watched).is_(True), col(OutboxMessage.state).in_(_SETTLED))
        .order_by(col(Reminder.id))
        .limit(_BATCH)
        .with_for_update(of=Reminder, skip_locked=True)
    )
    return [_Back(*tuple(row)) for row in rows]


def _use_next(work: Work, lost: list[_Back], items: dict[str, Item]) -> None:
    faces = firing.faces_of(work, list(items.values()))
    used = _rungs(work.session, lost)
    dues: list[Due] = []
    for back in lost:
        item, person = items[back.recipient_id], faces.people.get(back.person_id)
        tried = used[back.recipient_id, back.person_id]
        work.event(
            item.document_id,
            "undelivered",
            recipient_id=item.recipient_id,
            by=back.person_id,
            via="clock",
            rung=back.rung,
            reason=back.reason,
        )
        following = max(tried) + 1
        if person and following < len(ways(work, person, item.urgency)):
            used[back.recipient_id, back.person_id].add(following)
            a_name = faces.people[item.a_id].name if item.a_id in faces.people else ""
            unit = faces.units.get(item.unit_id, "")
            step = Step(back.step)
            dues.append(Due(item, person, To(back.role), step, work.now, unit, a_name, (following,)))
        elif _last_hope(work.session, back):
            _tell_unreachable(work, item, back.person_id, faces)
    remind(work, dues)


def _rungs(session: Session, lost: list[_Back]) -> dict[tuple[str, str], set[int]]:
    rows = session.execute(
        select(col(Reminder.recipient_id), col(Reminder.person_id), col(Reminder.rung)).where(
            col(Reminder.recipient_id).in_(sorted({back.recipient_id for back in lost}))
        )
    )
    found: dict[tuple[str, str], set[int]] = {}
    for recipient_id, person_id, rung in rows:
        found.setdefault((recipient_id, person_id), set()).add(rung)
    return found


def _last_hope(session: Session, back: _Back) -> bool:
    """Whether no message to this person about this document has arrived or is still under way."""
    session.flush()
    alive = session.execute(
        select(col(Reminder.id))
        .join(OutboxMessage, col(OutboxMessage.id) == col(Reminder.outbox_id))
        .where(
            col(Reminder.recipient_id) == back.recipient_id,
            col(Reminder.person_id) == back.person_id,
            col(OutboxMessage.state).not_in([*_LOST, State.CANCELLED.value]),
        )
        .limit(1)
    ).first()
    return alive is None


def _tell_unreachable(work: Work, item: Item, person_id: str, faces: firing.Faces) -> None:
    known = select(col(SignEvent.id)).where(
        col(SignEvent.recipient_id) == item.recipient_id,
        col(SignEvent.what) == "unreachable",
        col(SignEvent.by) == person_id,
    )
    if work.session.execute(known.limit(1)).first():
        return  # said once; a supervisor who has to telephone is not helped by hearing it at every step
    work.event(item.document_id, "unreachable", recipient_id=item.recipient_id, by=person_id, via="clock")
    name = faces.people[person_id].name if person_id in faces.people else ""
    payload = {
        "unit": faces.units.get(item.unit_id, ""),
        "name": name,
        "number": item.number,
        "urgency": work.office.rules.urgencies[item.urgency].label("zh-Hans"),
    }
    firing.tell_supervisors(work, "document_unreachable", payload, due=item.due_at)
