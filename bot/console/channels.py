"""Channels and how they are: what waits, what went wrong last, caps and cost of today, a test message to oneself."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, select

from bot.console.desk import Console, Visit, problem
from bot.console.messages import why
from bot.house import House
from core import staffing
from core.clock import office_day
from core.errors import AppError, BadInput, SendError
from core.people import Role
from core.ports import Can, Channel, Health
from notify.outbox import gauges, hands
from notify.outbox.caps import ALL
from notify.outbox.cost import parse_prices
from notify.outbox.message import Message
from notify.outbox.metrics import LANE_NAMES
from notify.outbox.models import OutboxMessage, SegmentCount
from notify.schemas import MessageOut

PATH = "/console/channels"
OFFICE = (Role.ADMIN, Role.SUPERVISOR)
_CHECK_S = 8
"""A provider that does not answer within so many seconds is shown as not answering; the page must come."""
_LAST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A channel as it answered just now."""

    name: str
    well: bool
    sentence: str
    can: tuple[str, ...]
    metered: bool


def build_router(console: Console) -> APIRouter:
    """``/console/channels``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def channels(visit: Annotated[Visit, console.needs(*OFFICE)]) -> Response:
        return await _page(visit)

    @router.post("/{name}/test")
    async def test(visit: Annotated[Visit, console.needs(*OFFICE)], name: str) -> Response:
        """A message to one's own proved address on this channel."""
        try:
            message_id = await house.db.write(_test, house, visit, name)
        except AppError as error:
            return await _page(visit, error=error)
        return visit.go(f"/console/messages/{message_id}", "channel.test_sent")

    return router


def _test(session: Session, house: House, visit: Visit, name: str) -> str:
    if name not in house.channels:
        raise BadInput("There is no such channel.")
    own = staffing.all_contacts(session, visit.who.person_id or "")
    contact = next((one for one in own if one.channel == name and one.verified_at), None)
    if contact is None:
        raise BadInput(visit.say("channel.no_address", channel=name))
    payload = {"text": visit.say("channel.test_text", office=house.settings.office_name)}
    return house.outbox.put(session, Message("announcement", name, contact.address, payload, locale=visit.locale))


async def look(channel: Channel) -> Seen:
    """Ask a channel how it is, within seconds."""
    can = tuple(sorted(ability.value for ability in channel.can))
    metered = Can.METERED in channel.can
    if not isinstance(channel, Health):
        return Seen(channel.name, True, "", can, metered)
    try:
        sentence = await asyncio.wait_for(channel.check(), _CHECK_S)
    except TimeoutError:
        return Seen(channel.name, False, "…", can, metered)
    except SendError as error:
        return Seen(channel.name, False, error.reason, can, metered)
    return Seen(channel.name, True, sentence, can, metered)


async def _page(visit: Visit, *, error: AppError | None = None) -> Response:
    house = visit.house
    seen = await asyncio.gather(*(look(channel) for channel in house.channels.values()))
    values = await house.db.read(_figures, house)
    said = error.detail if isinstance(error, BadInput) else problem(error, visit.say) if error else ""
    return visit.render(
        "channels.html", status=error.status if error else 200, problem=said, seen=seen, why=why(visit), **values
    )


def _figures(session: Session, house: House) -> dict[str, Any]:
    settings, now = house.settings, house.clock()
    waiting: dict[str, list[tuple[str, str, int, float]]] = {}
    for channel, rank, state, count, age_s in gauges.depths(session, now):
        waiting.setdefault(channel, []).append((LANE_NAMES[rank], state, count, age_s))
    today = session.get(SegmentCount, (office_day(now, settings.zone), ALL))
    used = today.segments if today else 0
    prices = parse_prices(settings.sms_prices)
    return {
        "waiting": waiting,
        "errors": {name: _errors(session, name) for name in house.channels},
        "used": used,
        "cap": settings.sms_daily_cap,
        "prices": sorted((code, str(price)) for code, price in prices.items()),
        "cost": f"{used * max(prices.values()):.2f}" if prices else "",
    }


def _errors(session: Session, name: str) -> list[MessageOut]:
    dead = [state.value for state in hands.DEAD]
    rows = session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.channel == name, col(OutboxMessage.state).in_(dead))
        .order_by(col(OutboxMessage.id).desc())
        .limit(_LAST_ERRORS)
    )
    return [MessageOut.of(row) for row in rows]
