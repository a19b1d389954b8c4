"""``/console``: what waits for whoever signed in."""

from typing import Annotated

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import board, office, tickets
from bot.console.desk import Console, Visit
from bot.console.waiting import Card, Cards
from bot.house import House
from core.auth import Principal

SOURCES: tuple[Cards, ...] = (tickets.cards, board.cards, *office.CARDS)
"""Whose cards stand here, in this order: one line for each group of pages."""


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Everything that waits for this person."""
    found = [card for source in SOURCES for card in source(session, house, who)]
    return [card for card in found if card.count or card.always]


def build_router(console: Console) -> APIRouter:
    """The home page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/console")
    async def home(visit: Annotated[Visit, console.needs()]) -> Response:
        waiting = await console.house.db.read(cards, console.house, visit.who)
        urgent = await console.house.db.read(tickets.urgent, console.house, visit.who)
        return visit.render("home.html", cards=waiting, urgent=urgent)

    return router
