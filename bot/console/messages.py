"""Messages on their way out (消息): filter, one with every change of its state, try again, take off the list."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, func, select

from bot.console.desk import Console, Visit, problem, words
from bot.console.listing import ROWS, first_page, further
from bot.console.waiting import Card
from bot.house import House
from core.audit import record
from core.auth import Principal
from core.errors import AppError, BadInput
from core.people import Role
from core.web import decode_cursor, encode_cursor
from notify.kinds import KINDS
from notify.outbox import hands
from notify.outbox.hands import DEAD
from notify.outbox.models import OutboxMessage
from notify.outbox.states import State
from notify.routes import READERS, address_of
from notify.schemas import MessageDetail, MessageOut

PATH = "/console/messages"


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Messages that ended badly and wait for a person."""
    del house
    if not who.has(Role.ADMIN, Role.SUPERVISOR):
        return []
    dead = [state.value for state in DEAD]
    count = session.exec(
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state.in_(dead))  # type: ignore[attr-defined]
    ).one()
    return [Card("message.card_dead", count, f"{PATH}?state=dead", tone="yellow")]


def build_router(console: Console) -> APIRouter:
    """``/console/messages``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def messages(
        visit: Annotated[Visit, console.needs(*READERS)],
        state: str = "",
        kind: str = "",
        to: str = "",
        cursor: str = "",
    ) -> Response:
        fault, channel, address = "", "", ""
        try:
            channel, address = address_of(to.strip(), house.channels) if to.strip() else ("", "")
        except AppError as error:
            fault = problem(error, visit.say)
        states = DEAD if state == "dead" else [State(state)] if state in set(State) else ()
        before = str(next(iter(decode_cursor(cursor)), "")) if cursor else ""
        wanted = hands.Filter(states, channel, address, kind[:60], before)
        found = [] if fault else await house.db.read(_rows, wanted)
        following = encode_cursor(found[ROWS - 1].id) if len(found) > ROWS else None
        return visit.render(
            "messages.html",
            rows=found[:ROWS],
            fault=fault,
            why=why(visit),
            next=further(visit.request, following),
            first=first_page(visit.request),
            chosen={"state": state, "kind": kind, "to": to},
            states=list(State),
            kinds=sorted(KINDS),
        )

    @router.get("/{message_id}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], message_id: str) -> Response:
        return await _page(visit, message_id)

    @router.post("/{message_id}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*READERS)], message_id: str, what: str) -> Response:
        """Have it tried again, or take it off the list of those that wait for a person."""

        def work(session: Session) -> None:
            if what not in {"retry", "close"}:
                raise BadInput("There is no such step.")
            now, before = house.clock(), hands.find(session, message_id).state
            row = (hands.retry if what == "retry" else hands.close)(session, now, message_id)
            states = {"before": {"state": before}, "after": {"state": row.state}}
            record(session, now, visit.who.actor, f"message.{what}", f"message:{row.id}", **states)

        try:
            await house.db.write(work)
        except AppError as error:
            return await _page(visit, message_id, error=error)
        return visit.go(f"{PATH}/{message_id}", f"message.done_{what}")

    return router


def _rows(session: Session, wanted: hands.Filter) -> list[MessageOut]:
    return [MessageOut.of(row) for row in hands.listing(session, wanted, ROWS + 1)]


def why(visit: Visit) -> Callable[[str, str], str]:
    """A numbered reason in this browser's language; the delivery's own sentence where we have no better one."""
    say = visit.say

    def told(reason: str, sentence: str) -> str:
        key = f"message.reason_{reason}"
        return say(key) if key in words().keys else sentence

    return told


async def _page(visit: Visit, message_id: str, *, error: AppError | None = None) -> Response:
    def work(session: Session) -> dict[str, Any]:
        return {"message": MessageDetail.of(hands.find(session, message_id))}

    dead = {state.value for state in DEAD}
    said = problem(error, visit.say) if error else ""
    values = await visit.house.db.read(work)
    return visit.render(
        "message.html", status=error.status if error else 200, problem=said, dead=dead, why=why(visit), **values
    )
