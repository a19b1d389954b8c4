"""How a document is put into a message: which kind, which values, short forms for lists. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from core.i18n import DEFAULT
from core.messages import Option
from notify.signoff.plan import Step, To
from notify.signoff.rules import Rules

METERED_TITLE = 22
"""Characters of a title in an SMS: with number, limit and code the text stays within one segment."""
LISTED_TITLE = 8
LISTED_METERED = 96
"""Characters of a list in an SMS: with signature, numbers and words around it that is two segments in Chinese."""
LISTED = 1500
"""Characters of a list elsewhere."""
_SERIAL = re.compile(r"(\d+)\D*$")
_SHORT_NUMBER = re.compile(r"[〔\[［(（【].*$")
_ABOUT = re.compile(
    r"^(?:.{0,20}?关于|.{0,20}?關於)?(?:进一步|進一步)?(?:做好|加强|加強|开展|開展)?(.+?)(?:工作)?的?(?:通知|通告|公告|意见|意見|函|方案|决定|決定)?$"
)  # one pattern

_BRACKETS = str.maketrans({"[": "〔", "(": "〔", "【": "〔", "]": "〕", ")": "〕", "】": "〕"})

_KINDS = {
    Step.ISSUED: "document_issued",
    Step.HALF: "document_again",
    Step.YELLOW: "document_yellow",
    Step.LIMIT: "document_red",
    Step.OVERDUE: "document_red",
}
CALL, CALL_LIST = "document_call", "document_call_list"
"""Kinds of what is read out in a call: about one document, about several."""
_SIGN = {"zh-Hans": "签收", "zh-Hant": "簽收", "en": "Sign"}
_SIGN_ALL = {"zh-Hans": "全部签收", "zh-Hant": "全部簽收", "en": "Sign all"}
_FOR = {"zh-Hans": "（代{name}）", "zh-Hant": "（代{name}）", "en": " (for {name})"}
_LATE = {"zh-Hans": "{due}已过", "zh-Hant": "{due}已過", "en": "{due}, over"}
_LINK = {"zh-Hans": "，或点 {link}", "zh-Hant": "，或點 {link}", "en": " or open {link}"}
_AND_MORE = {
    "zh-Hans": "；…等{count}件，回“待办”看清单",
    "zh-Hant": "；…等{count}件，回“待辦”看清單",
    "en": "; … {count} in all, reply TODO for the list",
}
_NEXT_PAGE = {
    "zh-Hans": "；…等{count}件，回“待办{page}”看后面",
    "zh-Hant": "；…等{count}件，回“待辦{page}”看後面",
    "en": "; … {count} in all, reply TODO {page} for more",
}
_PAGE = {"zh-Hans": " {link}", "zh-Hant": " {link}", "en": " {link}"}

ONE, LIST = "sign.one", "sign.list"
"""Owners of the questions a reminder puts: does ``1`` sign this one; which of a list is signed."""


class Item(NamedTuple):
    """One document for one unit, as a message needs it. A tuple: thousands are made when they fall due together."""

    recipient_id: str
    document_id: str
    generation: int
    number: str
    title: str
    urgency: str
    issued_at: datetime
    due_at: datetime
    code: str
    unit_id: str
    a_id: str
    b_id: str | None
    leader_id: str | None
    state: str


def code_of(number: str) -> str:
    """What is typed behind 签收: the serial of the document's number (示发〔2026〕12号 → 12), empty without one."""
    found = _SERIAL.search(number)
    return found[1].lstrip("0")[-12:] if found else ""


def short_number(number: str) -> str:
    """The number as lists show it: without the agency's word (〔2026〕12号)."""
    found = _SHORT_NUMBER.search(number)
    return found[0] if found else number


def plain_number(number: str) -> str:
    """A number however its brackets and digits were typed."""
    plain = unicodedata.normalize("NFKC", number).replace("號", "号")
    return "".join(plain.translate(_BRACKETS).split()).lower()


def short_title(title: str) -> str:
    """What a title is about, in a few characters (关于做好防汛值守的通知 → 防汛值守)."""
    found = _ABOUT.match(title)
    about = found[1] if found else title
    return about if len(about) <= LISTED_TITLE else about[: LISTED_TITLE - 1] + "…"


