"""The civic lexicon: how people say things, and how the office says them (牵车 ↔ 领回被拖吊车辆).

Rows are plain tab-separated data in `faq/data/lexicon`; an office's own rows are added on top. A row is woken by a question
that holds one of its wordings, whole or nearly whole (骨灰撒海 in 把骨灰撒到海里), and lends the question the wordings of
its other side as a second, weaker form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .normalise import fold, to_units
from .segment import Field, Floats, build_field
from .terms import Ints, codes, pair_terms, text_pairs, unit_mask

#: How much of a wording a question must hold for its row to wake, by weight of its units and pairs.
WAKE = 0.62
#: At most so many wordings wake, and at most so many wordings are lent.
MAX_AWAKE = 24
MAX_LENT = 64


@dataclass(frozen=True, slots=True)
class LexiconRow:
    """One group: wordings of people, wordings of the office, a weight 0…1 and a category or ""."""

    colloquial: tuple[str, ...]
    official: tuple[str, ...]
    weight: float = 0.8
    category: str = ""


@dataclass(frozen=True, slots=True)
class Awake:
    """A wording that a question holds, and how much of it (0…1)."""

    wording: int
    share: float


@dataclass(frozen=True, slots=True)
class Loan:
    """A wording lent to a question: which one, by which row, how strongly, and which units of the question woke it."""

    wording: int
    row: int
    strength: float
    positions: NDArray[np.bool_]


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
        self._sides = [([number[w] for w in r.colloquial], [number[w] for w in r.official]) for r in self.rows]
        self._rows_of: list[list[int]] = [[] for _ in self.wordings]
        for at, sides in enumerate(self._sides):
            for wording in dict.fromkeys((*sides[0], *sides[1])):
                self._rows_of[wording].append(at)
        owner, terms = text_pairs(self.wordings, sounds=False)
        self.field: Field = build_field(len(self.wordings), owner, terms)
        self._idf = _rarity(self.field)
        owners = np.repeat(np.arange(self.field.size), np.diff(self.field.text_starts))
        mass = np.bincount(owners, self._idf[self.field.text_terms], self.field.size)
        self._mass: Floats = np.maximum(mass, 1e-6).astype(np.float32)
        self._lengths = np.array([len(w) for w in self.wordings], np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def terms_of(self, wording: int) -> tuple[Ints, Ints]:
        """Unit terms and pair terms of a wording."""
        row = codes(self.wordings[wording])
        pairs = pair_terms(row, unit_mask(row))
        return row, pairs[pairs > 0]

    def rarity(self, terms: Ints) -> Floats:
        """How rare each term is among the wordings, 0…1; 1 for those that do not occur."""
        at = self.field.locate(terms)
        return np.where(at >= 0, self._idf[np.maximum(at, 0)], 1.0).astype(np.float32)

    def members(self, row: int) -> list[int]:
        """Both sides of a row."""
        return [*self._sides[row][0], *self._sides[row][1]]

    def lend(self, units: Ints, pairs: Ints) -> tuple[list[Awake], list[Loan]]:
        """The wordings a question holds, and those lent to it for them, strongest first, each at most once."""
        if not self.rows or not len(units):
            return [], []
        awake = []
        loans: dict[int, Loan] = {}
        for wording, share in self._awake(np.unique(np.concatenate([units, pairs[pairs > 0]]))):
            held = np.isin(units, codes(self.wordings[wording]))
            if not _compact(held, int(self._lengths[wording])):
                continue
            awake.append(Awake(wording, share))
            for row in self._rows_of[wording]:
                self._borrow(wording, row, share, held, loans)
        strongest = sorted(loans.values(), key=lambda loan: -loan.strength)
        return awake, strongest[:MAX_LENT]

    def _awake(self, terms: Ints) -> list[tuple[int, float]]:
        located = self.field.locate(terms)
        located = located[located >= 0]
        share = self.field.accumulate(located, self._idf[located]) / self._mass
        chosen = np.flatnonzero(share >= WAKE)
        size = share * np.minimum(self._lengths, 6)
        best = chosen[np.argsort(-size[chosen], kind="stable")][:MAX_AWAKE]
        return [(int(i), float(share[i])) for i in best]

    def _borrow(self, wording: int, row: int, share: float, held: NDArray[np.bool_], loans: dict[int, Loan]) -> None:
        colloquial, official = self._sides[row]
        spoken = wording in colloquial
        for side, factor in ((official, 1.0 if spoken else 0.9), (colloquial, 0.6)):
            for other in side:
                strength = self.rows[row].weight * factor * share * share
                known = loans.get(other)
                if other != wording and (known is None or known.strength < strength):
                    loans[other] = Loan(other, row, strength, held)


def _compact(held: NDArray[np.bool_], length: int) -> bool:
    """Whether the units that woke a wording stand near each other; far apart they mean something else."""
    at = np.flatnonzero(held)
    if len(at) < 2:
        return length == 1
    window = length + 4
    return bool((np.searchsorted(at, at + window) - np.arange(len(at))).max() >= min(length, 2) * 0.99)


def _rarity(field: Field) -> Floats:
    counts = np.diff(field.starts)
    top = np.log1p(max(field.size, 2))
    return (np.log1p(field.size / np.maximum(counts, 1)) / top).astype(np.float32)


def category_of(loans: Sequence[Loan], lexicon: Lexicon) -> dict[str, float]:
    """How strongly the woken rows point at each category."""
    totals: dict[str, float] = {}
    for loan in loans:
        category = lexicon.rows[loan.row].category
        if category:
            totals[category] = max(totals.get(category, 0.0), loan.strength)
    return totals
