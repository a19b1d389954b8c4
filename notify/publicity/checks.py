"""What is strange about a list although every line can be read: shown to whoever uploads and approves. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import Any

from notify.publicity.rows import Line, folded_area, folded_name

MAX_HOUSEHOLDS = 5
"""One phone for more households than this is flagged (OFFICE "Notices")."""
_EXAMPLES = 20
_ROUNDINGS = (Decimal("0.01"), Decimal("0.1"), Decimal(1))


class Flag(StrEnum):
    """What a check found in a row."""

    AMOUNT = "amount"
    SHARED_PHONE = "shared_phone"
    DUPLICATE = "duplicate"
    DECEASED = "deceased"
    INELIGIBLE = "ineligible"
    NEW = "new"
    CHANGED = "changed"


def amount_fits(line: Line) -> bool:
    """Whether 金额 = 面积 × 标准, rounded to 分, 角 or 元; True where one of the three is missing."""
    if line.quantity is None or line.rate is None or line.amount_cents is None:
        return True
    exact = line.quantity * line.rate
    amount = Decimal(line.amount_cents) / 100
    return any(exact.quantize(unit, ROUND_HALF_UP) == amount for unit in _ROUNDINGS)


@dataclass(frozen=True, slots=True)
class Former:
    """The rows of the round before, by ``household``: what each household had then."""

    rows: Mapping[bytes, bytes]


@dataclass(slots=True)
class Checks:
    """Looks at the lines of a list one after the other; keeps digests and counts, never names.

    ``deceased`` and ``ineligible`` say whether a line is on that list of the office's; ``former`` is the round before.
    """

    on_lists: Mapping[Flag, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    former: Former | None = None
    phones: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    duplicates: list[tuple[int, int]] = field(default_factory=list)
    examples: dict[str, list[int]] = field(default_factory=dict)
    rows: int = 0
    amount_cents: int = 0
    quantity: Decimal = Decimal(0)
    with_phone: int = 0
    _seen: dict[bytes, int] = field(default_factory=dict)
    _households: set[bytes] = field(default_factory=set)
    _digest: Any = field(default_factory=sha256)

    def look(self, line: Line, name_index: str, phone_index: str | None) -> list[Flag]:
        """The flags of a line. How many share a phone is known only at the end: ``shared``."""
        self.rows += 1
        self.amount_cents += line.amount_cents or 0
        self.quantity += line.quantity or Decimal(0)
        if phone_index:
            self.with_phone += 1
            self.phones[phone_index] += 1
        self._digest.update("\x1f".join(line.published()).encode() + b"\x1e")
        found = list(self._of_line(line, name_index))
        for flag in found:
            self.note(flag, line.line)
        return found

    def note(self, flag: Flag, line: int) -> None:
        """Count a flag and remember its first lines."""
        self.flags[flag.value] += 1
        lines = self.examples.setdefault(flag.value, [])
        if len(lines) < _EXAMPLES:
            lines.append(line)

    def _of_line(self, line: Line, name_index: str) -> list[Flag]:
        found = []
        if not amount_fits(line):
            found.append(Flag.AMOUNT)
        key = key_of(line.name, line.area, line.phone)
        first = self._seen.setdefault(key, line.line)
        if first != line.line:
            found.append(Flag.DUPLICATE)
            self.duplicates.append((line.line, first))
        found += [flag for flag, names in self.on_lists.items() if _listed(names, name_index, line.area)]
        if self.former is not None:
            self._households.add(household(line.name, line.area))
            before = self.former.rows.get(household(line.name, line.area))
            if before is None:
                found.append(Flag.NEW)
            elif before != content_of(line.published()):
                found.append(Flag.CHANGED)
        return found

    def gone(self) -> int:
        """How many households of the round before are not in this list."""
        return 0 if self.former is None else len(self.former.rows.keys() - self._households)

    def shared(self) -> dict[str, int]:
        """Phones, by index, that more than ``MAX_HOUSEHOLDS`` rows name, with how many."""
        return {phone: count for phone, count in self.phones.items() if count > MAX_HOUSEHOLDS}

    def digest(self) -> str:
        """A digest over the published columns of all lines in their order."""
        return str(self._digest.hexdigest())


def _listed(names: Mapping[str, frozenset[str]], name_index: str, area: str) -> bool:
    """On a list of the office's: the name, and where the list gives a place, a place that fits."""
    places = names.get(name_index)
    if places is None:
        return False
    here = folded_area(area)
    return any(not place or not here or place in here or here in place for place in places)


def key_of(name: str, area: str, phone: str) -> bytes:
    """What makes two rows of one list the same household: name and place, and the phone where one is given."""
    return blake2b(f"{folded_name(name)}\0{folded_area(area)}\0{phone}".encode(), digest_size=10).digest()


def household(name: str, area: str) -> bytes:
    """What makes rows of two rounds the same household: its number may be a new one."""
    return key_of(name, area, "")


def content_of(published: Sequence[str]) -> bytes:
    """A row's published columns as a short digest."""
    return blake2b("\x1f".join(published).encode(), digest_size=10).digest()
