"""Bodies of the messages API (CONTRACT.md)."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field

from core.messages import Lane
from core.text import mask_phone
from notify.outbox.history import read_history
from notify.outbox.models import OutboxMessage
from notify.outbox.states import SENTENCES, Reason

LANE_NAMES: dict[int, Literal["urgent", "normal", "bulk"]] = {0: "urgent", 1: "normal", 2: "bulk"}


class MessageIn(BaseModel):
    """One message to send.

    ``to`` is a telephone number in E.164, ``channel:address``, or a person's id. ``dedup_key`` makes a repeated
    call harmless for ever, not only for a day. ``test`` sends it the whole way without leaving.
    """

    kind: str = Field(min_length=1, max_length=60)
    to: str = Field(min_length=1, max_length=300)
    payload: dict[str, Any] = Field(default_factory=dict)
    lane: Lane | None = None
    at: AwareDatetime | None = None
    locale: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    dedup_key: str | None = Field(default=None, min_length=1, max_length=100)
    test: bool = False


class MessageTaken(BaseModel):
    """A message that was taken."""

    id: str
    state: str
    segments: int
    reason: str = ""


class MessageRefused(BaseModel):
    """An item of a list that was not taken, and why; the others were."""

    error: str
    detail: str
    fields: dict[str, str] = Field(default_factory=dict)


class MessagesTaken(BaseModel):
    """A list is answered item by item, in its order."""

    items: list[MessageTaken | MessageRefused]


class ChangeOut(BaseModel):
    """One change of state; ``attempt`` is the number of the try."""

    at: datetime
    state: str
    reason: str
    sentence: str
    attempt: int | None
    code: str


class MessageOut(BaseModel):
    """A message as staff see it: the address masked, the text not shown in lists."""

    id: str
    kind: str
    lane: Literal["urgent", "normal", "bulk"]
    channel: str
    via: str
    to: str
    state: str
    reason: str
    sentence: str
    segments: int
    attempts: int
    test: bool
    batch: str | None
    created_at: datetime
    changed_at: datetime
    not_before: datetime
    expires_at: datetime
    possibly_twice: bool

    @classmethod
    def of(cls, row: OutboxMessage) -> Self:
        """A row, masked."""
        return cls(**_fields(row))


class MessageDetail(MessageOut):
    """With every change of state."""

    history: list[ChangeOut]

    @classmethod
    def of(cls, row: OutboxMessage) -> Self:
        """A row with its history."""
        changes = [
            ChangeOut(
                at=change.at,
                state=change.state,
                reason=change.reason,
                sentence=sentence(change.reason),
                attempt=int(change.attempt) if change.attempt.isdecimal() else None,
                code=change.code,
            )
            for change in read_history(row.history)
        ]
        return cls(**_fields(row), history=changes)


def _fields(row: OutboxMessage) -> dict[str, Any]:
    same = ("id", "kind", "channel", "via", "state", "reason", "segments", "attempts", "batch")
    times = ("created_at", "changed_at", "not_before", "expires_at")
    return {
        **{name: getattr(row, name) for name in (*same, *times)},
        "lane": LANE_NAMES[row.rank],
        "to": mask_address(row.address),
        "sentence": sentence(row.reason),
        "test": row.trial,
        "possibly_twice": row.doubled > 0,
    }


def sentence(reason: str) -> str:
    """What a numbered reason says."""
    return SENTENCES[Reason(reason)] if reason in set(Reason) else ""


def mask_address(address: str) -> str:
    """An address as staff may see it in lists: a number without its middle, anything else without its end."""
    digits = sum(char.isdigit() for char in address)
    if digits >= 7 and digits >= len(address) - 14 and "@" not in address and "//" not in address:
        return mask_phone(address)
    return address[:3] + "***"
