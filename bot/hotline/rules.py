"""The office's rules as values: limits, counts, reasons, words. Read from data, and checked when read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from bot.hotline.words import Kind
from core.errors import StartupError
from core.terms import Limit


@dataclass(frozen=True, slots=True)
class KindRule:
    """What holds for one kind of matter.

    ``answer`` is the statutory limit, ``promise`` the office's own; ``from_receipt`` says that the clock runs from
    the moment it came in, else from acceptance. ``checked``: a handler's answer waits for an agent (审核);
    ``finding``: an answer needs one; ``rated``: the citizen is asked for a rating.
    """

    answer: Limit
    promise: Limit
    from_receipt: bool
    extension_days: int
    needs: tuple[str, ...] = ()
    finding: bool = False
    checked: bool = False
    rated: bool = True
    series: str = ""


@dataclass(frozen=True, slots=True)
class Urgency:
    """A kind of emergency: accepted within ``accept``, round the clock; ``words`` of a text that tell it."""

    accept: Limit
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrushOff:
    """What an answer that says nothing looks like."""

    shortest: int
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a matter is not accepted: the label staff choose, and by locale why and where to go instead."""

    label: str
    why: Mapping[str, str]
    where: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert point: ``level`` is "warning" (预警) or "alarm" (告警), ``label`` what the list calls it."""

    level: str
    label: str


SCORED = ("response", "signed", "on_time", "early", "followed_up", "satisfied", "solved")
"""Rates a unit's score may be made of."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a unit is scored (考核): weights of its rates, points off for each alert, red lamp and faulty cross-check.

    Units with fewer than ``fewest`` matters are shown and not ranked.
    """

    weights: Mapping[str, float]
    off: Mapping[str, float]
    fewest: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything an office may set. ``limits`` by name; ``days`` are calendar days; ``sources`` go first."""

    limits: Mapping[str, Limit]
    days: Mapping[str, int]
    counts: Mapping[str, int]
    kinds: Mapping[Kind, KindRule]
    urgent: Mapping[str, Urgency]
    categories: Mapping[str, str]
    sources: Mapping[str, Limit]
    brush_off: BrushOff
    reasons: Mapping[str, Reason]
    needs: Mapping[str, Mapping[str, str]]
    alerts: Mapping[str, AlertRule]
    conduct_words: tuple[str, ...] = ()
    conduct_units: tuple[str, ...] = ()
    score: Score = field(default_factory=lambda: Score({}, {}, 0))

    def reason(self, text: str) -> str:
        """The key of a rejection reason from its key or label; ``other`` for words of one's own."""
        return next((key for key, reason in self.reasons.items() if text in {key, reason.label}), "other")

    def urgency(self, category: str) -> Urgency | None:
        """The round-the-clock rule of an emergency category; None for no emergency, life for an unknown one."""
        if not category:
            return None
        return self.urgent[self.categories.get(category, "life")]

    def category_in(self, text: str) -> str:
        """The category whose words a text has, empty for none."""
        return next((name for name, rule in self.urgent.items() if any(word in text for word in rule.words)), "")


def read_rules(text: str) -> Rules:
    """Rules from TOML; raises StartupError naming what is missing or wrong."""
    try:
        return _rules(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise StartupError(f"The hotline's rules cannot be read: {error}") from error


@cache
def default_rules() -> Rules:
    """The rules that come with the product."""
    return read_rules((files("bot.hotline") / "data" / "rules.toml").read_text("utf-8"))


def _rules(data: Mapping[str, Any]) -> Rules:
    return Rules(
        limits={name: Limit.parse(text) for name, text in data["limits"].items()},
        days=dict(data["days"]),
        counts=dict(data["counts"]),
        kinds={kind: _kind(data["kinds"][kind]) for kind in Kind},
        urgent={
            name: Urgency(Limit.parse(entry["accept"]), tuple(entry["words"])) for name, entry in data["urgent"].items()
        },
        categories=dict(data["categories"]),
        sources={name: Limit.parse(text) for name, text in data["sources"].items()},
        brush_off=BrushOff(data["brush_off"]["shortest"], tuple(data["brush_off"]["phrases"])),
        reasons={key: Reason(entry["zh"], entry["why"], entry["where"]) for key, entry in data["reasons"].items()},
        needs=data["needs"],
        alerts={key: AlertRule(entry["level"], entry["zh"]) for key, entry in data["alerts"].items()},
        conduct_words=tuple(data["conduct"]["words"]),
        conduct_units=tuple(data["conduct"]["units"]),
        score=_score(data["score"]),
    )


def _score(entry: Mapping[str, Any]) -> Score:
    weights = {str(name): float(weight) for name, weight in entry["weights"].items()}
    if unknown := set(weights) - set(SCORED):
        raise ValueError(f"score.weights: {sorted(unknown)[0]!r} is no rate; there are {', '.join(SCORED)}")
    if any(weight < 0 for weight in weights.values()) or not sum(weights.values()):
        raise ValueError("score.weights: a weight is not below 0, and one is above")
    off = {name: float(entry["off"][name]) for name in ("warning", "alarm", "red", "faulty")}
    return Score(weights, off, int(entry["fewest"]))


def _kind(entry: Mapping[str, Any]) -> KindRule:
    answer = Limit.parse(entry["answer"])
    return KindRule(
        answer=answer,
        promise=Limit.parse(entry["promise"]) if entry["promise"] else answer,
        from_receipt={"receipt": True, "acceptance": False}[entry["runs_from"]],
        extension_days=int(entry["extension_days"]),
        needs=tuple(entry["needs"]),
        finding=bool(entry.get("finding", False)),
        checked=bool(entry.get("checked", False)),
        rated=bool(entry.get("rated", True)),
        series=str(entry.get("series", "")),
    )
