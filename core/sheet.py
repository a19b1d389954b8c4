"""A small table out of a CSV or XLSX file, whatever its encoding, delimiter and order of columns.

For lists an office keeps in a spreadsheet (officials, duty). Columns are found by their names; every line comes with
its number, so that a report can name it. Nothing is executed: a formula gives the value last computed.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput, TooLarge

MAX_FILE = 20_000_000
_MAX_UNFOLDED = 200_000_000
"""Bytes a workbook may unfold into; a list of officials is far below, a bomb far above."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ASIDE = re.compile(r"[\s_*\-:]|\(.*?\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number in the file (the first is 1) and its cells by column, empty ones as ``""``."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: the columns found, the heads nobody knows, and the lines that are not empty."""

    columns: Sequence[str]
    unknown: Sequence[str]
    rows: Sequence[Row]


def read_table(data: bytes, heads: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """Read a file. ``heads`` gives each column's other names; raises BadInput naming what is missing, TooLarge."""
    if len(data) > MAX_FILE:
        raise TooLarge(f"This file has {len(data) // 1_000_000} MB; at most {MAX_FILE // 1_000_000} MB can be read.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is a workbook of the old kind (.xls); save it as .xlsx.", fields={"file": "xls"})
    lines = _workbook(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    first = next((values for _, values in lines if any(values)), None)
    if first is None:
        raise BadInput("This file is empty.", fields={"file": "empty"})
    names = {_folded(name): column for column, others in heads.items() for name in (column, *others)}
    found = [names.get(_folded(head)) for head in first]
    columns = [column if column not in found[:place] else None for place, column in enumerate(found)]
    if missing := [column for column in required if column not in columns]:
        named = "、".join(f"{column} ({heads[column][0]})" for column in missing)
        raise BadInput(
            f"The first line must name the columns; missing: {named}.", fields=dict.fromkeys(missing, "column missing")
        )
    unknown = [head[:80] for head, column in zip(first, columns, strict=True) if column is None and head]
    rows = [
        Row(number, {c: v for c, v in zip(columns, values, strict=False) if c})
        for number, values in lines
        if any(values)
    ]
    return Table([column for column in columns if column], unknown, rows)


def _named(columns: Sequence[str | None], values: Sequence[str]) -> dict[str, str]:
    return {column: value for column, value in zip(columns, values, strict=False) if column}


def _folded(head: str) -> str:
    return _ASIDE.sub("", unicodedata.normalize("NFKC", head).lower())


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t，", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for values in reader:
            yield number, [_plain(value) for value in values]
            number = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"Line {number} cannot be read: {error}.", fields={"file": f"line {number}"}) from error


def _decoded(data: bytes) -> str:
    """UTF-8 or UTF-16 with their marks, UTF-8 without, else the encoding of Chinese Excel."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _workbook(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unfolded = sum(part.file_size for part in archive.infolist())
        if unfolded > _MAX_UNFOLDED:
            raise TooLarge("This workbook unfolds into far too much to be a list; it was not opened.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations that nobody reads here
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, KeyError, ValueError, OSError) as error:
        raise BadInput(
            "This workbook cannot be read; save it again as .xlsx or CSV.", fields={"file": "xlsx"}
        ) from error
    sheet = book.worksheets[0]
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, [_plain(_cell(value)) for value in values]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(cell: str) -> str:
    """White space away; ``'=…`` is how our exports write a text that begins like a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
