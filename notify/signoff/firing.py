"""Steps that fall due: whoever holds the roles now is reminded, the lamp turns, supervisors hear of what is red.

Owner of timers: ``ref`` is the recipient, ``data`` holds the generation and the steps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import delete, select, update
from sqlmodel import col

from core.absence import Away, away_now
from core.bulk import insert_rows, stored
from core.ids import new_id
from core.terms import begin
from notify.outbox import fallback
from notify.outbox.fallback import ToPerson
from notify.outbox.message import Message
from notify.signoff import roster, store
from notify.signoff.models import OPEN, RETURNING, Recipient, SignOrder
from notify.signoff.office import Work
from notify.signoff.plan import Planned, Step, To, as_one
from notify.signoff.reminding import Due, remind
from notify.signoff.roster import Official
from notify.signoff.wording import Item
from notify.timer_models import TimerRow
from notify.timers import Timer, set_timers

OWNER, ORDER_OWNER = "signoff", "signoff.order"
TOGETHER = timedelta(minutes=1)
"""Reminders of one person that fall due within this time are one message (a step may come so much early)."""
BEFORE_LIMIT = (Step.ISSUED, Step.HALF, Step.YELLOW)
_ORDER = ("id", "recipient_id", "opened_by", "opened_at", "due_at")
_EVENT = ("document_id", "recipient_id", "at", "what", '"by"', "via", "data")
_NAMED = 3
"""Documents a message to supervisors names; the others are counted."""


class Fired(NamedTuple):
    """A step of one recipient that goes out now. ``planned_at`` is when it was to."""

    item: Item
    step: Planned


@dataclass(frozen=True, slots=True)
class Faces:
    """Everybody a batch of steps may concern: people by id, who is away, names of units."""

    people: Mapping[str, Official]
    away: Away
    units: Mapping[str, str]


def timers_for(recipient: Recipient, when: Iterable[tuple[datetime, tuple[int, ...]]]) -> list[Timer]:
    """The due moments of a recipient's steps, see ``plan.to_fire``. Each carries its steps: the plan is frozen.

    ``may_join`` says that it may come up to a minute early to travel with another: only steps before the limit.
    """
    timers = []
    for at, places in when:
        steps = [recipient.plan[place] for place in places]
        may_join = all(Planned.from_json(step).step in BEFORE_LIMIT for step in steps)
        data = {"generation": recipient.generation, "steps": steps, "may_join": may_join}
        timers.append(Timer(OWNER, recipient.id, at, data))
    return timers


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """Do what is due. Steps of a settled recipient or an older generation are dropped."""
    items = store.lock_items(work.session, (timer.ref for timer in timers))
    fired, put_off = _split(items, timers)
    joined = _joining(work, {item.item.a_id for item in fired}, {item.item.recipient_id for item in fired})
    if joined:
        items |= store.lock_items(work.session, (timer.ref for timer in joined))
        more, waiting = _split(items, joined)
        fired, put_off = fired + more, put_off + waiting
    if put_off:
        work.session.execute(update(Recipient).where(col(Recipient.id).in_(put_off)).values(waiting=True))
    if fired:
        carry_out(work, fired)


def _split(items: Mapping[str, Item], timers: Sequence[Timer]) -> tuple[list[Fired], list[str]]:
    """Steps that go out, and recipients whose return is being decided: their reminders wait.

    Several steps of one recipient (the service was down) go out as one.
    """
    steps: dict[str, list[Planned]] = {}
    put_off: list[str] = []
    for timer in timers:
        item = items.get(timer.ref)
        if item is None or item.generation != timer.data["generation"]:
            continue
        if item.state == RETURNING:
            put_off.append(item.recipient_id)
        elif item.state == OPEN:
            steps.setdefault(timer.ref, []).extend(map(Planned.from_json, timer.data["steps"]))
    return [Fired(items[ref], as_one(due)) for ref, due in steps.items()], put_off


def _joining(work: Work, a_ids: set[str], already: set[str]) -> list[Timer]:
    """Steps of the same people that fall due within a minute: taken now, so that one message lists all."""
    horizon = work.now + TOGETHER
    rows = work.session.execute(
        select(col(TimerRow.id), col(TimerRow.ref), col(TimerRow.planned_at), col(TimerRow.data), col(Recipient.a_id))
        .join(Recipient, col(Recipient.id) == col(TimerRow.ref))
        .where(
            col(TimerRow.owner) == OWNER,
            col(TimerRow.due_at) > work.now,
            col(TimerRow.due_at) <= horizon,
        )
        .limit(5000)
        .with_for_update(of=TimerRow, skip_locked=True)
    ).all()
    mine = [row for row in rows if row[4] in a_ids and row[1] not in already and row[3].get("may_join")]
    if mine:
        work.session.execute(delete(TimerRow).where(col(TimerRow.id).in_([row[0] for row in mine])))
    return [Timer(OWNER, row[1], row[2], row[3]) for row in mine]


def carry_out(work: Work, fired: Sequence[Fired]) -> None:
    """Remind whoever holds the roles of these steps now, and tell supervisors what they need to know."""
    faces = faces_of(work, [step.item for step in fired])
    dues: list[Due] = []
    lost: list[Fired] = []
    for step in fired:
        found = dues_of(step, faces)
        dues += found
        if not any(due.role is To.A for due in found):
            lost.append(step)
    remind(work, dues)
    if lost:
        tell_nobody_there(work, lost, faces)
    red = [step for step in fired if step.step.step is Step.LIMIT or To.SUPERVISOR in step.step.to]
    if red:
        turn_red(work, red, faces)


def faces_of(work: Work, items: Sequence[Item]) -> Faces:
    """Everybody these items may concern, with those who stand in for somebody and the leaders' own."""
    away = away_now(work.session, work.now)
    ids = {person for item in items for person in (item.a_id, item.b_id, item.leader_id) if person}
    people = roster.officials(work.session, {*ids, *away.values()}, work.channels)
    leaders = [people[item.leader_id] for item in items if item.leader_id in people]
    above = {person for leader in leaders for person in (leader.deputy_id, leader.leader_id) if person}
    people |= roster.officials(work.session, above - set(people), work.channels)
    unreachable = {person_id: "" for person_id in ids | above if not _reachable(people, person_id)}
    units = roster.unit_names(work.session, (item.unit_id for item in items))
    return Faces(people, {**unreachable, **away}, units)


