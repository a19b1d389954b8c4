"""Names of areas as people write them: 西河村, 西河, 示例镇西河村三组, 3组. Pure.

The last letters that only say what kind of area it is (县 镇 村 组 …) may be left out, village groups are numbered in
either script, a longer name may lead from the wide to the narrow, and one wrong letter is forgiven when only one
name is that near.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from core.script import to_simplified

_GENERIC = ("自治县", "街道办事处", "街道办", "村民委员会", "居民委员会", "村委会", "居委会", "村民小组", "居民小组")
_ENDINGS = (*_GENERIC, "街道", "社区", "小组", "县", "区", "市", "镇", "乡", "村", "组", "队")
_HAN = {"零": "0", "〇": "0", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
        "八": "8", "九": "9"}  # fmt: skip
_NUMBERED = re.compile(r"^第?([零〇一二两三四五六七八九十\d]{1,3})(?:村民小组|居民小组|小组|组|队)$")
_ENGLISH = re.compile(r"\b(county|district|township|town|village|group|community)\b", re.IGNORECASE)
_KEPT = 20_000
"""Folded names kept: all villages and groups of a large county."""
_SHORTEST_GUESS = 3
"""Letters a name needs before a wrong one is forgiven; in two letters one is half of the name."""


@dataclass(frozen=True, slots=True)
class Named:
    """An area as the search sees it: ``path`` are the names from the widest to its own."""

    id: str
    path: tuple[str, ...]


@lru_cache(_KEPT)
def folded(name: str) -> str:
    """A name for comparing: simplified, half width, lower case, without blanks; 第三村民小组 is 3组."""
    plain = to_simplified(unicodedata.normalize("NFKC", name)).lower()
    plain = "".join(char for char in plain if char.isalnum())
    match = _NUMBERED.match(plain)
    return f"{_number(match[1])}组" if match else plain


@lru_cache(_KEPT)
def core_of(name: str) -> str:
    """A folded name without what only says which kind of area it is; a numbered group keeps its 组."""
    plain = folded(_ENGLISH.sub("", name))
    if re.fullmatch(r"\d+组", plain):
        return plain
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + (0 if plain.isascii() else 1):
            return plain.removesuffix(ending)
    return plain


def find(text: str, areas: Iterable[Named]) -> list[Named]:
    """The areas a text may mean, the best first; empty when it names none.

    Several come back only where several are equally near: then one has to ask which.
    """
    known = list(areas)
    wanted = folded(text)
    if not wanted:
        return []
    for same in (_exact, _along_the_path, _without_kind):
        if found := [area for area in known if same(text, area)]:
            return _narrowest_first(found)
    return _near(text, known)


def _exact(text: str, area: Named) -> bool:
    return folded(text) == folded(area.path[-1])


def _without_kind(text: str, area: Named) -> bool:
    return core_of(text) == core_of(area.path[-1])


def _along_the_path(text: str, area: Named) -> bool:
    """Whether a text is made of names of the path, in its order, and ends with the area's own."""
    return any(_made_of(rest, area.path[:-1]) for rest in _before_own_name(text, area.path[-1]))


def _before_own_name(text: str, own: str) -> list[str]:
    plain, names = _flat(text), {_flat(own), folded(own), core_of(own)} - {""}
    return [plain.removesuffix(name) for name in names if plain.endswith(name) and plain != name]


def _made_of(text: str, names: Sequence[str]) -> bool:
    """Whether ``text`` is a row of these names, each once and in this order; some may be left out."""
    if not text:
        return True
    if not names:
        return False
    heads = {_flat(names[0]), core_of(names[0])} - {""}
    taken = any(text.startswith(head) and _made_of(text.removeprefix(head), names[1:]) for head in heads)
    return taken or _made_of(text, names[1:])


@lru_cache(_KEPT)
def _flat(text: str) -> str:
    """As ``folded``, with the number of a group at the end in digits."""
    plain = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    plain = "".join(char for char in plain if char.isalnum())
    match = re.search(r"第?([零〇一二两三四五六七八九十\d]{1,3})(?:村民小组|居民小组|小组|组|队)$", plain)
    return f"{plain[: match.start()]}{_number(match[1])}组" if match else plain


def _near(text: str, known: Sequence[Named]) -> list[Named]:
    wanted = core_of(text)
    if len(folded(text)) < _SHORTEST_GUESS:
        return []
    found = [
        area
        for area in known
        if len(core_of(area.path[-1])) == len(wanted) > 1
        and not re.search(r"\d", wanted)
        and DamerauLevenshtein.distance(wanted, core_of(area.path[-1])) == 1
    ]
    return found if len(found) == 1 else []


def _narrowest_first(found: Sequence[Named]) -> list[Named]:
    """A village before the township of the same name only where a kind was named; else the wider one first."""
    return sorted(found, key=lambda area: (len(area.path), area.path))


def _number(han: str) -> int:
    if han.isdecimal():
        return int(han)
    if "十" in han:
        tens, _, ones = han.partition("十")
        return int(_HAN.get(tens, "1")) * 10 + int(_HAN.get(ones, "0"))
    return int("".join(_HAN[char] for char in han))
