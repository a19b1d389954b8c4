"""The words all dialogues share: what is heard, what is remembered, what is said and what is to be done."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.messages import Media, Place


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as the dialogues see it.

    ``text`` is folded (NFKC, trimmed), ``raw`` as it was typed; ``choice`` is the value behind a pressed button.
    ``buttons``, ``metered`` and ``files`` say what the channel is like: whether choices are buttons, whether every
    character costs, whether it can carry pictures. ``at`` is when it was written, ``arrived`` when it reached us,
    ``now`` when it is handled.
    """

    text: str
    choice: str = ""
    media: tuple[Media, ...] = ()
    place: Place | None = None
    locale: str = "zh-Hans"
    buttons: bool = False
    metered: bool = False
    at: datetime | None = None
    now: datetime | None = None
    arrived: datetime | None = None
    files: bool = False
    raw: str = ""

    def tail(self, rest: str) -> str:
        """The end of the message as it was typed that ``rest``, towards the end of the folded text, stands for."""
        typed, at = self.raw.strip(), self.text.rfind(rest)
        return typed[at:] if rest and at >= 0 and len(typed) == len(self.text) else rest


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The entry shown last, for questions that follow it up."""

    entry: str
    question: str
    query: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What a conversation remembers between two messages.

    Attributes:
        last: the entry shown last.
        more: what of a long answer was not shown yet (metered channels).
        misses: questions in a row that found no answer.
        recent: the last exchanges as (who, text), "citizen" or "bot"; goes along when a person takes over.
        flow: the open dialogue: its name, step and data; None when none is open.
        opted_out: whether the last word was a first 退订, so that a second one stops everything.
        told_slow: whether the "slow down" notice of this minute has been given.
    """

    last: LastAnswer | None = None
    more: str = ""
    misses: int = 0
    recent: tuple[tuple[str, str], ...] = ()
    flow: dict[str, Any] | None = None
    opted_out: bool = False
    told_slow: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the conversation's row keeps it."""
        last = [self.last.entry, self.last.question, self.last.query] if self.last else None
        return {
            "last": last,
            "more": self.more,
            "misses": self.misses,
            "recent": [list(pair) for pair in self.recent],
            "flow": self.flow,
            "opted_out": self.opted_out,
            "told_slow": self.told_slow,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Memory":
        """What ``to_json`` wrote; keys of an older version may be missing."""
        last = kept.get("last")
        return cls(
            last=LastAnswer(*last) if last else None,
            more=kept.get("more", ""),
            misses=kept.get("misses", 0),
            recent=tuple((who, text) for who, text in kept.get("recent", ())),
            flow=kept.get("flow"),
            opted_out=kept.get("opted_out", False),
            told_slow=kept.get("told_slow", False),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the person, answered by a number, a button or words.

    ``owner`` names the dialogue that understands the answer; ``labels`` are the numbered choices (1 first) and
    ``zero`` the label of ``0``, empty for none. ``data`` comes back with the answer. ``said``: the text itself
    names the numbers, so that no list is added to it.
    """

    owner: str
    labels: tuple[str, ...] = ()
    zero: str = ""
    ref: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    said: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the person: a text of the catalogue with its values.

    ``options`` are buttons of their own, (value, label) each, where pressing is not answering a question.
    """

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    question: Question | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NoteQuestion:
    """Record the policy question and its outcome; gives the texts and questions ``query``."""

    asked: Any


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the person thought of an answer, or which of the choices it was."""

    query: str
    helpful: bool | None = None
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """Hand over to people; gives the texts ``number``, ``code`` and ``due``."""

    kind: str
    text: str
    danger: str = ""


@dataclass(frozen=True, slots=True)
class SetConsent:
    """The person wants no more (or again) messages of a topic."""

    topic: str
    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something a service shall do. What is said follows from what came of it, so the service says it.

    ``owner`` names the service ("citizen", "staff", …), ``what`` the thing, ``data`` what it needs.
    """

    owner: str
    what: str
    data: dict[str, Any] = field(default_factory=dict)


Effect = NoteQuestion | Feedback | OpenMatter | SetConsent | Act
"""What is to be done in the same transaction as the saying of it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message leads to."""

    memory: Memory
    say: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    locale: str = ""
    """A language to switch to, empty to stay."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: what to say of it, and the memory when it changed."""

    say: tuple[Say, ...] = ()
    memory: Memory | None = None