def _reachable(people: Mapping[str, Official], person_id: str) -> bool:
    return person_id in people and bool(people[person_id].addresses)


def dues_of(fired: Fired, faces: Faces) -> list[Due]:
    """Who is to be reminded of a step; nobody when all are away or out of reach."""
    item = fired.item
    line = roster.lines(item.a_id, item.b_id, faces.people.get(item.leader_id or ""))
    found = roster.holders(fired.step.to, line, faces.away)
    a_name = faces.people[item.a_id].name if item.a_id in faces.people else ""
    return [
        Due(item, faces.people[person], role, fired.step.step, fired.step.at, faces.units.get(item.unit_id, ""), a_name)
        for person, role in found.items()
        if _reachable(faces.people, person)
    ]


def turn_red(work: Work, red: Sequence[Fired], faces: Faces) -> None:
    """The limit has passed: a supervision order for each, the record, and one message to each supervisor."""
    orders: list[tuple[Any, ...]] = []
    timers: list[Timer] = []
    due_of = order_limits(work)
    dialect = work.session.connection().dialect.name
    now, ends = stored(work.now, dialect), {name: stored(due, dialect) for name, due in due_of.items()}
    for step in red:
        item, order_id = step.item, new_id()
        orders.append((order_id, item.recipient_id, "service", now, ends[item.urgency]))
        timers.append(Timer(ORDER_OWNER, item.recipient_id, due_of[item.urgency], {"order": order_id}))
    insert_rows(work.session, "sign_order", _ORDER, orders)
    set_timers(work.session, timers)
    insert_rows(work.session, "sign_event", _EVENT, [_red_event(step, now) for step in red])
    named = "，".join(
        f"{step.item.number} {faces.units.get(step.item.unit_id, '')}{_name(faces, step.item.a_id)}"
        for step in red[:_NAMED]
    )
    tell_supervisors(
        work, "document_supervision", {"count": len(red), "listed": named + ("…" if len(red) > _NAMED else "")}
    )


def order_limits(work: Work) -> dict[str, datetime]:
    """Where a supervision order opened now ends, by urgency."""
    days = work.days()
    return {
        name: begin(work.now, urgency.order, work.office.hours, days).due
        for name, urgency in work.office.rules.urgencies.items()
    }


def _red_event(step: Fired, now: Any) -> tuple[Any, ...]:
    data = orjson.dumps({"planned_at": step.step.at.isoformat()}).decode()
    return (step.item.document_id, step.item.recipient_id, now, "red", "service", "clock", data)


def _name(faces: Faces, person_id: str) -> str:
    return faces.people[person_id].name if person_id in faces.people else ""


def tell_nobody_there(work: Work, lost: Sequence[Fired], faces: Faces) -> None:
    """A, B and leader are all away or out of reach: supervisors are told at once, by name."""
    for step in lost:
        item = step.item
        work.event(item.document_id, "nobody_there", recipient_id=item.recipient_id, by="service", via="clock")
        tell_supervisors(
            work,
            "document_nobody",
            {"unit": faces.units.get(item.unit_id, ""), "name": _name(faces, item.a_id), "count": 1},
            due=item.due_at,
        )


def tell_supervisors(work: Work, kind: str, payload: Mapping[str, Any], *, due: datetime | None = None) -> None:
    """One message to each supervisor, on their next contact when the first does not confirm."""
    for person in roster.supervisors(work.session, work.channels):
        tell(work, person, kind, {**payload, **({"due": work.due_words(due, person.locale)} if due else {})})


def tell(work: Work, person: Official, kind: str, payload: Mapping[str, Any], *, guard: str = "") -> None:
    """One message to one person, see ``notify.outbox.fallback``; nothing when no contact is known."""
    if person.addresses:
        message = Message(kind, "", "", payload, locale=person.locale, guard=guard)
        fallback.put_to_person(work.session, work.now, work.outbox, ToPerson(person.id, message))


def fire_orders(work: Work, timers: Sequence[Timer]) -> None:
    """Supervision orders whose own limit has passed and whose document is still not signed."""
    for timer in timers:
        order = work.session.get(SignOrder, timer.data["order"])
        found = store.items(work.session, [timer.ref])
        if order is None or order.closed_at is not None or not found or found[0].state not in {OPEN, RETURNING}:
            continue
        item = found[0]
        faces = faces_of(work, [item])
        work.event(item.document_id, "order_overdue", recipient_id=item.recipient_id, by="service", via="clock")
        payload = {"unit": faces.units.get(item.unit_id, ""), "name": _name(faces, item.a_id), "number": item.number}
        tell_supervisors(work, "document_order_red", payload)
