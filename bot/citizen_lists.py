"""A citizen's own matters as a list: so many as a message carries, and the rest page by page (更多)."""

from bot.cases import Case
from bot.dialogue import follow
from bot.dialogue.base import Question, Say
from bot.hotline.citizen_view import CitizenView
from core.text import segments

LISTED = 5
_LEAST = 2
_SEGMENTS = 2
"""An SMS longer than this is not read to its end, and costs."""


def page(case: Case, views: list[CitizenView], start: int, total: int) -> Say:
    """One page of the list: ``views`` are those from ``start`` on, of ``total``. Its numbers stand while it does."""
    shown = views[:LISTED]
    text = _text(case, shown, start, total)
    while case.situation.metered and len(shown) > _LEAST and _long(case, text):
        shown = shown[:-1]
        text = _text(case, shown, start, total)
    labels = tuple(f"{view.subject.strip()}{view.number}" for view in shown)
    data = {"numbers": [view.number for view in shown], "next": start + len(shown)}
    if start + len(shown) < total:
        labels = (*labels, case.say("follow.more"))
    return Say("ready", {"text": text}, Question(follow.LIST, labels, zero="person", data=data, said=True))


def _long(case: Case, text: str) -> bool:
    return segments(f"【{case.desk.office.name}】{text}") > _SEGMENTS


def _text(case: Case, shown: list[CitizenView], start: int, total: int) -> str:
    english = case.situation.locale == "en"
    lines = ("; " if english else "；").join(f"{n}{case.stories.line(view)}" for n, view in enumerate(shown, 1))
    left = total - start - len(shown)
    head = case.say("follow.list", count=total) if not start else case.say("follow.list_on")
    hint = case.say("follow.list_more", number=len(shown) + 1, left=left) if left else case.say("follow.list_hint")
    return f"{head} {lines}. {hint}" if english else f"{head}{lines}。{hint}"
