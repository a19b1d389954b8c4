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
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput, TooLarge
from core.sheet_out import undefused

MAX_FILE = 20_000_000
_MAX_UNFOLDED = 200_000_000
"""Bytes a workbook may unfold into; a list of officials is far below, a bomb far above."""
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, DefusedXmlException, ElementTree.ParseError, EOFError,
    OSError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip
"""What openpyxl says of a file that is a workbook by its first bytes only."""
_ASIDE = re.compile(r"[\s_*\-:]|\(.*?\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number in the file (the first is 1) and its cells by column, empty ones as ``""``.

    ``formulas`` names the columns whose cell is a formula, with the cell (``F12``); only ``open_table`` looks for them.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that was not taken, and why; or a note about one that was."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: the columns found, the heads nobody knows, and the lines that are not empty."""

    columns: Sequence[str]
    unknown: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """As ``Table``, but its lines are read one by one: a long list never stands in memory whole.

    ``expected`` is about how many lines there are, 0 when the file does not say.
    """

    columns: Sequence[str]
    unknown: Sequence[str]
    expected: int
    rows: Iterator[Row]


def open_table(data: bytes, heads: Mapping[str, Sequence[str]], required: Sequence[str]) -> OpenTable:
    """Open a long list whose formulas must not count as values: each row names the cells that hold one.

    ``heads`` and errors as for ``read_table``; a broken file may also raise BadInput while the rows are read.
    """
    _check_file(data)
    if data.startswith(b"PK\x03\x04"):
        sheet = _opened(data, computed=False)
        lines, expected = _raw_lines(sheet), sheet.max_row or 0
    else:
        lines, expected = _csv_lines(data), data.count(b"\n")
    for _, first in lines:
        if any(first):
            columns, unknown = _columns([_plain(cell) for cell in first], heads, required)
            return OpenTable([c for c in columns if c], unknown, max(0, expected - 1), _open_rows(lines, columns))
    raise BadInput("This file is empty.", fields={"file": "empty"})


def _open_rows(lines: Iterator[tuple[int, list[str]]], columns: Sequence[str | None]) -> Iterator[Row]:
    for number, values in lines:
        if not any(values):
            continue
        cells, formulas = {}, {}
        for place, (column, value) in enumerate(zip(columns, values, strict=False), 1):
            if column:
                cells[column] = _plain(value)
                if value.startswith("="):
                    formulas[column] = f"{get_column_letter(place)}{number}"
        yield Row(number, cells, formulas)


def read_table(data: bytes, heads: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """Read a file. ``heads`` gives each column's other names; raises BadInput naming what is missing, TooLarge."""
    _check_file(data)
    lines = _workbook(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    first = next((values for _, values in lines if any(values)), None)
    if first is None:
        raise BadInput("This file is empty.", fields={"file": "empty"})
    columns, unknown = _columns(first, heads, required)
    rows = [
        Row(number, {c: v for c, v in zip(columns, values, strict=False) if c})
        for number, values in lines
        if any(values)
    ]
    return Table([column for column in columns if column], unknown, rows)


def _check_file(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise TooLarge(f"This file has {len(data) // 1_000_000} MB; at most {MAX_FILE // 1_000_000} MB can be read.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is a workbook of the old kind (.xls); save it as .xlsx.", fields={"file": "xls"})


def _columns(
    first: Sequence[str], heads: Mapping[str, Sequence[str]], required: Sequence[str]
) -> tuple[list[str | None], list[str]]:
    """The column of each place of the first line, and the heads nobody knows."""
    names = {_folded(name): column for column, others in heads.items() for name in (column, *others)}
    found = [names.get(_folded(head)) for head in first]
    columns = [column if column not in found[:place] else None for place, column in enumerate(found)]
    if missing := [column for column in required if column not in columns]:
        named = "、".join(f"{column} ({heads[column][0]})" for column in missing)
        raise BadInput(
            f"The first line must name the columns; missing: {named}.", fields=dict.fromkeys(missing, "column missing")
        )
    unknown = [head[:80] for head, column in zip(first, columns, strict=True) if column is None and head]
    return columns, unknown


def _named(columns: Sequence[str | None], values: Sequence[str]) -> dict[str, str]:
    return {column: value for column, value in zip(columns, values, strict=False) if column}


def _folded(head: str) -> str:
    return _ASIDE.sub("", unicodedata.normalize("NFKC", head).lower())


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    return ((number, [_plain(value) for value in values]) for number, values in _csv_lines(data))


def _csv_lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t，", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for values in reader:
            yield number, [value.strip() for value in values]
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
    return ((number, [_plain(cell) for cell in cells]) for number, cells in _raw_lines(_opened(data, computed=True)))


def _raw_lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell(value).strip() for value in values]
    except _UNREADABLE as error:
        raise _unreadable() from error


def _opened(data: bytes, *, computed: bool) -> Any:
    """The first sheet of a workbook: with the values last computed, or with formulas as they stand."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unfolded = sum(part.file_size for part in archive.infolist())
        if unfolded > _MAX_UNFOLDED:
            raise TooLarge("This workbook unfolds into far too much to be a list; it was not opened.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations that nobody reads here
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=computed, keep_links=False)
            return book.worksheets[0]
    except _UNREADABLE as error:
        raise _unreadable() from error


def _unreadable() -> BadInput:
    return BadInput("This workbook cannot be read; save it again as .xlsx or CSV.", fields={"file": "xlsx"})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(cell: str) -> str:
    """White space away; ``'=…`` is how our exports write a text that begins like a formula."""
    return undefused(cell.strip())
