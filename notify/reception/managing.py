"""What the office does with its reception days: rules, a substitute for one day, moving a day, the list, forgetting."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import col, func, select

from core import audit
from core.auth import Principal
from core.errors import BadInput, StaleVersion
from notify.reception import booking, coming, days, personal, reminding
from notify.reception.coming import InForce
from notify.reception.days import Leader, Rules
from notify.reception.models import BOOKED, ReceptionBooking, ReceptionDay, ReceptionRules
from notify.reception.office import Work


def lay_down(work: Work, version: int, rules: Rules, who: Principal) -> InForce:
    """Lay down rules in the place of the version that was looked at (0: the first). Raises StaleVersion."""
    former = coming.in_force(work)
    if version != (former.version if former else 0):
        raise StaleVersion("The rules were changed meanwhile.")
    body = rules.model_dump(mode="json")
    row = ReceptionRules(version=version + 1, body=body, made_by=who.ref, made_at=work.now)
    work.session.add(row)
    before = former.rules.model_dump(mode="json") if former else None
    audit.record(work.session, work.now, who.actor, "reception.rules", "reception", before=before, after=body)
    work.session.flush()
    return InForce(row.version, rules)


def name_leader(work: Work, day: date, leader: Leader, who: Principal) -> ReceptionDay:
    """Somebody else receives on this day, in place of whoever was to. Raises NotFound."""
    row, _ = booking.locked_day(work, day)
    own, former = coming.promised_leader(row)
    turn = former or own
    row.leader = leader.model_dump(mode="json")
    row.in_place_of = turn.model_dump(mode="json") if turn.name != leader.name else None
    work.session.add(row)
    before, after = {"leader": own.name}, {"leader": leader.name}
    subject = f"reception:{day.isoformat()}"
    audit.record(work.session, work.now, who.actor, "reception.leader", subject, before=before, after=after)
    work.session.flush()
    return row


def move(work: Work, day: date, to: date, who: Principal) -> int:
    """Hold a day on another one; everybody who booked moves along and is told. Returns how many.

    For a holiday that was published after people had booked. Whoever has a place on the new day already keeps
    only that one. Raises NotFound, BadInput for a day that is over, free or the same.
    """
    row, rules = booking.locked_day(work, day)
    if to == day or to < work.today or not work.days().is_workday(to):
        raise BadInput("Name a working day to come.", fields={"to": "not a working day to come"})
    values = row.model_dump(exclude={"moved_to"}) | {"day": to, "last_number": 0}
    booking.add_day(work.session, values)
    target = booking.lock(work.session, to)
    target.moved_to, row.moved_to = None, to
    work.session.add_all([row, target])
    wanted = select(ReceptionBooking).where(ReceptionBooking.day == day, ReceptionBooking.state == BOOKED)
    moved = [one for one in work.session.exec(wanted.with_for_update()) if _moves(work, one, target)]
    work.session.flush()
    for one in moved:
        reminding.forget(work, one)
        reminding.plan(work, rules, one)
    reminding.tell(work, "reception_moved", [(one, target, day) for one in moved])
    after = {"to": to.isoformat(), "bookings": len(moved)}
    audit.record(work.session, work.now, who.actor, "reception.move", f"reception:{day.isoformat()}", after=after)
    return len(moved)


def _moves(work: Work, one: ReceptionBooking, target: ReceptionDay) -> bool:
    there = select(ReceptionBooking.id).where(ReceptionBooking.holder == booking.holder_of(target.day, one.who))
    if work.session.exec(there).first():
        booking.cancel(work, one, audit.SERVICE)
        return False
    names = [slot.name for slot in coming.slots_of(target)]
    one.day, one.holder = target.day, booking.holder_of(target.day, one.who)
    one.slot = one.slot if one.slot in names else names[0]
    work.session.add(one)
    work.session.flush()
    return True


def listed(work: Work, day: date, who: Principal) -> Sequence[ReceptionBooking]:
    """Who comes on a day, by slot; that they were looked at is recorded."""
    audit.record(work.session, work.now, who.actor, "reception.list", f"reception:{day.isoformat()}")
    found = select(ReceptionBooking).where(ReceptionBooking.day == day)
    order = (col(ReceptionBooking.slot), col(ReceptionBooking.number))
    return work.session.exec(found.order_by(*order)).all()


def forget(work: Work, *, dry_run: bool = False) -> int:
    """Remove names, numbers and topics of days long over; how many bookings. A dry run counts all of them."""
    held = coming.in_force(work)
    if held is None:
        return 0
    before = work.today - timedelta(days=held.rules.keep_days)
    wanted = select(ReceptionBooking).where(col(ReceptionBooking.day) < before, ReceptionBooking.who != "")
    if dry_run:
        return int(work.session.exec(select(func.count()).select_from(wanted.subquery())).one())
    rows = work.session.exec(wanted.limit(1000)).all()
    for row in rows:
        personal.forget(work, row)
    return len(rows)


def example(today: date) -> Rules:
    """What an office that has laid down nothing yet may start from: the 15th, or the next working day."""
    return Rules(starts_on=today, leaders=(days.Leader(name="示例甲", post="局长"),), place="信访接待室")
