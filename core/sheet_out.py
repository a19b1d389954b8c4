"""Tables out: CSV and XLSX that no spreadsheet program takes for a program. The way in is ``core.sheet``."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def undefused(cell: str) -> str:
    """Our exports write ``'=…`` for a text that begins like a formula; coming back it is the same text again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def defused(cell: str) -> str:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) or undefused(cell) != cell else cell


def plain(value: Any) -> Any:
    """What goes into a cell: texts defused, nothing for None, numbers and days as they are."""
    if value is None:
        return ""
    return defused(value) if isinstance(value, str) else value


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with its mark, because office programs ask for one."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([plain(name) for name in head])
    table.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet, written row by row so that a long table needs little memory."""
    import openpyxl  # 15 MB that a service without exports never needs

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append([plain(name) for name in head])
    for row in rows:
        sheet.append([plain(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
