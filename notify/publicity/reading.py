"""A line of a list as people type it, read: full-width digits, commas, units behind numbers. Pure.

What does not fit is a ``Problem`` with a code; the sentences for the codes are texts (``texts/*.toml``).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.errors import BadInput
from core.people import normal_phone
from notify.publicity.rows import Line, clean

HEADS: Mapping[str, Sequence[str]] = {
    "name": ("户主姓名", "姓名", "户主", "农户姓名", "补贴对象", "购机者姓名", "领取人", "受益人", "船主姓名"),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "电话", "电话号码", "联系方式", "mobile", "telephone"),
    "area": ("村 / 地区", "村/地区", "村", "地区", "所在村", "村组", "村民小组", "行政村", "地址", "住址", "village"),
    "quantity": (
        "补贴面积 / 数量", "补贴面积/数量", "补贴面积", "面积", "数量", "补贴数量", "种植面积", "台数", "亩数",
    ),
    "rate": ("补贴标准", "标准", "单价", "每亩标准", "亩均标准", "standard"),
    "amount": ("补贴金额", "金额", "补贴资金", "补贴总额", "合计金额", "发放金额", "total"),
}  # fmt: skip
"""Column names of CONTRACT "Files", and what offices write above them."""
REQUIRED = {"beneficiaries": ("name",), "list": ("phone",)}
MAX_NAME, MAX_AREA = 60, 120
MAX_CENTS = 10**13
"""A hundred thousand million 元: more is a slip of the pen, and sums stay far inside 64 bits."""

_UNITS = "元|亩|畝|台|套|辆|艘|头|只|户|人|吨|升|公斤|/"
_NUMBER = re.compile(rf"[¥￥]?([+-]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d*)?|[+-]?\.\d+)(?:{_UNITS})*")
_MAINLAND = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_INTERNATIONAL = re.compile(r"\+\d{8,15}")
_BETWEEN = re.compile(r"[\s()（）\-.]")
_IDENTITY = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19})(?!\d)")
"""An identity card or a bank card number: neither belongs into a list that is published (OFFICE "Notices")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be taken: the column, a code, and what helps to find the place (a cell)."""

    column: str
    code: str
    place: str = ""


def read_line(
    number: int, cells: Mapping[str, str], formulas: Mapping[str, str], required: Sequence[str]
) -> tuple[Line | None, list[Problem]]:
    """A line of the file as a ``Line``, or everything that is wrong with it."""
    problems = [Problem(column, "formula", cell) for column, cell in formulas.items()]
    problems += [Problem(column, "missing") for column in required if not cells.get(column)]
    problems += [
        Problem(column, "identity") for column in ("name", "area") if _IDENTITY.search(_narrow(cells.get(column, "")))
    ]
    name, area = _words(cells.get("name", "")), _words(cells.get("area", ""))
    if len(name) > MAX_NAME:
        problems.append(Problem("name", "too_long"))
    if len(area) > MAX_AREA:
        problems.append(Problem("area", "too_long"))
    phone = _phone(cells.get("phone", ""))
    if phone is None and "phone" not in formulas:
        problems.append(Problem("phone", "phone"))
    values: dict[str, Decimal | None] = {}
    for column in ("quantity", "rate", "amount"):
        found = read_number(cells.get(column, ""))
        if isinstance(found, str):
            if column not in formulas:
                problems.append(Problem(column, found))
        else:
            values[column] = found
    if problems:
        return None, problems
    cents = _cents(values["amount"])
    if isinstance(cents, str):
        return None, [Problem("amount", cents)]
    return Line(number, name, phone or "", area, values["quantity"], values["rate"], cents), []


def _narrow(text: str) -> str:
    return clean(unicodedata.normalize("NFKC", text))


def _words(text: str) -> str:
    return " ".join(_narrow(text).split())


def read_number(text: str) -> Decimal | str | None:
    """A number as people type it, None for an empty cell, else the code of what is wrong.

    At most four decimals: what is behind them is what a spreadsheet's arithmetic left.
    """
    plain = _narrow(text).replace(" ", "").replace("、", ",")
    if not plain or plain in {"-", "/", "—"}:
        return None
    match = _NUMBER.fullmatch(plain)
    try:
        value = Decimal(match[1].replace(",", "")) if match else Decimal(plain)
    except InvalidOperation:
        return "not_a_number"
    if not value.is_finite() or abs(value) >= 10**11:
        return "not_a_number"
    value = value.quantize(Decimal("0.0001"))
    return "negative" if value < 0 else value


def _cents(amount: Decimal | None) -> int | str | None:
    if amount is None:
        return None
    cents = amount * 100
    if cents != cents.to_integral_value():
        return "decimals"
    return int(cents) if cents < MAX_CENTS else "not_a_number"


def _phone(text: str) -> str | None:
    """E.164, empty for an empty cell, None for what is no number. Most are mainland mobiles and need no library."""
    plain = _BETWEEN.sub("", _narrow(text))
    if not plain or plain in {"/", "无", "無", "none", "None"}:
        return ""
    if match := _MAINLAND.fullmatch(plain):
        return f"+86{match[1]}"
    try:
        return normal_phone(plain if _INTERNATIONAL.fullmatch(plain) else _narrow(text))
    except BadInput:
        return None
