"""What an entry says: its fields, what may stand in them, and how pasted text is made plain. Pure.

Used alike for a line of an import file and for what an editor types, so both obey the same rules.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import orjson

from core.i18n import DEFAULT, pick

MAX_ID = 80
MAX_QUESTION = 500
MAX_ANSWER = 20_000
MAX_ALIASES = 300
_LENGTHS = {"category": 40, "unit": 100, "source": 2000, "source_number": 200, "source_url": 500}
_DATES = ("source_date", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Content:
    """One version of an entry without its id. Dates are days of the office's calendar."""

    question: str
    answer: str
    aliases: tuple[str, ...] = ()
    category: str = ""
    unit: str = ""
    source: str = ""
    source_number: str = ""
    source_url: str = ""
    source_date: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    locale: str = DEFAULT

    def pack(self) -> dict[str, Any]:
        """As JSON values, the form versions are kept in."""
        packed = asdict(self)
        for name in _DATES:
            packed[name] = packed[name].isoformat() if packed[name] else None
        return {**packed, "aliases": list(self.aliases)}

    def columns(self) -> dict[str, Any]:
        """As the values of the entry's columns, digest included."""
        return {**asdict(self), "aliases": list(self.aliases), "digest": self.digest()}

    def digest(self) -> str:
        """The same for the same content, whichever way it came."""
        return digest(self.pack())


def unpack(packed: Mapping[str, Any]) -> Content:
    """The Content that was packed."""
    known = {name: packed[name] for name in FIELDS if name in packed}
    for name in _DATES:
        known[name] = date.fromisoformat(known[name]) if known.get(name) else None
    return Content(**{**known, "aliases": tuple(known.get("aliases", ()))})


FIELDS = tuple(f.name for f in fields(Content))


def digest(values: Mapping[str, Any]) -> str:
    """128 bits over JSON values, the order of keys aside."""
    return hashlib.sha256(orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


@lru_cache(maxsize=1)
def shipped_categories() -> tuple[str, ...]:
    """The categories every office begins with (PRODUCT 1); offices use further ones by writing them."""
    text = resources.files("faq").joinpath("data", "categories.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@dataclass(slots=True)
class Checked:
    """What became of raw values: content, or problems by field; warnings by field beside either."""

    content: Content | None = None
    problems: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def check_id(value: str) -> str:
    """Why this cannot be an entry's id; empty when it can."""
    if not value:
        return "is missing"
    if len(value) > MAX_ID:
        return f"is longer than {MAX_ID} characters"
    if value == "*" or not value.isprintable():
        return "has characters an id cannot have"
    return ""


def check(raw: Mapping[str, Any], base: Content | None = None) -> Checked:
    """Raw values (texts, dates, a list of aliases) as Content; fields not given are taken from ``base``."""
    result = Checked()
    values: dict[str, Any] = asdict(base) if base else {}
    for name in FIELDS:
        if name in raw:
            values[name] = _field(name, raw[name], result)
    for name in ("question", "answer"):
        if not values.get(name) and name not in result.problems:
            result.problems[name] = "is missing"
    begins, ends = values.get("valid_from"), values.get("valid_until")
    if isinstance(begins, date) and isinstance(ends, date) and begins > ends:
        result.problems["valid_until"] = "is before valid_from"
    if not result.problems:
        values["aliases"] = tuple(a for a in values.get("aliases", ()) if a != values["question"])
        result.content = Content(**values)
    return result


def _field(name: str, value: Any, result: Checked) -> Any:
    if name == "aliases":
        return _aliases(value, result)
    if name in _DATES:
        return _day(name, value, result)
    if value is not None and not isinstance(value, str | int | float | date):
        result.problems[name] = "is not a text"
        return ""
    text = _plain(name, "" if value is None else str(value), result)
    if name == "locale":
        return _locale(text, result)
    limit = {"question": MAX_QUESTION, "answer": MAX_ANSWER}.get(name) or _LENGTHS[name]
    if len(text) > limit:
        result.problems[name] = f"is longer than {limit} characters"
    return text


def _aliases(value: Any, result: Checked) -> tuple[str, ...]:
    given = value.split("|") if isinstance(value, str) else [] if value is None else value
    if not isinstance(given, list | tuple) or not all(isinstance(alias, str) for alias in given):
        result.problems["aliases"] = "is not a list of texts"
        return ()
    aliases = tuple(dict.fromkeys(plain for alias in given if (plain := _plain("aliases", alias, result))))
    if len(aliases) > MAX_ALIASES or any(len(alias) > MAX_QUESTION for alias in aliases):
        result.problems["aliases"] = f"has more than {MAX_ALIASES} phrasings or one over {MAX_QUESTION} characters"
    return aliases


_DAY = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:[ T]\d.*)?")


def _day(name: str, value: Any, result: Checked) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if not text:
        return None
    if found := _DAY.fullmatch(text):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            pass
    result.problems[name] = "is not a day such as 2026-01-31"
    return None


def _locale(text: str, result: Checked) -> str:
    if text and not text.lower().startswith(("zh", "en")):
        result.problems["locale"] = "must be zh-Hans, zh-Hant or en"
    return pick(text)


# --- plain text --------------------------------------------------------------------------------------------

_TAGS = "a abbr b big blockquote body br center code dd div dl dt em font form h1 h2 h3 h4 h5 h6 head hr html i " \
        "iframe img input ins del label li link meta o:p ol p pre s section small span strike strong style sub " \
        "sup table tbody td tfoot th thead title tr u ul script"  # fmt: skip
_NAMES = "|".join(sorted(map(re.escape, _TAGS.split()), key=len, reverse=True))
_HIDDEN = re.compile(r"<(script|style|head|title)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.I | re.S)
_LINK = re.compile(r"<a\b[^>]*?href\s*=\s*[\"']?(https?://[^\"'\s>]+)[^>]*>(.*?)</a\s*>", re.I | re.S)
_BREAK = re.compile(r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|ul|ol|table|blockquote|dd|dt|section)\s*>", re.I)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\ufeff\ufffe\uffff]")
_YEAR = re.compile(r"20[xX×＊*]{2}\s*年")
_PINYIN = re.compile(r"[\u4e00-\u9fff][（(][a-zA-Zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü\s]{2,}[）)]")


def plain_text(text: str) -> str:
    """HTML reduced to the text a reader saw. Only real tags count: 《条例》, <60岁 and <必填> stay as they are."""
    text = _HIDDEN.sub("", text)
    text = _LINK.sub(lambda m: m[2] if m[1] in m[2] else f"{m[2]}（{m[1]}）", text)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = html.unescape(text).replace("\xa0", " ")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(name: str, text: str, result: Checked) -> str:
    if "\ufffd" in text or any("\ud800" <= char <= "\udfff" for char in text):
        result.problems[name] = "has characters that cannot be read: the file's encoding is damaged here"
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _TAG.search(text) or _HIDDEN.search(text) or _ENTITY.search(text):
        text = plain_text(text)
        result.warnings[name] = "held HTML, reduced to plain text"
    elif _YEAR.search(text):
        result.warnings[name] = "holds a year that was never filled in (20xx年)"
    elif name == "answer" and _PINYIN.search(text):
        result.warnings[name] = "holds pinyin in brackets, perhaps left over from pasting"
    return _CONTROL.sub("", text).strip()
