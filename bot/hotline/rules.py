"""The office's rules as values: limits, counts, reasons, words. Read from data, and checked when read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
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
    """The office's own rules: TOML that replaces, line by line, what comes along; nothing else need stand in it.

    Raises StartupError with a sentence that names the line that is unknown or does not fit.
    """
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StartupError(f"The hotline's rules are no TOML: {error}.") from error
    try:
        return _rules(_merged(_defaults(), own, ""))
    except (KeyError, ValueError, TypeError) as error:
        raise StartupError(f"The hotline's rules cannot be read: {error}") from error


def load_rules(path: Path | None) -> Rules:
    """The rules from an office's file, or those that come along; raises StartupError naming the setting."""
    if path is None:
        return default_rules()
    try:
        return read_rules(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"SUNLINE_HOTLINE_RULES: {str(path)!r} cannot be read as text.") from error
    except StartupError as error:
        raise StartupError(f"SUNLINE_HOTLINE_RULES: {error}") from error


@cache
def default_rules() -> Rules:
    """The rules that come with the product."""
    return _rules(_defaults())


def _defaults() -> dict[str, Any]:
    return tomllib.loads((files("bot.hotline") / "data" / "rules.toml").read_text("utf-8"))


_OPEN = frozenset({"sources", "categories", "urgent", "reasons", "needs", "score.weights"})
"""Tables an office may add names to; anywhere else a new name is a slip of the pen."""
_COUNTED = ("days", "counts")


def _merged(given: Mapping[str, Any], own: Mapping[str, Any], path: str) -> dict[str, Any]:
    """``own`` over ``given``; raises StartupError naming what is unknown or of the wrong kind."""
    merged = dict(given)
    for name, value in own.items():
        where = f"{path}.{name}" if path else name
        if name not in given and path not in _OPEN:
            raise StartupError(f"The hotline's rules: there is no {where!r}.")
        known = given.get(name, value)
        if isinstance(known, Mapping) != isinstance(value, Mapping) or _wrong_number(path, value):
            raise StartupError(f"The hotline's rules: {where!r} does not fit here.")
        merged[name] = _merged(known, value, where) if isinstance(known, Mapping) else value
    return merged


def _wrong_number(path: str, value: Any) -> bool:
    """Days and counts are whole numbers from 0 up; ``true`` is none."""
    return path in _COUNTED and (not isinstance(value, int) or isinstance(value, bool) or value < 0)


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
