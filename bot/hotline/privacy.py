"""What the hotline keeps about a person: handed out on request, erased on request, and forgotten in time.

Erasing takes name, phone, addresses and words; number, kind, dates and states stay for the statistics. A matter
still at work is not erased: the answer would have nowhere to go.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, or_, select

from bot.hotline import citizen_view, staff_files, states
from bot.hotline.intake import phone_key
from bot.hotline.models import Matter, MatterEvent, MatterReply
from bot.hotline.office import CLOCK, Desk, Doer
from bot.hotline.reply_models import FollowUpTry, Rating
from bot.hotline.work_models import SiteVisit
from core import audit
from core.people import address_index

ERASED = "（已删除）"
_OVER = [state.value for state in states.FINAL]


def of_person(desk: Desk, channel: str, address: str) -> list[Matter]:
    """The matters that came from an address, or name it as the telephone to call."""
    same = (Matter.reply_index == address_index(channel, address), Matter.phone_index == phone_key(address))
    return list(desk.session.exec(select(Matter).where(or_(*same)).order_by(col(Matter.received_at))))


def export(desk: Desk, channel: str, address: str) -> list[dict[str, Any]]:
    """Everything a person may have of their matters, as JSON."""
    return [
        {
            **citizen_view.view(desk, matter).model_dump(mode="json"),
            "text": matter.body,
            "name": matter.name,
            "phone": matter.phone,
            "place": matter.place,
        }
        for matter in of_person(desk, channel, address)
    ]


def erase(desk: Desk, channel: str, address: str, doer: Doer) -> tuple[int, list[str]]:
    """Erase a person's matters; returns how many, and the numbers of those still at work that were left."""
    found = of_person(desk, channel, address)
    left = [matter.number for matter in found if matter.state not in _OVER]
    for matter in found:
        if matter.state in _OVER:
            forget(desk, matter, doer)
    return len(found) - len(left), left


def purge(desk: Desk, *, dry_run: bool = False, limit: int = 500) -> int:
    """Forget what ended longer ago than the rules keep it, ``limit`` at a time; a dry run counts all of them."""
    before = desk.now - timedelta(days=desk.rules.days["kept"])
    found = select(Matter).where(col(Matter.state).in_(_OVER), col(Matter.changed_at) < before, Matter.text != ERASED)
    if dry_run:
        return desk.session.exec(select(func.count()).select_from(found.subquery())).one()
    matters = list(desk.session.exec(found.limit(limit)))
    for matter in matters:
        forget(desk, matter, CLOCK)
    return len(matters)


def forget(desk: Desk, matter: Matter, doer: Doer) -> None:
    """Take everything personal out of one matter."""
    nothing = dict.fromkeys(
        (
            "secret_text",
            "place",
            "transcript",
            "extra",
            "name",
            "phone",
            "for_person",
            "for_phone",
            "reply_address",
            "person_id",
        )
    )
    empty = dict.fromkeys(("title", "phone_index", "reply_channel", "reply_index", "reply_sender", "reply_thread"), "")
    _set(desk, Matter, Matter.id == matter.id, {**nothing, **empty, "text": ERASED})
    _set(desk, MatterEvent, MatterEvent.matter_id == matter.id, {"text": None})
    _set(desk, MatterReply, MatterReply.matter_id == matter.id, {"text": ERASED, "details": {}})
    _set(desk, SiteVisit, SiteVisit.matter_id == matter.id, {"note": None})
    _set(desk, Rating, Rating.matter_id == matter.id, {"comment": None})
    _set(desk, FollowUpTry, FollowUpTry.matter_id == matter.id, {"note": None})
    staff_files.forget(desk, matter)
    audit.record(desk.session, desk.now, doer.actor, "matter.erase", f"matter:{matter.number}")


def _set(desk: Desk, table: Any, condition: Any, values: dict[str, Any]) -> None:
    desk.session.execute(update(table).where(condition).values(**values).execution_options(synchronize_session=False))
