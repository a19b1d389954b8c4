"""Reading an answer to a question: a number in any script, a button, or the words of a choice. Pure."""

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_BARE = re.compile(
    r"^(?:选择?|第|回|回复|no\.?|#)?\s*(\d{1,2}|[零〇一二两三四五六七八九十])\s*(?:个|项|号|[.、,，。)）!！~]|吧|呢)*$",
    re.IGNORECASE,
)
_BUTTON = re.compile(r"^e:(\d+):(\d+)$")


def fold(text: str) -> str:
    """Full width to half width, other forms to plain ones, outer white space away."""
    return unicodedata.normalize("NFKC", text).strip()


def number_in(text: str) -> int | None:
    """The number a message consists of (``２``, ``2、``, ``第二个``), None when it says anything else."""
    match = _BARE.match(fold(text))
    if not match:
        return None
    found = match.group(1)
    return int(found) if found.isdecimal() else _DIGITS[found]


def button(question_id: int, number: int) -> str:
    """The value behind a button: which question, which choice. 64 bytes are room enough everywhere."""
    return f"e:{question_id}:{number}"


def pressed(choice: str) -> tuple[int, int] | None:
    """Question and number of a pressed button, None when it is not one of these."""
    match = _BUTTON.match(choice)
    return (int(match.group(1)), int(match.group(2))) if match else None


@dataclass(frozen=True, slots=True)
class Picked:
    """An answer to a list: ``number`` counts from 1, 0 is "none of these"; ``fits`` is False outside the list."""

    number: int
    fits: bool = True


def pick(text: str, labels: tuple[str, ...]) -> Picked | None:
    """Which of the labels a message means: by number, by its words; None when it is about something else."""
    number = number_in(text)
    if number is not None:
        return Picked(number, fits=number <= len(labels))
    said = _letters(text)
    if len(said) < 2:
        return None
    same = [place for place, label in enumerate(labels, 1) if said == _letters(label)]
    return Picked(same[0]) if len(same) == 1 else None


def _letters(text: str) -> str:
    return "".join(char for char in fold(text).lower() if char.isalnum())
