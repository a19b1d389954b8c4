"""``/console/board``: the supervisor's board (督办): lamps, decisions to take, alert points, orders, refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, select

from bot.console.desk import Console, Visit
from bot.console.waiting import Card
from bot.hotline import alerts, cross_checks, listing, moves, orders, staff_view
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk, Doer
from bot.house import House
from core.auth import Principal
from core.people import Role

HERE = "/console/board"
TABS = ("lamps", "decide", "alerts", "orders", "refusals", "checks")
SHOWN = 100
SINCE = timedelta(days=30)
"""How far back refusals are listed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A return or an extension that somebody has to decide, with the reason given."""

    row: staff_view.Row
    reason: str
    by: str
    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert point nobody has closed. ``next`` is the step of the ladder that comes now, empty at its top."""

    id: str
    number: str
    label: str
    level: str
    at: datetime
    step: str
    next: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A supervision order that is not done."""

    number: str
    why: str
    text: str | None
    at: datetime
    due: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the board: counts for the tabs, rows for the one that is open."""

    counts: dict[str, int]
    red: Sequence[staff_view.Row] = ()
    yellow: Sequence[staff_view.Row] = ()
    asked: Sequence[Asked] = ()
    alerts: Sequence[AlertLine] = ()
    orders: Sequence[OrderLine] = ()
    refusals: Sequence[listing.Refusal] = ()
    checks: Sequence[cross_checks.Drawn] = ()


def board(session: Session, house: House, who: Principal, tab: str) -> Board:
    """The board as one supervisor sees it."""
    desk = house.hotline.desk(session)
    open_alerts = alerts.open_alerts(desk)
    open_orders = orders.open_orders(desk)
    counts = {
        "lamps": sum(listing.count(desk, who, _lamp(lamp)) for lamp in ("red", "yellow")),
        "decide": sum(listing.count(desk, who, listing.Filter(state=state)) for state in _ASKED),
        "alerts": len(open_alerts),
        "orders": len(open_orders),
    }
    match tab:
        case "decide":
            return Board(counts, asked=[one for state in _ASKED for one in _asked(desk, who, state)])
        case "alerts":
            return Board(counts, alerts=[_alert(desk, row) for row in open_alerts])
        case "orders":
            lines = [OrderLine(n, row.why, row.text, row.at, row.due, row.due <= desk.now) for row, n in open_orders]
            return Board(counts, orders=lines)
        case "refusals":
            return Board(counts, refusals=listing.refusals(desk, desk.now - SINCE))
        case "checks":
            return Board(counts, checks=cross_checks.waiting(desk, who))
        case _:
            red, yellow = (_rows(desk, who, _lamp(lamp)) for lamp in ("red", "yellow"))
            return Board(counts, red=red, yellow=yellow)


_ASKED = ("return_asked", "extension_asked")


def _lamp(lamp: str) -> listing.Filter:
    return listing.Filter(state="open", lamp=lamp)


def _rows(desk: Desk, who: Principal, wanted: listing.Filter) -> list[staff_view.Row]:
    return [staff_view.row(desk, matter) for matter in listing.matters(desk, who, wanted, SHOWN)]


def _asked(desk: Desk, who: Principal, state: str) -> list[Asked]:
    found = listing.matters(desk, who, listing.Filter(state=state), SHOWN)
    return [_why(desk, matter, "return" if state == "return_asked" else "extend") for matter in found]


def _why(desk: Desk, matter: Matter, what: str) -> Asked:
    event = desk.session.exec(
        select(MatterEvent)
        .where(MatterEvent.matter_id == matter.id, MatterEvent.what == what)
        .order_by(col(MatterEvent.id).desc())
        .limit(1)
    ).first()
    row = staff_view.row(desk, matter)
    if event is None:
        return Asked(row, "", "", matter.changed_at, 0)
    return Asked(row, event.text or "", event.actor_name, event.at, int(event.data.get("days", 0)))


_LADDER = ("call", "notice", "order", "feedback")
"""The steps of ``alerts.LADDER`` by the keys of their names here."""


def _alert(desk: Desk, row: Any) -> AlertLine:
    step = _LADDER[row.step - 1] if row.step else ""
    following = _LADDER[row.step] if row.step < len(_LADDER) else ""
    label = desk.rules.alerts[row.rule].label
    return AlertLine(row.id, moves.number_of(desk, row.matter_id), label, row.level, row.at, step, following)


def cards(session: Session, house: House, who: Principal) -> Sequence[Card]:
    """What waits on the board for a supervisor."""
    if not who.has(Role.SUPERVISOR):
        return ()
    counts = board(session, house, who, "checks").counts
    return (
        Card("card.alerts", counts["alerts"], f"{HERE}?tab=alerts", "yellow"),
        Card("card.orders", counts["orders"], f"{HERE}?tab=orders", "yellow"),
    )


def build_router(console: Console) -> APIRouter:
    """The board and what is decided on it."""
    router = APIRouter(prefix=HERE, include_in_schema=False)

    @router.get("")
    async def show(visit: Annotated[Visit, console.needs(Role.SUPERVISOR)], tab: str = "lamps") -> Response:
        tab = tab if tab in TABS else "lamps"
        shown = await visit.house.db.read(board, visit.house, visit.who, tab)
        tabs = [(f"{HERE}?tab={one}", visit.say(f"board.tab_{one}"), shown.counts.get(one)) for one in TABS]
        return visit.render("board.html", board=shown, tab=tab, tabs=tabs, current_tab=f"{HERE}?tab={tab}")

    @router.post("/alerts/{alert_id}")
    async def climb(visit: Annotated[Visit, console.needs(Role.SUPERVISOR)], alert_id: str) -> Response:
        """The next step of the ladder (电话督促 → 通报 → 督办单 → 整改反馈), or its end."""
        close, text = visit.text("close") == "1", visit.text("text").strip()[:1000]

        def step(session: Session) -> None:
            desk = visit.house.hotline.desk(session)
            alerts.climb(desk, alert_id, Doer.staff(visit.who), text, close=close)

        await visit.house.db.write(step)
        return visit.go(f"{HERE}?tab=alerts", "board.alert_closed" if close else "board.alert_stepped")

    @router.post("/checks")
    async def draw(visit: Annotated[Visit, console.needs(Role.SUPERVISOR)]) -> Response:
        """Draw closed matters at random for another unit to look at (交叉检查)."""
        count = int(visit.text("count")) if visit.text("count").isdecimal() else 5

        def drawn(session: Session) -> int:
            desk = visit.house.hotline.desk(session)
            return len(cross_checks.draw(desk, Doer.staff(visit.who), max(1, min(count, 100)), 90))

        found = await visit.house.db.write(drawn)
        tone = "ok" if found else "warn"
        return visit.go(f"{HERE}?tab=checks", "board.drawn" if found else "board.drawn_none", tone, count=found)

    return router
