"""Which acts other systems may hear of. Pure."""

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from core.errors import BadInput

FAMILIES = ("matter", "document", "notice", "case", "faq", "deadline", "calendar")
"""Beginnings of the acts that may be told; accounts, tokens, persons and privacy never are."""
PRIVATE = frozenset({"matter.look", "matter.identity", "matter.visit_look", "matter.erase"})
"""Acts within those families that are nobody else's business."""


def checked(patterns: Sequence[str]) -> list[str]:
    """Patterns such as ``matter.*`` and ``document.issue``; raises BadInput naming one that can match nothing."""
    for pattern in patterns:
        family, dot, _ = pattern.partition(".")
        if family not in FAMILIES or not dot or set(pattern) & set("[]?"):
            known = ", ".join(f"{name}.*" for name in FAMILIES)
            raise BadInput(f"{pattern!r} is no event; there are {known}.", fields={"events": pattern})
    if not patterns:
        raise BadInput("Name at least one event.", fields={"events": "missing"})
    return sorted(set(patterns))


def wanted(patterns: Collection[str], action: str) -> bool:
    """Whether an act is told to somebody with these patterns."""
    if action in PRIVATE or action.partition(".")[0] not in FAMILIES:
        return False
    return any(fnmatchcase(action, pattern) for pattern in patterns)
