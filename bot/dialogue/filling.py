"""The steps of handing in a matter: what each makes of a message. Pure.

What does not answer the question that stands never fills it: messages written before it was asked belong to the
text, a question is answered aside, a telephone number is looked for where one is expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.choosing import number_in, pick
from bot.dialogue import ask
from bot.dialogue.base import Act, Heard, Memory, Question, Say, Turn
from bot.dialogue.details import phone_in, relative_in, tells
from bot.dialogue.form import KINDS, MAX_FILES, MAX_TEXT, SUBMITS, Form, confirm, prompt
from core.messages import Media

_TOO_FAST = timedelta(seconds=1.5)
"""Nobody reads a question and writes an answer within this; what comes so soon was on its way already."""
_SHORTEST = 2
_SUBMIT_WORDS = {
    "submit": {"提交", "确认", "確認", "是", "好", "好的", "对", "submit", "yes", "ok"},
    "submit_confidential": {"保密提交", "保密", "confidential"},
    "submit_anonymous": {"匿名提交", "匿名", "anonymous"},
}
_NEXT = {"下一步", "没有", "沒有", "无", "無", "跳过", "跳過", "next", "skip", "none", "no"}


@dataclass(frozen=True, slots=True)
class Aside:
    """A question put in between: to be looked up, then the form goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A command about something else: carried out, then (``again``) the question that stands is repeated."""

    again: bool = True


@dataclass(frozen=True, slots=True)
class Leave:
    """The form is given up and the message means whatever it means without it."""


Step = Turn | Aside | Elsewhere | Leave


def put(form: Form, heard: Heard, memory: Memory, *before: Say) -> Turn:
    """Ask what the form asks now."""
    return Turn(form.into(memory, heard), (*before, prompt(form, heard)))


def to_a_person(memory: Memory) -> Turn:
    """0: a person takes over what was written so far."""
    form = Form.of(memory)
    if form.text:
        memory = ask.remember(memory, "citizen", form.text)
    return ask.hand_over(replace(memory, flow=None))


# --- what was not meant as an answer -----------------------------------------------------------------------------


def written_before(form: Form, heard: Heard) -> bool:
    """Whether a message was on its way before the question that stands was put (several forwarded at once)."""
    if heard.choice or form.step in {"kind", "text"}:
        return False
    return bool(heard.arrived and form.asked_at and heard.arrived < form.asked_at)


def _too_soon(form: Form, heard: Heard) -> bool:
    return bool(heard.arrived and form.asked_at and heard.arrived - form.asked_at < _TOO_FAST)


def with_more(form: Form, heard: Heard) -> Form:
    """The form with a further message put where it belongs: pictures to the files, words to the text."""
    form = _with_files(form, heard)
    if heard.place and not form.place:
        form = replace(form, place={"lat": heard.place.lat, "lon": heard.place.lon})
    if heard.text and len(form.text) + len(heard.text) < MAX_TEXT:
        form = replace(form, text=f"{form.text}\n{heard.tail(heard.text)}".strip())
    return form


def _with_files(form: Form, heard: Heard) -> Form:
    new = tuple(_file(media) for media in heard.media)
    return replace(form, files=(*form.files, *new)[:MAX_FILES]) if new else form


def _file(media: Media) -> dict[str, Any]:
    return {"ref": media.ref, "mime": media.mime, "name": media.name, "size": media.size}


# --- the steps ---------------------------------------------------------------------------------------------------


def after(form: Form, heard: Heard, memory: Memory, done: str) -> Turn:
    """On to the next question, or back to the summary after a correction."""
    if not form.editing:
        return put(replace(form, step=replace(form, step=done).next_step(heard)), heard, memory)
    form = replace(form, step="confirm", editing=False)
    items = form.items(heard)
    changed = items.index(done) + 1 if done in items else 0
    return Turn(form.into(memory, heard), (confirm(form, heard, changed),))


def _kind(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    picked = pick(heard.text, ()) if number is None else None
    chosen = number if number is not None else picked.number if picked else None
    if chosen is not None and 1 <= chosen <= len(KINDS):
        return after(replace(form, kind=KINDS[chosen - 1]), heard, memory, "kind")
    if chosen == 0:
        return to_a_person(memory)
    if heard.text and chosen is None and not form.editing and len(heard.text) > _SHORTEST:
        return Leave()
    return put(form, heard, memory)


def text_step(form: Form, heard: Heard, memory: Memory, _number: int | None) -> Step:
    """The text itself."""
    form = _with_files(form, heard)
    if heard.place:
        form = replace(form, place={"lat": heard.place.lat, "lon": heard.place.lon})
    text = heard.tail(heard.text)
    if not text and any(media.mime.startswith("audio/") for media in heard.media):
        text = {"en": "(voice message)"}.get(heard.locale, "（语音，见附件）")
    if len(text) > MAX_TEXT:
        return put(form, heard, memory, Say("intake.too_long", {"most": MAX_TEXT}))
    if sum(char.isalnum() for char in text) < _SHORTEST:
        hint = Say("intake.file_first") if heard.media else Say("intake.too_short")
        return Turn(form.into(memory, heard), (hint,))
    form = replace(form, text=text, relative="" if form.asked_whom else relative_in(text))
    return after(form, heard, memory, "text")


def _whom(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    said = number if number is not None else number_in(heard.text)
    words = heard.text
    if said == 1 or words in {"替家人", "是", "是的", "对", "yes"} or words.startswith("替"):
        return after(replace(form, for_person=form.relative, asked_whom=True), heard, memory, "whom")
    if said == 2 or words in {"我本人", "不是", "本人", "我", "no"}:
        return after(replace(form, for_person="", relative="", asked_whom=True), heard, memory, "whom")
    if tells("question", words):
        return Aside(words)
    form = replace(with_more(form, heard), asked_whom=True, for_person=form.relative)
    return after(form, heard, memory, "whom")


def _place(  # noqa: PLR0911 - one line for each kind of answer
    form: Form, heard: Heard, memory: Memory, number: int | None
) -> Step:
    if heard.place:
        given = {"lat": heard.place.lat, "lon": heard.place.lon, **({"address": heard.text} if heard.text else {})}
        return after(replace(form, place=given), heard, memory, "place")
    if heard.media and not heard.text:
        return put(_with_files(form, heard), heard, memory, Say("intake.file_kept"))
    if number == 1 or number_in(heard.text) == 1 or heard.text.lower() in _NEXT:
        return after(replace(form, place={} if form.editing else form.place), heard, memory, "place")
    where = tells("where", heard.text)
    if not where and tells("question", heard.text):
        return Aside(heard.text)
    if not where and not form.editing and _too_soon(form, heard):
        return _also(form, heard, memory)
    if not heard.text or number is not None:
        return put(form, heard, memory)
    address = {"address": heard.text[:200]}
    return after(replace(_with_files(form, heard), place=form.place | address), heard, memory, "place")


def _also(form: Form, heard: Heard, memory: Memory) -> Turn:
    """A message that came too soon to be an answer: noted; said once, so that ten of them do not ring ten times."""
    more = replace(with_more(form, heard), noted=form.step)
    if form.noted == form.step:
        return Turn(more.into(memory, heard))
    return put(more, heard, memory, Say("intake.also"))


def _files(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    if number == 1 or number_in(heard.text) == 1 or heard.text.lower() in _NEXT:
        return after(form, heard, memory, "files")
    if heard.media:
        more = _with_files(form, heard)
        if heard.text:
            more = replace(more, text=f"{more.text}\n{heard.text}"[:MAX_TEXT])
        if len(form.files) + len(heard.media) > MAX_FILES:
            return after(more, heard, memory, "files")
        question = Question("intake.files", ("intake.next",), said=True)
        return Turn(more.into(memory, heard), (Say("intake.files_more", {"n": len(more.files)}, question),))
    if phone_in(heard.text):
        return _contact(replace(form, step="contact"), heard, memory, None)
    if tells("question", heard.text):
        return Aside(heard.text)
    return _also(form, heard, memory) if heard.text else put(form, heard, memory)


def _contact(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    if phone := phone_in(heard.text):
        return after(replace(form, phone=phone, contact=heard.text[:60]), heard, memory, "contact")
    if number == 1 or number_in(heard.text) == 1 or heard.text.lower() in _NEXT or tells("no_phone", heard.text):
        return after(replace(form, phone="", contact=""), heard, memory, "contact")
    if tells("question", heard.text):
        return Aside(heard.text)
    if heard.media and not heard.text:
        return put(_with_files(form, heard), heard, memory, Say("intake.file_kept"))
    if sum(char.isdigit() for char in heard.text) >= 5 or len(heard.text) <= 6:
        return Turn(form.into(memory, heard), (replace(prompt(form, heard), key="intake.contact_again"),))
    return _also(form, heard, memory)


def _confirm(form: Form, heard: Heard, memory: Memory, number: int | None) -> Step:
    words = heard.text.lower()
    if number is not None and 1 <= number <= len(SUBMITS):
        return _submit(form, memory, SUBMITS[number - 1])
    for way, said in _SUBMIT_WORDS.items():
        if words in said:
            return _submit(form, memory, way)
    item, items = number_in(heard.text), form.items(heard)
    if item is not None and 1 <= item <= len(items):
        files = () if items[item - 1] == "files" else form.files
        form = replace(form, step=items[item - 1], editing=True, files=files)
        return put(form, heard, memory)
    if item is None and tells("question", heard.text):
        return Aside(heard.text)
    if item is None and (heard.text or heard.media):
        return put(with_more(form, heard), heard, memory, Say("intake.also"))
    return put(form, heard, memory)


def _submit(form: Form, memory: Memory, way: str) -> Turn:
    data = {
        "kind": form.kind,
        "text": form.text,
        "place": form.place,
        "phone": form.phone,
        "for_person": form.for_person,
        "files": list(form.files),
        "confidential": way == "submit_confidential",
        "anonymous": way == "submit_anonymous",
        "complete": True,
    }
    return Turn(replace(memory, flow=None, misses=0), (), (Act("citizen", "open", data),))


STEPS_OF: Mapping[str, Callable[[Form, Heard, Memory, int | None], Step]] = {
    "kind": _kind,
    "text": text_step,
    "whom": _whom,
    "place": _place,
    "files": _files,
    "contact": _contact,
    "confirm": _confirm,
}
