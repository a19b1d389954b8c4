"""Several matters at once: a move is held for twenty seconds, taken back or carried out, then said matter by matter."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import ticket_view
from bot.console.desk import Console, Visit, words
from bot.console.menu import HOTLINE, STAFF
from bot.hotline import bulk, states
from bot.hotline.bulk import Bulk, Refused
from bot.hotline.given import Given
from core.auth import Principal
from core.errors import AppError

HERE = "/console/tickets"
SHOWN_REFUSED = 20
_AGAIN = timedelta(seconds=2)
"""When a page looks again for what has been due for a moment."""
_PATIENCE = timedelta(seconds=30)
"""After so long without a worker a page stops looking by itself."""


def moves_of(who: Principal) -> list[str]:
    """The moves somebody may do to several at once."""
    return [action.value for action in bulk.FIELDS if who.has(*states.ROLES[action])]


def build_router(console: Console) -> APIRouter:
    """``/console/tickets/bulk``."""
    router = APIRouter(prefix=f"{HERE}/bulk", include_in_schema=False)
    house = console.house

    @router.post("")
    async def hold(visit: Annotated[Visit, console.needs(*STAFF)]) -> Response:
        back = _back(visit)
        action = next((one for one in bulk.FIELDS if one.value == visit.text("action")), None)
        chosen = _chosen(visit.texts("chosen"))
        if not chosen or action is None or action.value not in moves_of(visit.who):
            return visit.go(back, "tickets.bulk_nothing", tone="warn")
        try:
            made = await house.db.write(bulk.hold, house.clock(), visit.who, action, chosen, _given(visit))
        except AppError as error:
            named = next((name for name in error.fields if name != "chosen"), "")
            key = f"tickets.bulk_needs_{named}" if named else "tickets.bulk_nothing"
            return visit.go(back, key, tone="warn")
        return visit.go(f"{back}{'&' if '?' in back else '?'}bulk={made.id}")

    @router.post("/{bulk_id}/undo")
    async def undo(visit: Annotated[Visit, console.needs(*STAFF)], bulk_id: str) -> Response:
        """Nothing of it happens."""
        taken = await house.db.write(bulk.take_back, house.clock(), visit.who, bulk_id)
        if not taken:
            return visit.go(_back(visit), "tickets.bulk_too_late", tone="warn")
        return visit.go(_back(visit), "tickets.bulk_undone")

    return router


def _back(visit: Visit) -> str:
    back = visit.text("back")
    return back if back.partition("?")[0] == HERE else HERE


def _chosen(given: list[str]) -> dict[str, int]:
    """Numbers with the versions their list showed."""
    parts = [one.partition(":") for one in given]
    return {number[:20]: int(version) if version.isdecimal() else 0 for number, _, version in parts if number}


def _given(visit: Visit) -> Given:
    days = visit.text("days").strip()
    return Given(
        unit=visit.text("unit")[:100],
        to=visit.text("to")[:60],
        days=int(days[:3]) if days.isdecimal() else 0,
        reason=visit.text("reason").strip()[:500],
        text=visit.text("text").strip()[:500],
    )


async def shown(visit: Visit, bulk_id: str) -> dict[str, Any]:
    """What the list says of a move for several, and what its form offers."""
    house, now = visit.house, visit.house.clock()

    def found(session: Session) -> dict[str, Any]:
        hotline = visit.who.has(*HOTLINE)
        return {
            "colleagues": ticket_view.colleagues(session, visit.who) if hotline else [],
            "held": bulk.of(session, visit.who, bulk_id) if bulk_id else None,
        }

    values = await house.db.read(found)
    held: Bulk | None = values["held"]
    if held is None:
        return {**values, "held_until": None, "refused": []}
    until = held.held
    if until and until <= now:
        until = now + _AGAIN if now - until < _PATIENCE else None
    refused = [(one.number, _why(visit, one)) for one in held.refused[:SHOWN_REFUSED]]
    return {**values, "held_until": until, "refused": refused, "now": now}


def _why(visit: Visit, refused: Refused) -> str:
    """The console's sentence for an error that was met later."""
    key = f"error.code_{refused.code}"
    return visit.say(key) if key in words().keys else refused.detail
