"""The history of a message: one line for each change of state."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache


@lru_cache(maxsize=256)
def history_line(at: datetime, state: str, reason: str = "", attempt: object = "", code: str = "") -> str:
    """One change of state, as ``OutboxMessage.history`` keeps it."""
    return f"{at.isoformat(timespec='milliseconds')} {state!s} {reason or '-'} {attempt or '-'} {code or '-'}\n"


@dataclass(frozen=True, slots=True)
class Change:
    """One line, read back. ``attempt`` is the number of the try, empty where none was made."""

    at: datetime
    state: str
    reason: str
    attempt: str
    code: str


def read_history(text: str) -> list[Change]:
    """The changes of state in a history, oldest first."""
    changes = []
    for line in text.splitlines():
        at, state, *rest = line.split(" ")
        reason, attempt, code = ("" if part == "-" else part for part in (*rest, "-", "-", "-")[:3])
        changes.append(Change(datetime.fromisoformat(at), state, reason, attempt, code))
    return changes