def kind_of(step: Step, role: To) -> str:
    """The kind of message for a step: those asked in the A person's stead after the limit are told whose it is."""
    if role is not To.A and step in {Step.LIMIT, Step.OVERDUE}:
        return "document_red_other"
    return _KINDS[step]


def values(item: Item, rules: Rules, locale: str, *, due: str, metered: bool) -> dict[str, Any]:
    """What every text about one document may name."""
    title = item.title
    if metered and len(title) > METERED_TITLE:
        title = title[: METERED_TITLE - 1] + "…"
    urgency = rules.urgencies[item.urgency].label(locale) if item.urgency in rules.urgencies else item.urgency
    return {"urgency": urgency, "number": item.number, "title": title, "due": due, "code": item.code}


def instead_of(number: str, name: str, locale: str) -> str:
    """A number with the words that it is signed in somebody's place."""
    return number + _FOR.get(locale, _FOR[DEFAULT]).format(name=name)


def link_words(link: str, locale: str, *, two_way: bool) -> str:
    """The link with what leads to it, nothing without one."""
    words = (_LINK if two_way else _PAGE).get(locale, _LINK[DEFAULT])
    return words.format(link=link) if link else ""


def late(due: str, locale: str) -> str:
    """A limit that has passed, for lists."""
    return _LATE.get(locale, _LATE[DEFAULT]).format(due=due.removesuffix("前"))


@dataclass(frozen=True, slots=True)
class Listed:
    """Several things in one line: the words, and how many of them it holds."""

    text: str
    shown: int


def listed(lines: Sequence[tuple[Item, str]], locale: str, *, metered: bool = False) -> Listed:
    """Several documents with their limits in words, numbered from 1."""
    return fitted(
        [f"{short_number(item.number)}{short_title(item.title)}{due}" for item, due in lines], locale, metered
    )


def fitted(lines: Sequence[str], locale: str, metered: bool, *, first: int = 0, page: int = 0) -> Listed:
    """As many lines as a message may hold, at least one; of the others it is said how to see them.

    ``first`` is how many stand on pages before this one: numbers go on from there. ``page`` is this one's number
    where somebody turns pages, 0 in a message of its own.
    """
    room, shown, text = LISTED_METERED if metered else LISTED, 0, ""
    words = (_NEXT_PAGE if page else _AND_MORE).get(locale, "")
    more = words.format(count=len(lines), page=page + 1)
    for place, line in enumerate(lines[first:]):
        longer = f"{text}{'；' if text else ''}{first + place + 1}{line}"
        is_last = first + place + 1 == len(lines)
        if shown and len(longer) + (0 if is_last else len(more)) > room:
            break
        text, shown = longer, shown + 1
    return Listed(text if first + shown == len(lines) else text + more, shown)


def numbers(count: int, locale: str, *, first: int = 0) -> str:
    """The numbers to answer with: ``1、2``, of many ``1-5``; on a later page they begin behind ``first``."""
    if count > 3:
        return f"{first + 1}-{first + count}"
    return (", " if locale == "en" else "、").join(str(first + n) for n in range(1, count + 1))


def buttons(items: Sequence[Item], locale: str, most: int, bundle: str = "") -> tuple[Option, ...]:
    """Buttons (or keys of a call) that sign: one for each document, and one for all of several; at most ``most``.

    A button names the document's generation, or the bundle: it signs what was shown with it and nothing else.
    """
    sign = _SIGN.get(locale, _SIGN[DEFAULT])
    if len(items) == 1 and not bundle:
        return (Option(press_sign(items[0]), sign),)[:most]
    shown = items[: max(0, most - 1)]
    single = [Option(press_sign(item), f"{sign} {short_number(item.number)}") for item in shown]
    return (*single, Option(press("sign_all", bundle), _SIGN_ALL.get(locale, _SIGN_ALL[DEFAULT])))[:most]


def press_sign(item: Item) -> str:
    """The value of a button that signs one document."""
    return press("sign", f"{item.recipient_id}.{item.generation}")


def press(command: str, rest: str = "") -> str:
    """The value of a button that speaks a command; 64 bytes are room for an id."""
    return f"c:{command}:{rest}"
