"""Import templates to download (导入模板): the heads to fill in, and a second sheet that explains each column.

The first sheet holds the heads only: an example left there by mistake would be imported as if it were real.
"""

import io
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Response

from core.auth import Principal
from core.people import Role
from core.web import Guard, require

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Name = Literal["people", "faq", "beneficiaries", "duty", "areas"]
_WIDEST = 60


class Column(NamedTuple):
    """A column of a template."""

    head: str
    needed: bool
    explained: str
    example: str


class Template(NamedTuple):
    """A file to fill in: its name in Chinese and its columns."""

    file: str
    columns: list[Column]


@cache
def templates() -> dict[str, Template]:
    """Every template by name."""
    table = tomllib.loads((files("bot") / "data" / "import_templates.toml").read_text("utf-8"))
    return {
        name: Template(found["file"], [Column(*column) for column in found["columns"]]) for name, found in table.items()
    }


def workbook(template: Template) -> bytes:
    """The template as XLSX."""
    # Styles alone take 5 MB, which a service that nobody asks for a template need not hold.
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "填写"
    sheet.freeze_panes = "A2"
    sheet.append([column.head for column in template.columns])
    for place, column in enumerate(template.columns, 1):
        cell = sheet.cell(1, place)
        cell.font = Font(bold=True)
        if column.needed:
            cell.fill = PatternFill("solid", fgColor="FDE9B8")
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(_WIDEST, 2 * len(column.example) + 4))
    guide = book.create_sheet("说明")
    guide.append(["列", "必填", "怎么填", "例子"])
    for cell in guide[1]:
        cell.font = Font(bold=True)
    for column in template.columns:
        guide.append([column.head, "是" if column.needed else "", column.explained, column.example])
    for letter, width in zip("ABCD", (14, 8, _WIDEST, 30), strict=True):
        guide.column_dimensions[letter].width = width
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def build_router(guard: Guard) -> APIRouter:
    """``/api/v1/templates/{name}.xlsx``."""
    router = APIRouter(prefix="/api/v1", tags=["office"])
    staff = require(guard, Role.ADMIN, Role.SUPERVISOR, Role.EDITOR, Role.REVIEWER, Role.AGENT)

    @router.get("/templates/{name}.xlsx", response_class=Response)
    async def template(name: Name, _who: Principal = staff) -> Response:
        """An import template: people, faq, beneficiaries, duty or areas."""
        return download(name)

    return router


def download(name: Name) -> Response:
    """A template as an attachment, with its Chinese file name."""
    found = templates()[name]
    disposition = f"attachment; filename=\"{name}.xlsx\"; filename*=UTF-8''{quote(found.file)}.xlsx"
    return Response(workbook(found), media_type=XLSX, headers={"Content-Disposition": disposition})
