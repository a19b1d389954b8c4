"""Missed questions (没答上的): grouped, the most frequent first; made a phrasing, a new entry, or put aside. Files."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.console.faq import EDITORS, from_form
from bot.console.listing import ROWS, first_page, further
from core.errors import AppError, BadInput, TooLarge
from core.people import Role
from core.web import decode_cursor, encode_cursor
from faq import bulk, misses, store
from faq.content import shipped_categories
from faq.review import Author

PATH = "/console/faq/missed"
MAX_UPLOAD = 25_000_000
"""As the API's; larger files go through the command line."""


def build_router(console: Console) -> APIRouter:
    """``/console/faq/missed`` and ``/console/faq/import``."""
    router = APIRouter(include_in_schema=False)
    _add_lists(router, console)
    _add_acts(router, console)
    _add_files(router, console)
    return router


def _add_lists(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get(PATH)
    async def missed(
        visit: Annotated[Visit, console.needs(*EDITORS)], state: str = "open", reason: str = "", cursor: str = ""
    ) -> Response:
        state = state if state in {"open", "answered", "dismissed"} else "open"
        reason = reason if reason in {"unanswered", "unhelpful"} else ""
        await house.faq.misses.collect()

        def work(session: Session) -> dict[str, Any]:
            groups = misses.page(session, state, reason, _after(cursor), ROWS + 1)
            return {"groups": groups, "entries": misses.nearest_of(session, groups)}

        found = await house.db.read(work)
        groups = found["groups"]
        last = groups[ROWS - 1] if len(groups) > ROWS else None
        return visit.render(
            "faq_missed.html",
            rows=groups[:ROWS],
            entries=found["entries"],
            next=further(visit.request, encode_cursor(last.count, last.id) if last else None),
            first=first_page(visit.request),
            chosen={"state": state, "reason": reason},
        )

    @router.get(PATH + "/{miss_id}")
    async def one(visit: Annotated[Visit, console.needs(*EDITORS)], miss_id: int) -> Response:
        return await _page(visit, miss_id)


def _after(cursor: str) -> tuple[int, int] | None:
    key = decode_cursor(cursor) if cursor else None
    if key is not None and (len(key) != 2 or not all(isinstance(part, int) for part in key)):
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"})
    return (key[0], key[1]) if key else None


async def _page(visit: Visit, miss_id: int, *, error: AppError | None = None) -> Response:
    house = visit.house

    def work(session: Session) -> dict[str, Any]:
        group = misses.find(session, miss_id)
        entries = misses.nearest_of(session, [group])
        return {"group": group, "entries": entries, "members": misses.members(session, miss_id)}

    found = await house.db.read(work)
    near = await house.faq.live.similar(found["group"].text, 5)
    suggested = [view for match in near if (view := house.faq.view(match.id, match.score))]
    given = visit.given() if error else {}
    return visit.render(
        "faq_missed_one.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=given,
        suggested=suggested,
        categories=shipped_categories(),
        **found,
    )


def _add_acts(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.post(PATH + "/{miss_id}/{what}")
    async def act(visit: Annotated[Visit, console.needs(Role.EDITOR)], miss_id: int, what: str) -> Response:
        """Add as a phrasing, write an entry, or put aside."""
        now, author = house.clock(), Author.of(visit.who)

        def work(session: Session) -> str:
            if what == "phrasing":
                chosen = visit.text("other").strip() or visit.text("entry")
                store.find(session, chosen)
                wording = visit.text("text")[:500]
                return misses.add_as_phrasing(session, now, author, miss_id, entry_id=chosen, text=wording).id
            if what == "entry":
                return misses.write_entry(session, now, author, miss_id, from_form(visit)).id
            misses.dismiss(session, now, author, miss_id, visit.text("reason").strip()[:200])
            return ""

        try:
            entry_id = await house.db.write(work)
        except AppError as error:
            return await _page(visit, miss_id, error=error)
        if not entry_id:
            return visit.go(PATH, "missed.dismissed")
        said = "missed.added" if what == "phrasing" else "missed.written"
        return visit.go(f"/console/faq/entry/{entry_id}", said)


def _add_files(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/console/faq/import")
    async def choose(visit: Annotated[Visit, console.needs(Role.EDITOR)]) -> Response:
        return visit.render("faq_import.html", report=None, problem="")

    @router.post("/console/faq/import")
    async def bring_in(visit: Annotated[Visit, console.needs(Role.EDITOR)]) -> Response:
        """Entries from a file, as drafts; every bad line is named and no good one is lost."""
        try:
            upload = visit.chosen_file("file")
            data = await upload.read(MAX_UPLOAD + 1)
            if len(data) > MAX_UPLOAD:
                raise TooLarge(f"A file may have at most {MAX_UPLOAD // 1_000_000} MB.")
            author = Author.of(visit.who)
            report = await bulk.import_file(house.db, data, house.clock, author, name=upload.filename or "upload")
        except AppError as error:
            said = problem(error, visit.say) + "".join(f" {what}" for what in problems(error, visit.say).values())
            return visit.render("faq_import.html", status=error.status, report=None, problem=said)
        return visit.render("faq_import.html", report=report, problem="")
