"""Documents to sign for (公文签收): the list with its lamps, one with the state of every unit, issuing, decisions."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import document_issue
from bot.console.desk import Console, Visit, problem, problems, words
from bot.console.document_form import urgency_of
from bot.console.listing import ROWS, first_page, further, moment, time_and_id
from bot.console.waiting import Card
from bot.house import House
from core import units
from core.auth import Principal
from core.errors import AppError, BadInput
from core.lamps import Lamp
from core.people import Person, Role
from core.web import encode_cursor
from notify.signoff import store, views
from notify.signoff.models import OPEN, RETURNING
from notify.signoff.plan import Planned
from notify.signoff.returns import Decision
from notify.signoff.routes import check_may_end, settle, signer_for
from notify.signoff.views import Filter, Moment

READERS = (Role.OFFICIAL, Role.SUPERVISOR, Role.ADMIN)
PATH = "/console/documents"
LAMPS = ("", "red", "yellow", "green", "done", "done_late")


def build_router(console: Console) -> APIRouter:
    """``/console/documents``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    _add_list(router, console)
    document_issue.add(router, console)
    _add_acts(router, console)
    return router


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Red documents for supervisors, returns that wait for a decision for whoever issues."""
    now, found = house.clock(), []
    if who.has(Role.SUPERVISOR):
        red = len(views.page(session, now, Filter(Lamp.RED), None, 100))
        found.append(Card("document.card_red", red, f"{PATH}?lamp=red", tone="red"))
    if who.has(Role.OFFICIAL, Role.SUPERVISOR):
        returning = views.page(session, now, Filter(waiting=True), None, 100)
        mine = [one for one in returning if who.has(Role.SUPERVISOR) or one.row.issuer == who.identity]
        found.append(Card("document.card_returning", len(mine), f"{PATH}?returning=1", tone="yellow"))
    return found


def _add_list(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("")
    async def documents(
        visit: Annotated[Visit, console.needs(*READERS)],
        lamp: str = "",
        unit: str = "",
        q: str = "",
        returning: bool = False,
        cursor: str = "",
    ) -> Response:
        wanted = Filter(Lamp(lamp) if lamp in LAMPS[1:] else None, unit[:32], q.strip()[:60], returning)

        def work(session: Session) -> dict[str, Any]:
            found = views.page(session, house.clock(), wanted, time_and_id(cursor), ROWS + 1)
            offered = units.find_units(session, active=True)
            return {"found": found, "units": [(one.id, one.name) for one in offered]}

        values = await house.db.read(work)
        found = values.pop("found")
        last = found[ROWS - 1].row if len(found) > ROWS else None
        request = visit.request
        return visit.render(
            "documents.html",
            rows=found[:ROWS],
            next=further(request, encode_cursor(last.issued_at.isoformat(), last.id) if last else None),
            first=first_page(request),
            chosen={"lamp": lamp, "unit": unit, "q": q, "returning": returning},
            lamps=LAMPS,
            urgency=urgency_of(visit),
            **values,
        )


def _add_acts(router: APIRouter, console: Console) -> None:
    @router.get("/{document_id}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], document_id: str) -> Response:
        return await show(visit, document_id)

    @router.post("/{document_id}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*READERS)], document_id: str, what: str) -> Response:
        """Withdraw, decide a return, supervise, sign in somebody's stead, give back."""
        if what not in ACTS:
            raise BadInput("There is no such step.")
        try:
            await ACTS[what](visit, document_id)
        except AppError as error:
            return await show(visit, document_id, error=error)
        return visit.go(f"{PATH}/{document_id}", f"document.done_{what}")


async def show(visit: Visit, document_id: str, *, error: AppError | None = None) -> Response:
    """One document: every unit's state and plan, what may be done, everything that happened."""
    house = visit.house

    def work(session: Session) -> dict[str, Any]:
        document = store.document(session, document_id)
        view = views.view(session, house.clock(), [document])[0]
        moments = views.timeline(session, document_id)
        names = _names(session, moments)
        told = [_told(visit, one, view, names) for one in moments]
        inspector = session.get(Person, document.inspector_id) if document.inspector_id else None
        return {"document": view, "moments": told, "names": names, "inspector": inspector.name if inspector else ""}

    values = await house.db.read(work)
    view, who = values["document"], visit.who
    may_end = who.has(Role.SUPERVISOR, Role.OFFICIAL) and (
        not who.person_id or view.row.issuer == who.identity or who.has(Role.SUPERVISOR, Role.ADMIN)
    )
    return visit.render(
        "document.html",
        status=error.status if error else 200,
        problem=_sentence(visit, error) if error else "",
        plans={one.row.id: [Planned.from_json(step) for step in one.row.plan] for one in view.recipients},
        now=house.clock(),
        open_states=(OPEN, RETURNING),
        may_end=may_end and view.row.state == "issued",
        may_correct=may_end and view.row.state == "issued" and who.has(Role.OFFICIAL),
        may_sign_for=who.has(Role.SUPERVISOR) or (who.has(Role.OFFICIAL) and not who.person_id),
        may_supervise=who.has(Role.SUPERVISOR),
        urgency=urgency_of(visit),
        **values,
    )


