"""The statuses a case may have, from data. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.errors import BadInput
from core.i18n import DEFAULT


@dataclass(frozen=True, slots=True)
class Status:
    """One status; ``ends``: nothing follows, ``pauses``: the clock stands still meanwhile."""

    name: str
    labels: Mapping[str, str]
    ends: bool = False
    pauses: bool = False

    def label(self, locale: str) -> str:
        """As a reader of this locale calls it."""
        return self.labels.get(locale, self.labels[DEFAULT])


@cache
def _tables() -> tuple[dict[str, Status], dict[str, str]]:
    table = tomllib.loads((files("notify.cases") / "statuses.toml").read_text("utf-8"))
    known = {
        name: Status(name, entry["labels"], bool(entry.get("ends")), bool(entry.get("pauses")))
        for name, entry in table.items()
    }
    names = {name: name for name in table}
    for name, entry in table.items():
        names |= {alias.lower(): name for alias in (*entry["aliases"], *entry["labels"].values())}
    return known, names


def all_statuses() -> list[Status]:
    """Every status there is, in the order of a case's way."""
    return list(_tables()[0].values())


def status_of(name: str) -> Status:
    """By its name, a label or another name for it; raises BadInput listing the names there are."""
    known, names = _tables()
    found = names.get(name.strip().lower())
    if found is None:
        raise BadInput(f"There is no status {name!r}.", fields={"status": f"one of: {', '.join(known)}"})
    return known[found]
