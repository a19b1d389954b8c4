"""``/console/tickets``: the queue with its tabs, filters and search, several at once, taking one down for a caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from bot.console import ticket_bulk, ticket_view
from bot.console.desk import Console, Visit, problem, problems
from bot.console.menu import HOTLINE, STAFF
from bot.console.waiting import Card
from bot.hotline import listing, numbers, staff_view
from bot.hotline.intake import MAX_TEXT, MAX_TITLE, NewMatter
from bot.hotline.office import Doer
from bot.hotline.words import Kind
from bot.house import House
from core.auth import Principal
from core.errors import AppError, BadInput, NotFound
from core.ids import new_secret
from core.people import Role
from core.web import decode_cursor, encode_cursor

HERE = "/console/tickets"
PER_PAGE = 50
_ON_HOME = 8
SOURCES = ("phone", "visit", "letter", "12345", "mayor", "forum", "patrol", "superior")
"""Ways an agent takes a matter down for somebody; more are allowed, these are offered."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A list people look at every day."""

    key: str
    wanted: listing.Filter
    roles: tuple[Role, ...] = STAFF


def tabs(who: Principal) -> list[Tab]:
    """The lists of one person."""
    mine = listing.Filter(state="open", owner=who.identity)
    found = (
        Tab("new", listing.Filter(state="submitted"), HOTLINE),
        Tab("mine", mine, HOTLINE),
        Tab("to_sign", listing.Filter(state="dispatched"), (Role.HANDLER,)),
        Tab("open", listing.Filter(state="open")),
        Tab("red", listing.Filter(state="open", lamp="red")),
        Tab("yellow", listing.Filter(state="open", lamp="yellow")),
        Tab("replied", listing.Filter(state="replied")),
        Tab("all", listing.Filter()),
    )
    return [tab for tab in found if who.has(*tab.roles)]


def cards(session: Session, house: House, who: Principal) -> Sequence[Card]:
    """What waits in the hotline for somebody."""
    if not who.has(*STAFF):
        return ()
    desk = house.hotline.desk(session)
    counted = {tab.key: listing.count(desk, who, tab.wanted) for tab in tabs(who)}
    found = [
        Card("card.red", counted["red"], f"{HERE}?tab=red", "red", always=True),
        Card("card.yellow", counted["yellow"], f"{HERE}?tab=yellow", "yellow", always=True),
    ]
    if who.has(*HOTLINE):
        calls = len(listing.calls(desk))
        found += [
            Card("card.new", counted["new"], f"{HERE}?tab=new", always=True),
            Card("card.mine", counted["mine"], f"{HERE}?tab=mine", always=True),
            Card("card.calls", calls, f"{HERE}/calls", "yellow"),
        ]
    if who.has(Role.HANDLER):
        found.append(Card("card.to_sign", counted["to_sign"], f"{HERE}?tab=to_sign", always=True))
    if who.has(Role.SUPERVISOR):
        asked = [listing.Filter(state="return_asked"), listing.Filter(state="extension_asked")]
        waiting = sum(listing.count(desk, who, wanted) for wanted in asked)
        found.append(Card("card.to_decide", waiting, "/console/board", "yellow"))
    return found


def urgent(session: Session, house: House, who: Principal) -> Sequence[staff_view.Row]:
    """The open matters of somebody that are red or yellow, the most urgent first; for the hotline their own."""
    if not who.has(*STAFF):
        return ()
    desk = house.hotline.desk(session)
    owner = who.identity if who.has(Role.AGENT) and not who.has(Role.SUPERVISOR) else ""
    lit = [listing.Filter(state="open", lamp=lamp, owner=owner) for lamp in ("red", "yellow")]
    found = [matter for wanted in lit for matter in listing.matters(desk, who, wanted, _ON_HOME)]
    return [staff_view.row(desk, matter) for matter in found[:_ON_HOME]]


class Wanted(listing.Filter, frozen=True):
    """What the address of the list says."""

    tab: str = ""
    cursor: str = ""
    bulk: str = ""


def build_router(console: Console) -> APIRouter:
    """The queue and what belongs to it."""
    router = APIRouter(prefix=HERE, include_in_schema=False)

    @router.get("")
    async def queue(visit: Annotated[Visit, console.needs(*STAFF)], wanted: Annotated[Wanted, Query()]) -> Response:
        if number := numbers.normal(wanted.q):
            try:
                await visit.house.db.read(visit.house.hotline.show, number, visit.who)
            except NotFound:
                pass
            else:
                return visit.go(f"{HERE}/{number}")
        return await _list(visit, wanted)

    @router.get("/calls")
    async def calls(visit: Annotated[Visit, console.needs(*HOTLINE)]) -> Response:
        """Citizens to be called (回访名单)."""

        def found(session: Session) -> list[staff_view.Row]:
            desk = visit.house.hotline.desk(session)
            return [staff_view.row(desk, matter) for matter in listing.calls(desk)]

        return visit.render("tickets_calls.html", rows=await visit.house.db.read(found))

    _add_taking_down(router, console)
    return router


