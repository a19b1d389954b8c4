"""The knowledge base for its editors: find, read with its versions, write with a preview, submit, approve, archive."""

import difflib
import re
from dataclasses import fields as fields_of
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session, col, func, select

from bot.console import faq_preview, once
from bot.console.desk import Console, Visit, problem, problems
from bot.console.listing import ROWS, first_page, further
from bot.console.waiting import Card
from bot.house import House
from core.auth import Account, Principal
from core.errors import AppError, BadInput, StaleVersion
from core.ids import new_id
from core.people import Person, Role
from core.web import decode_cursor, encode_cursor
from faq import review, store
from faq.content import Content, shipped_categories, unpack
from faq.models import FaqEntry, FaqMiss, FaqVersion
from faq.review import Author
from faq.routes_entries import plain

PATH = "/console/faq"
EDITORS = (Role.EDITOR, Role.REVIEWER)
STATES = ("draft", "in_review", "published", "archived")


def cards(session: Session, house: House, who: Principal) -> list[Card]:
    """Entries to approve for reviewers, groups of missed questions for editors."""
    del house
    found = []
    if who.has(Role.REVIEWER):
        mine = (FaqEntry.state == "in_review") & (FaqEntry.author != who.identity)
        count = session.exec(select(func.count()).select_from(FaqEntry).where(mine)).one()
        found.append(Card("faq.card_review", count, f"{PATH}?state=in_review", tone="yellow"))
    if who.has(Role.EDITOR):
        missed = session.exec(select(func.count()).select_from(FaqMiss).where(FaqMiss.state == "open")).one()
        found.append(Card("faq.card_missed", missed, f"{PATH}/missed"))
    return found


def build_router(console: Console) -> APIRouter:
    """``/console/faq``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    _add_list(router, console)
    _add_writing(router, console)
    _add_reading(router, console)
    return router


def _add_list(router: APIRouter, console: Console) -> None:
    db = console.house.db

    @router.get("")
    async def entries(
        visit: Annotated[Visit, console.needs(*EDITORS)],
        state: str = "",
        category: str = "",
        unit: str = "",
        q: str = "",
        cursor: str = "",
    ) -> Response:
        narrowed = {"category": category, "unit": unit, "words": q.strip()}
        texts = {name: plain(text[:100]) for name, text in narrowed.items()}
        wanted = store.Filter(state if state in STATES else "", **texts)
        after = str(next(iter(decode_cursor(cursor)), "")) if cursor else ""
        rows = await db.read(store.page, wanted, plain(after), ROWS + 1)
        used = await db.read(store.categories)
        return visit.render(
            "faq.html",
            rows=rows[:ROWS],
            next=further(visit.request, encode_cursor(rows[ROWS - 1].id) if len(rows) > ROWS else None),
            first=first_page(visit.request),
            chosen={"state": state, "category": category, "unit": unit, "q": q},
            states=STATES,
            categories=[*shipped_categories(), *(name for name in used if name not in shipped_categories())],
            counts=await db.read(_counts),
        )


def _counts(session: Session) -> dict[str, int]:
    return dict(session.exec(select(FaqEntry.state, func.count()).group_by(FaqEntry.state)).all())


# --- writing ----------------------------------------------------------------------------------------------------


def _add_writing(router: APIRouter, console: Console) -> None:
    house = console.house
    editor = console.needs(Role.EDITOR)

    @router.get("/new")
    async def blank(visit: Annotated[Visit, editor], question: str = "") -> Response:
        return await _form(visit, "", {"question": question[:500], "locale": "zh-Hans"})

    @router.get("/edit/{entry_id:path}")
    async def edit(visit: Annotated[Visit, editor], entry_id: str) -> Response:
        entry = await house.db.read(store.find, entry_id)
        given = as_form(store.content_of(entry)) | {"version": str(entry.version)}
        return await _form(visit, entry_id, given)

    @router.post("/save")
    async def save(visit: Annotated[Visit, editor]) -> Response:
        """Look first, then save; a save may ask for review in the same step."""
        entry_id, step = visit.text("entry_id"), visit.text("step")
        try:
            content = review.checked(from_form(visit))
            if step == "preview":
                shown = await faq_preview.preview(house, content, entry_id)
                return await _form(visit, entry_id, visit.given(), preview=shown)
            save_it = partial(_save, house, visit, content)
            saved = await house.db.write(once.carry_out, visit, save_it)
        except StaleVersion as error:
            return await _stale(visit, entry_id, error)
        except AppError as error:
            return await _form(visit, entry_id, visit.given(), error=error)
        return visit.go(f"{PATH}/entry/{saved}", "faq.submitted" if step == "submit" else "faq.saved")


def _save(house: House, visit: Visit, content: Content, session: Session) -> str:
    now, author, entry_id = house.clock(), Author.of(visit.who), visit.text("entry_id")
    if entry_id:
        number = visit.text("version")
        version = int(number) if number.isdecimal() else None
        entry = review.edit(session, now, author, entry_id, content, version=version, why=visit.text("why")[:200])
    else:
        entry = review.create(session, now, author, content, entry_id=visit.text("id"), why=visit.text("why")[:200])
    if visit.text("step") == "submit" and entry.state == review.DRAFT:
        entry = review.submit(session, now, author, entry.id)
    return entry.id


async def _stale(visit: Visit, entry_id: str, error: StaleVersion) -> Response:
    """Somebody saved meanwhile: what they wrote stands beside what was typed, which stays in the form."""
    entry = await visit.house.db.read(store.find, entry_id)
    other = as_form(store.content_of(entry))
    changed = {name: value for name, value in other.items() if value.strip() != visit.text(name).strip()}
    given = visit.given() | {"version": str(entry.version)}
    return await _form(visit, entry_id, given, error=error, theirs=changed)


async def _form(
    visit: Visit,
    entry_id: str,
    given: dict[str, str],
    *,
    error: AppError | None = None,
    preview: faq_preview.Preview | None = None,
    theirs: dict[str, str] | None = None,
) -> Response:
    units = await visit.house.db.read(_unit_names)
    return visit.render(
        "faq_edit.html",
        status=error.status if error else 200,
        entry_id=entry_id,
        given=given,
        once=new_id(),
        preview=preview,
        theirs=theirs or {},
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error and isinstance(error, BadInput) else {},
        categories=shipped_categories(),
        units=units,
    )


def _unit_names(session: Session) -> list[str]:
    return list(session.exec(select(FaqEntry.unit).where(FaqEntry.unit != "").distinct().order_by(FaqEntry.unit)))


def as_form(content: Content) -> dict[str, str]:
    """An entry's content as fields of the form."""
    values = {field.name: getattr(content, field.name) for field in fields_of(content)}
    return {name: "\n".join(value) if name == "aliases" else str(value or "") for name, value in values.items()}


