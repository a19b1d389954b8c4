"""The form a citizen fills in by talking: its fields, the order they are asked in, how each is put. Pure."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.base import Heard, Memory, Question, Say
from bot.dialogue.details import shown_phone
from core.text import trim

KINDS = ("consultation", "help", "complaint", "report", "suggestion", "commendation")
"""As they are offered; an information request has its own word."""
PLACED = frozenset({"help", "complaint", "report", "suggestion"})
"""Kinds that happen somewhere."""
STEPS = ("kind", "text", "whom", "place", "files", "contact", "confirm")
IDLE = timedelta(minutes=30)
"""After this the form is kept, and the person asked whether to go on (DIALOGUES 3)."""
MAX_TEXT = 5000
"""As the register takes it."""
MAX_FILES = 9
_SHOWN_ON_SMS = 22
_CIRCLED = "①②③④⑤⑥"
SUBMITS = ("submit", "submit_confidential", "submit_anonymous")
_SUBMIT_LABELS = tuple(f"intake.{way}" for way in SUBMITS)


@dataclass(frozen=True, slots=True)
class Form:
    """What was said so far.

    ``step`` is what is asked now; ``editing`` that it is a correction; ``at`` when it was asked (ISO time);
    ``resuming`` that we asked whether to go on, ``pending`` what was written then. ``files`` are the channel's
    handles, fetched after registration.
    """

    step: str = "kind"
    kind: str = ""
    text: str = ""
    relative: str = ""
    for_person: str = ""
    asked_whom: bool = False
    place: dict[str, Any] = field(default_factory=dict)
    files: tuple[dict[str, Any], ...] = ()
    phone: str = ""
    contact: str = ""
    editing: bool = False
    resuming: bool = False
    noted: str = ""
    pending: str = ""
    at: str = ""

    @classmethod
    def of(cls, memory: Memory) -> "Form":
        """The form in a memory; fields of an older version may be missing."""
        kept = {name: value for name, value in (memory.flow or {}).items() if name in cls.__dataclass_fields__}
        return cls(**{**kept, "files": tuple(kept.get("files", ()))})

    def into(self, memory: Memory, heard: Heard) -> Memory:
        """The memory with this form, as of now."""
        at = heard.now.isoformat() if heard.now else ""
        return replace(memory, flow={"name": "intake", **asdict(self), "files": list(self.files), "at": at})

    @property
    def asked_at(self) -> datetime | None:
        """When the question that stands was put."""
        return datetime.fromisoformat(self.at) if self.at else None

    def asks(self, step: str, heard: Heard) -> bool:
        """Whether a step belongs to this form on this channel."""
        return {
            "whom": bool(self.relative),
            "place": self.kind in PLACED,
            "files": heard.files,
            "contact": not heard.metered,
        }.get(step, True)

    def next_step(self, heard: Heard) -> str:
        """What is asked after the present step."""
        after = STEPS[STEPS.index(self.step) + 1 :]
        return next(step for step in after if self.asks(step, heard))

    def step_before(self, heard: Heard) -> str:
        """What was asked before the present step; the first has none before it."""
        before = reversed(STEPS[: STEPS.index(self.step)])
        return next((step for step in before if self.asks(step, heard)), STEPS[0])

    def items(self, heard: Heard) -> tuple[str, ...]:
        """The steps that can be corrected by number, in the order they are read back."""
        return tuple(step for step in STEPS[:-1] if step != "whom" and self.asks(step, heard))


def prompt(form: Form, heard: Heard) -> Say:  # noqa: PLR0911 - one for each step
    """The question of the present step."""
    if form.step == "confirm":
        return confirm(form, heard)
    if form.editing and form.step in {"text", "place", "contact"}:
        return _edit_prompt(form, heard)
    way = "sms" if heard.metered else "chat"
    match form.step:
        case "kind":
            labels = tuple(f"kind.{kind}" for kind in KINDS)
            return Say(f"intake.kind_{way}", question=Question("intake.kind", labels, zero="person"))
        case "text":
            special = form.kind in {"report", "commendation", "information_request"}
            return Say(f"intake.text_{form.kind}" if special else f"intake.text_{way}")
        case "whom":
            labels = ("intake.for_family", "intake.for_myself")
            return Say(f"intake.whom_{way}", {"relative": form.relative}, Question("intake.whom", labels, said=True))
        case "place":
            key = f"intake.home_{way}" if form.for_person and form.kind == "help" else f"intake.place_{way}"
            return Say(key, {"person": form.for_person}, Question("intake.place", ("intake.next",), said=True))
        case "files":
            return Say("intake.files", question=Question("intake.files", ("intake.next",), said=True))
        case _:
            return Say("intake.contact", question=Question("intake.contact", ("intake.no_phone",), said=True))


def _edit_prompt(form: Form, heard: Heard) -> Say:
    now = {"text": form.text, "place": shown_place(form), "contact": form.contact}[form.step]
    labels = {"text": (), "place": ("intake.next",), "contact": ("intake.no_phone",)}[form.step]
    question = Question(f"intake.{form.step}", labels, said=True) if labels and not heard.metered else None
    return Say(f"intake.edit_{form.step}", {"now": trim(now, chars_max=60)}, question)


def confirm(form: Form, heard: Heard, changed: int = 0) -> Say:
    """All of it read back, or only what was changed; what is sent and how it is corrected."""
    way = "sms" if heard.metered else "chat"
    question = Question("intake.confirm", _SUBMIT_LABELS, said=True)
    if changed:
        step = form.items(heard)[changed - 1]
        values = {"item": _mark(changed, heard), "now": _shown(form, step, heard)}
        return Say(f"intake.changed_{way}", values, question)
    lines = [f"{_mark(n, heard)}{_shown(form, step, heard)}" for n, step in enumerate(form.items(heard), 1)]
    return Say(f"intake.confirm_{way}", {"items": " ".join(lines)}, question)


def _mark(number: int, heard: Heard) -> str:
    return str(number) if heard.metered else _CIRCLED[number - 1]


def kind_word(kind: str, locale: str) -> str:
    """A kind as a sentence names it."""
    return _WORDS.get(locale, _WORDS["zh-Hans"])[kind]


def _shown(form: Form, step: str, heard: Heard) -> str:
    words = _WORDS[heard.locale if heard.locale in _WORDS else "zh-Hans"]
    match step:
        case "kind":
            return words[form.kind]
        case "text":
            return trim(form.text.replace("\n", " "), chars_max=_SHOWN_ON_SMS) if heard.metered else form.text
        case "place":
            place = shown_place(form) or (words["location"] if form.place else words["none"])
            return trim(place, chars_max=_SHOWN_ON_SMS) if heard.metered else place
        case "files":
            return words["files"].format(n=len(form.files)) if form.files else words["no_files"]
        case _:
            who = words["for"].format(person=form.for_person) if form.for_person else words["you"]
            return f"{who} {shown_phone(form.phone)}" if form.phone else words["no_phone"]


def shown_place(form: Form) -> str:
    """A place in words; empty for none and for a bare location."""
    return str(form.place.get("address", ""))


_WORDS = {
    "zh-Hans": {
        "consultation": "咨询", "help": "求助", "complaint": "投诉", "report": "举报", "suggestion": "建议",
        "commendation": "表扬", "information_request": "信息公开申请", "none": "未填地点", "location": "已发来的位置",
        "files": "附件{n}个", "no_files": "无附件", "for": "您（替{person}）", "you": "您", "no_phone": "不留电话",
    },
    "en": {
        "consultation": "question", "help": "request for help", "complaint": "complaint", "report": "report",
        "suggestion": "suggestion", "commendation": "praise", "information_request": "information request",
        "none": "no place", "location": "the location you sent", "files": "{n} files", "no_files": "no files",
        "for": "you (for {person})", "you": "you", "no_phone": "no telephone",
    },
}  # fmt: skip
"""The few words inside a summary; traditional Chinese is made from the simplified when it is said."""
