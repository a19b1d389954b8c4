"""The hotline's own moves: accept, reject, dispatch, designate, pause, and what a unit asks for."""

from bot.hotline import limits, record
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from bot.hotline.words import Kind, State


def accept(desk: Desk, matter: Matter, doer: Doer) -> None:
    """Take a matter up (受理); whoever does so is its owner until a hand-over is taken (首问负责)."""
    rule = desk.rules.kinds[Kind(matter.kind)]
    changes: dict[str, object] = {
        "state": State.ACCEPTED.value,
        "accepted_at": desk.now,
        "accepted_by": doer.ref,
    }
    if not matter.owner_ref:
        changes |= {"owner_ref": doer.ref, "owner_name": doer.name}
    again = matter.state == State.REOPENED
    if again or not rule.from_receipt:
        changes |= new_clock(desk, matter)
    record.change(desk, matter, "accept", doer, changes, public=True)


def new_clock(desk: Desk, matter: Matter) -> dict[str, object]:
    """The citizen's clock, beginning now."""
    promised, statutory = limits.answer_limits(
        desk.rules.kinds[Kind(matter.kind)], desk.rules.sources.get(matter.source)
    )
    return {
        "clock_from": desk.now,
        "answer_limit": str(promised),
        "statutory_limit": str(statutory),
        "extra_days": 0,
        "answer_by": desk.calendar.due(desk.now, promised, desk.now),
        "statutory_by": desk.calendar.due(desk.now, statutory, desk.now),
    }
