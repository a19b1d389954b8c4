"""Words of danger (PRODUCT 7, second): the number to call comes first. Pure; the words are data."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.choosing import fold
from core.script import to_simplified


@dataclass(frozen=True, slots=True)
class Danger:
    """What a message is about. ``now`` when it is happening; else it is a question about such a thing."""

    kind: str
    call: str
    now: bool


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files("bot") / "data" / "emergency.toml").read_text("utf-8"))


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile("|".join(_words()["harmless"]))


def detect(text: str) -> Danger | None:
    """The danger a message speaks of, None for an ordinary one."""
    plain = _harmless().sub(" ", to_simplified(fold(text)).lower())
    words = _words()
    past = any(word in plain for word in words["not"]["words"])
    topic: Danger | None = None
    for kind, entry in words.items():
        if kind in {"harmless", "not"}:
            continue
        if any(word in plain for word in entry["now"]):
            return Danger(kind, entry["call"], now=not past)
        if topic is None and any(word in plain for word in entry["topic"]):
            topic = Danger(kind, entry["call"], now=False)
    return topic
