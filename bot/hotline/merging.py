"""Matters handled as one (并案): whoever handed in one that was merged hears what the first one's citizen hears."""

from datetime import datetime
from typing import Any

from sqlmodel import select

from bot.hotline import letters, sending
from bot.hotline.models import Matter
from bot.hotline.office import Desk


def merged_into(desk: Desk, matter: Matter) -> list[Matter]:
    """The matters that were merged into this one: their citizens are told as well."""
    return list(desk.session.exec(select(Matter).where(Matter.merged_into == matter.id)))


def tell_everyone(desk: Desk, matter: Matter, kind: str, dedup: str, due: datetime | None = None, **more: Any) -> None:
    """A status message to the citizen of a matter and of those merged into it; not to who has withdrawn a report."""
    if not matter.silent:
        sending.tell(desk, matter, letters.status(kind, desk, matter, dedup, due, **more))
    for one in merged_into(desk, matter):
        values = {"unit": letters.unit_name(desk, matter.unit_id, one.locale), **more}
        if not one.silent:
            sending.tell(desk, one, letters.status(kind, desk, one, dedup, due or matter.answer_by, **values))
