"""Lines out of an XLSX workbook: values only, and nothing that unfolds into more than a list of entries can be."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput, TooLarge
from core.sheet_out import undefused
from faq.lines import Line, Sheet, columns_of

MAX_WORKBOOK = 50_000_000
_MAX_UNFOLDED = 500_000_000
_MAX_RATIO = 120
"""A workbook of plain texts shrinks to a tenth or a thirtieth; bombs are a thousand times their size."""
_RATIO_FROM = 20_000_000
_MAX_PARTS = 2000
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


def open_workbook(file: BinaryIO, size: int) -> Sheet:
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
            columns, unknown = columns_of(heads)
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
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return None if value is None else value if isinstance(value, date) else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return undefused(str(value).strip())
