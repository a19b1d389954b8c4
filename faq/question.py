"""A question made ready for matching: its units and terms, how much each unit tells, and what the lexicon lends it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .lexicon import Awake, Lexicon, Loan
from .normalise import Normalised, fold, latin_words, normalise, read_list, to_units, word_unit
from .segment import Floats
from .terms import Ints, codes, pair_terms, sound_terms, triple_terms, unit_mask

#: Share of its weight that a unit keeps inside a stop word, and inside a word of everyday talk.
STOP_SHARE = 0.08
CHATTER_SHARE = 0.35
_LONGEST = 6
#: From this share of Latin words on, a question is weighed as Latin text.
LATIN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Question:
    """One question. L units; `pairs[i]` and `sounds[i]` start at unit i, 0 where there is none."""

    text: Normalised
    units: Ints  # (L,)
    pairs: Ints  # (L − 1,)
    sounds: Ints  # (L − 1,)
    triples: Ints  # letter triples of its Latin words
    numeric: NDArray[np.bool_]  # (L,) which units are numbers
    share: Floats  # (L,) 1 for words of the matter, less for everyday talk and stop words
    awake: tuple[Awake, ...]  # wordings of the lexicon that it holds
    loans: tuple[Loan, ...]
    latin: float  # share of Latin words among the units

    @property
    def is_latin(self) -> bool:
        """Whether it is weighed as Latin text."""
        return self.latin >= LATIN_SHARE


@lru_cache(maxsize=1)
def shares() -> dict[str, float]:
    """Word (in units) → the share of its weight that it keeps."""
    table = {to_units(fold(w)).replace(" ", ""): CHATTER_SHARE for w in read_list("chatter.txt")}
    table.update({to_units(fold(w)).replace(" ", ""): STOP_SHARE for w in read_list("stopwords.txt")})
    return table


@lru_cache(maxsize=1)
def stop_terms() -> tuple[Ints, Floats]:
    """Sorted unit and pair terms of stop and chatter words, and the share each keeps."""
    found: dict[int, float] = {}
    for word, share in shares().items():
        row = codes(word)
        if len(row) == 1:
            found[int(row[0])] = share
        for term in pair_terms(row, unit_mask(row)).tolist():
            found[term] = min(share, found.get(term, 1.0))
    order = sorted(found)
    return np.array(order, np.int64), np.array([found[t] for t in order], np.float32)


def term_share(terms: Ints) -> Floats:
    """The share of its weight each term keeps: 1 unless it belongs to a stop or chatter word."""
    stops, kept = stop_terms()
    at = np.minimum(np.searchsorted(stops, terms), len(stops) - 1)
    return np.where(stops[at] == terms, kept[at], np.float32(1.0)).astype(np.float32)


def unit_shares(units: str) -> Floats:
    """Per unit the share it keeps, by the longest stop or chatter word that starts at each place."""
    table = shares()
    out = np.ones(len(units), np.float32)
    at = 0
    while at < len(units):
        for length in range(min(_LONGEST, len(units) - at), 0, -1):
            share = table.get(units[at : at + length])
            if share is not None:
                out[at : at + length] = share
                break
        else:
            length = 1
        at += length
    return out


def prepare(text: str, lexicon: Lexicon, limit: int = 320) -> Question:
    """Everything about a question that does not depend on the entries."""
    form = normalise(text, limit)
    row = codes(form.units)
    mask = unit_mask(row)
    pairs = pair_terms(row, mask)
    words = latin_words(form.canon)
    triples = sorted({t for w in words for t in triple_terms(w)})
    kept = unit_shares(form.units) * mask
    awake, loans = lexicon.lend(row[mask], pairs)
    awake = [Awake(a.wording, a.share, _spread(a.positions, mask)) for a in awake]
    numbers = {ord(word_unit(w)) for w in words if w[0].isdigit()}
    return Question(
        text=form,
        units=row,
        pairs=pairs,
        sounds=sound_terms(row),
        triples=np.array(triples, np.int64),
        numeric=np.fromiter((u in numbers for u in row.tolist()), np.bool_, len(row)),
        share=kept.astype(np.float32),
        awake=tuple(awake),
        loans=tuple(loans),
        latin=len(words) / max(int(mask.sum()), 1),
    )


def _spread(held: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    out = np.zeros(len(mask), np.bool_)
    out[mask] = held
    return out
