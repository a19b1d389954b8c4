"""Handing in a matter by talking: kind, text, whom, place, photos, contact, confirm (DIALOGUES 3). Pure.

The form lives in ``Memory.flow``, so a restart of the process in the middle loses nothing. What does not answer
the question that stands never fills it: messages written before it was asked belong to the text, a question is
answered aside, a telephone number is looked for where one is expected.
"""

from dataclasses import replace

from bot.choosing import number_in
from bot.commands import Command
from bot.dialogue import ask
from bot.dialogue.base import Heard, Memory, Question, Say, Turn
from bot.dialogue.filling import (
    STEPS_OF,
    Aside,
    Elsewhere,
    Leave,
    Step,
    after,
    put,
    text_step,
    to_a_person,
    with_more,
    written_before,
)
from bot.dialogue.form import IDLE, Form, kind_word, prompt

__all__ = ["OWNERS", "Aside", "Elsewhere", "Leave", "aside", "begin", "repeated", "step"]

_GO_ON = {"接着", "继续", "接著", "繼續", "是", "go on", "continue", "yes"}
_ANEW = {"重新来", "重新來", "重来", "重新开始", "重新開始", "start again", "again", "new"}
OWNERS = frozenset(
    {"intake.kind", "intake.whom", "intake.place", "intake.files", "intake.contact", "intake.confirm", "intake.resume"}
)
"""Questions of this dialogue; a button under any other is no answer to it."""


def begin(heard: Heard, memory: Memory, kind: str = "") -> Turn:
    """A new form, at its first open question."""
    form = Form(step="text", kind=kind) if kind else Form()
    return put(form, heard, memory)


def step(heard: Heard, memory: Memory, command: Command | None, number: int | None) -> Step:
    """What a message does to the open form. ``number`` is that of a pressed button."""
    form = Form.of(memory)
    if form.resuming:
        return _resumed(form, heard, memory, number)
    if _idle(form, heard):
        return _offer_to_go_on(form, heard, memory, command)
    if command and (done := _command(form, heard, memory, command)):
        return done
    if number is None and number_in(heard.text) == 0:
        return to_a_person(memory)
    if written_before(form, heard):
        return Turn(with_more(form, heard).into(memory, heard))
    return STEPS_OF[form.step](form, heard, memory, number)


_ANSWERS = frozenset(
    {"submit", "confirm", "skip", "anonymous", "confidential", "thanks", "greeting", "helpful", "unhelpful"}
)
"""Commands that are answers to the form's own questions."""


# --- time and commands -------------------------------------------------------------------------------------------


def _idle(form: Form, heard: Heard) -> bool:
    return bool(heard.now and form.asked_at and heard.now - form.asked_at > IDLE)


def _offer_to_go_on(form: Form, heard: Heard, memory: Memory, command: Command | None) -> Step:
    if command and command.name not in {"exit", "back", "submit", "skip"}:
        return Elsewhere(again=False)
    if command and command.name == "exit":
        return _cancelled(memory)
    if not form.kind:
        return Leave()
    question = Question("intake.resume", ("intake.go_on", "intake.anew"), said=True)
    said = Say(
        "intake.resume_sms" if heard.metered else "intake.resume_chat",
        {"kind": kind_word(form.kind, heard.locale)},
        question,
    )
    return Turn(replace(form, resuming=True, pending=heard.text).into(memory, heard), (said,))


def _resumed(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    said = number if number is not None else number_in(heard.text)
    words = heard.text.lower()
    if said == 1 or words in _GO_ON:
        form, pending = replace(form, resuming=False, pending=""), form.pending
        if form.step in {"text", "place", "contact"} and pending:
            return STEPS_OF[form.step](form, replace(heard, text=pending, choice=""), memory, None)
        return put(form, heard, memory)
    if said == 2 or words in _ANEW:
        return begin(heard, memory)
    return Leave()


def _command(  # noqa: PLR0911 - one line for each command
    form: Form, heard: Heard, memory: Memory, command: Command
) -> Step | None:
    match command.name:
        case "exit":
            return _cancelled(memory)
        case "back":
            editing = form.editing
            before = "confirm" if editing else form.step_before(heard)
            return put(replace(form, step=before, editing=False), heard, memory)
        case "human":
            return to_a_person(memory)
        case name if name in _ANSWERS:
            return None
    if command.name.startswith("new."):
        return _new_kind(form, heard, memory, command)
    if form.step == "text" and command.rest and command.name not in {"status", "urge", "withdraw", "ask"}:
        return None
    return Elsewhere()


def _new_kind(form: Form, heard: Heard, memory: Memory, command: Command) -> Step | None:
    kind = command.name.removeprefix("new.")
    if form.step == "kind":
        form = replace(form, kind=kind, step="text")
        if command.rest and not form.editing:
            return text_step(form, replace(heard, text=command.rest), memory, None)
        return after(form, heard, memory, "kind")
    return None if form.step == "text" or not command.rest else Elsewhere()


def _cancelled(memory: Memory) -> Turn:
    return Turn(replace(memory, flow=None), (Say("intake.cancelled"),))


# --- in between --------------------------------------------------------------------------------------------------


def aside(heard: Heard, memory: Memory, text: str, answer: str) -> Turn:
    """A question in between: answered when it is known, else kept for whoever handles the matter."""
    form, memory = Form.of(memory), ask.remember(memory, "citizen", text)
    said = Say("intake.aside_known", {"answer": answer}) if answer else Say("intake.aside_kept")
    return put(form, heard, memory, said)


def repeated(heard: Heard, memory: Memory) -> Say:
    """The question that stands."""
    return prompt(Form.of(memory), heard)
