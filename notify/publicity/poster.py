"""The poster for the village board (张贴公示), as PDF: one for each village group, with the full names of households.

On paper the full name of the head of the household stands (OFFICE "Names and proof"); telephone, identity card and
bank account never do. Without an office's own font the reader's built-in Chinese font is used.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.errors import BadInput, Conflict

# reportlab is imported where it is needed: 30 MB that a service which prints nothing need not hold.

MAX_ROWS = 5_000
_BUILT_IN = "STSong-Light"
_HEADS = ("序号", "户主姓名", "面积/数量", "补贴标准", "补贴金额（元）")
_WIDTHS = (0.10, 0.28, 0.20, 0.18, 0.24)
_SHORT = 10
"""Characters of a name that fit its column in one line."""


@dataclass(frozen=True, slots=True)
class PosterRow:
    """One household: its place in the list, full name, and the published columns."""

    number: int
    name: str
    quantity: str
    rate: str
    amount: str


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on one poster. ``period`` and ``total`` are in words; ``area`` the village group."""

    office: str
    number: str
    title: str
    programme: str
    area: str
    period: str
    report_phone: str
    total: str
    rows: Sequence[PosterRow]


def pdf(poster: Poster, font_file: str = "") -> bytes:
    """The poster on A4, head repeated and pages numbered. Raises Conflict for a name the font cannot write."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate, Spacer

    if len(poster.rows) > MAX_ROWS:
        raise BadInput(
            f"One poster has at most {MAX_ROWS} households; choose a village group.", fields={"area": "needed"}
        )
    font = _font(font_file)
    if not font_file:
        _check_characters(poster)
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=18 * mm, bottomMargin=22 * mm,
        title=f"{poster.number} {poster.area}", author=poster.office, pageCompression=1,
    )  # fmt: skip
    story = [*_head(poster, font), Spacer(1, 4 * mm), _table(poster, font, document.width), *_foot(poster, font)]
    document.build(story, canvasmaker=_numbered(poster, font))
    return out.getvalue()


@cache
def _font(font_file: str) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    if not font_file:
        pdfmetrics.registerFont(UnicodeCIDFont(_BUILT_IN))
        return _BUILT_IN
    try:
        pdfmetrics.registerFont(TTFont("office", font_file))
    except (TTFError, OSError) as error:
        raise BadInput("SUNLINE_POSTER_FONT is no TrueType font.", fields={"font": "cannot be read"}) from error
    return "office"


def _check_characters(poster: Poster) -> None:
    """The built-in font knows the basic plane only; a rare character must not come out as a blank box."""
    for row in poster.rows:
        if any(ord(char) > 0xFFFF for char in row.name):
            raise Conflict(
                f"Row {row.number} has a rare character; set SUNLINE_POSTER_FONT to a font that has it.",
                fields={"row": str(row.number)},
            )


def _style(font: str, size: float, **more: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle("p", fontName=font, fontSize=size, leading=size * 1.5, wordWrap="CJK", **more)


def _paragraph(text: str, style: Any) -> Any:
    from xml.sax.saxutils import escape

    from reportlab.platypus import Paragraph

    return Paragraph(escape(text), style)


def _head(poster: Poster, font: str) -> list[Any]:
    from reportlab.lib.enums import TA_CENTER

    facts = [
        ("编号", poster.number),
        ("项目", poster.programme),
        ("村组", poster.area or "全部"),
        ("公示时间", poster.period),
        ("合计", poster.total),
    ]
    plain = _style(font, 11)
    lines = [_paragraph(f"{name}：{value}", plain) for name, value in facts if value]
    return [_paragraph(poster.title, _style(font, 20, alignment=TA_CENTER, spaceAfter=8)), *lines]


def _table(poster: Poster, font: str, width: float) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import LongTable

    cell = _style(font, 10.5)
    rows: list[list[Any]] = [list(_HEADS)]
    for row in poster.rows:
        name = row.name if len(row.name) <= _SHORT else _paragraph(row.name, cell)
        rows.append([str(row.number), name, row.quantity, row.rate, row.amount])
    return LongTable(
        rows,
        colWidths=[width * share for share in _WIDTHS],
        repeatRows=1,
        style=[
            ("FONT", (0, 0), (-1, -1), font, 10.5),
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
            ("ALIGN", (0, 0), (0, -1), "CENTER"),
        ],
    )


def _foot(poster: Poster, font: str) -> list[Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.platypus import KeepTogether, Spacer

    plain = _style(font, 11)
    said = [
        f"对名单有异议的，请在公示期内提出：发短信“异议”加内容，在公示网页上填写，或打举报电话 {poster.report_phone}。",
        "异议由填报单位的上一级复核，不经本村。",
    ]
    lines = [_paragraph(line, plain) for line in said]
    return [Spacer(1, 10), KeepTogether([*lines, _paragraph(poster.office, _style(font, 12, alignment=TA_RIGHT))])]


def _numbered(poster: Poster, font: str) -> Any:
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]
        """Writes the number of each page and of all below it, once all are known."""

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self.setFont(font, 9)
                self.drawCentredString(
                    self._pagesize[0] / 2,
                    30,
                    f"{poster.number}　举报电话 {poster.report_phone}　第{number}页，共{len(self._pages)}页",
                )
                super().showPage()
            super().save()

    return Numbered
