"""The publication register (公开台账): what must be public and by when, entered, approved by another, published."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ValidationError
from sqlmodel import Session, select

from bot.console import once
from bot.console.desk import Console, Visit, problem, problems
from bot.console.listing import moment
from bot.console.waiting import Card
from bot.house import House
from core.auth import Principal
from core.errors import AppError, BadInput, Forbidden, NotFound
from core.ids import new_id
from core.people import Person, Role
from notify.publicity.register import ATTRIBUTES, CYCLES, STATES, Filter
from notify.publicity.register_models import RegisterEntry
from notify.publicity.register_routes import EntryBody

PATH = "/console/register"
READERS = (Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR)
SHOWN = 200
MAX_WHERE = 200


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """What should be public and is not, and what is out of date."""
    if not who.has(*READERS):
        return []
    entries = house.notices.register
    late = [entries.state(row) for row in entries.listed(session, Filter())]
    return [
        Card("register.card_overdue", late.count("overdue"), f"{PATH}?state=overdue", tone="red"),
        Card("register.card_stale", late.count("stale"), f"{PATH}?state=stale", tone="yellow"),
    ]


def build_router(console: Console) -> APIRouter:
    """``/console/register``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house
    entries = house.notices.register

    @router.get("")
    async def listed(
        visit: Annotated[Visit, console.needs(*READERS)], state: str = "", attribute: str = "", q: str = ""
    ) -> Response:
        wanted = Filter(state if state in STATES else "", attribute if attribute in ATTRIBUTES else "", q.strip()[:60])

        def found(session: Session) -> list[tuple[RegisterEntry, str]]:
            return [(row, entries.state(row)) for row in entries.listed(session, wanted)]

        rows = await house.db.read(found)
        return visit.render(
            "register.html", rows=rows[:SHOWN], more=len(rows) > SHOWN, wanted=wanted, states=STATES, kinds=ATTRIBUTES
        )

    _add_writing(router, console)

    @router.get("/{entry_id}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], entry_id: str) -> Response:
        return await _page(visit, entry_id)

    @router.post("/{entry_id}/{what}")
    async def act(
        visit: Annotated[Visit, console.needs(Role.EDITOR, Role.REVIEWER)], entry_id: str, what: str
    ) -> Response:
        """Approve what somebody else entered; say where it is public."""
        try:
            await house.db.write(_act, visit, entry_id, what)
        except BadInput as error:
            return await _page(visit, entry_id, error)
        return visit.go(f"{PATH}/{entry_id}", f"register.done_{what}")

    return router


def _add_writing(router: APIRouter, console: Console) -> None:
    house, entries = console.house, console.house.notices.register

    @router.get("/new")
    async def blank(visit: Annotated[Visit, console.needs(Role.EDITOR)]) -> Response:
        return await _form(visit, "", {"attribute": "open", "cycle": "as_needed", "once": new_id()})

    @router.post("/new")
    async def add(visit: Annotated[Visit, console.needs(Role.EDITOR)]) -> Response:
        try:
            made = await house.db.write(once.carry_out, visit, lambda session: _add(session, visit))
        except AppError as error:
            return await _form(visit, "", visit.given(), error)
        return visit.go(f"{PATH}/{made}", "register.added")

    @router.get("/{entry_id}/edit")
    async def edit(visit: Annotated[Visit, console.needs(Role.EDITOR)], entry_id: str) -> Response:
        row = await house.db.read(entries.find, entry_id)
        return await _form(visit, entry_id, {name: str(getattr(row, name) or "") for name in EntryBody.model_fields})

    @router.post("/{entry_id}/edit")
    async def save(visit: Annotated[Visit, console.needs(Role.EDITOR)], entry_id: str) -> Response:
        """Change what is not public yet; an approval is void by it."""
        try:
            await house.db.write(lambda session: entries.change(session, entry_id, _body(visit), visit.who))
        except AppError as error:
            return await _form(visit, entry_id, visit.given(), error)
        return visit.go(f"{PATH}/{entry_id}", "register.changed")


def _act(session: Session, visit: Visit, entry_id: str, what: str) -> None:
    entries, who = visit.house.notices.register, visit.who
    if what not in {"approve", "publish"}:
        raise NotFound("There is no such step.")
    if not who.has(Role.REVIEWER if what == "approve" else Role.EDITOR):
        raise Forbidden("This step is another role's.")
    if what == "approve":
        entries.approve(session, entry_id, who)
        return
    where = visit.text("where").strip()
    if not 1 <= len(where) <= MAX_WHERE:
        raise BadInput("Where can it be read?", fields={"where": "too long" if where else "is needed"})
    entries.publish(session, entry_id, where, who)


def _body(visit: Visit) -> dict[str, Any]:
    """The form. Raises BadInput naming what does not fit."""
    given: dict[str, Any] = {name: visit.text(name).strip() for name in EntryBody.model_fields}
    given |= {name: given[name] or "0" for name in ("issue", "cycle_days")}
    try:
        return EntryBody.model_validate(given).model_dump()
    except ValidationError as error:
        words = {"string_too_long": "too long", "string_too_short": "is needed"}
        fields = {str(one["loc"][0]): words.get(one["type"], "does not fit") for one in error.errors()}
        raise BadInput("Something does not fit; see fields.", fields=fields) from error


def _add(session: Session, visit: Visit) -> str:
    formed = moment(visit.text("formed_at"), visit.house.settings.zone, "formed_at")
    if formed and formed > visit.house.clock():
        raise BadInput("It was made in the past.", fields={"formed_at": "in the future"})
    values = _body(visit) | {"editor": visit.text("editor").strip()[:40], "formed_at": formed}
    return visit.house.notices.register.add(session, values, visit.who).id


async def _form(visit: Visit, entry_id: str, given: dict[str, str], error: AppError | None = None) -> Response:
    return visit.render(
        "register_form.html",
        status=error.status if error else 200,
        id=entry_id,
        given=given,
        kinds=[(one, visit.say(f"register.attribute_{one}")) for one in ATTRIBUTES],
        cycles=[(one, visit.say(f"register.cycle_{one}")) for one in CYCLES],
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
    )


async def _page(visit: Visit, entry_id: str, error: AppError | None = None) -> Response:
    entries = visit.house.notices.register

    def found(session: Session) -> tuple[RegisterEntry, str]:
        row = entries.find(session, entry_id)
        return row, session.exec(select(Person.name).where(Person.id == row.editor_id)).first() or ""

    row, editor = await visit.house.db.read(found)
    state = entries.state(row)
    open_ = row.attribute == "open"
    return visit.render(
        "register_entry.html",
        status=error.status if error else 200,
        row=row,
        state=state,
        editor=editor,
        may_edit=visit.who.has(Role.EDITOR) and not row.published_at,
        may_approve=visit.who.has(Role.REVIEWER) and not row.approved_at and row.author != visit.who.identity,
        may_publish=visit.who.has(Role.EDITOR) and bool(row.approved_at) and open_ and not row.published_at,
        given=visit.given() if error else {},
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
    )
