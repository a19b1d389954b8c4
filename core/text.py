"""Rules for texts: what an SMS costs, how to shorten it without harm, and how to hide who it is about. Pure.

An SMS is sent in GSM-7 when each of its characters is in that alphabet (3GPP TS 23.038, section 6.2.1), else
in UCS-2. GSM-7 holds 160 septets in a single segment and 153 in each of several; UCS-2 holds 70 and 67 UTF-16
units. Extension characters and characters outside the basic plane take two and are never split. One Chinese
character therefore makes a whole text UCS-2.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from itertools import accumulate

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_NOT_GSM = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_GSM_DOUBLE = re.compile(f"[{re.escape(_EXTENSION)}]")
_UCS_DOUBLE = re.compile("[\U00010000-\U0010ffff]")


class Encoding(StrEnum):
    """How a text travels as SMS."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_CAPACITY = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
_DOUBLE = {Encoding.GSM7: _GSM_DOUBLE, Encoding.UCS2: _UCS_DOUBLE}


def encoding(text: str) -> Encoding:
    """The cheaper encoding that can carry every character of ``text``."""
    return Encoding.UCS2 if _NOT_GSM.search(text) else Encoding.GSM7


def segments(text: str) -> int:
    """How many SMS segments ``text`` costs; 0 for an empty text."""
    if not text:
        return 0
    kind = encoding(text)
    single, joined = _CAPACITY[kind]
    double = _DOUBLE[kind]
    units = len(text) + len(double.findall(text))
    if units <= single:
        return 1
    if units == len(text):
        return -(-units // joined)
    return _pack([2 if double.match(char) else 1 for char in text], joined)


def _pack(costs: list[int], room: int) -> int:
    """How many segments of ``room`` units are needed when nothing may straddle two of them."""
    count, used = 1, 0
    for cost in costs:
        if used + cost > room:
            count, used = count + 1, 0
        used += cost
    return count


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, the way providers count characters: an emoji is two."""
    return len(text) + len(_UCS_DOUBLE.findall(text))


# --- folding -----------------------------------------------------------------------------------------------

_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
"""Soft hyphen, zero-width space, word joiner, byte order mark. Zero-width joiners stay: emoji need them."""
_SPACES = {**dict.fromkeys((0x00A0, 0x202F, 0x205F, *range(0x2000, 0x200B)), " "), 0x0009: " "}
_HARMLESS = {**_INVISIBLE, **_SPACES}
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LATIN = {
    **_HARMLESS,
    **_FULL_WIDTH,
    **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "·。"), "."),
    ord("…"): "...",
    ord("•"): "*",
    ord("、"): ",",
    ord("×"): "x",
    ord("\u3000"): " ",
}


def fold_punctuation(text: str) -> str:
    """``text`` with typographic punctuation replaced by plain forms where that makes it GSM-7.

    One curly quote makes an English SMS cost more than double. A text with Chinese in it gains nothing and keeps
    its punctuation; only invisible characters go and odd spaces become spaces. Never costs more segments.
    """
    harmless = text.translate(_HARMLESS)
    latin = unicodedata.normalize("NFC", text).translate(_LATIN)
    if encoding(latin) is Encoding.GSM7 and segments(latin) <= segments(harmless):
        return latin
    return harmless


# --- cutting -----------------------------------------------------------------------------------------------

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_JOINER = "\u200d"


def _extends(char: str) -> bool:
    """Whether ``char`` belongs to the character before it (marks, selectors, skin tones, tags, joiners)."""
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me"}
        or char == _JOINER
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or "\u1160" <= char <= "\u11ff"
    )


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def graphemes(text: str) -> Iterator[str]:
    """``text`` in pieces a reader sees as one character: the common cases of UAX #29."""
    cluster = ""
    for char in text:
        joins = cluster and (
            _extends(char)
            or cluster[-1] == _JOINER
            or (cluster == "\r" and char == "\n")
            or (len(cluster) == 1 and _is_flag_half(cluster) and _is_flag_half(char))
        )
        if cluster and not joins:
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _atoms(text: str) -> list[str]:
    """What must not be cut: whole placeholders, and graphemes outside of them."""
    atoms: list[str] = []
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        atoms.extend(graphemes(text[at : match.start()]))
        atoms.append(match.group())
        at = match.end()
    atoms.extend(graphemes(text[at:]))
    return atoms


def trim(text: str, *, segments_max: int | None = None, chars_max: int | None = None) -> str:
    """``text`` shortened to the limits, ending in ``…`` when something was cut.

    Cuts between characters as a reader sees them and never inside a ``{placeholder}``. ``chars_max`` counts UTF-16
    units. Under ``segments_max`` a GSM-7 text ends in three dots, because ``…`` alone would make it UCS-2.
    """

    def fits(candidate: str) -> bool:
        return (segments_max is None or segments(candidate) <= segments_max) and (
            chars_max is None or utf16_length(candidate) <= chars_max
        )

    def ended(count: int) -> str:
        kept = "".join(atoms[:count]).rstrip()
        return kept + ("..." if segments_max is not None and encoding(kept) is Encoding.GSM7 else "…")

    if fits(text):
        return text
    atoms = _atoms(text)
    count = bisect_right(range(len(atoms)), False, key=lambda index: not fits(ended(index)))
    return ended(count - 1) if count else ""


_BREAKS = tuple(re.compile(pattern) for pattern in (r"\n", r"[。！？!?；;]|\.(?=\s)", r"[，、,：:\s]"))
"""Where a long text may be divided, best first."""


def split_message(text: str, limit: int = 1600) -> list[str]:
    """``text`` in pieces of at most ``limit`` UTF-16 units (Twilio takes 1,600); joined they are the text again.

    Divides after a line, else a sentence, else a clause in the last quarter of a piece; never inside a character
    or a placeholder, unless one is itself longer than the limit.
    """
    pieces: list[str] = []
    atoms = [part for atom in _atoms(text) for part in (atom if utf16_length(atom) > limit else (atom,))]
    while atoms:
        totals = list(accumulate(map(utf16_length, atoms[: limit + 1])))
        fitting = max(1, bisect_right(totals, limit))
        cut = fitting if fitting == len(atoms) else _good_break(atoms, fitting)
        pieces.append("".join(atoms[:cut]))
        atoms = atoms[cut:]
    return pieces


def _good_break(atoms: list[str], fitting: int) -> int:
    for pattern in _BREAKS:
        for index in range(fitting, fitting * 3 // 4, -1):
            following = atoms[index] if index < len(atoms) else ""
            if pattern.match(atoms[index - 1] + following):
                return index
    return fitting


def sign(text: str, office: str) -> str:
    """``text`` with the signature ``【office】`` in front, exactly once: carriers and people look for it there."""
    name = office.strip().strip("【】")
    if not name:
        return text
    signature = f"【{name}】"
    while signature in text:
        text = text.replace(signature, "")
    return signature + text.lstrip()


# --- masking -----------------------------------------------------------------------------------------------

_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔"
        "申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘令狐百里呼延东郭南门拓跋轩辕第五"
        "歐陽司馬東方獨孤南宮聞人諸葛尉遲赫連澹臺濮陽公孫仲孫鍾離長孫鮮于閭丘東郭南門軒轅",
    )
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇]+")


