"""Objections to a notice (异议): matters that name the notice. While one is open the notice cannot become final."""

from sqlmodel import col, select

from bot.hotline import states
from bot.hotline.models import Matter
from bot.hotline.office import Desk

SOURCE = "objection"
"""Source of such matters; ``outside_number`` is the notice's id."""


def open_numbers(desk: Desk, notice_id: str) -> list[str]:
    """The numbers of the objections to a notice that have not been answered."""
    found = select(Matter.number).where(
        Matter.source == SOURCE,
        Matter.outside_number == notice_id[:60],
        col(Matter.state).in_([state.value for state in states.WORKING]),
    )
    return list(desk.session.exec(found.order_by(col(Matter.received_at))))
