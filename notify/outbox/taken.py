"""A row of the outbox in a worker's hands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import LargeBinary, type_coerce
from sqlmodel import SQLModel

from core.crypto import ring
from notify.outbox import models

_T = SQLModel.metadata.tables["outbox_message"]
_SEALED_NOTHING = 35
"""Bytes of an encrypted empty list: version, key id, nonce, two characters and the tag. Nothing else is so short."""


class SealedParams(Mapping[str, Any]):
    """The payload a message was rendered from, opened when somebody looks: most channels send the text alone."""

    __slots__ = ("_opened", "_sealed")

    def __init__(self, sealed: bytes) -> None:
        self._sealed = sealed
        self._opened: dict[str, Any] | None = None

    def _open(self) -> dict[str, Any]:
        if self._opened is None:
            self._opened = orjson.loads(ring().open(self._sealed, "outbox.params"))
        return self._opened

    def __getitem__(self, name: str) -> Any:
        return self._open()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())


@dataclass(slots=True)
class Taken:
    """What choosing and sending need of a row; what is encrypted is opened when asked for."""

    id: str
    rank: int
    kind: str
    channel: str
    sealed_address: bytes
    address_index: str
    sender: str
    thread: str
    locale: str
    sealed_text: bytes
    sealed_params: bytes
    sealed_options: bytes
    segments: int
    attempts: int
    expires_at: datetime
    reason: str
    guard: str
    quiet: bool
    trial: bool
    queue: str
    changed_at: datetime
    via: str = ""
    lookups: int = 0
    doubled: int = 0

    @property
    def attempt(self) -> str:
        """The id of this attempt."""
        return models.attempt_id(self.id, self.attempts)

    @property
    def from_number(self) -> str:
        """Which of our numbers writes: the one it is bound to, else that of the queue it stands in."""
        return self.sender or self.queue.partition("/")[2]

    @property
    def address(self) -> str:
        """Where it goes."""
        return ring().open(self.sealed_address, "outbox.address").decode()

    @property
    def text(self) -> str:
        """What it says."""
        return ring().open(self.sealed_text, "outbox.text").decode()

    @property
    def params(self) -> Mapping[str, Any]:
        """The payload it was rendered from."""
        return SealedParams(self.sealed_params)

    @property
    def options(self) -> list[list[str]]:
        """Value and label of each choice."""
        if len(self.sealed_options) == _SEALED_NOTHING:
            return []
        opened: list[list[str]] = orjson.loads(ring().open(self.sealed_options, "outbox.options"))
        return opened


NAMES = tuple(Taken.__dataclass_fields__)
FIELDS = [
    type_coerce(_T.c[name.removeprefix("sealed_")], LargeBinary) if name.startswith("sealed_") else _T.c[name]
    for name in NAMES
]
"""The columns of a ``Taken``, for statements that are not in a hurry."""


def as_taken(rows: Iterable[Any]) -> list[Taken]:
    """Rows of ``FIELDS``."""
    return [Taken(*row) for row in rows]
