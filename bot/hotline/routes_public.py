"""``/api/v1/tickets``: hand in, follow, and what citizens do with number and code."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, UploadFile

from bot.hotline.citizen_view import CitizenView
from bot.hotline.schemas import FileOut, RateIn, TextIn, TicketIn, TicketOut, UrgedOut, WithCode
from bot.hotline.service import Code, Hotline
from bot.hotline.words import Grade
from core import files
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import NotFound, TooLarge
from core.idempotent_route import Once
from core.limits import RateLimit
from core.people import Unit
from core.web import client_address

SOURCE = "web"
OPENED_PER_MINUTE = 20
"""Matters from one address: an office's shared line hands in more than one person does."""


def build_router(hotline: Hotline, db: Database, clock: Clock, settings: Settings) -> APIRouter:
    """The routes anyone may call."""
    router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
    lookups = RateLimit(settings.limit_lookup, clock)
    _add_opening(router, hotline, db, clock, settings)
    _add_following(router, hotline, db, settings, lookups)
    _add_files(router, hotline, db, settings)
    return router


def _code(request: Request, code: str, settings: Settings) -> Code:
    return Code(code, client_address(request, settings.proxies), SOURCE)


def _add_opening(router: APIRouter, hotline: Hotline, db: Database, clock: Clock, settings: Settings) -> None:
    once = Once(db, clock)
    opened_lately = RateLimit(OPENED_PER_MINUTE, clock)

    @router.post("", status_code=201, response_model=TicketOut)
    async def open_ticket(body: TicketIn, request: Request) -> Response:
        """Hand in a matter."""
        address = client_address(request, settings.proxies)
        opened_lately.check(address, "That was a lot at once. Please wait a minute.")

        async def work() -> TicketOut:
            return TicketOut.of(await db.write(hotline.open, body.matter(SOURCE)))

        return await once(request, address, work)


def _add_following(router: APIRouter, hotline: Hotline, db: Database, settings: Settings, lookups: RateLimit) -> None:
    @router.get("/{number}")
    async def follow(number: str, request: Request, code: str = "") -> CitizenView:
        """A matter's state; a wrong code and an unknown number are answered alike."""
        try:
            return await db.read(hotline.view, number, _code(request, code, settings))
        except NotFound:
            lookups.check(client_address(request, settings.proxies), "Too many wrong codes. Please try again later.")
            raise

    @router.post("/{number}/append")
    async def append(number: str, body: TextIn, request: Request) -> CitizenView:
        """Add to it."""
        return await db.write(hotline.append, number, _code(request, body.code, settings), body.words)

    @router.post("/{number}/urge")
    async def urge(number: str, body: WithCode, request: Request) -> UrgedOut:
        """Ask to hurry, once a day."""
        urged = await db.write(hotline.urge, number, _code(request, body.code, settings))
        unit = await db.read(lambda session: session.get(Unit, urged.unit_id)) if urged.unit_id else None
        return UrgedOut(unit=unit.name if unit else None, progress_by=urged.progress_by, count=urged.count)

    @router.post("/{number}/withdraw")
    async def withdraw(number: str, body: TextIn, request: Request) -> CitizenView:
        """Take it back."""
        return await db.write(hotline.withdraw, number, _code(request, body.code, settings), body.words)

    @router.post("/{number}/rate")
    async def rate(number: str, body: RateIn, request: Request) -> CitizenView:
        """Rate the answer, once."""
        return await db.write(
            hotline.rate,
            number,
            _code(request, body.code, settings),
            solved=body.solved,
            grade=Grade.from_api(body.grade),
            comment=body.comment,
        )

    @router.post("/{number}/reopen")
    async def reopen(number: str, body: TextIn, request: Request) -> CitizenView:
        """Have a closed matter taken up again, within 15 days."""
        return await db.write(hotline.reopen, number, _code(request, body.code, settings), body.words)

    @router.post("/{number}/contest")
    async def contest(number: str, body: TextIn, request: Request) -> CitizenView:
        """Contest a rejection, once within 15 days."""
        return await db.write(hotline.contest, number, _code(request, body.code, settings), body.words)


def _add_files(router: APIRouter, hotline: Hotline, db: Database, settings: Settings) -> None:
    @router.post("/{number}/files", status_code=201)
    async def add_file(
        number: str, request: Request, code: Annotated[str, Form(max_length=20)], file: UploadFile
    ) -> FileOut:
        """Add a photo, a sound or a paper."""
        proof = _code(request, code, settings)
        await db.read(hotline.find, number, proof)
        content = await file.read(files.MAX_BYTES + 1)
        if len(content) > files.MAX_BYTES:
            raise TooLarge(f"A file has at most {files.MAX_BYTES // 1_000_000} MB.")
        kept = await db.write(hotline.attach, number, proof, file.filename or "", content)
        return FileOut(id=kept.id, name=kept.name, mime=kept.mime, size=kept.size)
