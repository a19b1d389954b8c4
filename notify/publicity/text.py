"""The text of a notice for one household: placeholders filled, names masked, rows that share a phone in one. Pure.

Texts are the office's own words; a placeholder nobody knows is refused, and what people would find strange is warned
of (OFFICE "What annoys, and the cure").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import BadInput
from core.text import mask_name

MAX_TEXT = 1000
MANY = 2
"""Segments from which a text is called long: each further one costs and arrives later."""
AT_ONCE = 10
"""Rows one message may list; a phone with more gets several messages."""
ROW_FIELDS = ("name", "amount", "quantity", "rate", "area")
NOTICE_FIELDS = ("programme", "title", "number", "starts_on", "ends_on", "report_phone", "round")
_ALIASES = {
    "户主姓名": "name", "姓名": "name", "户主": "name",
    "补贴金额": "amount", "金额": "amount",
    "补贴面积": "quantity", "面积": "quantity", "数量": "quantity",
    "补贴标准": "rate", "标准": "rate",
    "村": "area", "地区": "area",
    "项目": "programme", "补贴项目": "programme",
    "标题": "title", "编号": "number", "文号": "number", "轮次": "round",
    "开始": "starts_on", "起": "starts_on", "截止": "ends_on", "止": "ends_on",
    "举报电话": "report_phone", "电话": "report_phone",
}  # fmt: skip
_BRACE = re.compile(r"\{([^{}]*)\}")
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
_SHORTENERS = re.compile(
    r"(?i)\b(?:bit\.ly|t\.cn|t\.co|goo\.gl|tinyurl\.com|is\.gd|ow\.ly|dwz\.cn|dwz\.win|url\.cn|suo\.im|suo\.nz|"
    r"985\.so|mrw\.so|u6\.gg|m6z\.cn|w\.url\.cn|rb\.gy|cutt\.ly)\b"
)
_LINK = re.compile(r"(?i)https?://|\bwww\.|\b[a-z0-9-]{2,}\.(?:com|cn|net|org|gov)\b")
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:nbsp|amp|lt|gt|quot|#\d+);")
_PINYIN = re.compile(r"[（(][a-zA-Zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹ ]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ][^）)]*[）)]")
_UNFINISHED = re.compile(r"(?i)20[x×○〇]{2}|[x×]{2,}年|[x×]{2}月|某某|待定")
_SECRET = re.compile(
    r"身份证号|银行卡|卡号|验证码|校验码|手续费|保证金|密码|回电核实|bank card|verification code", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the notice itself says: the values that are the same for every row."""

    programme: str
    title: str
    number: str
    starts_on: date | None
    ends_on: date | None
    report_phone: str
    round: str = ""

    def values(self) -> dict[str, str]:
        """By placeholder."""
        return {
            "programme": self.programme, "title": self.title, "number": self.number, "round": self.round,
            "starts_on": _day(self.starts_on), "ends_on": _day(self.ends_on), "report_phone": self.report_phone,
        }  # fmt: skip


def row_values(name: str, amount: str, quantity: str, rate: str, area: str) -> dict[str, str]:
    """What a row says, by placeholder; the name is masked, because a phone may be in other hands."""
    return {"name": mask_name(name), "amount": amount, "quantity": quantity, "rate": rate, "area": area}


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""


class Template:
    """A text with its placeholders, read once and filled for many rows. Raises BadInput for what nobody knows."""

    def __init__(self, text: str, *, rows: bool) -> None:
        """``rows``: whether there is a list, so that its fields may be named."""
        known = {*NOTICE_FIELDS, *(ROW_FIELDS if rows else ())}
        names = [_named(part) for part in _BRACE.findall(text)]
        unknown = [part for part, name in zip(_BRACE.findall(text), names, strict=True) if name not in known]
        if unknown or re.search(r"[{}]", _BRACE.sub("", text)):
            shown = f"{{{unknown[0]}}}" if unknown else "{ or }"
            allowed = " ".join(f"{{{name}}}" for name in sorted(known))
            raise BadInput(
                f"The text names {shown}, which is no placeholder; there are {allowed}.",
                fields={"text": f"unknown placeholder {shown}"},
            )
        self.used = frozenset(names)
        self._prefix, self._block, self._suffix = (_format(part) for part in _parts(text))

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """The placeholders that would stay empty."""
        return [name for name in sorted(self.used) if not values.get(name)]

    def bind(self, facts: Mapping[str, str]) -> "Filled":
        """The text with what the notice says filled in: only the rows are left. For very many rows."""
        shown = _Shown({**{name: f"{{{name}}}" for name in ROW_FIELDS}, **facts})
        return Filled(
            self._prefix.format_map(shown), self._block.format_map(shown), self._suffix.format_map(shown),
            self.used & set(ROW_FIELDS),
        )  # fmt: skip

    def fill(self, facts: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
        """The text for rows that share a phone (or for nobody's row: none). Empty values show as —."""
        return self.bind(facts).of(rows)


@dataclass(frozen=True, slots=True)
class Filled:
    """A text of which only the sentences about a row are still to be filled."""

    prefix: str
    block: str
    suffix: str
    used: frozenset[str]

    def of(self, rows: Sequence[Mapping[str, str]]) -> str:
        """For these rows."""
        parts = [self.prefix, *(self._row(row) for row in rows), self.suffix]
        return "".join(parts).strip()

    def _row(self, row: Mapping[str, str]) -> str:
        text = self.block
        for name in self.used:
            text = text.replace(f"{{{name}}}", row.get(name) or "—")
        return text


class _Shown(dict[str, str]):
    def __getitem__(self, name: str) -> str:
        return self.get(name) or "—"


def _named(part: str) -> str:
    plain = part.strip()
    return _ALIASES.get(plain, plain)


def _format(text: str) -> str:
    return _BRACE.sub(lambda match: f"{{{_named(match[1])}}}", text)


def _parts(text: str) -> tuple[str, str, str]:
    """What comes before the sentences about a row, those sentences (said for each row), and what comes after."""
    sentences = [part for part in _SENTENCE.findall(text) if part]
    about = [
        place
        for place, sentence in enumerate(sentences)
        if any(_named(part) in ROW_FIELDS for part in _BRACE.findall(sentence))
    ]
    if not about:
        return text, "", ""
    first, last = about[0], about[-1] + 1
    return "".join(sentences[:first]), "".join(sentences[first:last]), "".join(sentences[last:])


def warnings_about(text: str) -> list[str]:
    """Codes of what is strange about a text whoever it is for."""
    found = []
    if _SHORTENERS.search(text):
        found.append("shortener")
    elif _LINK.search(text):
        found.append("link")
    found += [
        code
        for code, pattern in (("html", _HTML), ("pinyin", _PINYIN), ("unfinished", _UNFINISHED), ("secret", _SECRET))
        if pattern.search(text)
    ]
    return found