def _sentence(visit: Visit, error: AppError) -> str:
    return "；".join([problem(error, visit.say), *problems(error, visit.say).values()])


def _names(session: Session, moments: list[Moment]) -> dict[str, str]:
    ids = {value for one in moments for value in (one.by, str(one.data.get("to", ""))) if value}
    return {row: person.name for row in ids if (person := session.get(Person, row))}


def _told(visit: Visit, one: Moment, view: views.DocumentView, names: dict[str, str]) -> dict[str, Any]:
    """One line of the record in words."""
    key = f"document.event_{one.what}"
    unit = next((each.unit for each in view.recipients if each.row.id == one.recipient_id), "")
    what = visit.say(key) if key in words().keys and one.what != "inspector" else one.what
    by = names.get(one.by, "")
    if one.what == "reminded":
        role = visit.say(f"document.role_{one.data['role']}")
        what = visit.say("document.event_reminded_to", role=role, step=visit.say(f"document.step_{one.data['step']}"))
    if one.what == "inspector":
        what = visit.say("document.event_inspector", name=names.get(str(one.data.get("to", "")), ""))
    return {"at": one.at, "what": what, "unit": unit, "by": by, "via": one.via, "state": one.state, "note": one.note}


# --- acts -------------------------------------------------------------------------------------------------------


async def _sign(visit: Visit, document_id: str) -> None:
    house, recipient = visit.house, visit.text("recipient")

    def work(session: Session) -> Any:
        _belongs(session, document_id, recipient)
        signer = signer_for(session, visit.text("by") or None, visit.who)
        return house.signoff.sign(session, recipient, signer, tell=True)

    settle(await house.db.write(work))


async def _return(visit: Visit, document_id: str) -> None:
    house, recipient = visit.house, visit.text("recipient")

    def work(session: Session) -> Any:
        _belongs(session, document_id, recipient)
        signer = signer_for(session, visit.text("by") or None, visit.who)
        return house.signoff.ask_return(session, recipient, signer, visit.text("reason").strip()[:500])

    settle(await house.db.write(work))


async def _withdraw(visit: Visit, document_id: str) -> None:
    def work(session: Session) -> None:
        check_may_end(session, document_id, visit.who)
        visit.house.signoff.withdraw(session, document_id, visit.who)

    await visit.house.db.write(work)


async def _decide(visit: Visit, document_id: str) -> None:
    recipient, who = visit.text("recipient"), visit.who
    decision = Decision(visit.text("granted") == "1", visit.text("note").strip()[:500])

    def work(session: Session) -> None:
        check_may_end(session, document_id, who)
        _belongs(session, document_id, recipient)
        visit.house.signoff.decide_return(session, recipient, who.identity, who.actor, decision)

    await visit.house.db.write(work)


async def _supervise(visit: Visit, document_id: str) -> None:
    recipient, zone = visit.text("recipient"), visit.house.settings.zone
    if not visit.who.has(Role.SUPERVISOR):
        raise BadInput("Only a supervisor opens an order.")
    due_at = moment(visit.text("due_at"), zone, "due_at")

    def work(session: Session) -> None:
        _belongs(session, document_id, recipient)
        visit.house.signoff.supervise(session, recipient, visit.who, visit.text("note").strip()[:500], due_at)

    await visit.house.db.write(work)


def _belongs(session: Session, document_id: str, recipient_id: str) -> None:
    if store.recipient(session, recipient_id).document_id != document_id:
        raise BadInput("This recipient belongs to another document.", fields={"recipient": "another document"})


ACTS = {"sign": _sign, "return": _return, "withdraw": _withdraw, "decide": _decide, "supervise": _supervise}
