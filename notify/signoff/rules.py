"""The office's rules for documents, from data: urgencies, their aliases and limits, words no title may hold. Pure."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import BadInput, StartupError
from core.i18n import DEFAULT, LOCALES
from core.terms import Limit, Measure
from notify.signoff.plan import Step


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent a document is (缓急程度): its labels by locale, other names for it, and its limits.

    ``limit`` is the time to sign in, from issue; ``order`` that of the supervision order (督办单) opened at the limit.
    """

    name: str
    labels: Mapping[str, str]
    aliases: frozenset[str]
    limit: Limit
    order: Limit

    def label(self, locale: str) -> str:
        """As a reader of this locale calls it."""
        return self.labels.get(locale, self.labels[DEFAULT])

    def on_clock(self, measure: Measure) -> "Urgency":
        """The same limit on another clock: round the clock, or working time only."""
        return replace(self, limit=Limit(self.limit.amount, measure))


@dataclass(frozen=True, slots=True)
class Calls:
    """When somebody is called as well, where calls are set up: documents of these urgencies, at these steps."""

    urgencies: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything an office may set about documents."""

    urgencies: Mapping[str, Urgency]
    forbidden: tuple[str, ...]
    night: tuple[time, time]
    overdue_every: Limit
    overdue_times: int
    decide: Limit
    publication: Limit
    calls: Calls = Calls()
    register: str = "督〔{year}〕{number}号"

    def urgency(self, name: str) -> Urgency:
        """By its name or an alias (特急, 加急, 平件); raises BadInput for an unknown one."""
        wanted = name.strip().lower()
        for urgency in self.urgencies.values():
            if wanted == urgency.name or wanted in urgency.aliases:
                return urgency
        known = ", ".join(self.urgencies)
        raise BadInput(f"There is no urgency {name!r}; there are {known}.", fields={"urgency": "unknown"})

    def check_title(self, title: str) -> None:
        """Raises BadInput when a title says that the document is secret or for inside use."""
        found = next((word for word in self.forbidden if word in title), None)
        if found:
            raise BadInput(
                f"A title may not hold {found!r}: only non-secret documents (非涉密) are issued here.",
                fields={"title": f"holds {found}"},
            )

    def in_the_night(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether a limit then deserves a warning."""
        at, (begin, end) = moment.astimezone(zone).time(), self.night
        return begin <= at < end if begin < end else at >= begin or at < end


def read_rules(text: str) -> Rules:
    """The office's own rules: TOML that replaces, line by line, what comes along; nothing else need stand in it.

    Raises StartupError with a sentence that names the line that is unknown or does not fit.
    """
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StartupError(f"The rules for documents are no TOML: {error}.") from error
    return _rules(_merged(_defaults(), own, ""))


def load_rules(path: Path | None) -> Rules:
    """The rules from an office's file, or those that come along; raises StartupError naming the setting."""
    if path is None:
        return default_rules()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"SUNLINE_SIGNOFF_RULES: {str(path)!r} cannot be read as text.") from error
    try:
        return read_rules(text)
    except StartupError as error:
        raise StartupError(f"SUNLINE_SIGNOFF_RULES: {error}") from error


@cache
def default_rules() -> Rules:
    """The rules that come along."""
    return _rules(_defaults())


def _defaults() -> dict[str, Any]:
    return tomllib.loads((files("notify.signoff") / "data" / "rules.toml").read_text("utf-8"))


def _merged(given: Mapping[str, Any], own: Mapping[str, Any], path: str) -> dict[str, Any]:
    """``own`` over ``given``. Only urgencies may be added; any other new name is a slip of the pen."""
    merged = dict(given)
    for name, value in own.items():
        where = f"{path}{name}"
        if name not in given and path != "urgency.":
            raise StartupError(f"The rules for documents: there is no {where!r}.")
        known = given.get(name, dict(next(iter(given.values()))) if path == "urgency." else None)
        if isinstance(known, Mapping) != isinstance(value, Mapping):
            raise StartupError(f"The rules for documents: {where!r} does not fit here.")
        if isinstance(known, Mapping):
            # A new urgency must say everything itself: nothing of another one is taken over.
            merged[name] = _merged(known, value, f"{where}.") if name in given else _complete(known, value, where)
        else:
            merged[name] = value
    return merged


def _complete(pattern: Mapping[str, Any], value: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name in pattern:
        if name not in value:
            raise StartupError(f"The rules for documents: {where}.{name} is missing.")
    for name in value:
        if name not in pattern:
            raise StartupError(f"The rules for documents: there is no {where}.{name!r}.")
    return dict(value)


def _rules(data: Mapping[str, Any]) -> Rules:
    urgencies = {name: _urgency(name, entry) for name, entry in data["urgency"].items()}
    calls = data["calls"]
    return Rules(
        urgencies=urgencies,
        forbidden=_words("forbidden_in_title", data["forbidden_in_title"]),
        night=_night(data["night"]),
        overdue_every=_limit("overdue.every", data["overdue"]["every"]),
        overdue_times=_count("overdue.times", data["overdue"]["times"]),
        decide=_limit("returns.decide", data["returns"]["decide"]),
        publication=_limit("deadlines.publication", data["deadlines"]["publication"]),
        register=_register(data["instructions"]["register"]),
        calls=Calls(
            _known("calls.urgencies", calls["urgencies"], urgencies),
            _known("calls.steps", calls["steps"], [step.value for step in Step]),
        ),
    )


def _urgency(name: str, entry: Mapping[str, Any]) -> Urgency:
    where = f"urgency.{name}"
    labels = {locale: _word(f"{where}.{locale}", entry[locale]) for locale in LOCALES}
    aliases = frozenset(alias.lower() for alias in _words(f"{where}.aliases", entry["aliases"]))
    return Urgency(
        name, labels, aliases, _limit(f"{where}.limit", entry["limit"]), _limit(f"{where}.order", entry["order"])
    )


def _wrong(where: str, sentence: str) -> StartupError:
    return StartupError(f"The rules for documents: {where} {sentence}.")


def _limit(where: str, value: object) -> Limit:
    try:
        return Limit.parse(str(value))
    except ValueError as error:
        raise _wrong(where, f"is {error}") from error


def _word(where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 20:
        raise _wrong(where, "must be a word of up to 20 characters")
    return value


def _words(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise _wrong(where, "must be a list of words")
    return tuple(value)


def _known(where: str, value: object, known: Iterable[str]) -> frozenset[str]:
    words = _words(where, value)
    for word in words:
        if word not in known:
            raise _wrong(where, f"names {word!r}; there are {', '.join(known)}")
    return frozenset(words)


def _count(where: str, value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= 48:
        raise _wrong(where, "must be a number from 0 to 48")
    return value


def _register(value: object) -> str:
    try:
        made = str(value).format(year=2026, number=1)
    except (KeyError, IndexError, ValueError) as error:
        raise _wrong("instructions.register", "may hold {year} and {number} only") from error
    if "{number}" not in str(value) or len(made) > 30:
        raise _wrong("instructions.register", "must hold {number} and be short")
    return str(value)


def _night(value: object) -> tuple[time, time]:
    begin, _, end = str(value).partition("-")
    try:
        return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise _wrong("night", "must be a span of hours such as 22:00-07:00") from error
