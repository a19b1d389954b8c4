"""Lists over HTTP: upload with progress, rows, bad rows as a file, the office's own lists, a template to fill in."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from core import sheet_out
from core.auth import Principal
from core.db import Database
from core.errors import BadInput, NotFound, TooLarge
from core.people import Role
from core.sheet import MAX_FILE
from core.web import Guard, Page, require
from notify.publicity import importing, own_lists, rows_store, texts
from notify.publicity.models import NoticeBadRow, NoticeList
from notify.publicity.schemas import BadRowOut, ListOut, RowChange, RowOut, Told
from notify.publicity.service import Publicity
from notify.publicity.uploading import Uploads

COLUMNS = ("name", "phone", "area", "quantity", "rate", "amount")
SHOWN = 100
"""Bad rows in the answer itself; all of them are in the file."""
Locale = Literal["zh-Hans", "zh-Hant", "en"]
Form = Literal["csv", "xlsx"]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            sheet_out.XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_WORDS = texts.load()


async def uploaded(request: Request) -> tuple[str, bytes]:
    """Name and content of a file: a form's field ``file``, or the body itself. Raises BadInput, TooLarge."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BadInput("Send the list in the field file.", fields={"file": "missing"})
            name, data = file.filename or "list", await file.read(MAX_FILE + 1)
    else:
        name, data = "list", await request.body()
    if len(data) > MAX_FILE:
        raise TooLarge(f"A list has at most {MAX_FILE // 1_000_000} MB.")
    if not data:
        raise BadInput("The file is empty.", fields={"file": "empty"})
    return name, data


def add_list(router: APIRouter, guard: Guard, db: Database, publicity: Publicity, uploads: Uploads) -> None:
    """Everything about the list of a notice."""
    _add_upload(router, guard, db, publicity, uploads)
    _add_rows(router, guard, db, publicity)


def _add_upload(router: APIRouter, guard: Guard, db: Database, publicity: Publicity, uploads: Uploads) -> None:
    editor = require(guard, Role.EDITOR)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.put("/{notice_id}/beneficiaries", response_model=ListOut, openapi_extra=_FILE)
    async def upload(
        notice_id: str,
        request: Request,
        wait: bool = True,
        version: int = 0,
        who: Principal = editor,
    ) -> Response:
        """The list, CSV or XLSX; it takes the place of the one before, whole or not at all.

        Answers when it is read (``wait=false``: 202 at once; ``GET …/upload`` tells how far it is). With a line that
        cannot be taken nothing is imported: 422 with the lines, all of them under ``…/upload/bad.csv``.
        """
        name, data = await uploaded(request)
        task = await uploads.start(notice_id, who, name, data, version)
        if not wait:
            running = await db.read(_upload, publicity, notice_id)
            return JSONResponse(ListOut.of(running).model_dump(mode="json"), 202)
        found = await uploads.result(task)
        body = ListOut.of(found).model_dump(mode="json")
        if found.state == importing.DONE:
            return JSONResponse(body)
        bad = await db.read(publicity.bad_rows, found.id, 0, SHOWN)
        problems = [bad_row(row, "zh-Hans").model_dump() for row in bad]
        detail = f"{found.bad} lines cannot be taken, so nothing was imported."
        return JSONResponse({**body, "error": "BadRows", "detail": detail, "bad_rows": problems}, 422)

    @router.get("/{notice_id}/upload")
    async def state(notice_id: str, _who: Principal = either) -> ListOut:
        """The latest upload: how far it is while it runs, what it found when it is done."""
        return ListOut.of(await db.read(_upload, publicity, notice_id))

    @router.get("/{notice_id}/upload/bad.{form}", response_class=Response)
    async def bad(notice_id: str, form: Form, locale: Locale = "zh-Hans", _who: Principal = editor) -> Response:
        """Every line that could not be taken, with the reason beside it, to be corrected and sent again."""
        latest = await db.read(_upload, publicity, notice_id)

        def file(session: Session) -> bytes:
            head = [_WORDS(locale, "file.line"), *(_WORDS(locale, f"column.{c}") for c in COLUMNS)]
            found = publicity.bad_rows(session, latest.id, 0, importing.MAX_ROWS)
            return table(form, "bad rows", [*head, _WORDS(locale, "file.reason")], _bad_cells(found, locale))

        return attached(await db.read(file), form, "bad-rows")


