"""The civic lexicon: how people say things, and how the office says them (牵车 ↔ 领回被拖吊车辆).

Rows are plain tab-separated data in `faq/data/lexicon`; an office's own rows are added on top. A row is woken by
a question that holds one of its wordings, whole or nearly whole (骨灰撒海 in 把骨灰撒到海里), and lends the
question the wordings of its other side as a second, weaker form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .normalise import fold, to_units
from .segment import Field, Floats, build_field
from .terms import Ints, distinct, text_pairs
from .topics import shipped_topics

#: How much of a wording a question must hold for its row to wake, by weight of its units and pairs.
WAKE = 0.5
#: At most so many wordings wake, and at most so many wordings are lent.
MAX_AWAKE = 20
MAX_LENT = 48
#: Terms below this are units, the others pairs.
UNIT_LIMIT = 1 << 21


@dataclass(frozen=True, slots=True)
class LexiconRow:
    """One group: wordings of people, wordings of the office, a weight 0…1 and a category or ""."""

    colloquial: tuple[str, ...]
    official: tuple[str, ...]
    weight: float = 0.8
    category: str = ""


@dataclass(frozen=True, slots=True)
class Awake:
    """A wording that a question holds, how much of it (0…1), and which units of the question hold it."""

    wording: int
    share: float
    positions: NDArray[np.bool_]


class Loan(NamedTuple):
    """A wording lent to a question: which one, by which row, how strongly, and for which of the awake ones."""

    wording: int
    row: int
    strength: float
    by: int


def parse_rows(text: str) -> list[LexiconRow]:
    """Rows of one tab-separated file with a head line; lines that start with # and incomplete lines are left out."""
    rows = []
    for line in text.splitlines():
        cells = line.rstrip("\n").split("\t")
        if line.startswith("#") or len(cells) < 2 or cells[0] == "colloquial":
            continue
        sides = [tuple(dict.fromkeys(w for w in map(_wording, cell.split("|")) if w)) for cell in cells[:2]]
        weight = float(cells[2]) if len(cells) > 2 and cells[2] else 0.8
        if sides[0] and sides[1]:
            rows.append(LexiconRow(sides[0], sides[1], weight, cells[3].strip() if len(cells) > 3 else ""))
    return rows


def _wording(cell: str) -> str:
    return to_units(fold(cell.strip())).replace(" ", "")


@lru_cache(maxsize=1)
def shipped_rows() -> tuple[LexiconRow, ...]:
    """The rows that come with the product."""
    folder = resources.files("faq").joinpath("data", "lexicon")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".tsv")), key=lambda f: f.name)
    return tuple(row for f in files for row in parse_rows(f.read_text(encoding="utf-8")))


