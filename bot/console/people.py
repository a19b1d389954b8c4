"""People of the office: find, add, change, leave and come back, addresses, absence, changes of deputies to approve."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot import people_routes
from bot.console import once, people_more
from bot.console.desk import Console, Visit, problem, problems
from bot.console.listing import ROWS, first_page, further
from bot.console.people_acts import OFFICE, carry_out, fields
from bot.console.waiting import Card
from bot.house import House
from bot.people_routes import PersonOut
from core import absence, staffing, units
from core.auth import Principal
from core.contact_codes import LIFETIME
from core.errors import AppError
from core.ids import new_id
from core.people import Role
from core.staffing import Wanted
from core.web import encode_cursor

PATH = "/console/people"
READERS = people_routes.READERS


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Changes of deputies that another person has to approve."""
    del house
    if not who.has(*OFFICE):
        return []
    waiting = [change for change in absence.open_changes(session) if change.asked_by != who.identity]
    return [Card("people.card_changes", len(waiting), f"{PATH}/changes", tone="yellow")]


def build_router(console: Console) -> APIRouter:
    """``/console/people``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    _add_list(router, console)
    people_more.add_routes(router, console)
    _add_one(router, console)
    return router


def _add_list(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("")
    async def people(
        visit: Annotated[Visit, console.needs(*READERS)],
        q: str = "",
        unit: str = "",
        role: str = "",
        left: bool = False,
        cursor: str = "",
    ) -> Response:
        wanted = Wanted(q.strip()[:60], unit[:32], role if role in set(Role) else "", not left)

        def work(session: Session) -> dict[str, Any]:
            found = staffing.find_people(session, wanted, people_routes.after(cursor), ROWS + 1)
            following = encode_cursor(*staffing.cursor_of(found[ROWS - 1])) if len(found) > ROWS else None
            rows = people_routes.shown(session, house.clock(), found[:ROWS])
            return {"rows": rows, "following": following, **_offered(session)}

        values = await house.db.read(work)
        return visit.render(
            "people.html",
            next=further(visit.request, values.pop("following")),
            first=first_page(visit.request),
            chosen={"q": q, "unit": unit, "role": role, "left": left},
            all_roles=_staff_roles(),
            **values,
        )

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        return await _form(visit)

    @router.post("/new")
    async def add(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        def work(session: Session) -> str:
            ids = {name: people_routes.other(session, visit.text(name), name) for name in ("deputy", "leader")}
            phone = house.signoff.office.phone_channel
            made = staffing.add_person(
                session, house.clock(), visit.who.actor, fields(visit), deputy_id=ids["deputy"],
                leader_id=ids["leader"],
                addresses=staffing.given_addresses(visit.text("phone"), visit.text("email"), phone),
            )  # fmt: skip
            return made.id

        try:
            person_id = await house.db.write(once.carry_out, visit, work)
        except AppError as error:
            return await _form(visit, error)
        return visit.go(f"{PATH}/{person_id}", "people.added", name=visit.text("name").strip())


def _staff_roles() -> list[Role]:
    return [role for role in Role if role is not Role.SENDER]


def _offered(session: Session) -> dict[str, Any]:
    return {"units": [(unit.id, unit.name) for unit in units.find_units(session, active=True)]}


async def _form(visit: Visit, error: AppError | None = None) -> Response:
    return visit.render(
        "people_new.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given(),
        once=new_id(),
        roles_given=visit.texts("roles"),
        all_roles=_staff_roles(),
        **await visit.house.db.read(_offered),
    )


# --- one person -------------------------------------------------------------------------------------------------


def _add_one(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/{person}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], person: str) -> Response:
        return await _page(visit, person)

    @router.post("/{person}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*READERS)], person: str, what: str) -> Response:
        """What the button says; a code to link a chat is shown once, on the page itself."""
        try:
            shown = await house.db.write(carry_out, visit, person, what)
        except AppError as error:
            return await _page(visit, person, error=error)
        if shown:
            return await _page(visit, person, **shown)
        return visit.go(f"{PATH}/{person}", f"people.done_{what}")


async def _page(visit: Visit, wanted: str, *, error: AppError | None = None, **more: Any) -> Response:
    house, who = visit.house, visit.who

    def work(session: Session) -> dict[str, Any]:
        row = people_routes.anyone(session, wanted)
        person = people_routes.shown(session, house.clock(), [row], full=bool(more.get("full")))[0]
        others = _others(session, person)
        changes = [change for change in absence.open_changes(session) if change.person_id == row.id]
        return {"person": person, "others": others, "changes": changes, **_offered(session)}

    values = await house.db.read(work)
    return visit.render(
        "person.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given() if error else {},
        roles_given=visit.texts("roles") if error else values["person"].roles,
        all_roles=_staff_roles(),
        own=bool(who.person_id) and who.person_id == values["person"].id,
        code=more.get("code", ""),
        minutes=int(LIFETIME.total_seconds() // 60),
        held=more.get("held"),
        full=bool(more.get("full")),
        **values,
    )


def _others(session: Session, person: PersonOut) -> list[tuple[str, str]]:
    """Who may be deputy, leader or stand-in: everybody else, the same unit first."""
    found = staffing.find_people(session, Wanted(), None, 2_000)
    same = sorted(found, key=lambda one: (one.unit_id != person.unit, one.staff_no or "", one.id))
    return [(one.id, f"{one.name} {one.staff_no or ''}".strip()) for one in same if one.id != person.id]
