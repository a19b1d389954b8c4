"""What an objection (异议) is about, told from its words. Pure; the words are data (``data/objections.toml``)."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from core.i18n import DEFAULT
from core.script import to_simplified

OTHERS, UNPAID, MISSING, AREA, NAME, AMOUNT, OTHER = (
    "others",
    "unpaid",
    "missing",
    "area",
    "name",
    "amount",
    "other",
)
KINDS = (AREA, AMOUNT, NAME, MISSING, UNPAID, OTHERS, OTHER)
"""面积 金额 姓名或户 漏报 未到账 举报他人 其他, in the order they are offered."""
_SUBSTANCE = re.compile(r"组|队|户|家[^都]|村|路|\d|[一二三四五六七八九十]亩|叫|姓")
_ENOUGH = 12
"""Letters in which a report can say who and where."""


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("notify.publicity") / "data" / "objections.toml").read_text("utf-8"))


def label(kind: str, locale: str) -> str:
    """A kind as people read it."""
    labels = _data()[kind]["labels"]
    return str(labels.get(locale, labels[DEFAULT]))


def kind_of(text: str) -> str:
    """The kind an objection's words tell. What speaks of one's own household is never about others."""
    plain = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    mine = any(word in plain for word in _data()[OTHERS]["own"])
    for kind, entry in _data().items():
        if kind == OTHERS and mine and not any(word in plain for word in ("冒领", "举报", "虚报", "有人")):
            continue
        if any(to_simplified(word) in plain for word in entry["words"]):
            return kind
    return OTHER


def known(kind: str) -> bool:
    """Whether there is such a kind."""
    return kind in KINDS


def says_enough(text: str) -> bool:
    """Whether a report about others says where or whom, so that nothing more has to be asked."""
    return sum(char.isalnum() for char in text) >= _ENOUGH and _SUBSTANCE.search(text) is not None
