"""What a citizen sees of the files of a matter, and whether there is news: for browsers that showed number and code."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response

from bot.hotline.proofs import Proof
from bot.pages import thumbnail
from bot.site import reading
from bot.site.parts import Parts
from bot.site.reading import Browser
from core.errors import NotFound
from core.files import IMAGES
from core.messages import File

Number = Annotated[str, Path(max_length=40)]
FileId = Annotated[str, Path(max_length=32)]
_PRIVATE = {"Cache-Control": "private, no-store"}
"""A shared computer keeps nothing of a matter."""


def build_router(parts: Parts) -> APIRouter:
    """``/t/{number}/files/…`` and ``/t/{number}/mark``."""
    router = APIRouter(include_in_schema=False)

    async def proof(request: Request, number: str) -> Proof:
        found = await parts.db.read(reading.proof_of, parts.clock(), Browser.of(request), number, parts.hotline)
        if found is None:
            raise NotFound("There is no such page.")
        return found

    async def file_of(request: Request, number: str, file_id: str) -> File:
        shown = await proof(request, number)
        return await parts.db.read(reading.file_of, parts.hotline, number, shown, file_id)

    @router.get("/t/{number}/files/{file_id}")
    async def file(number: Number, file_id: FileId, request: Request) -> Response:
        """One file; pictures in place, everything else as a download."""
        found = await file_of(request, number, file_id)
        place = "inline" if found.mime in IMAGES else "attachment"
        headers = {**_PRIVATE, "Content-Disposition": f"{place}; filename*=UTF-8''{quote(found.name)}"}
        return Response(found.content, media_type=found.mime, headers=headers)

    @router.get("/t/{number}/files/{file_id}/small")
    async def small(number: Number, file_id: FileId, request: Request) -> Response:
        """A small picture of a photo."""
        found = await file_of(request, number, file_id)
        content = await asyncio.to_thread(thumbnail.small, found.content, found.mime)
        return Response(content, media_type=thumbnail.MIME, headers=_PRIVATE)

    @router.get("/t/{number}/mark")
    async def mark(number: Number, request: Request) -> Response:
        """What the page compares with its own now and then. Looking so does not prolong the visit."""
        shown = await proof(request, number)
        found = await parts.db.read(reading.mark_of, parts.hotline, number, shown)
        return Response(found, media_type="text/plain", headers=_PRIVATE)

    return router
