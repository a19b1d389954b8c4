"""Numbers of matters (编号): year, month, sequence within the month, check digit. Pure.

``26112103`` is November 2026, the 210th, check digit 3. The check digit is Damm's (H. M. Damm, *Total
anti-symmetrische Quasigruppen*, 2004): it finds every single wrong digit and every swap of two neighbours, the
two ways in which people misread a number. Registers of their own (信息公开) put a letter in front.
"""

import re
import unicodedata

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_NUMBER = re.compile(r"([A-Z]?)(\d{8,12})")


def check_digit(digits: str) -> int:
    """The digit that makes ``digits`` a whole number."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def make(series: str, year: int, month: int, sequence: int) -> str:
    """The number of the ``sequence``-th matter of a month in a register (``series``: a letter or nothing)."""
    digits = f"{year % 100:02d}{month:02d}{sequence:03d}"
    return f"{series}{digits}{check_digit(digits)}"


def normal(text: str) -> str | None:
    """A number as people type it (full width, spaces, small letter), or None when it cannot be one."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
    match = _NUMBER.fullmatch(plain)
    if match is None or check_digit(match[2][:-1]) != int(match[2][-1]):
        return None
    return plain
