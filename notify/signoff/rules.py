"""The office's rules for documents, from data: urgencies, their aliases and limits, words no title may hold. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import BadInput
from core.i18n import DEFAULT
from core.terms import Limit, Measure


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
class Rules:
    """Everything an office may set about documents."""

    urgencies: Mapping[str, Urgency]
    forbidden: tuple[str, ...]
    night: tuple[time, time]
    overdue_every: Limit
    overdue_times: int
    decide: Limit
    publication: Limit

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


def parse_rules(text: str) -> Rules:
    """Rules from TOML; KeyError or ValueError when something is missing or no limit."""
    data: dict[str, Any] = tomllib.loads(text)
    begin, _, end = data["night"].partition("-")
    return Rules(
        urgencies={name: _urgency(name, entry) for name, entry in data["urgency"].items()},
        forbidden=tuple(data["forbidden_in_title"]),
        night=(time.fromisoformat(begin), time.fromisoformat(end)),
        overdue_every=Limit.parse(data["overdue"]["every"]),
        overdue_times=int(data["overdue"]["times"]),
        decide=Limit.parse(data["returns"]["decide"]),
        publication=Limit.parse(data["deadlines"]["publication"]),
    )


def _urgency(name: str, entry: Mapping[str, Any]) -> Urgency:
    labels = {locale: str(entry[locale]) for locale in ("zh-Hans", "zh-Hant", "en")}
    aliases = frozenset(alias.lower() for alias in entry["aliases"])
    return Urgency(name, labels, aliases, Limit.parse(entry["limit"]), Limit.parse(entry["order"]))


@cache
def default_rules() -> Rules:
    """The rules that come along."""
    return parse_rules((files("notify.signoff") / "data" / "rules.toml").read_text("utf-8"))
