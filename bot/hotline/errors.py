"""What the hotline refuses, by name."""

from datetime import timedelta

from bot.hotline.models import Matter
from core.errors import BadInput, Conflict, StaleVersion, TooMany


class IllegalMove(Conflict):
    """The matter's present state does not allow this; ``fields`` has state and version."""


class BrushOffAnswer(BadInput):
    """The answer says nothing (敷衍答复): rewrite it, or send it with ``force`` and have it listed."""


class PastedRemains(BadInput):
    """The text has remains of pasting (HTML, pinyin in brackets, 20xx年): clean it, or send it with ``force``."""


class UrgedAlready(TooMany):
    """Urged once today already; ``retry_after`` is tomorrow."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after=timedelta(days=1))


def present(matter: Matter) -> dict[str, str]:
    """The state and version every refusal names."""
    return {"state": matter.state, "version": str(matter.version)}


def illegal(matter: Matter, sentence: str) -> IllegalMove:
    """A refusal with the present state and version."""
    return IllegalMove(sentence, fields=present(matter))


def stale(matter: Matter) -> StaleVersion:
    """Somebody else was faster."""
    return StaleVersion(
        f"Somebody changed this matter meanwhile: it is {matter.state} now. Nothing was sent twice.",
        fields=present(matter),
    )
