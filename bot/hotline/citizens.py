"""What the citizen does, by number and code or from the sender it came from: add, urge, withdraw, rate, reopen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hmac import compare_digest
from typing import Any

from sqlmodel import and_, col, func, or_, select

from bot.hotline import clocks, handling, moves, numbers, paging, record, states
from bot.hotline.errors import UrgedAlready
from bot.hotline.given import Given
from bot.hotline.intake import code_digest
from bot.hotline.merging import merged_into
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk, Doer
from bot.hotline.words import Action, Kind, PauseReason, State
from core.errors import BadInput, NotFound, TooMany
from core.office_hours import wall_to_utc
from core.people import address_index, person_at

UNKNOWN = "Nothing was found. Please check number and code."
APPENDS_A_DAY = 20
MAX_APPEND = 2000
OWN_LIST = 100


def by_code(desk: Desk, number: str, code: str) -> Matter:
    """A matter by number and access code; a wrong code and an unknown number raise the same NotFound."""
    plain = numbers.normal(number) or ""
    matter = desk.session.exec(select(Matter).where(Matter.number == plain)).first()
    given = code_digest(plain, code.strip())
    if not compare_digest(given, matter.code_digest if matter else "0" * 32) or matter is None:
        raise NotFound(UNKNOWN)
    return matter


def by_sender(desk: Desk, number: str, channel: str, address: str) -> Matter:
    """A matter of this sender's own; that of anybody else is unknown."""
    plain = numbers.normal(number) or ""
    for matter in _of(desk, channel, address, Matter.number == plain):
        return matter
    raise NotFound(UNKNOWN)


def by_id(desk: Desk, number: str, matter_id: str) -> Matter:
    """A matter that was shown to be theirs before, if it has this number."""
    matter = desk.session.get(Matter, matter_id)
    if matter is None or matter.number != (numbers.normal(number) or ""):
        raise NotFound(UNKNOWN)
    return matter


def own(desk: Desk, channel: str, address: str, *, open_only: bool = False) -> list[Matter]:
    """The matters this sender handed in, latest first. A phone that was only given is never the same sender."""
    conditions: list[Any] = [col(Matter.state).in_([state.value for state in _OPEN])] if open_only else []
    return list(_of(desk, channel, address, *conditions))


def worth_listing(desk: Desk, matters: Sequence[Matter], recent: timedelta) -> list[Matter]:
    """Those that are not over, and those that ended lately."""
    over = {state.value for state in states.FINAL}
    return [
        matter
        for matter in matters
        if matter.state not in over or matter.silent or desk.now - (matter.closed_at or matter.changed_at) < recent
    ]


_OPEN = states.WORKING | states.ANSWERED


def _of(desk: Desk, channel: str, address: str, *conditions: Any) -> Sequence[Matter]:
    same = and_(col(Matter.reply_channel) == channel, col(Matter.reply_index) == address_index(channel, address))
    if person := person_at(desk.session, channel, address):
        same = or_(same, col(Matter.person_id) == person.id)
    found = select(Matter).where(same, col(Matter.anonymous).is_(False), *conditions)
    return desk.session.exec(found.order_by(col(Matter.received_at).desc()).limit(OWN_LIST)).all()


def append(desk: Desk, matter: Matter, doer: Doer, text: str) -> None:
    """Something more (补充). What the clock waited for from the citizen lets it run on."""
    text = text.strip()
    if not text or len(text) > MAX_APPEND:
        raise BadInput(f"Please write 1 to {MAX_APPEND} characters.", fields={"text": "length"})
    moves.check(desk, matter, Action.APPEND)
    if _today(desk, matter, "append") >= APPENDS_A_DAY:
        raise TooMany("That is enough for one day; we have all you sent.")
    record.change(desk, matter, "append", doer, text=text, public=True)
    paging.page(desk, matter, paging.handlers(desk, matter), "staff_appended", f"append:{matter.version}")
    if matter.state == State.PAUSED and _waits_for_citizen(desk, matter):
        handling.resume(desk, matter, doer, Given())


def _waits_for_citizen(desk: Desk, matter: Matter) -> bool:
    last = select(MatterEvent).where(MatterEvent.matter_id == matter.id, MatterEvent.what == "pause")
    row = desk.session.exec(last.order_by(col(MatterEvent.id).desc()).limit(1)).first()
    return row is not None and row.data.get("reason") in {PauseReason.CITIZEN.value, PauseReason.CORRECTION.value}


