"""Words of officials: sign for documents, give one back, go away and come back. Pure.

Each becomes an ``Act`` of the officials' service, which knows the documents; here is only what was said. What does
not look like such a command (签收快递丢了怎么办) is left to the knowledge base.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.choosing import Picked, fold, number_in, pick
from bot.commands import Command
from bot.dialogue.base import Act, Heard, Memory, Turn
from core.expectations import Asked
from core.office_hours import wall_to_utc

OWNER = "official"
SIGN_ONE, SIGN_LIST, DECIDE = "sign.one", "sign.list", "sign.return"
AWAY, AWAY_WHO = "away.confirm", "away.who"

BUTTON = "#"
"""How the words behind a command begin that was pressed, not written: an id follows."""

LONGEST_ABSENCE = timedelta(days=366)
_PAGES = 50
_ASKS = re.compile(r"[?？]|怎么|怎麼|如何|吗|嗎|什么|什麼|哪|谁|誰|多久")
_CODE = re.compile(r"^[^\s\d]{0,12}[〔\[(（【]?\d[\w〔〕\[\]()（）【】\-]{0,24}号?號?$")
_LENGTH = re.compile(
    r"^(?P<n>\d{1,3}|[一二两三四五六七八九十半])\s*(?:个|個)?\s*(?P<unit>天|日|小时|小時|周|星期|day|days|d|hour|hours|h|week|weeks)$"
)
_UNTIL = re.compile(r"^到?\s*(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})[日号號]$")
_SECRET = re.compile(r"^\d{6,8}$")
_HAN = {"半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS = {"天": 24, "日": 24, "d": 24, "小": 1, "h": 1, "周": 168, "星": 168, "w": 168}


def words(command: Command, heard: Heard, memory: Memory) -> Turn | None:
    """What a command of this family asks the service to do; None for any other, and for what only looks like one."""
    reader = _WORDS.get(command.name)
    if reader and command.rest.startswith(BUTTON):
        return Turn(memory, (), (Act(OWNER, command.name, {"id": command.rest[1:], "locale": heard.locale}),))
    data = reader(command.rest) if reader else None
    if data is None:
        return None
    return Turn(memory, (), (Act(OWNER, command.name, data | {"locale": heard.locale}),))


def _nothing(rest: str) -> dict[str, Any] | None:
    return {} if not rest else None


def _page(rest: str) -> dict[str, Any] | None:
    """``待办 2``: the second page."""
    return {"page": rest} if not rest or (rest.isascii() and rest.isdecimal() and 1 <= int(rest) <= _PAGES) else None


def _code(rest: str) -> dict[str, Any] | None:
    return {"code": rest} if not rest or is_code(rest) else None


def is_code(rest: str) -> bool:
    """Whether this is a document's code or number (12, 〔2026〕12号), not the rest of a sentence."""
    return bool(_CODE.match(rest)) and not _ASKS.search(rest)


def _give_back(rest: str) -> dict[str, Any] | None:
    """``21 应送农业农村局``: a code, then the reason; without a code the reason alone."""
    first, _, reason = rest.partition(" ")
    if is_code(first):
        return {"code": first, "reason": reason.strip(" ，,：:")}
    return None if _ASKS.search(rest) else {"code": "", "reason": rest}


def _away(rest: str) -> dict[str, Any] | None:
    return {"length": rest} if not rest or _LENGTH.match(rest.lower()) or _UNTIL.match(rest) else None


def _secret(rest: str) -> dict[str, Any] | None:
    plain = rest.replace(" ", "")
    return {"code": plain} if _SECRET.match(plain) else None


_WORDS: dict[str, Callable[[str], dict[str, Any] | None]] = {
    "sign": _code,
    "sign_all": _nothing,
    "todo": _page,
    "give_back": _give_back,
    "away": _away,
    "back_in": _nothing,
    "not_me": _code,
    "verify": _secret,
    "link": lambda rest: _secret(rest) if rest else {},
}


def away_until(length: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When an absence ends that was put as ``3天``, ``半天``, ``2小时``, ``到27日``; None for none of these.

    Days are counted from this moment (外出 3天 at 14:30 ends at 14:30); a named day counts to its end.
    """
    plain = fold(length).lower()
    if found := _LENGTH.match(plain):
        n = _HAN.get(found["n"]) or float(found["n"])
        return now + timedelta(hours=n * _UNITS[found["unit"][0]]) if n else None
    if found := _UNTIL.match(plain):
        return _end_of_day(now.astimezone(zone).date(), found["month"], int(found["day"]), zone)
    return None


def _end_of_day(today: date, month: str | None, day: int, zone: ZoneInfo) -> datetime | None:
    """The end of the next such day: this month or the next, this year or the next."""
    number = int(month) if month else today.month
    for step in range(13):
        year, index = divmod(today.year * 12 + number - 1 + (12 * step if month else step), 12)
        try:
            wanted = date(year, index + 1, day)
        except ValueError:
            if month and step > 4:
                return None
            continue
        if wanted >= today:
            return wall_to_utc(wanted + timedelta(days=1), time(0), zone)
    return None


# --- answers to what the service asked ---------------------------------------------------------------------------


def read_one(text: str, _asked: Asked) -> Picked | None:
    """``1`` signs the document of the message before; other numbers belong to another list."""
    return Picked(1) if number_in(text) == 1 else None


def read_list(text: str, asked: Asked) -> Picked | None:
    """A number of a list that stands; numbers outside it belong to another."""
    picked = pick(text, tuple(asked.data.get("labels", ())))
    least = 0 if asked.owner in _WITH_ZERO else 1
    return picked if picked and picked.fits and picked.number >= least else None


_WITH_ZERO = frozenset({AWAY, AWAY_WHO})

READERS: dict[str, Callable[[str, Asked], Picked | None]] = {
    SIGN_ONE: read_one,
    SIGN_LIST: read_list,
    DECIDE: read_list,
    AWAY: read_list,
    AWAY_WHO: read_list,
}


def answered(heard: Heard, memory: Memory, asked: Asked, picked: Picked) -> Turn:
    """An answer handed to the service, with what was asked."""
    data = {**asked.data, "number": picked.number, "ref": asked.ref, "locale": heard.locale}
    return Turn(memory, (), (Act(OWNER, asked.owner, data),))
