"""Absence in words: what somebody hands over, and what they find when they are back (DIALOGUES 9). Pure."""

from dataclasses import dataclass

from core.i18n import DEFAULT

_HELD = {
    "zh-Hans": ("待签收{count}件", "、承办{matters}件"),
    "zh-Hant": ("待簽收{count}件", "、承辦{matters}件"),
    "en": ("{count} to sign", ", {matters} matters"),
}
_BACK = {
    "zh-Hans": (
        "外出期间{names}代签{signed}件",
        "、代答复{answered}件",
        "没有未办结的。",
        "已交回您",
        "，最近一件{due}到期",
    ),
    "zh-Hant": (
        "外出期間{names}代簽{signed}件",
        "、代答覆{answered}件",
        "沒有未辦結的。",
        "已交回您",
        "，最近一件{due}到期",
    ),
    "en": (
        "{names} signed {signed} for you",
        ", answered {answered}",
        "Nothing waits. ",
        " yours again",
        ", next by {due}",
    ),
}


def held(count: int, matters: int, locale: str) -> str:
    """What somebody has in hand: documents to sign for, and matters where there are any."""
    documents, and_matters = _HELD.get(locale, _HELD[DEFAULT])
    return documents.format(count=count) + (and_matters.format(matters=matters) if matters else "")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened while somebody was away, and what is theirs again; ``due`` is the next limit in words."""

    names: str = ""
    signed: int = 0
    answered: int = 0
    left: int = 0
    matters: int = 0
    due: str = ""


def handed_back(what: Meanwhile, locale: str) -> str:
    """Told to whoever is back (DIALOGUES 9): who did what in their place, and what waits."""
    done, answered, nothing, yours, next_due = _BACK.get(locale, _BACK[DEFAULT])
    mark, stop = ("; ", ". ") if locale == "en" else ("；", "。")
    text = ""
    if what.names or what.answered:
        text = done.format(names=what.names, signed=what.signed)
        text += (answered.format(answered=what.answered) if what.answered else "") + mark
    if not what.left and not what.matters:
        return text + nothing
    waits = held(what.left, what.matters, locale) + yours
    return text + waits + (next_due.format(due=what.due) if what.due else "") + stop