@dataclass(frozen=True, slots=True)
class Urged:
    """Whom we asked to hurry, and until when they say how it stands. ``unit_id`` None: the hotline itself."""

    unit_id: str | None
    progress_by: datetime
    count: int


def urge(desk: Desk, matter: Matter, doer: Doer) -> Urged:
    """Ask to hurry (催办), once a day; whoever has it must say how it stands within a working day."""
    moves.check(desk, matter, Action.URGE)
    if _today(desk, matter, "urge"):
        raise UrgedAlready("You asked to hurry today already; we hear from the unit by the end of the next day.")
    count = _count(desk, matter, "urge") + 1
    due = desk.due_in("progress")
    record.change(desk, matter, "urge", doer, {"urged_at": desk.now}, public=True, data={"count": count})
    people = paging.handlers(desk, matter) or paging.owner(desk, matter)
    paging.page(desk, matter, people, "staff_urged", f"urge:{matter.version}", due, count=count)
    return Urged(matter.unit_id, due, count)


def urged_today(desk: Desk, matter: Matter) -> bool:
    """Whether the citizen asked to hurry today already."""
    return _today(desk, matter, "urge") > 0


def withdraw(desk: Desk, matter: Matter, doer: Doer, text: str = "") -> None:
    """Take it back (撤回). Of a report this ends the answer, not the inquiry (OFFICE)."""
    moves.check(desk, matter, Action.WITHDRAW)
    if Kind(matter.kind) is Kind.REPORT or merged_into(desk, matter):
        # A report is looked into all the same, and others wait for the answer to what theirs was merged into.
        record.change(desk, matter, "withdraw", doer, {"silent": True}, text=text or None, public=True)
        return
    handling.end_dispatches(desk, matter)
    people = paging.handlers(desk, matter)
    changes = {"state": State.WITHDRAWN.value, "closed_at": desk.now, "paused_at": None}
    record.change(desk, matter, "withdraw", doer, changes, text=text or None, public=True)
    paging.page(desk, matter, people, "staff_decided", "withdrawn", text="市民已撤回，不用再办。")


def reopen(desk: Desk, matter: Matter, doer: Doer, reason: str) -> None:
    """Take a closed matter up again (重办) within 15 days, with a reason; its owner accepts it anew."""
    _reason(reason)
    moves.check(desk, matter, Action.REOPEN)
    changes = {
        "state": State.REOPENED.value,
        "accept_from": desk.now,
        "replied_at": None,
        "closed_at": None,
        "dispatches": 0,
        "designated": False,
        **clocks.restarted(desk, matter),
    }
    changes = clocks.after(desk, matter, **changes)
    record.change(desk, matter, "reopen", doer, changes, text=reason.strip(), public=True)
    text = f"市民要求再办：{reason.strip()}"[:500]
    paging.page(desk, matter, paging.owner(desk, matter), "staff_decided", f"reopen:{matter.version}", text=text)


def contest(desk: Desk, matter: Matter, doer: Doer, reason: str) -> None:
    """Contest a rejection (异议), once within 15 days: it is considered again, and supervisors know."""
    _reason(reason)
    moves.check(desk, matter, Action.CONTEST)
    changes = {"state": State.SUBMITTED.value, "contested": True, "accept_from": desk.now, "closed_at": None}
    changes = clocks.after(desk, matter, **changes)
    record.change(desk, matter, "contest", doer, changes, text=reason.strip(), public=True)
    text = f"市民对不予受理有异议：{reason.strip()}"[:500]
    paging.page(desk, matter, paging.supervisors(desk), "staff_decided", f"contest:{matter.version}", text=text)


def _reason(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= MAX_APPEND:
        raise BadInput("Please say why.", fields={"reason": "is needed"})


def _count(desk: Desk, matter: Matter, what: str, since: datetime | None = None) -> int:
    found = select(func.count()).where(col(MatterEvent.matter_id) == matter.id, col(MatterEvent.what) == what)
    if since:
        found = found.where(col(MatterEvent.at) >= since)
    return int(desk.session.exec(found).one())


def _today(desk: Desk, matter: Matter, what: str) -> int:
    zone = desk.office.hours.zone
    midnight = wall_to_utc(desk.now.astimezone(zone).date(), time(0), zone)
    return _count(desk, matter, what, midnight)
