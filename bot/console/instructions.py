"""Leaders' instructions (领导批示): the register with its lamps, and one unit's feedback and who confirms it."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import document_form
from bot.console.desk import Console, Visit, problem, problems
from bot.console.flash import Undo
from bot.console.waiting import Card
from bot.house import House
from core.auth import Principal
from core.errors import AppError, BadInput, Conflict, Forbidden, StaleVersion
from core.lamps import Lamp
from core.people import Person, Role
from notify.signoff import feedback, instructions
from notify.signoff.feedback import CONFIRMATIONS

PATH = "/console/instructions"
READERS = (Role.OFFICIAL, Role.HANDLER, Role.SUPERVISOR, Role.ADMIN)
LONGEST = 1000
"""Characters of feedback: so many are told to whoever issued the instruction."""


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Feedback that is owed and late or nearly so."""
    if not who.has(*READERS):
        return []
    owed = [one.lamp for one in instructions.listed(session, house.clock(), who, only_open=True) if one.lamp]
    pressing = [lamp for lamp in owed if lamp in {Lamp.RED, Lamp.YELLOW}]
    tone = "red" if Lamp.RED in pressing else "yellow"
    return [Card("instruction.card", len(pressing), f"{PATH}?open=1", tone=tone)]


def build_router(console: Console) -> APIRouter:
    """``/console/instructions``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house

    @router.get("")
    async def register(visit: Annotated[Visit, console.needs(*READERS)], open: bool = False) -> Response:
        def work(session: Session) -> list[instructions.Owed]:
            return instructions.listed(session, house.clock(), visit.who, only_open=open)

        return visit.render("instructions.html", rows=await house.db.read(work), only_open=open)

    @router.get("/{recipient_id}")
    async def one(visit: Annotated[Visit, console.needs(*READERS)], recipient_id: str) -> Response:
        return await _page(visit, recipient_id)

    @router.post("/{recipient_id}/{what}")
    async def act(visit: Annotated[Visit, console.needs(*READERS)], recipient_id: str, what: str) -> Response:
        """Write feedback (looked at first), take it back, confirm it, name another inspector."""
        try:
            if what == "write" and visit.text("step") != "send":
                return await _page(visit, recipient_id, preview=_text(visit), writing=visit.text("step") == "back")
            if what not in ACTS:
                raise BadInput("There is no such step.")
            undo = await house.db.write(ACTS[what], visit, recipient_id)
        except AppError as error:
            return await _page(visit, recipient_id, error=error)
        return visit.go(f"{PATH}/{recipient_id}", f"instruction.done_{what.replace('-', '_')}", undo=undo)

    return router


def _text(visit: Visit) -> str:
    """What the form says was done; raises BadInput for nothing, or more than may be told."""
    text = visit.text("text").strip()
    if len(text) < 2:
        raise BadInput("Write what was done.", fields={"text": "missing"})
    if len(text) > LONGEST:
        raise BadInput("Say it in fewer words.", fields={"text": "too long"})
    return text


async def _page(
    visit: Visit, recipient_id: str, *, preview: str = "", writing: bool = False, error: AppError | None = None
) -> Response:
    house, who = visit.house, visit.who

    def work(session: Session) -> dict[str, Any]:
        owed = instructions.one(session, house.clock(), recipient_id)
        _check_may_see(session, owed, who)
        job = house.signoff.work(session)
        written = owed.feedback
        names = {one: _name(session, one) for one in (*written.confirmed_by, written.written_by)} if written else {}
        is_open = owed.document.state == "issued" and (written is None or written.left_at is None)
        return {
            "one": owed,
            "names": names,
            "may_write": is_open and feedback.may_write(job, owed.row, who),
            "may_confirm": is_open and written is not None and _may_confirm(session, house, owed, who),
            "may_take_back": is_open and written is not None and who.identity == written.written_by,
            "may_appoint": owed.document.state == "issued" and _may_appoint(owed, who),
            "inspectors": document_form.inspectors(document_form.choices(session)),
        }

    text = visit.text("text")
    values = await house.db.read(work)
    return visit.render(
        "instruction.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        preview="" if writing else preview,
        text=text or (values["one"].feedback.text if values["one"].feedback else ""),
        needed=CONFIRMATIONS,
        longest=LONGEST,
        **values,
    )


def _check_may_see(session: Session, owed: instructions.Owed, who: Principal) -> None:
    """As in the register: a unit's feedback is no business of other units."""
    person = session.get(Person, who.person_id) if who.person_id else None
    mine = {owed.row.a_id, owed.row.b_id, owed.row.leader_id, owed.document.inspector_id}
    concerned = bool(person and (person.id in mine or person.unit_id == owed.row.unit_id))
    if not (concerned or who.has(Role.SUPERVISOR, Role.ADMIN) or owed.document.issuer == who.identity):
        raise Forbidden("This instruction went to another unit.")


def _may_confirm(session: Session, house: House, owed: instructions.Owed, who: Principal) -> bool:
    written = owed.feedback
    if written is None or who.identity == written.written_by or who.identity in written.confirmed_by:
        return False
    return feedback.is_leader(house.signoff.work(session), who)


def _may_appoint(owed: instructions.Owed, who: Principal) -> bool:
    return who.has(Role.SUPERVISOR, Role.ADMIN) or owed.document.issuer == who.identity


def _name(session: Session, identity: str) -> str:
    person = session.get(Person, identity)
    return person.name if person else identity


# --- acts -------------------------------------------------------------------------------------------------------


def _write(session: Session, visit: Visit, recipient_id: str) -> Undo:
    made = visit.house.signoff.write_feedback(session, recipient_id, _text(visit), visit.who)
    return Undo(f"{PATH}/{recipient_id}/take-back", {"feedback": made.id})


def _take_back(session: Session, visit: Visit, recipient_id: str) -> None:
    _check_belongs(session, visit, recipient_id)
    visit.house.signoff.take_back_feedback(session, visit.text("feedback"), visit.who)


def _confirm(session: Session, visit: Visit, recipient_id: str) -> None:
    _check_belongs(session, visit, recipient_id)
    visit.house.signoff.confirm_feedback(session, visit.text("feedback"), visit.who)


def _appoint(session: Session, visit: Visit, recipient_id: str) -> Undo | None:
    document = instructions.one(session, visit.house.clock(), recipient_id).document
    before, wanted = document.inspector_id, visit.text("inspector")
    if wanted == before:
        raise Conflict("This person is the inspector already.")
    visit.house.signoff.appoint_inspector(session, document.id, wanted, visit.who)
    return Undo(f"{PATH}/{recipient_id}/inspector", {"inspector": before}) if before else None


def _check_belongs(session: Session, visit: Visit, recipient_id: str) -> None:
    """What was looked at is what is meant: a draft written anew meanwhile is another one."""
    found = instructions.one(session, visit.house.clock(), recipient_id).feedback
    if found is None or found.id != visit.text("feedback"):
        raise StaleVersion("The feedback was changed meanwhile. Read it again.")


ACTS = {"write": _write, "take-back": _take_back, "confirm": _confirm, "inspector": _appoint}
