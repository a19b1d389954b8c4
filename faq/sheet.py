"""Lines out of a CSV, XLSX or JSONL file, one at a time, whatever its encoding, delimiter and order of columns.

A line that cannot be read is handed on with the reason, and the next line is read. Nothing is executed: a formula
gives the value last computed, and a workbook that would unfold into too much is refused before it is opened.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

import openpyxl
import orjson
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput, TooLarge

MAX_FILE = 200_000_000
MAX_WORKBOOK = 50_000_000
_MAX_UNFOLDED = 500_000_000
_MAX_RATIO = 120
"""A workbook of plain texts shrinks to a tenth or a thirtieth; bombs are a thousand times their size."""
_RATIO_FROM = 20_000_000
_MAX_PARTS = 2000
_RECORD_LINES = 200
"""A quoted cell may hold line breaks; a quotation mark still open after so many lines was never closed."""
_SAMPLE = 4_000_000

HEADS: Mapping[str, Sequence[str]] = {
    "id": ("编号", "序号", "编码"),
    "question": ("问题", "标准问", "标题"),
    "aliases": ("相似问", "相似问题", "相似问法", "别名", "alias"),
    "answer": ("答复", "答案", "回答", "解答"),
    "category": ("分类", "类别"),
    "unit": ("单位", "责任单位", "承办单位"),
    "source": ("依据", "政策依据", "来源"),
    "source_number": ("文号",),
    "source_url": ("链接", "网址", "依据链接", "url"),
    "source_date": ("依据日期", "发文日期", "发布日期"),
    "valid_from": ("生效日期", "有效期起", "起始日期"),
    "valid_until": ("失效日期", "有效期止", "有效期至", "截止日期"),
    "locale": ("语言",),
}
REQUIRED = ("id", "question", "answer")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file (the first is 1), its cells by column, and why it cannot be used, if so."""

    number: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""
    problem: str = ""


@dataclass(slots=True)
class Sheet:
    """A file that was opened: the columns found, those nobody knows, and its lines (to be read once)."""

    columns: list[str]
    unknown: list[str]
    lines: Iterator[Line]


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
        return _workbook(file, size)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is a workbook of the old kind (.xls); save it as .xlsx.", fields={"file": "xls"})
    if not start.strip():
        raise BadInput("This file is empty.", fields={"file": "empty"})
    encoding = _encoding(file, start)
    begins = start.decode(encoding, errors="replace").lstrip("\ufeff \r\n")
    if name.lower().endswith((".jsonl", ".ndjson", ".json")) or begins.startswith("{"):
        return _jsonl(_text_lines(file, encoding))
    return _csv(_text_lines(file, encoding))


def column_of(head: object) -> str | None:
    """The column a head names, in English or Chinese, None for an unknown one."""
    return _BY_HEAD.get(_folded(head))


def _folded(head: object) -> str:
    text = unicodedata.normalize("NFKC", "" if head is None else str(head)).lower()
    return re.sub(r"[\s_*\-:]|\(.*?\)", "", text)


_BY_HEAD = {_folded(head): name for name, heads in HEADS.items() for head in (name, *heads)}


def _columns(heads: Sequence[object]) -> tuple[list[str | None], list[str]]:
    """The column of each head (the first of two alike counts) and the heads nobody knows."""
    found: list[str | None] = []
    unknown = []
    for head in heads:
        column = column_of(head)
        if column in found:
            column = None
        found.append(column)
        if column is None and str(head or "").strip():
            unknown.append(str(head).strip()[:80])
    if missing := [name for name in REQUIRED if name not in found]:
        named = "、".join(f"{name} ({HEADS[name][0]})" for name in missing)
        seen = "、".join(str(h).strip()[:40] for h in heads[:20] if h)
        raise BadInput(
            f"The first line must name the columns; missing: {named}. Found: {seen or 'nothing'}.",
            fields=dict.fromkeys(missing, "column missing"),
        )
    return found, unknown


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
    columns, unknown = _columns(_cells(first, delimiter))
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
    yield Line(number, {c: _undefused(v.strip()) for c, v in zip(columns, values, strict=False) if c})


def _undefused(cell: str) -> str:
    """Our export writes '=… for a text that begins like a formula; coming back it is the same text again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def defused(cell: str) -> str:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) or _undefused(cell) != cell else cell


# --- XLSX ---------------------------------------------------------------------------------------------------


def _workbook(file: BinaryIO, size: int) -> Sheet:
    if size > MAX_WORKBOOK:
        raise TooLarge(f"A workbook may have {MAX_WORKBOOK // 1_000_000} MB; save a larger one as CSV.")
    try:
        _refuse_bombs(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations that nobody reads here
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, KeyError, ValueError, OSError) as error:
        detail = "This workbook cannot be read; save it again as .xlsx or CSV."
        raise BadInput(detail, fields={"file": "xlsx"}) from error
    refused: BadInput | None = None
    for sheet in book.worksheets:
        rows = _rows(sheet)
        heads = next((row for _, row in rows if any(value is not None for value in row)), ())
        try:
            columns, unknown = _columns(heads)
        except BadInput as error:
            refused = refused or error
            continue
        return Sheet([c for c in columns if c], unknown, _workbook_lines(rows, columns))
    raise refused or BadInput("This workbook has no sheet with cells.", fields={"file": "empty"})


def _refuse_bombs(file: BinaryIO) -> None:
    """Python's zip reader gives out no more than the sizes stated here, so looking at them is enough."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    unfolded = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if (
        len(parts) > _MAX_PARTS
        or unfolded > _MAX_UNFOLDED
        or (unfolded > _RATIO_FROM and unfolded / packed > _MAX_RATIO)
    ):
        raise TooLarge("This workbook unfolds into far too much to be a list of entries; it was not opened.")
    file.seek(0)


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # some programs state a size of one cell
    return enumerate(sheet.iter_rows(values_only=True), 1)


def _workbook_lines(rows: Iterator[tuple[int, tuple[Any, ...]]], columns: Sequence[str | None]) -> Iterator[Line]:
    for number, values in rows:
        cells = {c: _cell(v) for c, v in zip(columns, values, strict=False) if c}
        if not any(cell not in (None, "") for cell in cells.values()):
            continue
        wrong = next((c for c, cell in cells.items() if cell in _ERRORS), None)
        yield Line(number, {}, wrong, "is a formula that ended in an error") if wrong else Line(number, cells)


def _cell(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, date | datetime):
        return None if value is None else value if isinstance(value, date) else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _undefused(str(value).strip())
