"""Doing what is due. Idempotent: run as often as one likes, nothing is told or closed twice."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlmodel import and_, col, or_, select

from bot.hotline import (
    alerts,
    closing,
    duty,
    handling,
    letters,
    merging,
    paging,
    record,
    replies,
    sending,
    site_visits,
    states,
)
from bot.hotline.due import Due, DueFacts, due_actions
from bot.hotline.duty_models import Alarm
from bot.hotline.models import Matter
from bot.hotline.office import CLOCK, Desk
from bot.hotline.words import State
from core.worktime import end_of_calendar_days

BATCH = 50
"""Matters in one go; whoever calls comes again at once when it was full."""


def sweep(desk: Desk) -> Counter[Due]:
    """Do what is due of up to ``BATCH`` matters; returns what was done."""
    done: Counter[Due] = Counter()
    for matter in _due_matters(desk):
        for due in due_actions(_facts(desk, matter), desk.now):
            done[due] += _WORK[due](desk, matter)
    alerts.idle_looks(desk)
    site_visits.remind(desk)
    return done


def _due_matters(desk: Desk) -> list[Matter]:
    running = [state.value for state in states.RUNNING]
    lamps = and_(
        col(Matter.state).in_(running),
        or_(
            and_(col(Matter.yellow_at) <= desk.now, Matter.lamp_told == ""),
            and_(col(Matter.due_at) <= desk.now, Matter.lamp_told != "red"),
        ),
    )
    waiting = and_(Matter.state == State.REPLIED.value, col(Matter.follow_up_by) <= desk.now)
    called = select(Alarm.matter_id).where(col(Alarm.answered_at).is_(None), col(Alarm.at) <= desk.now - duty.PATIENCE)
    alarmed = and_(Matter.state == State.SUBMITTED.value, col(Matter.id).in_(called))
    found = select(Matter).where(or_(lamps, waiting, alarmed)).order_by(col(Matter.due_at)).limit(BATCH)
    # Whoever is at work on a matter just now goes first: it is still due a minute later.
    return list(desk.session.exec(found.with_for_update(skip_locked=True)))


def _facts(desk: Desk, matter: Matter) -> DueFacts:
    rules = desk.rules
    alarms = duty.alarms(desk, matter) if matter.emergency else []
    silent = alarms and len(alarms) < duty.MAX_CALLS and not any(alarm.answered_at for alarm in alarms)
    answered = matter.replied_at
    return DueFacts(
        state=State(matter.state),
        due_at=matter.due_at,
        yellow_at=matter.yellow_at,
        lamp_told=matter.lamp_told,
        follow_up_by=matter.follow_up_by,
        closes_at=_closes_at(desk, matter) if answered else None,
        tries=matter.follow_up_tries,
        tries_wanted=rules.counts["follow_up_tries"],
        reachable=not matter.silent and sending.target_of(desk, matter) is not None,
        called_at=alarms[-1].at if silent else None,
        patience=duty.PATIENCE,
    )


def _closes_at(desk: Desk, matter: Matter) -> datetime:
    """The end of the days in which a rating is waited for."""
    return end_of_calendar_days(matter.replied_at or desk.now, desk.rules.days["follow_up"], desk.office.hours)


def _yellow(desk: Desk, matter: Matter) -> bool:
    if not record.mark(desk, matter, {"lamp_told": "yellow"}, lamp_told=""):
        return False
    record.note(desk, matter, "yellow", CLOCK)
    people = paging.handlers(desk, matter) or paging.owner(desk, matter)
    paging.page(desk, matter, people, "staff_yellow", f"yellow:{matter.due_at:%Y%m%d%H%M}", matter.due_at)
    return True


def _red(desk: Desk, matter: Matter) -> bool:
    """The red lamp opens a supervision order, and the citizen hears from us before having to ask."""
    if not record.mark(desk, matter, {"lamp_told": "red"}, lamp_told=matter.lamp_told):
        return False
    record.note(desk, matter, "red", CLOCK, public=matter.unit_id is not None)
    order = handling.order(desk, matter, CLOCK, "red", "")
    if matter.state not in {State.SUBMITTED.value, State.REOPENED.value}:
        merging.tell_everyone(desk, matter, "matter_overdue", f"overdue:{matter.due_at:%Y%m%d%H%M}", order.due)
    return True


def _try(desk: Desk, matter: Matter) -> bool:
    """Ask once more (回访). An unverified phone gets no second message: the try is a call to be made."""
    tries: dict[str, Any] = {"follow_up_tries": matter.follow_up_tries + 1}
    more = matter.follow_up_tries + 1 < desk.rules.counts["follow_up_tries"]
    pause = timedelta(days=desk.rules.days["between_tries"])
    tries["follow_up_by"] = desk.now + pause if more else max(desk.now, _closes_at(desk, matter))
    if not record.mark(desk, matter, tries, follow_up_tries=matter.follow_up_tries):
        return False
    reply = replies.last(desk, matter)
    if reply is None:
        return False
    asked = letters.follow_up(desk, matter, reply, f"follow_up:{reply.id}:{matter.follow_up_tries}")
    told = sending.tell(desk, matter, asked)
    closing.add_try(desk, matter, CLOCK, "message" if told else "none", reached=False)
    if not told:
        changes: dict[str, Any] = {"call_by": desk.due_in("follow_up")}
        record.mark(desk, matter, changes, follow_up_tries=matter.follow_up_tries)
    return True


def _wait(desk: Desk, matter: Matter) -> bool:
    return record.mark(desk, matter, {"follow_up_by": _closes_at(desk, matter)}, follow_up_tries=matter.follow_up_tries)


def _unrated(desk: Desk, matter: Matter) -> bool:
    """Nobody answered: closed as 未评价, which is never counted as content."""
    changes = {
        "state": State.CLOSED.value,
        "closed_at": desk.now,
        "follow_up_by": None,
        "call_by": None,
    }
    record.change(desk, matter, "close", CLOCK, changes, public=True, data={"unrated": True})
    sending.stop_asking(desk, matter, sending.RATE)
    closing.end_orders(desk, matter)
    return True


def _escalate(desk: Desk, matter: Matter) -> bool:
    duty.raise_alarm(desk, matter)
    return True


_WORK: Mapping[Due, Any] = MappingProxyType(
    {Due.YELLOW: _yellow, Due.RED: _red, Due.TRY: _try, Due.WAIT: _wait, Due.UNRATED: _unrated, Due.ESCALATE: _escalate}
)
