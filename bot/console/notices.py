"""Notices (公示公告): the list, writing, one with all that can be done to it, its upload and sending as they go."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console import notice_acts, notice_pages, notice_row
from bot.console.desk import Console, Visit, problem, problems
from bot.console.listing import ROWS, first_page, further
from bot.console.waiting import Card
from bot.house import House
from core.auth import Principal
from core.errors import AppError, BadInput
from core.people import Role
from core.sheet import MAX_FILE
from core.web import decode_cursor, encode_cursor
from notify.publicity import own_lists
from notify.publicity.editing import FIELDS, Content
from notify.publicity.models import AUDIENCES, KINDS, Notice
from notify.publicity.states import State

PEOPLE = (Role.EDITOR, Role.REVIEWER)
PATH = "/console/notices"
TABS = ("", "draft", "in_review", "approved", "sending", "public", "period_over", "final")
_TICKS = ("emergency", "confirm_first")


def build_router(console: Console) -> APIRouter:
    """``/console/notices``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    _add_list(router, console)
    _add_writing(router, console)
    _add_own_lists(router, console)
    notice_pages.add(router, console)
    notice_row.add(router, console)
    _add_one(router, console)
    notice_acts.add(router, console)
    return router


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """What waits for approval, and what can become final."""
    found = []
    if who.has(Role.REVIEWER):
        waiting = house.publicity.listed(session, [State.IN_REVIEW.value], "", 100)
        found.append(Card("notices.card_review", len(waiting), f"{PATH}?state=in_review", tone="yellow"))
    if who.has(Role.EDITOR):
        over = house.publicity.listed(session, [State.PERIOD_OVER.value], "", 100)
        found.append(Card("notices.card_over", len(over), f"{PATH}?state=period_over"))
    return found


def _add_list(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("")
    async def notices(visit: Annotated[Visit, console.needs(*PEOPLE)], state: str = "", cursor: str = "") -> Response:
        chosen = state if state in {one.value for one in State} else ""
        before = str(decode_cursor(cursor)[0]) if cursor else ""
        found = await house.db.read(house.publicity.listed, [chosen] if chosen else [], before, ROWS + 1)
        last = encode_cursor(found[ROWS - 1].id) if len(found) > ROWS else None
        request = visit.request
        return visit.render(
            "notices.html", rows=found[:ROWS], next=further(request, last), first=first_page(request),
            chosen=chosen, tabs=[(f"{PATH}?state={one}" if one else PATH, one) for one in TABS],
        )  # fmt: skip


def _add_writing(router: APIRouter, console: Console) -> None:
    house = console.house
    editor = console.needs(Role.EDITOR)

    @router.get("/new")
    async def blank(visit: Annotated[Visit, editor]) -> Response:
        return await _form(visit, None, {"kind": "subsidy"})

    @router.post("/new")
    async def create(visit: Annotated[Visit, editor]) -> Response:
        try:
            made = await house.db.write(house.publicity.create, Content(**_content(visit)), visit.who)
        except AppError as error:
            return await _form(visit, None, visit.given(), error)
        return visit.go(f"{PATH}/{made.id}", "notices.created", number=made.number)

    @router.get("/{notice_id}/edit")
    async def edit(visit: Annotated[Visit, editor], notice_id: str) -> Response:
        notice = await house.db.read(house.publicity.find, notice_id)
        return await _form(visit, notice, _given(notice))

    @router.post("/{notice_id}/edit")
    async def save(visit: Annotated[Visit, editor], notice_id: str) -> Response:
        try:
            version = int(visit.text("version") or 0)
            await house.db.write(house.publicity.edit, notice_id, _content(visit), visit.who, version)
        except (AppError, ValueError) as error:
            notice = await house.db.read(house.publicity.find, notice_id)
            told = error if isinstance(error, AppError) else BadInput("This is not a version.")
            return await _form(visit, notice, visit.given(), told)
        return visit.go(f"{PATH}/{notice_id}", "notices.saved")


async def _form(visit: Visit, notice: Notice | None, given: dict[str, Any], error: AppError | None = None) -> Response:
    others = await visit.house.db.read(visit.house.publicity.listed, ["public", "period_over", "final"], "", 100)
    return visit.render(
        "notice_edit.html", status=error.status if error else 200, notice=notice, given=given,
        problem=problem(error, visit.say) if error else "", wrong=problems(error, visit.say) if error else {},
        kinds=[(one, visit.say(f"notices.kind_{one}")) for one in KINDS],
        audiences=[(one, visit.say(f"notices.audience_{one}")) for one in AUDIENCES],
        others=[(one.id, f"{one.number} {one.title}") for one in others if notice is None or one.id != notice.id],
    )  # fmt: skip


def _given(notice: Notice) -> dict[str, Any]:
    found = {name: getattr(notice, name) for name in FIELDS}
    return {name: "" if value is None else value for name, value in found.items()} | {"version": notice.version}


def _content(visit: Visit) -> dict[str, Any]:
    """What the form says, as the service takes it; raises BadInput for what is no day."""
    plain = ("title", "programme", "text", "kind", "audience", "area", "topic", "report_phone", "round")
    found: dict[str, Any] = {name: visit.text(name) for name in plain}
    found |= {name: visit.text(name) == "1" for name in _TICKS}
    found["previous_id"] = visit.text("previous_id") or None
    found |= {name: notice_acts.day(visit, name) for name in ("starts_on", "ends_on")}
    return found


def _add_own_lists(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/own-lists")
    async def lists(visit: Annotated[Visit, console.needs(*PEOPLE)]) -> Response:
        sizes = await house.db.read(own_lists.sizes)
        return visit.render("notice_lists.html", sizes=sizes, problem="", wrong={})

    @router.post("/own-lists")
    async def replace(visit: Annotated[Visit, console.needs(Role.EDITOR)]) -> Response:
        """One of the office's own lists from a file, in the place of the one before."""
        try:
            file = visit.file("file")
            if file is None:
                raise BadInput("Choose a file.", fields={"file": "missing"})
            data = await file.read(MAX_FILE + 1)
            count = await house.db.write(house.publicity.replace_own_list, visit.text("kind"), data, visit.who)
        except AppError as error:
            return visit.render(
                "notice_lists.html", status=error.status, sizes=await house.db.read(own_lists.sizes),
                problem=problem(error, visit.say), wrong=problems(error, visit.say),
            )  # fmt: skip
        return visit.go(f"{PATH}/own-lists", "notices.done_own_list", count=count)


def _add_one(router: APIRouter, console: Console) -> None:
    @router.get("/{notice_id}")
    async def one(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str) -> Response:
        return await notice_acts.show(visit, notice_id)

    @router.get("/{notice_id}/live")
    async def live(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str) -> Response:
        """The part of the page that moves: the upload and the sending as they stand."""
        values = await visit.house.db.read(notice_acts.moving, visit.house, notice_id)
        return visit.render("_notice_live.html", **values)
