"""Lines out of a CSV, XLSX or JSONL file, one at a time, whatever its encoding, delimiter and order of columns.

A line that cannot be read is handed on with the reason, and the next line is read. Nothing is executed: a formula
gives the value last computed, and a workbook that would unfold into too much is refused before it is opened.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import orjson

from core.errors import BadInput, TooLarge
from core.sheet_out import undefused
from faq.lines import HEADS, Line, Sheet, column_of, columns_of
from faq.workbook import open_workbook

MAX_FILE = 200_000_000
_RECORD_LINES = 200
"""A quoted cell may hold line breaks; a quotation mark still open after so many lines was never closed."""
_SAMPLE = 4_000_000


def open_sheet(file: BinaryIO, name: str) -> Sheet:
    """Open a seekable file; ``name`` gives the kind by its ending, its first bytes when that says nothing.

    Raises BadInput when it is no such file or required columns are missing, TooLarge for one over the limits.
    """
    size = file.seek(0, 2)
    if size > MAX_FILE:
        raise TooLarge(f"This file has {size // 1_000_000} MB; at most {MAX_FILE // 1_000_000} MB can be read.")
    file.seek(0)
    start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        return open_workbook(file, size)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is a workbook of the old kind (.xls); save it as .xlsx.", fields={"file": "xls"})
    if not start.strip():
        raise BadInput("This file is empty.", fields={"file": "empty"})
    encoding = _encoding(file, start)
    begins = start.decode(encoding, errors="replace").lstrip("\ufeff \r\n")
    if name.lower().endswith((".jsonl", ".ndjson", ".json")) or begins.startswith("{"):
        return _jsonl(_text_lines(file, encoding))
    return _csv(_text_lines(file, encoding))


# --- texts: encoding and lines ------------------------------------------------------------------------------


def _encoding(file: BinaryIO, start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if start.count(0) > len(start) // 8:  # a text of the BMP in UTF-16 has many zero bytes wherever it is ASCII
        return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"
    return "utf-8" if _mostly_utf8(file) else "gb18030"


def _mostly_utf8(file: BinaryIO) -> bool:
    """By lines, not as a whole: one damaged byte must not turn a UTF-8 file into unreadable GBK."""
    file.seek(0)
    good = bad = seen = 0
    for line in file:
        seen += len(line)
        if not line.isascii():
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
        if seen > _SAMPLE:
            break
    return good >= bad


def _text_lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends; characters that cannot be read become U+FFFD, which the checks name."""
    file.seek(0)
    yield from io.TextIOWrapper(file, encoding, errors="replace", newline="")


# --- JSONL --------------------------------------------------------------------------------------------------


def _jsonl(lines: Iterator[str]) -> Sheet:
    unknown: list[str] = []
    return Sheet(list(HEADS), unknown, _jsonl_lines(lines, unknown))


def _jsonl_lines(lines: Iterable[str], unknown: list[str]) -> Iterator[Line]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield Line(number, problem=f"is not JSON: {error.msg} at character {error.pos + 1}")
            continue
        if not isinstance(value, dict):
            yield Line(number, problem="is not a JSON object {…}")
            continue
        cells: dict[str, Any] = {}
        for head, cell in value.items():
            if column := column_of(head):
                cells.setdefault(column, str(cell) if isinstance(cell, int | float) else cell)
            elif head not in unknown:
                unknown.append(head[:80])
        yield Line(number, cells)


# --- CSV ----------------------------------------------------------------------------------------------------


def _csv(lines: Iterator[str]) -> Sheet:
    numbered = enumerate(lines, 1)
    first = next((text for _, text in numbered if text.strip()), "")
    delimiter = max(",;\t，", key=lambda d: sum(column_of(cell) is not None for cell in _cells(first, d)))
    columns, unknown = columns_of(_cells(first, delimiter))
    return Sheet([c for c in columns if c], unknown, _csv_lines(numbered, columns, delimiter))


def _cells(record: str, delimiter: str) -> list[str]:
    return next(csv.reader([record], delimiter=delimiter), [])


def _csv_lines(lines: Iterator[tuple[int, str]], columns: Sequence[str | None], delimiter: str) -> Iterator[Line]:
    waiting: list[tuple[int, str]] = []
    while item := waiting.pop(0) if waiting else next(lines, None):
        number, record = item
        taken: list[tuple[int, str]] = []
        while _unfinished(record, delimiter) and len(taken) < _RECORD_LINES:
            following = waiting.pop(0) if waiting else next(lines, None)
            if following is None:
                break
            taken.append(following)
            record += following[1]
        if taken and _unfinished(record, delimiter):
            waiting = taken + waiting  # nothing after an open quotation mark is lost: those lines are read anew
            yield Line(number, problem="has a quotation mark that is never closed")
        else:
            yield from _csv_line(number, record, columns, delimiter)


def _unfinished(record: str, delimiter: str) -> bool:
    if record.count('"') % 2 == 0:
        return False
    try:
        next(csv.reader([record], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _csv_line(number: int, record: str, columns: Sequence[str | None], delimiter: str) -> Iterator[Line]:
    if not record.strip():
        return
    try:
        values = _cells(record, delimiter)
    except csv.Error as error:
        yield Line(number, problem=f"cannot be read: {error}")
        return
    if not any(value.strip() for value in values):
        return
    if any(value.strip() for value in values[len(columns) :]):
        problem = f"has {len(values)} cells where the head has {len(columns)}: is a quotation mark missing?"
        yield Line(number, problem=problem)
        return
    yield Line(number, {c: undefused(v.strip()) for c, v in zip(columns, values, strict=False) if c})