async def _list(visit: Visit, wanted: Wanted) -> Response:
    house, mine = visit.house, tabs(visit.who)
    narrowed = any(getattr(wanted, name) for name in listing.Filter.model_fields)
    tab = next((one for one in mine if one.key == wanted.tab), None) or (None if narrowed else mine[0])
    chosen = tab.wanted if tab else listing.Filter.model_validate(wanted.model_dump())

    def found(session: Session) -> tuple[Any, ...]:
        rows, more = house.hotline.queue(session, visit.who, chosen, PER_PAGE, _key(wanted.cursor))
        desk = house.hotline.desk(session)
        counts = {one.key: listing.count(desk, visit.who, one.wanted) for one in mine if one.key != "all"}
        return rows, more, counts, ticket_view.units(session)

    problem_said = ""
    try:
        rows, more, counts, units = await house.db.read(found)
    except BadInput as error:
        problem_said, rows, more = problem(error, visit.say), [], None
        counts, units = {}, await house.db.read(ticket_view.units)
    here = {name: value for name, value in wanted.model_dump().items() if value and name not in {"cursor", "bulk"}}
    cursor = encode_cursor(more[0], more[1].isoformat(), more[2]) if more else ""
    return visit.render(
        "tickets.html",
        tabs=[(f"{HERE}?tab={one.key}", visit.say(f"tickets.tab_{one.key}"), counts.get(one.key)) for one in mine],
        tab=f"{HERE}?tab={tab.key}" if tab else "",
        rows=rows,
        wanted=wanted,
        units=units,
        kinds=[kind.value for kind in Kind],
        next=f"{HERE}?{urlencode({**here, 'cursor': cursor})}" if cursor else "",
        first=f"{HERE}?{urlencode(here)}" if wanted.cursor else "",
        bulk=ticket_bulk.moves_of(visit.who),
        **await ticket_bulk.shown(visit, wanted.bulk),
        problem=problem_said,
        found_q=wanted.q,
        back=f"{HERE}?{urlencode(here)}",
    )


def _key(cursor: str) -> listing.Key | None:
    if not cursor:
        return None
    try:
        priority, due, last_id = decode_cursor(cursor)
        return int(priority), datetime.fromisoformat(due), str(last_id)
    except (TypeError, ValueError) as error:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"}) from error


def _add_taking_down(router: APIRouter, console: Console) -> None:
    @router.get("/new")
    async def form(visit: Annotated[Visit, console.needs(*HOTLINE)]) -> Response:
        return await _new_page(visit, {"once": new_secret(16), "source": "phone"})

    @router.post("/new")
    async def take_down(visit: Annotated[Visit, console.needs(*HOTLINE)]) -> Response:
        """Register it; the same form sent twice opens one matter. Number and code are read out to the caller."""
        given = visit.given()
        try:
            opened = await visit.house.db.write(visit.house.hotline.open, _matter(visit), Doer.staff(visit.who))
        except AppError as error:
            wrong = problems(error, visit.say)
            return await _new_page(visit, given, problem(error, visit.say), wrong, status=error.status)
        return visit.render("tickets_taken.html", opened=opened)


async def _new_page(
    visit: Visit, given: dict[str, str], fault: str = "", wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    units = await visit.house.db.read(ticket_view.units)
    return visit.render(
        "tickets_new.html",
        status=status,
        given=given,
        problem=fault,
        wrong=wrong or {},
        units=units,
        sources=SOURCES,
        kinds=[kind.value for kind in Kind],
        text_max=MAX_TEXT,
        title_max=MAX_TITLE,
    )


def _matter(visit: Visit) -> NewMatter:
    try:
        kind = Kind(visit.text("kind"))
    except ValueError as error:
        raise BadInput("Choose a kind.", fields={"kind": "is needed"}) from error
    once = visit.text("once")
    address = visit.text("address").strip()
    return NewMatter(
        kind=kind,
        text=visit.text("text"),
        source=visit.text("source").strip()[:20] or "phone",
        title=visit.text("title").strip(),
        name=visit.text("name").strip()[:60],
        phone=visit.text("phone").strip()[:30],
        for_person=visit.text("for_person").strip()[:60],
        anonymous=bool(visit.text("anonymous")),
        confidential=bool(visit.text("confidential")),
        vulnerable=bool(visit.text("vulnerable")),
        place={"address": address[:200]} if address else None,
        about_unit=visit.text("about_unit") or None,
        outside_number=visit.text("outside_number").strip()[:60],
        emergency=visit.text("emergency").strip()[:20],
        dedup_key=f"console:{visit.who.ref}:{once[:64]}" if once else "",
    )