def _upload(session: Session, publicity: Publicity, notice_id: str) -> NoticeList:
    publicity.find(session, notice_id)
    found = publicity.upload(session, notice_id)
    if found is None:
        raise NotFound("No list has been uploaded for this notice.")
    return found


def bad_row(row: NoticeBadRow, locale: str) -> BadRowOut:
    """A bad line with its sentences."""
    problems = [
        {"column": column, "code": code, "place": place, "reason": _sentence(locale, column, code, place)}
        for column, code, place in row.problems
    ]
    return BadRowOut(line=row.line, problems=problems)


def _sentence(locale: str, column: str, code: str, place: str) -> str:
    return _WORDS(locale, f"problem.{code}", column=_WORDS(locale, f"column.{column}"), place=place)


def _bad_cells(found: Iterable[NoticeBadRow], locale: str) -> Iterable[Sequence[Any]]:
    for row in found:
        reasons = "；".join(_sentence(locale, *problem) for problem in row.problems)
        yield [row.line, *(row.cells.get(column, "") for column in COLUMNS), reasons]


def table(form: str, title: str, head: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A file in the form asked for; cells that begin like a formula are defused."""
    return sheet_out.as_csv(head, lines) if form == "csv" else sheet_out.as_xlsx(title, head, lines)


def attached(content: bytes, form: str, name: str) -> Response:
    """As a download."""
    media = sheet_out.CSV if form == "csv" else sheet_out.XLSX
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=media, headers=headers)


def _add_rows(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    editor = require(guard, Role.EDITOR)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/{notice_id}/rows")
    async def rows(
        notice_id: str,
        after: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        flagged: bool = False,
        disputed: bool = False,
        _who: Principal = either,
    ) -> Page[RowOut]:
        """Rows of the list as it is being written, names and numbers masked; only flagged or disputed ones if asked."""

        def read(session: Session) -> Page[RowOut]:
            notice = publicity.find(session, notice_id)
            found = rows_store.rows_for_staff(
                session, notice.list_id or "", after, limit + 1, flagged=flagged, disputed=disputed
            )
            following = str(found[limit - 1].number) if len(found) > limit else None
            return Page(items=[RowOut.of(row) for row in found[:limit]], next=following)

        return await db.read(read)

    @router.patch("/{notice_id}/rows/{number}")
    async def change(
        notice_id: str, number: Annotated[int, Path(ge=1, le=1_000_000_000)], body: RowChange, who: Principal = editor
    ) -> RowOut:
        """Correct one row; whatever was approved no longer is."""

        def write(session: Session) -> RowOut:
            return RowOut.of(publicity.change_row(session, notice_id, number, body.changes(), who, body.version))

        return await db.write(write)


def add_own_lists(router: APIRouter, guard: Guard, db: Database, publicity: Publicity) -> None:
    """``/staff/own-lists`` and the template: no notice's own."""
    editor = require(guard, Role.EDITOR)
    either = require(guard, Role.EDITOR, Role.REVIEWER)

    @router.get("/staff/own-lists")
    async def lists(_who: Principal = either) -> dict[str, int]:
        """How many names the office's own lists have: the deceased, those not entitled."""
        return await db.read(own_lists.sizes)

    @router.put("/staff/own-lists/{kind}", openapi_extra=_FILE)
    async def replace(kind: Literal["deceased", "ineligible"], request: Request, who: Principal = editor) -> Told:
        """Put a file (name, area) in the place of one of the office's own lists."""
        _, data = await uploaded(request)
        return Told(count=await db.write(publicity.replace_own_list, kind, data, who))

    @router.get("/staff/list-template.{form}", response_class=Response)
    async def template(form: Form, locale: Locale = "zh-Hans", _who: Principal = either) -> Response:
        """An empty list with the right heads, and one made-up line to be written over."""
        head = [_WORDS(locale, f"column.{column}") for column in COLUMNS]
        line = ["示例甲", "", "西河村三组", "3.5", "100", "350"]
        return attached(await run_in_threadpool(table, form, "list", head, [line]), form, "list-template")
