"""How units stand (考核): a score from their rates and the points taken off, and their places. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.hotline.rules import Score
from bot.hotline.stats import Figures, Rate

FULL = 100.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's figures and what counts against it; ``score`` None where no rate has anything to divide by."""

    unit: str
    figures: Figures
    counts: Mapping[str, int]
    score: float | None
    place: int | None = None


def score(figures: Figures, counts: Mapping[str, int], rule: Score) -> float | None:
    """Between 0 and 100: the weighted mean of the rates there are, less so much for each thing in ``counts``."""
    found = [(weight, rate.rate) for name, weight in rule.weights.items() if (rate := _rate(figures, name)).of]
    whole = sum(weight for weight, _ in found)
    if not whole:
        return None
    mean = FULL * sum(weight * (rate or 0.0) for weight, rate in found) / whole
    taken = sum(rule.off[name] * count for name, count in counts.items())
    return round(max(0.0, mean - taken), 1)


def _rate(figures: Figures, name: str) -> Rate:
    rate = getattr(figures, name)
    return rate if isinstance(rate, Rate) else Rate(0, 0)


def ranked(figures: Mapping[str, Figures], counts: Mapping[str, Mapping[str, int]], rule: Score) -> list[Standing]:
    """The units by score, the best first; equal scores share a place, units with too few matters have none."""
    scored = [
        Standing(unit, one, counts.get(unit, {}), score(one, counts.get(unit, {}), rule))
        for unit, one in figures.items()
    ]
    fit = [one for one in scored if one.score is not None and one.figures.received >= rule.fewest]
    fit.sort(key=lambda one: (-(one.score or 0.0), one.unit))
    return [*_placed(fit), *sorted((one for one in scored if one not in fit), key=lambda one: one.unit)]


def _placed(fit: Sequence[Standing]) -> list[Standing]:
    placed: list[Standing] = []
    for number, one in enumerate(fit, 1):
        same = placed and placed[-1].score == one.score
        place = placed[-1].place if same else number
        placed.append(Standing(one.unit, one.figures, one.counts, one.score, place))
    return placed