class Lexicon:
    """Rows ready for asking. Read-only once built."""

    def __init__(self, rows: Iterable[LexiconRow] | None = None, extra: Iterable[LexiconRow] = ()) -> None:
        self.rows: tuple[LexiconRow, ...] = (*(shipped_rows() if rows is None else rows), *extra)
        self.wordings: list[str] = list(dict.fromkeys(w for r in self.rows for w in (*r.colloquial, *r.official)))
        number = {w: i for i, w in enumerate(self.wordings)}
        self._members = [tuple(number[w] for w in (*r.colloquial, *r.official)) for r in self.rows]
        rows_of: list[list[int]] = [[] for _ in self.wordings]
        for row, members in enumerate(self._members):
            for wording in members:
                rows_of[wording].append(row)
        self._rows_of = [tuple(rows) for rows in rows_of]
        self.field: Field = build_field(len(self.wordings), [text_pairs(self.wordings, sounds=False)])
        self._tells: Floats = _rarity(self.field) * _worth(self.field.terms)
        worth = self._tells[self.field.text_terms]
        texts = np.repeat(np.arange(self.field.size), np.diff(self.field.text_starts)).astype(np.int32)
        self._mass = np.maximum(np.bincount(texts, worth, self.field.size), 1e-6).astype(np.float32)
        self._shares: Floats = (worth / self._mass[texts]).astype(np.float32)
        self._lengths = np.array([len(w) for w in self.wordings], np.int64)
        self.topics: NDArray[np.float16] = shipped_topics().of_field(self.field, strongest=True).astype(np.float16)

    def __len__(self) -> int:
        return len(self.rows)

    def postings(self, wordings: Ints) -> tuple[Ints, Floats, Ints]:
        """Terms of some wordings, the share each makes up of its wording, and where each wording begins among them."""
        lengths = self.field.text_starts[wordings + 1] - self.field.text_starts[wordings]
        starts = np.cumsum(lengths) - lengths
        at = np.arange(int(lengths.sum())) - np.repeat(starts - self.field.text_starts[wordings], lengths)
        return self.field.terms[self.field.text_terms[at]], self._shares[at], starts

    def lend(self, units: Ints, pairs: Ints) -> tuple[list[Awake], list[Loan]]:
        """The wordings a question holds, and those lent to it for them, strongest first, each at most once."""
        if not self.rows or not len(units):
            return [], []
        awake = []
        loans: dict[int, Loan] = {}
        numbers, share = self._awake(distinct(units, pairs))
        spoken = [chr(unit) for unit in units.tolist()]
        for wording, part in zip(numbers.tolist(), share.tolist(), strict=True):
            own = self.wordings[wording]
            held = [unit in own for unit in spoken]
            if _compact([at for at, there in enumerate(held) if there], len(own)):
                awake.append(Awake(wording, part, np.array(held, np.bool_)))
                for row in self._rows_of[wording]:
                    self._borrow(awake[-1], len(awake) - 1, row, loans)
        strongest = sorted(loans.values(), key=attrgetter("strength"), reverse=True)
        return awake, strongest[:MAX_LENT]

    def _awake(self, terms: Ints) -> tuple[Ints, Floats]:
        located = self.field.locate(terms)
        located = located[located >= 0]
        share = self.field.accumulate(located, self._tells[located]).astype(np.float32) / self._mass
        chosen = np.flatnonzero(share >= WAKE)
        size = share * np.minimum(self._lengths, 6)
        best = chosen[np.argsort(-size[chosen], kind="stable")][:MAX_AWAKE]
        return best, np.minimum(share[best], 1.0)

    def _borrow(self, awake: Awake, by: int, row: int, loans: dict[int, Loan]) -> None:
        members = self._members[row]
        cut = len(self.rows[row].colloquial)
        base = self.rows[row].weight * awake.share * awake.share
        toward = 1.0 if awake.wording in members[:cut] else 0.9
        for others, strength in ((members[:cut], base * 0.6), (members[cut:], base * toward)):
            for other in others:
                known = loans.get(other)
                if other != awake.wording and (known is None or known.strength < strength):
                    loans[other] = Loan(other, row, strength, by)


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """The lexicon of the shipped rows, built once in a process."""
    return Lexicon()


def _worth(terms: Ints) -> Floats:
    """A unit counts 0.4 of a pair."""
    return np.where(terms < UNIT_LIMIT, np.float32(0.4), np.float32(1.0)).astype(np.float32)


def _compact(at: Sequence[int], length: int) -> bool:
    """Whether two of the units that woke a wording stand near each other; far apart they mean something else."""
    if len(at) < 2 or length == 1:
        return length == 1
    return min(b - a for a, b in pairwise(at)) < length + 4


def _rarity(field: Field) -> Floats:
    counts = np.diff(field.starts)
    top = np.log1p(max(field.size, 2))
    return np.asarray(np.log1p(field.size / np.maximum(counts, 1)) / top, np.float32)


def category_of(loans: Sequence[Loan], lexicon: Lexicon) -> dict[str, float]:
    """How strongly the woken rows point at each category."""
    totals: dict[str, float] = {}
    for loan in loans:
        category = lexicon.rows[loan.row].category
        if category:
            totals[category] = max(totals.get(category, 0.0), loan.strength)
    return totals
