"""Lists for officials: what waits for their signature, and with 待办 the matters they handle too.

Numbers never change while a list stands: they are kept with the question. What does not fit one message stands on
further pages (待办 2); its numbers go on from the page before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.dialogue import official
from bot.dialogue.base import Question, Say
from bot.officials_case import Case
from notify.signoff import reminding, signing, wording
from notify.signoff.wording import Item

_MATTERS_METERED = 3
_MATTERS = 20
_TITLE = 8


def to_sign(case: Case, items: Sequence[Item], *, page: int = 1) -> Say:
    """A numbered list of documents."""
    if not items:
        return case.say("nothing")
    locale = case.locale
    first, lines = 0, [_line(case, item) for item in items]
    shown = wording.fitted(lines, locale, case.metered, page=1)
    for number in range(2, page + 1):
        if first + shown.shown >= len(items):
            break
        first += shown.shown
        shown = wording.fitted(lines, locale, case.metered, first=first, page=number)
    labels = tuple(wording.short_number(item.number) for item in items)
    question = Question(official.SIGN_LIST, labels, data={"ids": [item.recipient_id for item in items]}, said=True)
    values = {
        "count": len(items),
        "listed": shown.text,
        "numbers": wording.numbers(shown.shown, locale, first=first),
    }
    return Say("ready", {"text": case.text("list_one" if len(items) == 1 else "list", **values)}, question)


def _line(case: Case, item: Item) -> str:
    due = reminding.due_for_list(case.work, item, case.locale)
    return f"{wording.short_number(item.number)}{wording.short_title(item.title)}{due}"


def todo(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """待办: documents to sign for and matters in hand."""
    page = int(data.get("page") or 1)
    items = signing.to_sign(case.work, case.person.id)
    matters = _matters(case) if page == 1 else ""
    if not items:
        return (Say("ready", {"text": case.text("no_documents") + matters}) if matters else case.say("todo_nothing"),)
    listed = to_sign(case, items, page=page)
    return (replace(listed, values={"text": f"{listed.values['text']}{matters}"}),)


def _matters(case: Case) -> str:
    found = case.work.office.matters.in_hand(case.work.session, case.person.id)
    if not found:
        return ""
    most = _MATTERS_METERED if case.metered else _MATTERS
    due = [case.work.due_words(each.due_at, case.locale) for each in found[:most]]
    lines = [f"{each.number}{each.title[:_TITLE]} {words}" for each, words in zip(found, due, strict=False)]
    joint = "; " if case.locale == "en" else "；"
    more = case.text("matters_more", count=len(found)) if len(found) > most else ""
    return case.text("matters", count=len(found), listed=joint.join(lines) + more)