def mask_name(name: str) -> str:
    """A name as the public may see it: 张*明, 张*, 欧阳**, J*** S***. Parts around · and spaces stay parts."""
    return "".join(_mask_part(part) for part in re.split(r"([\s·•．.\-]+)", name.strip()))


def _mask_part(part: str) -> str:
    if not part or not part[0].isalnum():
        return part
    if not _HAN.fullmatch(part):
        return f"{next(graphemes(part))}***"
    if len(part) == 1:
        return "*"
    if len(part) > 2 and part[:2] in _COMPOUND_SURNAMES:
        return part[:2] + "*" * (len(part) - 2)
    if len(part) == 2:
        return f"{part[0]}*"
    return part[0] + "*" * (len(part) - 2) + part[-1]


def mask_phone(number: str) -> str:
    """A telephone number without its middle: 138****1234, +1202***0133. A channel prefix stays in front."""
    prefix, separator, rest = number.strip().rpartition(":")
    digits = "".join(filter(str.isdigit, rest))
    plus = "+" if rest.lstrip().startswith(("+", "＋")) else ""
    north_american = plus and digits.startswith("1")
    tail = 4 if len(digits) >= 9 else 2
    hidden = 4 if len(digits) >= 11 and not north_american else 3
    head = max(0, len(digits) - tail - hidden)
    if len(digits) < 7:
        return f"{prefix}{separator}***{digits[-1:]}"
    return f"{prefix}{separator}{plus}{digits[:head]}{'*' * hidden}{digits[-tail:]}"


_PERSONAL = re.compile(
    r"(?<![A-Za-z0-9._+-])(?P<email>[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?<![\dA-Za-z])(?P<idcard>\d{6}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx]|\d{14}[\dXx])(?![\dA-Za-z])"
    r"|(?<!\d)(?P<card>\d{16,19}|\d{4}(?:[ -]\d{4}){2,3}[ -]\d{1,7})(?!\d)"
    r"|(?<!\d)(?P<phone>(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|\+\d(?:[ ()-]{0,2}\d){7,14}"
    r"|0\d{2,3}[ -]?[2-8]\d{6,7})(?!\d)",
)


def mask_personal(text: str) -> str:
    """Free text with telephone, identity card and bank card numbers and e-mail addresses masked.

    For question logs and the like, where the sense of a text is needed and the person is not.
    """
    shadow = text.translate(_FULL_WIDTH)
    parts, at = [], 0
    for match in _PERSONAL.finditer(shadow):
        parts += [text[at : match.start()], _mask_match(match)]
        at = match.end()
    return "".join([*parts, text[at:]])


def _mask_match(match: re.Match[str]) -> str:
    found = match.group()
    if match.lastgroup == "email":
        return f"{found[0]}***@{found.rpartition('@')[2]}"
    if match.lastgroup == "phone":
        return mask_phone(found)
    plain = re.sub(r"[ -]", "", found)
    if match.lastgroup == "card":
        return "*" * (len(plain) - 4) + plain[-4:]
    return plain[:2] + "*" * (len(plain) - 4) + plain[-2:]
