"""Which of its possible meanings a message has. Pure; one order, everywhere (PRODUCT 7):

1. opt-out words, 2. emergency words, 3. the dialogue that is open, 4. a question we asked this address within
72 hours, 5. keywords, 6. a policy question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.choosing import Picked, fold, pick, pressed
from bot.commands import Command, command_in
from bot.dialogue.base import Heard, Memory
from bot.emergency import Danger, detect
from core.expectations import Asked

MAX_TEXT = 1000
"""Longest policy question, as for ``POST /api/v1/ask``; anything longer is asked to be put shortly."""

FLOWS = ("intake.",)
"""How the owners of questions begin that belong to an open dialogue."""

_OPT = {"opt_out", "opt_out_all", "opt_in"}

Reader = Callable[[str, Asked], Any]
"""Reads a message as the answer to a question; None when it is about something else."""


@dataclass(frozen=True, slots=True)
class Consent:
    """1: about what may be sent. ``command`` is one of the opt words."""

    command: Command


@dataclass(frozen=True, slots=True)
class Emergency:
    """2: somebody is in danger now."""

    danger: Danger


@dataclass(frozen=True, slots=True)
class InFlow:
    """3: the next step of the open dialogue. ``number`` is that of a pressed button of its own."""

    command: Command | None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """4: the answer to a question of ours."""

    asked: Asked
    value: Any


@dataclass(frozen=True, slots=True)
class Stale:
    """4: a button or number of a list that stands no more."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """5: a command."""

    command: Command


@dataclass(frozen=True, slots=True)
class Policy:
    """6: a policy question; ``danger`` is a number worth adding."""

    text: str
    danger: Danger | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing that could be answered: "empty", "media", "long"."""

    why: str


Meaning = Consent | Emergency | InFlow | Answer | Stale | Keyword | Policy | Unreadable


def read_choice(text: str, asked: Asked) -> Picked | None:
    """The reader of every question whose answers are a numbered list.

    A question that offers only ``0`` leaves other numbers to the list that was shown before it.
    """
    labels = tuple(asked.data.get("labels", ()))
    picked = pick(text, labels)
    return None if picked and not labels and picked.number else picked


def route(
    heard: Heard,
    memory: Memory,
    standing: Sequence[Asked],
    readers: Mapping[str, Reader],
    *,
    now_at_provider: str = "",
) -> Meaning:
    """What a message means. ``standing`` are our open questions, latest first; ``readers`` by their owner."""
    if spoken := _spoken(heard.choice):
        return Keyword(spoken)
    command = _provider_command(now_at_provider) or _command(heard)
    danger = detect(heard.text) if heard.text else None
    if command and _about_consent(command):
        return Consent(command)
    if danger and danger.now:
        return Emergency(danger)
    if memory.flow is not None:
        return _in_flow(heard, memory.flow, standing, command)
    if found := _answer(heard, standing, readers):
        return found
    return _keyword_or_question(heard, command, danger)


def _spoken(choice: str) -> Command | None:
    """A button below a message of ours that says a command whatever dialogue is open (``c:sign:`` and an id)."""
    parts = choice.split(":", 2)
    return Command(parts[1], f"#{parts[2]}" if parts[2] else "") if len(parts) == 3 and parts[0] == "c" else None


def _in_flow(heard: Heard, flow: Mapping[str, Any], standing: Sequence[Asked], command: Command | None) -> Meaning:
    """A button may belong to another question than the one that stands in the dialogue, or to none any more."""
    button = pressed(heard.choice)
    if button is None:
        return InFlow(command)
    asked = next((asked for asked in standing if asked.id == button[0]), None)
    if asked is None:
        return Stale()
    if not asked.owner.startswith(FLOWS):
        return Answer(asked, Picked(button[1]))
    step = "resume" if flow.get("resuming") else flow.get("step")
    return InFlow(None, button[1]) if asked.owner.endswith(f".{step}") else Stale()


def _about_consent(command: Command) -> bool:
    if command.name == "opt_out_topic":
        return _is_topic(command.rest)
    return command.name in _OPT


def _keyword_or_question(heard: Heard, command: Command | None, danger: Danger | None) -> Meaning:
    if command and command.name not in {"opt_out_topic", "ask"}:
        return Keyword(command)
    return _question(command.rest if command and command.name == "ask" else heard.text, heard, danger)


def _provider_command(word: str) -> Command | None:
    return {"stop": Command("opt_out_all", "provider"), "start": Command("opt_in", "provider")}.get(word)


def _command(heard: Heard) -> Command | None:
    command = command_in(heard.text)
    if command and command.name == "stop_or_exit":
        return Command("opt_out_all" if heard.metered else "exit")
    return command


def _is_topic(rest: str) -> bool:
    """A name, not a sentence: ``退订 惠农补贴``, but not ``退订怎么操作``."""
    return 0 < len(rest) <= 20 and not any(word in rest for word in ("怎么", "怎麼", "如何", "?", "吗", "嗎", "为什么"))


def _answer(heard: Heard, standing: Sequence[Asked], readers: Mapping[str, Reader]) -> Answer | Stale | None:
    if button := pressed(heard.choice):
        question_id, number = button
        asked = next((asked for asked in standing if asked.id == question_id), None)
        return Answer(asked, Picked(number)) if asked else Stale()
    for asked in standing:
        reader = readers.get(asked.owner)
        value = reader(heard.text, asked) if reader else None
        if value is not None:
            return Answer(asked, value)
    if heard.text and pick(heard.text, ()) is not None:
        return Stale()
    return None


def _question(text: str, heard: Heard, danger: Danger | None) -> Policy | Unreadable:
    if not any(char.isalnum() for char in text):
        return Unreadable("media" if heard.media or heard.place else "empty")
    if len(text) > MAX_TEXT:
        return Unreadable("long")
    return Policy(fold(text), danger)
