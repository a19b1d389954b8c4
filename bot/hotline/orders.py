"""Supervision orders (督办单): what the unit reports back."""

from sqlmodel import col, select

from bot.hotline import barrier, moves, record
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from bot.hotline.reply_models import SupervisionOrder
from core.auth import Principal
from core.errors import NotFound


def open_orders(desk: Desk, limit: int = 200) -> list[tuple[SupervisionOrder, str]]:
    """Orders that are not done with the numbers of their matters, the most urgent first."""
    found = (
        select(SupervisionOrder, Matter.number)
        .join(Matter, col(Matter.id) == col(SupervisionOrder.matter_id))
        .where(col(SupervisionOrder.done_at).is_(None))
        .order_by(col(SupervisionOrder.due))
        .limit(limit)
    )
    return [(order, number) for order, number in desk.session.exec(found)]


def feedback(desk: Desk, order_id: str, who: Principal, text: str) -> None:
    """What came of it (整改反馈); the order is done. Raises NotFound for one that is not the reader's to see."""
    row = desk.session.get(SupervisionOrder, order_id)
    matter = desk.session.get(Matter, row.matter_id) if row else None
    if row is None or matter is None or not barrier.may_see(who, moves.guarded(desk, matter)):
        raise NotFound("There is no such order.")
    row.feedback, row.done_at = text, desk.now
    desk.session.add(row)
    record.note(desk, matter, "feedback", Doer.staff(who), text=text, data={"order": row.id})
