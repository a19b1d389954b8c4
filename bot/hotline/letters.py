"""What is said to the citizen at each step: which kind of message, with which values. The words are the kinds'."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.choosing import button
from bot.hotline.models import Matter, MatterReply
from bot.hotline.office import Desk
from bot.hotline.sending import RATE, RECEIPT, Letter
from bot.hotline.words import Kind
from core.messages import Option
from core.people import Unit

SUBJECT_MAX = 12
_NOUN = {"zh-Hans": "来件", "zh-Hant": "來件", "en": "Your matter "}
_OFFICE = {"zh-Hans": "本热线", "zh-Hant": "本熱線", "en": "this office"}
_PAGE = {"zh-Hans": "网页", "zh-Hant": "網頁", "en": "our page"}
SOLVED_LABELS = ("解决了", "没解决")
_SOLVED_BUTTONS = {
    "zh-Hans": ("解决了", "没解决", "找人工"),
    "zh-Hant": ("解決了", "沒解決", "找人工"),
    "en": ("Solved", "Not solved", "A person"),
}

Values = Mapping[str, Any]


def subject(matter: Matter, locale: str) -> str:
    """A word or two the citizen knows it by; a protected matter is never named."""
    if matter.protected or not matter.title or len(matter.title) > SUBJECT_MAX:
        return _NOUN.get(locale, _NOUN["zh-Hans"])
    return matter.title


def unit_name(desk: Desk, unit_id: str | None, locale: str = "zh-Hans") -> str:
    """A unit as texts name it; the office itself where no unit has it."""
    unit = desk.session.get(Unit, unit_id) if unit_id else None
    return unit.name if unit else _OFFICE.get(locale, _OFFICE["zh-Hans"])


def values(desk: Desk, matter: Matter, due: datetime | None = None, **more: Any) -> Callable[[str], Values]:
    """The values every text may use, for whichever locale."""

    def for_locale(locale: str) -> Values:
        page = desk.office.page
        linked = page and matter.reply_channel in desk.office.link_channels
        return {
            "number": matter.number,
            "subject": subject(matter, locale),
            "unit": unit_name(desk, matter.unit_id, locale),
            "due": desk.due_words(due or matter.answer_by, locale),
            "page": page if linked else _PAGE.get(locale, _PAGE["zh-Hans"]),
            "phone": desk.office.phone,
            **more,
        }

    return for_locale


def received(desk: Desk, matter: Matter, code: str) -> Letter:
    """The receipt, for whoever was not told in a conversation."""
    if matter.protected:
        return Letter("matter_received_private", values(desk, matter, matter.accept_by), RECEIPT)
    if desk.rules.kinds[Kind(matter.kind)].from_receipt:
        return Letter("matter_received_answer", values(desk, matter, code=code), RECEIPT)
    return Letter("matter_received", values(desk, matter, matter.accept_by, code=code), RECEIPT)


def answer(desk: Desk, to: Matter, matter: Matter, reply: MatterReply, *, rated: bool) -> Letter:
    """The answer to ``matter`` as the citizen of ``to`` gets it: the same matter, or one merged into it."""
    dedup = f"reply:{reply.id}"
    at = reply.sends_at
    if to.protected or matter.protected:
        return Letter("matter_private", values(desk, to), dedup, at=at, reply_id=reply.id, final=True)
    said = values(desk, to, text=sentence(reply.text), unit=unit_name(desk, reply.unit_id, to.locale))
    if not rated or to.id != matter.id:
        return Letter("matter_answered", said, dedup, at=at, reply_id=reply.id)
    letter = Letter("matter_replied", said, dedup, at=at, reply_id=reply.id, asks=(RATE, rating(to, reply)))
    return replace(letter, buttons=solved_buttons, chat_kind="matter_replied_chat")


def follow_up(desk: Desk, matter: Matter, reply: MatterReply, dedup: str) -> Letter:
    """The question once more."""
    asks = (RATE, rating(matter, reply))
    if matter.protected:
        return Letter("matter_private", values(desk, matter), dedup, asks=asks)
    letter = Letter("matter_follow_up", values(desk, matter), dedup, asks=asks)
    return replace(letter, buttons=solved_buttons, chat_kind="matter_follow_up_chat")


def solved_buttons(locale: str, asked: int) -> tuple[Option, ...]:
    """Solved, not solved, a person: as buttons of the question that was asked."""
    labels = _SOLVED_BUTTONS.get(locale, _SOLVED_BUTTONS["zh-Hans"])
    return tuple(Option(button(asked, number), label) for number, label in zip((1, 2, 0), labels, strict=True))


def rating(matter: Matter, reply: MatterReply) -> dict[str, Any]:
    """The question after an answer, as the dialogue that reads it gets it back."""
    return {
        "number": matter.number,
        "reply": reply.id,
        "step": "solved",
        "labels": list(SOLVED_LABELS),
        "zero": "person",
    }


def status(kind: str, desk: Desk, matter: Matter, dedup: str, due: datetime | None = None, **more: Any) -> Letter:
    """A status message: one of at most two a day; of a protected matter only that there is news."""
    if matter.protected:
        return Letter("matter_private", values(desk, matter, due), dedup, counts=True)
    return Letter(kind, values(desk, matter, due, **more), dedup, counts=True)


def sentence(text: str) -> str:
    """A text that ends like a sentence, because something follows it."""
    return text if not text or text[-1] in "。！？.!?~" else f"{text}。"


def rejected(desk: Desk, matter: Matter, key: str, own: str) -> Letter:
    """Not accepted: why, where to go instead, and until when it may be contested."""
    reason, last = desk.rules.reasons[key], desk.days_later(desk.rules.days["contest"])
    earlier = "" if key != "repeat" else own

    def for_locale(locale: str) -> Values:
        why = sentence(reason.why.get(locale, "") or own)
        where = sentence(earlier) + reason.where.get(locale, "")
        return {**values(desk, matter, last, text=why, more=where)(locale), "due": desk.date_words(last, locale)}

    if matter.protected:
        return Letter("matter_private", values(desk, matter), "rejected", final=True)
    return Letter("matter_rejected", for_locale, f"rejected:{matter.version}")


def asked(desk: Desk, matter: Matter, needs: Sequence[str], owner: str) -> Letter:
    """Everything that is missing, in one message; the answer to it is appended."""
    joints = {"en": ", "}

    def for_locale(locale: str) -> Values:
        words = joints.get(locale, "、").join(desk.rules.needs[need].get(locale, need) for need in needs)
        return values(desk, matter, desk.due_in("progress"), text=sentence(words))(locale)

    asks = (owner, {"number": matter.number, "needs": list(needs)})
    if matter.protected:
        return Letter("matter_private", values(desk, matter), "asked", asks=asks)
    return Letter("matter_asked", for_locale, "asked", asks=asks)
