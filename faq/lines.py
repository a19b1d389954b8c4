"""What every kind of file comes down to: columns found by their names, and lines. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput

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


def column_of(head: object) -> str | None:
    """The column a head names, in English or Chinese, None for an unknown one."""
    return _BY_HEAD.get(_folded(head))


def _folded(head: object) -> str:
    text = unicodedata.normalize("NFKC", "" if head is None else str(head)).lower()
    return re.sub(r"[\s_*\-:]|\(.*?\)", "", text)


_BY_HEAD = {_folded(head): name for name, heads in HEADS.items() for head in (name, *heads)}


def columns_of(heads: Sequence[object]) -> tuple[list[str | None], list[str]]:
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
