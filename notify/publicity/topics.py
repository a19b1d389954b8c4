"""Topics people subscribe to (主题): from data and from the office, found by name in any script. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.i18n import DEFAULT
from core.script import to_simplified

_WORDY = re.compile(r"(?:的)?(?:通知|提醒|信息|消息|公示|alerts?|news)$")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its id, its labels by locale, other names for it."""

    id: str
    labels: Mapping[str, str]
    aliases: Sequence[str] = ()

    def label(self, locale: str) -> str:
        """As a reader of this locale calls it."""
        return self.labels.get(locale) or self.labels[DEFAULT]

    @property
    def names(self) -> frozenset[str]:
        """Everything it may be called, folded."""
        return frozenset(folded(name) for name in (self.id, *self.labels.values(), *self.aliases))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of: the topic (None: none was recognised) and what was said of the place."""

    topic: Topic | None
    place: str = ""


@cache
def given() -> tuple[Topic, ...]:
    """The topics that are there from the start."""
    table = tomllib.loads((files("notify.publicity") / "data" / "topics.toml").read_text("utf-8"))
    return tuple(Topic(name, entry["labels"], tuple(entry["aliases"])) for name, entry in table.items())


def folded(text: str) -> str:
    """A name for comparing."""
    plain = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    return "".join(char for char in plain if char.isalnum())


def named(text: str, topics: Iterable[Topic]) -> Topic | None:
    """The topic that a whole text names, also with 通知 or 提醒 behind it."""
    plain = folded(text)
    wanted = {plain, _WORDY.sub("", plain)} - {""}
    return next((topic for topic in topics if wanted & topic.names), None)


def read_wish(text: str, topics: Sequence[Topic]) -> Wish:
    """``惠农补贴 西河村``, ``西河村惠农补贴``, ``weather West River``: a topic and a place, in either order."""
    plain = unicodedata.normalize("NFKC", text).strip(" ，,。.：:、")
    if topic := named(plain, topics):
        return Wish(topic)
    words = [word for word in re.split(r"[\s，,、]+", plain) if word]
    for cut in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        if topic := named(head, topics):
            return Wish(topic, tail)
        if topic := named(tail, topics):
            return Wish(topic, head)
    return _joined(plain, topics)


def _joined(plain: str, topics: Sequence[Topic]) -> Wish:
    """Written without a blank; the longest name that begins or ends the text counts."""
    together = folded(plain)
    names = sorted(((name, topic) for topic in topics for name in topic.names), key=lambda pair: -len(pair[0]))
    for name, topic in names:
        if len(name) < 2 or name.isascii():
            continue
        if together.startswith(name):
            return Wish(topic, together.removeprefix(name))
        if together.endswith(name):
            return Wish(topic, together.removesuffix(name))
    return Wish(None, plain)
