"""The hotline's own moves: accept, reject, dispatch, designate, pause, ask, merge, supervise."""

from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from bot.hotline import clocks, letters, paging, record, sending
from bot.hotline.errors import illegal
from bot.hotline.given import Given
from bot.hotline.merging import merged_into
from bot.hotline.models import Dispatch, Matter, MatterPause
from bot.hotline.moves import find
from bot.hotline.office import Desk, Doer
from bot.hotline.reply_models import SupervisionOrder
from bot.hotline.states import FINAL
from bot.hotline.units import find_unit
from bot.hotline.words import CONDUCT, Kind, PauseReason, State
from core.errors import BadInput
from core.people import Unit
from core.terms import Limit

ACCEPTED_WAITS_MINUTES = 10
MISSING = "matter.missing"
"""Owner of the question for what is missing: the answer is appended to the matter."""


def accept(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Take a matter up (受理); whoever does so is its owner until a hand-over is taken (首问负责)."""
    rule = desk.rules.kinds[Kind(matter.kind)]
    changes: dict[str, Any] = {"state": State.ACCEPTED.value, "accepted_at": desk.now, "accepted_by": doer.ref}
    if not matter.owner_ref:
        changes |= {"owner_ref": doer.ref, "owner_name": doer.name}
    changes |= _seen_at_acceptance(desk, given)
    if matter.state == State.REOPENED or matter.contested or not rule.from_receipt:
        changes |= clocks.restarted(desk, matter)
    record.change(desk, matter, "accept", doer, clocks.after(desk, matter, **changes), public=True)
    if not rule.from_receipt:
        letter = letters.status("matter_accepted", desk, matter, f"accepted:{matter.version}")
        sending.tell(desk, matter, replace(letter, at=desk.minutes_later(ACCEPTED_WAITS_MINUTES)))


def _seen_at_acceptance(desk: Desk, given: Given) -> dict[str, Any]:
    """What an agent finds in the text: the unit it is about, and what it belongs to."""
    seen: dict[str, Any] = {}
    if given.about_unit:
        seen["about_unit_id"] = find_unit(desk.session, given.about_unit, "about_unit").id
    if given.category:
        seen["category"] = given.category
    return seen


def reject(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Do not take it up (不予受理): a reason of the table or words of one's own; reported to supervisors (否定报备)."""
    given.need("reason")
    key = desk.rules.reason(given.reason)
    changes: dict[str, Any] = {"state": State.REJECTED.value, "closed_at": desk.now}
    data = {"reason": key}
    own = given.text or (given.reason if key == "other" else "")
    record.change(desk, matter, "reject", doer, changes, text=own or None, public=True, data=data)
    for one in (matter, *merged_into(desk, matter)):
        sending.tell(desk, one, letters.rejected(desk, one, key, own))


def dispatch(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Give it to a unit (派单); ``co_units`` give their opinion to it (协办)."""
    send_to(desk, matter, doer, given, designated=False)


def designate(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Give it to a unit that cannot return it (指定承办)."""
    send_to(desk, matter, doer, given, designated=True)


def send_to(desk: Desk, matter: Matter, doer: Doer, given: Given, *, designated: bool) -> None:
    """Move a matter to a unit's desk and tell the unit and the citizen. Raises BadInput for a unit that may not."""
    given.need("unit")
    unit = find_unit(desk.session, given.unit)
    others = [find_unit(desk.session, name, "co_units") for name in given.co_units]
    for one in (unit, *others):
        if one.id == matter.about_unit_id:
            raise BadInput("The unit it is about never handles it.", fields={"unit": "is what the matter is about"})
    if matter.category == CONDUCT and (supervising := _supervising(desk)) and unit.id not in supervising:
        names = ", ".join(sorted(letters.unit_name(desk, one) for one in supervising))
        raise BadInput(f"A complaint about conduct goes to a supervising unit: {names}.", fields={"unit": names})
    end_dispatches(desk, matter)
    changes: dict[str, Any] = {
        "state": State.DISPATCHED.value,
        "unit_id": unit.id,
        "dispatches": matter.dispatches + 1,
        "designated": designated,
    }
    what = "designate" if designated else "dispatch"
    record.change(desk, matter, what, doer, changes, public=True, data={"unit": unit.id})
    for one in (unit, *others):
        desk.session.add(_dispatch_row(desk, matter, one, lead=one is unit, designated=designated))
    desk.session.flush()
    paging.page(desk, matter, paging.handlers(desk, matter), "staff_dispatched", f"dispatch:{matter.version}")
    if sending.replace_waiting(desk, matter, "accepted:"):
        sending.tell(desk, matter, letters.status("matter_dispatched", desk, matter, f"dispatched:{matter.version}"))


def _supervising(desk: Desk) -> set[str]:
    """The units that look into conduct (效能投诉): those the rules name, else those supervisors belong to."""
    if named := desk.rules.conduct_units:
        return {find_unit(desk.session, name).id for name in named}
    return {person.unit_id for person in paging.supervisors(desk) if person.unit_id}


def _dispatch_row(desk: Desk, matter: Matter, unit: Unit, *, lead: bool, designated: bool) -> Dispatch:
    return Dispatch(
        matter_id=matter.id,
        unit_id=unit.id,
        lead=lead,
        designated=designated,
        at=desk.now,
        sign_by=desk.due_in("sign"),
        return_by=desk.due_in("return"),
        due=desk.calendar.due(desk.now, Limit.parse(matter.answer_limit), desk.now),
    )


def end_dispatches(desk: Desk, matter: Matter) -> None:
    """Nobody has it any more."""
    open_ones = select(Dispatch).where(Dispatch.matter_id == matter.id, col(Dispatch.ended_at).is_(None))
    for row in desk.session.exec(open_ones).all():
        row.ended_at = desk.now
        desk.session.add(row)
    desk.session.flush()


def pause(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Stop the clock (暂停计时). A correction of an information request is asked for within 7 working days."""
    given.need("reason")
    reason = given.pause_reason()
    if Kind(matter.kind) is Kind.INFORMATION_REQUEST and reason is PauseReason.CORRECTION:
        limit = desk.rules.limits["correction"]
        if desk.now > desk.calendar.due(matter.accept_from, limit, desk.now):
            raise illegal(matter, "A correction is asked for within 7 working days of receipt.")
    changes = {"state": State.PAUSED.value, "paused_from": matter.state, "paused_at": desk.now}
    record.change(desk, matter, "pause", doer, changes, text=given.text or None, public=True, data={"reason": reason})
    desk.session.add(MatterPause(matter_id=matter.id, reason=reason.value, starts=desk.now))
    desk.session.flush()


def resume(desk: Desk, matter: Matter, doer: Doer, _given: Given) -> None:
    """Let the clock run on; after a correction of an information request it begins anew."""
    row = desk.session.exec(
        select(MatterPause).where(MatterPause.matter_id == matter.id, col(MatterPause.ends).is_(None))
    ).one()
    row.ends = desk.now
    desk.session.add(row)
    desk.session.flush()
    changes: dict[str, Any] = {"state": matter.paused_from, "paused_from": "", "paused_at": None}
    if Kind(matter.kind) is Kind.INFORMATION_REQUEST and row.reason == PauseReason.CORRECTION:
        changes["clock_from"] = desk.now
    record.change(desk, matter, "resume", doer, clocks.after(desk, matter, **changes), public=True)


def ask(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Ask once for everything that is missing (一次性告知): the kind's checklist, or those named in ``missing``."""
    needs = given.missing or list(desk.rules.kinds[Kind(matter.kind)].needs)
    if unknown := set(needs) - set(desk.rules.needs):
        raise BadInput("This is not on the checklist.", fields={"missing": ", ".join(sorted(unknown))})
    changes = {"asked_for": ",".join(needs)[:100]}
    record.change(desk, matter, "ask", doer, changes, public=True, data={"missing": needs})
    sending.tell(desk, matter, letters.asked(desk, matter, needs, MISSING))


def merge(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Handle it with another about the same thing (并案); its citizen is told, and gets the answer too."""
    given.need("into")
    into = find(desk, given.into)
    if into.id == matter.id or State(into.state) in FINAL:
        raise illegal(into, f"Nothing can be merged into {into.number}, which is {into.state}.")
    end_dispatches(desk, matter)
    for child in desk.session.exec(select(Matter).where(Matter.merged_into == matter.id)).all():
        record.change(desk, child, "merge", doer, {"merged_into": into.id}, data={"into": into.number})
    changes = {"state": State.MERGED.value, "merged_into": into.id, "closed_at": desk.now}
    record.change(desk, matter, "merge", doer, changes, public=True, data={"into": into.number})
    letter = letters.status("matter_merged", desk, matter, "merged", into.answer_by)
    sending.tell(desk, matter, replace(letter, counts=False))


def supervise(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Open a supervision order (督办单)."""
    record.change(desk, matter, "supervise", doer, text=given.text or given.reason or None)
    order(desk, matter, doer, "supervisor", given.text or given.reason)


def order(desk: Desk, matter: Matter, doer: Doer, why: str, text: str) -> SupervisionOrder:
    """A supervision order, told to the unit and its leader, or to the owner where no unit has the matter."""
    row = SupervisionOrder(
        matter_id=matter.id, at=desk.now, by_ref=doer.ref, why=why, text=text or None, due=desk.due_in("supervision")
    )
    desk.session.add(row)
    desk.session.flush()
    people = paging.handlers(desk, matter) or paging.owner(desk, matter)
    people += paging.leaders(desk.session, people)
    kind = "staff_red" if why == "red" else "staff_supervised"
    if why == "red":
        people += paging.supervisors(desk)
    paging.page(desk, matter, people, kind, f"order:{row.id}", row.due, text=text)
    return row
