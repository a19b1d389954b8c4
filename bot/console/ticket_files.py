"""Files of a matter in the console: shown in place or as a small picture, added by staff, shown to the citizen."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from bot.console.desk import Console, Visit, problem
from bot.console.flash import Undo
from bot.console.menu import HOTLINE, STAFF
from bot.hotline import moves, staff_files
from bot.pages import thumbnail
from core import files
from core.errors import AppError, BadInput, NotFound
from core.files import IMAGES
from core.messages import File

HERE = "/console/tickets"
FORM = "files"
"""How the form is called where the page says what became of it."""


def build_router(console: Console) -> APIRouter:
    """``/console/tickets/{number}/files/…``; the form that adds one belongs to the page of the matter."""
    router = APIRouter(prefix=HERE, include_in_schema=False)
    house = console.house

    @router.get("/{number}/files/{file_id}")
    async def file(visit: Annotated[Visit, console.needs(*STAFF)], number: str, file_id: str) -> Response:
        """One file; pictures in place, everything else as a download."""
        return given(await house.db.read(house.hotline.file, number, file_id, visit.who))

    @router.get("/{number}/files/{file_id}/small")
    async def small(visit: Annotated[Visit, console.needs(*STAFF)], number: str, file_id: str) -> Response:
        """A small picture of a photo."""
        return await made_small(await house.db.read(house.hotline.file, number, file_id, visit.who))

    @router.post("/{number}/files/{file_id}/{what}")
    async def show(visit: Annotated[Visit, console.needs(*HOTLINE)], number: str, file_id: str, what: str) -> Response:
        """Let the citizen see a file of staff, or see it no longer."""
        if what not in {"show", "hide"}:
            raise NotFound("There is no such step.")

        def work(session: Session) -> None:
            staff_files.show(house.hotline.desk(session), number, visit.who, file_id, shown=what == "show")

        await house.db.write(work)
        back = "hide" if what == "show" else "show"
        undo = Undo(f"{HERE}/{number}/files/{file_id}/{back}")
        return visit.go(f"{HERE}/{number}", f"files.done_{what}", undo=undo)

    return router


def given(file: File) -> Response:
    """A file as the answer to a browser: what is no picture is only ever downloaded, nothing is kept on the way."""
    place = "inline" if file.mime in IMAGES else "attachment"
    headers = {
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(file.name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type=file.mime, headers=headers)


async def made_small(file: File) -> Response:
    """A small picture as the answer; worked out beside the loop."""
    content = await asyncio.to_thread(thumbnail.small, file.content, file.mime)
    return Response(content, media_type=thumbnail.MIME, headers={"Cache-Control": "private, max-age=600"})


async def take(visit: Visit, number: str) -> tuple[int, list[str]]:
    """Keep the files a form brought; how many, and a sentence for each that was refused.

    Raises NotFound for a matter somebody may not see, BadInput when no file was chosen, Forbidden.
    """
    uploads = [one for one in visit.form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    house, shown = visit.house, bool(visit.text("shown"))
    await house.db.read(lambda session: moves.find_for(house.hotline.desk(session), number, visit.who))
    if not uploads:
        raise BadInput("Choose a file first.", fields={"file": "missing"})
    kept, refused = 0, []
    for upload in uploads[: files.MAX_FILES]:
        name, content = upload.filename or "", await upload.read(files.MAX_BYTES + 1)

        def work(session: Session, name: str = name, content: bytes = content) -> None:
            staff_files.add(house.hotline.desk(session), number, visit.who, name, content, shown=shown)

        try:
            await house.db.write(work)
            kept += 1
        except AppError as error:
            refused.append(f"{files.safe_name(name)}：{_why(visit, error)}")
    return kept, refused


def _why(visit: Visit, error: AppError) -> str:
    keys = {"TooLarge": "files.too_large", "Conflict": "files.too_many"}
    if key := keys.get(error.code):
        return visit.say(key, mb=files.MAX_BYTES // 1_000_000, most=files.MAX_FILES)
    if "file" in error.fields:
        return visit.say("files.empty" if error.fields["file"] == "empty" else "files.kind")
    return problem(error, visit.say)
