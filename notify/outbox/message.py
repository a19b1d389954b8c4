"""A message as a caller gives it to the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.ids import new_id
from core.messages import Lane, Option


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be sent.

    ``dedup_key`` says what makes it the same message: a second one with the same key is not added. ``guard`` is
    ``name:generation`` of the thing it speaks of, see ``OutboxGuard``. ``at`` is the earliest time to send.
    ``quiet`` overrides whether quiet hours hold it back (None: as its kind says); an emergency says False.
    ``topic`` names a narrower class that the recipient may have refused (退订 惠农补贴), beside its kind's.
    ``trial`` sends it the whole way without leaving. ``position`` and ``confirm_by``: see ``fallback``.
    """

    kind: str
    channel: str
    address: str
    payload: Mapping[str, Any]
    dedup_key: str = field(default_factory=new_id)
    locale: str = "zh-Hans"
    lane: Lane | None = None
    at: datetime | None = None
    sender: str = ""
    thread: str = ""
    options: Sequence[Option] = ()
    person_id: str | None = None
    position: int | None = None
    confirm_by: datetime | None = None
    guard: str = ""
    batch: str | None = None
    quiet: bool | None = None
    trial: bool = False
    topic: str = ""
