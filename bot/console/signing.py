"""What waits for my own signature: a button for each, and 退文 for what went to the wrong unit."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem
from bot.console.waiting import Card
from bot.house import House
from core import absence
from core.auth import Principal
from core.errors import AppError
from core.people import Role
from notify.signoff import roster, store
from notify.signoff.models import OPEN, RETURNING
from notify.signoff.routes import settle
from notify.signoff.signing import Signer

PATH = "/console/signing"
LATELY = timedelta(days=7)
SIGNERS = (Role.OFFICIAL, Role.SUPERVISOR, Role.HANDLER)


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """How many wait for this person's signature."""
    if not who.person_id:
        return []
    open_items = [item for item in _items(session, house, who) if item["state"] == OPEN]
    tone = "red" if any(item["lamp"] == "red" for item in open_items) else "yellow" if open_items else "plain"
    return [Card("signing.card", len(open_items), PATH, tone=tone)]


def build_router(console: Console) -> APIRouter:
    """``/console/signing``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def waiting(visit: Annotated[Visit, console.needs(*SIGNERS)]) -> Response:
        return await _page(visit)

    @router.post("/{recipient_id}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*SIGNERS)], recipient_id: str, what: str) -> Response:
        """Sign, give back with a reason, or say that a signature was not mine."""
        who = visit.who

        def work(session: Session) -> Any:
            signer = Signer(who.person_id or "", "console", who.actor)
            if what == "sign":
                return house.signoff.sign(session, recipient_id, signer, tell=True)
            if what == "not-me":
                return house.signoff.not_me(session, recipient_id, signer)
            return house.signoff.ask_return(session, recipient_id, signer, visit.text("reason").strip()[:500])

        try:
            settle(await house.db.write(work))
        except AppError as error:
            return await _page(visit, error=error, at=recipient_id)
        return visit.go(PATH, {"sign": "signing.signed", "not-me": "signing.not_mine"}.get(what, "signing.returned"))

    return router


def _items(session: Session, house: House, who: Principal) -> list[dict[str, Any]]:
    now = house.clock()
    found = store.items_asked_of(session, who.person_id or "", now - LATELY)
    units = roster.unit_names(session, [item.unit_id for item, _ in found])
    waiting_first = sorted(found, key=lambda pair: pair[0].state not in {OPEN, RETURNING})
    return [
        {
            "item": item,
            "unit": units.get(item.unit_id, ""),
            "roles": sorted(roles),
            "state": item.state,
            "lamp": _lamp(session, house, item.recipient_id),
        }
        for item, roles in waiting_first
    ]


def _lamp(session: Session, house: House, recipient_id: str) -> str:
    row = store.recipient(session, recipient_id)
    found = store.lamp_of(row.state, house.clock(), row.yellow_at, row.due_at, row.late_minutes)
    return found.value if found else ""


async def _page(visit: Visit, *, error: AppError | None = None, at: str = "") -> Response:
    house, who = visit.house, visit.who

    def work(session: Session) -> dict[str, Any]:
        rows = _items(session, house, who) if who.person_id else []
        away = absence.absence_of(session, house.clock(), who.person_id) if who.person_id else None
        return {"rows": rows, "away": away}

    rules = house.signoff.office.rules
    return visit.render(
        "signing.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        at=at,
        open_state=OPEN,
        returning=RETURNING,
        urgency=lambda name: rules.urgency(name).label(visit.locale),
        **await house.db.read(work),
    )
