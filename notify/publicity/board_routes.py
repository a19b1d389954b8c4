"""Posters and photos of the village board over HTTP, for editors and reviewers."""

import asyncio
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import BaseModel
from sqlmodel import Session

from core import files
from core.auth import Principal
from core.clock import Clock
from core.db import Database
from core.errors import TooLarge
from core.people import Role
from core.web import Guard, Page, require
from notify.publicity import board, poster
from notify.publicity.poster import Poster
from notify.publicity.service import Publicity


class PhotoOut(BaseModel):
    """A photo of the board; ``stage`` is "start" or "end", ``at`` when it was uploaded."""

    id: str
    stage: str
    name: str
    mime: str
    size: int
    at: datetime


def build_router(publicity: Publicity, db: Database, clock: Clock, guard: Guard, font_file: str) -> APIRouter:
    """The routes of posters and photos."""
    router = APIRouter(prefix="/api/v1/notices/{notice_id}", tags=["notices"])
    staff = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/poster", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
    async def one(
        notice_id: str, who: Annotated[Principal, staff], area: Annotated[str, Query(max_length=120)] = ""
    ) -> Response:
        """The poster of one village group, with full names. The look is recorded."""

        def read(session: Session) -> Poster:
            return board.poster(publicity.work(session), notice_id, area, who)

        content = await db.write(read)
        made = await asyncio.to_thread(poster.pdf, content, font_file)
        name = quote(f"{content.number} {content.area}.pdf")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=headers)

    @router.get("/poster/areas")
    async def areas(notice_id: str, _who: Annotated[Principal, staff]) -> Page[str]:
        """The village groups of the list: a poster for each."""
        return Page(items=await db.read(lambda session: board.groups(publicity.work(session), notice_id)))

    @router.post("/photos", status_code=201)
    async def add(
        notice_id: str, stage: Annotated[str, Form(max_length=10)], file: UploadFile, who: Annotated[Principal, staff]
    ) -> PhotoOut:
        """A photo of the posting at its start or its end."""
        content = await file.read(files.MAX_BYTES + 1)
        if len(content) > files.MAX_BYTES:
            raise TooLarge(f"A photo has at most {files.MAX_BYTES // 1_000_000} MB.")

        def work(session: Session) -> PhotoOut:
            notice = publicity.find(session, notice_id)
            row = board.add_photo(session, clock(), notice, stage, file.filename or "", content, who)
            return _out(stage, row)

        return await db.write(work)

    @router.get("/photos")
    async def listed(notice_id: str, _who: Annotated[Principal, staff]) -> Page[PhotoOut]:
        """The photos of the posting."""
        found = await db.read(board.photos, notice_id)
        return Page(items=[_out(stage, row) for stage, row in found])

    @router.get("/photos/{file_id}", response_class=Response)
    async def photo(notice_id: str, file_id: str, _who: Annotated[Principal, staff]) -> Response:
        """One photo, as a download."""
        found = await db.read(board.photo, notice_id, file_id)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
        return Response(found.content, media_type=found.mime, headers=headers)

    return router


def _out(stage: str, row: files.StoredFile) -> PhotoOut:
    kept = row.model_dump(include={"id", "name", "mime", "size"})
    return PhotoOut(**kept, stage=stage, at=row.created_at)
