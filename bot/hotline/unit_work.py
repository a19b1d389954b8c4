"""What a unit does: sign for a matter, ask to return it, ask for more time; and what supervisors decide on it."""

from typing import Any

from sqlmodel import col, select

from bot.hotline import alerts, clocks, letters, merging, paging, record
from bot.hotline.errors import illegal
from bot.hotline.given import Given
from bot.hotline.handling import end_dispatches
from bot.hotline.models import Dispatch, Matter
from bot.hotline.moves import lead_dispatch
from bot.hotline.office import Desk, Doer
from bot.hotline.reply_models import Extension
from bot.hotline.words import Kind, State
from core.errors import BadInput
from core.terms import Limit, Measure


def sign(desk: Desk, matter: Matter, doer: Doer, _given: Given) -> None:
    """The unit has it (签收): received, nothing more. A co-handling unit signs for its own part."""
    row = own_dispatch(desk, matter, doer)
    row.signed_at, row.signed_by = desk.now, doer.ref
    desk.session.add(row)
    changes = {"state": State.SIGNED.value} if row.lead else {}
    record.change(desk, matter, "sign", doer, changes, public=row.lead, data={"unit": row.unit_id})


def own_dispatch(desk: Desk, matter: Matter, doer: Doer) -> Dispatch:
    """The dispatch to the doer's unit; the lead one for a supervisor. Raises IllegalMove when there is none."""
    found = select(Dispatch).where(Dispatch.matter_id == matter.id, col(Dispatch.ended_at).is_(None))
    return desk.session.exec(found.where(Dispatch.unit_id == doer.unit_id)).first() or lead_of(desk, matter)


def lead_of(desk: Desk, matter: Matter) -> Dispatch:
    """The dispatch to the unit that answers (主办); raises IllegalMove when no unit has it."""
    row = lead_dispatch(desk, matter)
    if row is None:
        raise illegal(matter, "No unit has this matter.")
    return row


def lead_only(desk: Desk, matter: Matter, doer: Doer) -> Dispatch:
    """As ``own_dispatch``, for what only the unit that answers may do (主办)."""
    row = own_dispatch(desk, matter, doer)
    if not row.lead:
        raise illegal(matter, "A co-handling unit gives its opinion; the lead unit answers.")
    return row


def opinion(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """What a co-handling unit has to say (协办意见): it goes to the lead unit, which answers the citizen."""
    given.need("text")
    row = own_dispatch(desk, matter, doer)
    if row.lead:
        raise illegal(matter, "This is the unit that answers: write the answer, or a note.")
    row.opinion_at = desk.now
    if row.signed_at is None:
        row.signed_at, row.signed_by = desk.now, doer.ref
    desk.session.add(row)
    record.change(desk, matter, "opinion", doer, text=given.text, data={"unit": row.unit_id})
    unit, text = letters.unit_name(desk, row.unit_id), letters.sentence(given.text.strip())
    people = paging.handlers(desk, matter)
    paging.page(desk, matter, people, "staff_opinion", f"opinion:{matter.version}", text=text, unit=unit)


def give_back(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Ask to return it (申请退单) with a reason; a supervisor grants or refuses."""
    given.need("reason")
    row = lead_only(desk, matter, doer)
    row.return_asked_at, row.reason = desk.now, given.reason
    desk.session.add(row)
    changes = {"state": State.RETURN_ASKED.value}
    record.change(desk, matter, "return", doer, changes, text=given.reason, data={"unit": row.unit_id})
    people = paging.supervisors(desk)
    paging.page(desk, matter, people, "staff_return_asked", f"return:{matter.version}", text=given.reason)


def return_granted(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """同意退单: back to the hotline; the citizen's clock runs on."""
    row = lead_of(desk, matter)
    row.returned_at = desk.now
    desk.session.add(row)
    unit_id, people = matter.unit_id, paging.handlers(desk, matter)
    end_dispatches(desk, matter)
    changes = {"state": State.ACCEPTED.value, "unit_id": None}
    record.change(desk, matter, "grant", doer, changes, text=given.text or None, data={"of": "return"})
    text = "退单已同意。"
    paging.page(desk, matter, people, "staff_decided", f"granted:{matter.version}", text=text)
    if matter.dispatches >= desk.rules.counts["free_dispatches"]:
        alerts.reach(desk, matter, "second_return", key=matter.id, data={"unit": unit_id})


def return_refused(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """驳回: it stays with the unit, which may not ask again."""
    row = lead_of(desk, matter)
    row.return_by = desk.now
    desk.session.add(row)
    changes = {"state": State.DISPATCHED.value}
    why = given.text or given.reason
    record.change(desk, matter, "refuse", doer, changes, text=why or None, data={"of": "return"})
    tell_unit(desk, matter, f"refused:{matter.version}", f"退单被驳回。{why}")


def extend(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Ask for more time (申请延期): 1 to so many working days as the kind allows, with a reason, once."""
    given.need("reason")
    most = desk.rules.kinds[Kind(matter.kind)].extension_days
    if not 1 <= given.days <= most:
        raise BadInput(f"An extension is 1 to {most} working days.", fields={"days": f"1 to {most}"})
    if Limit.parse(matter.answer_limit).measure is not Measure.WORKING_DAYS:
        raise illegal(matter, "A limit in hours or minutes is not extended.")
    lead_only(desk, matter, doer)
    changes = {"state": State.EXTENSION_ASKED.value}
    record.change(desk, matter, "extend", doer, changes, text=given.reason, data={"days": given.days})
    row = Extension(matter_id=matter.id, asked_at=desk.now, asked_by=doer.ref, days=given.days, reason=given.reason)
    desk.session.add(row)
    desk.session.flush()
    people, dedup = paging.supervisors(desk), f"extension:{row.id}"
    paging.page(desk, matter, people, "staff_extension_asked", dedup, text=given.reason, count=given.days)


def extension_granted(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """同意延期: the limit moves, and the citizen is told until when and why."""
    row = _decide(desk, matter, doer, "granted")
    changes: dict[str, Any] = {
        "state": State.SIGNED.value,
        "extended": True,
        "extra_days": matter.extra_days + row.days,
    }
    changes = clocks.after(desk, matter, **changes)
    record.change(desk, matter, "grant", doer, changes, text=given.text or None, public=True, data={"of": "extension"})
    reason = letters.sentence(row.reason or "")
    merging.tell_everyone(desk, matter, "matter_extended", f"extended:{row.id}", text=reason)
    tell_unit(desk, matter, f"extension:{row.id}:yes", "延期已同意。")


def extension_refused(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """驳回延期: the limit stays."""
    row = _decide(desk, matter, doer, "refused")
    why = given.text or given.reason
    changes = {"state": State.SIGNED.value}
    record.change(desk, matter, "refuse", doer, changes, text=why or None, data={"of": "extension"})
    tell_unit(desk, matter, f"extension:{row.id}:no", f"延期被驳回。{why}")


def tell_unit(desk: Desk, matter: Matter, dedup: str, text: str) -> None:
    """A decision, told to the unit that has the matter."""
    paging.page(desk, matter, paging.handlers(desk, matter), "staff_decided", dedup, text=text)


def _decide(desk: Desk, matter: Matter, doer: Doer, decision: str) -> Extension:
    row = desk.session.exec(
        select(Extension)
        .where(Extension.matter_id == matter.id, Extension.decision == "")
        .order_by(col(Extension.asked_at).desc())
    ).first()
    if row is None:
        raise illegal(matter, "No extension was asked for.")
    row.decision, row.decided_at, row.decided_by = decision, desk.now, doer.ref
    desk.session.add(row)
    desk.session.flush()
    return row