def from_form(visit: Visit) -> dict[str, Any]:
    """The fields of the form as values to be checked."""
    names = [field.name for field in fields_of(Content)]
    values: dict[str, Any] = {name: visit.text(name) for name in names if name in visit.form}
    values["aliases"] = [line.strip() for line in visit.text("aliases").split("\n") if line.strip()]
    return values


# --- reading ----------------------------------------------------------------------------------------------------


def _add_reading(router: APIRouter, console: Console) -> None:
    house = console.house

    @router.get("/entry/{entry_id:path}")
    async def entry(visit: Annotated[Visit, console.needs(*EDITORS)], entry_id: str) -> Response:
        return await _entry(visit, entry_id)

    @router.post("/move/{what}/{entry_id:path}")
    async def move(visit: Annotated[Visit, console.needs(*EDITORS)], what: str, entry_id: str) -> Response:
        """A step of the review: submit, approve, reject with a reason, archive."""
        number = visit.text("version")
        version = int(number) if number.isdecimal() else None
        try:
            check_move(visit.who, what)
            await house.db.write(_move, house, visit, what, entry_id, version)
        except AppError as error:
            return await _entry(visit, entry_id, error=error)
        return visit.go(f"{PATH}/entry/{entry_id}", f"faq.moved_{what}")


def check_move(who: Principal, what: str) -> None:
    """Raise BadInput for a step this role does not take."""
    allowed = {"submit": (Role.EDITOR,), "approve": (Role.REVIEWER,), "reject": (Role.REVIEWER,), "archive": EDITORS}
    if what not in allowed or not who.has(*allowed[what]):
        raise BadInput("This step is not yours.")


def _move(session: Session, house: House, visit: Visit, what: str, entry_id: str, version: int | None) -> None:
    now, author = house.clock(), Author.of(visit.who)
    if what == "reject":
        reason = visit.text("reason").strip()[:200]
        if not reason:
            raise BadInput("Say what is to be changed.", fields={"reason": "missing"})
        review.reject(session, now, author, entry_id, reason, version=version)
        return
    step = {"submit": review.submit, "approve": review.approve, "archive": review.archive}[what]
    step(session, now, author, entry_id, version=version)


async def _entry(visit: Visit, entry_id: str, *, error: AppError | None = None) -> Response:
    values = await visit.house.db.read(_whole, entry_id)
    return visit.render(
        "faq_entry.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error and isinstance(error, BadInput) else {},
        **values,
    )


def _whole(session: Session, entry_id: str) -> dict[str, Any]:
    entry = store.find(session, entry_id)
    versions = store.versions(session, entry_id)
    live = next((unpack(one.content) for one in versions if one.version == entry.live_version), None)
    names = names_of(session, {one.author for one in versions} | {one.approved_by for one in versions})
    steps = [(one, changes(older, one)) for one, older in zip(versions, [*versions[1:], None], strict=True)]
    return {"entry": entry, "live": live, "steps": steps, "names": names}


def names_of(session: Session, identities: set[str]) -> dict[str, str]:
    """Who stands behind an identity: a person's name, else the account's."""
    wanted = sorted(one for one in identities if one)
    people = session.exec(select(Person).where(col(Person.id).in_(wanted)))
    known = {person.id: person.name for person in people}
    accounts = session.exec(select(Account.id, Account.name).where(col(Account.id).in_(wanted)))
    return dict(accounts.all()) | known


def changes(older: FaqVersion | None, newer: FaqVersion) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a version changed: for each field its pieces, marked kept, gone or new. Pure."""
    before = as_form(unpack(older.content)) if older else {}
    after = as_form(unpack(newer.content))
    return [
        (name, _pieces(before.get(name, ""), value))
        for name, value in after.items()
        if older is not None and value != before.get(name, "")
    ]


_CLAUSE = re.compile(r"[^，。；：！？,.;:!?\n]*[，。；：！？,.;:!?\n]*")


def _pieces(before: str, after: str) -> list[tuple[str, str]]:
    """Compared clause by clause: character by character a long answer would take minutes, and nobody could read it."""
    old, new = _CLAUSE.findall(before), _CLAUSE.findall(after)
    found: list[tuple[str, str]] = []
    for tag, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(old[start:end])))
            continue
        found += [("gone", "".join(old[start:end]))] if end > start else []
        found += [("new", "".join(new[first:last]))] if last > first else []
    return [piece for piece in found if piece[1]]
