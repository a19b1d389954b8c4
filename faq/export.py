"""The entries as a file that can be imported again: CSV, XLSX or JSONL, piece by piece."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import openpyxl
import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from core.sheet_out import defused
from faq import store
from faq.content import FIELDS, unpack
from faq.models import FaqEntry, FaqVersion

Format = Literal["csv", "xlsx", "jsonl"]
COLUMNS = ("id", *FIELDS)
MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
_ROWS = 500


def rows(session: Session, after: str, *, live_only: bool = False, limit: int = _ROWS) -> list[dict[str, Any]]:
    """Entries beginning after an id, archived ones left out: what is live, else the draft unless ``live_only``."""
    wanted = (
        select(FaqEntry, col(FaqVersion.content))
        .outerjoin(
            FaqVersion,
            (col(FaqVersion.entry_id) == col(FaqEntry.id)) & (col(FaqVersion.version) == col(FaqEntry.live_version)),
        )
        .where(col(FaqEntry.id) > after, col(FaqEntry.state) != "archived")
        .order_by(col(FaqEntry.id))
        .limit(limit)
    )
    if live_only:
        wanted = wanted.where(col(FaqEntry.live_version).is_not(None))
    return [
        {"id": entry.id} | (unpack(content) if content else store.content_of(entry)).pack()
        for entry, content in session.execute(wanted)
    ]


def encode(pages: Iterable[list[dict[str, Any]]], form: Format) -> Iterator[bytes]:
    """Pages of rows as the bytes of a file."""
    if form == "jsonl":
        return (b"".join(orjson.dumps(row) + b"\n" for row in page) for page in pages)
    return _csv(pages) if form == "csv" else _xlsx(pages)


def _cells(row: dict[str, Any]) -> list[str]:
    values = {**row, "aliases": "|".join(alias.replace("|", "／") for alias in row["aliases"])}
    return [defused(values[name] or "") for name in COLUMNS]


def _csv(pages: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    """With a byte order mark: without it, Excel on a Chinese system reads UTF-8 as GBK."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"
    for page in pages:
        writer.writerows(_cells(row) for row in page)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _xlsx(pages: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("FAQ")
    sheet.append(list(COLUMNS))
    for page in pages:
        for row in page:
            sheet.append([cell[:32_000] for cell in _cells(row)])  # a cell holds 32,767 characters
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(1 << 16):
            yield piece
