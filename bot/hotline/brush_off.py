"""Answers that say nothing (敷衍答复): "passed on to the department", a handful of characters. Pure."""

from bot.hotline.rules import BrushOff


def says_nothing(text: str, rule: BrushOff) -> str:
    """Why a text says nothing: ``short`` or the phrase it has; empty when it says something.

    A phrase counts only when little else is said: an answer that names who comes when may also say 按规定.
    """
    plain = "".join(char for char in text if char.isalnum())
    if len(plain) < rule.shortest:
        return "short"
    for phrase in rule.phrases:
        if phrase in text and len(plain) - len(phrase) < rule.shortest:
            return phrase
    return ""
