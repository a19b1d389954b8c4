"""Which of the due messages may start now, and what becomes of the others. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from notify.outbox.states import Reason


class Due(Protocol):
    """What has to be known of a due message."""

    @property
    def id(self) -> str: ...
    @property
    def segments(self) -> int: ...
    @property
    def quiet(self) -> bool: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def address_index(self) -> str: ...


D = TypeVar("D", bound=Due)


@dataclass(slots=True)
class Choice:
    """The messages of one look at the queue, sorted by what is to be done with them.

    ``waiting`` and ``capped`` hold ids by the time until which they wait and by the reason they end with.
    """

    go: list[int] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    waiting: dict[tuple[datetime, Reason], list[str]] = field(default_factory=dict)
    capped: dict[Reason, list[str]] = field(default_factory=dict)


def choose(
    candidates: Iterable[D],
    now: datetime,
    *,
    room: int,
    night_until: datetime | None,
    busy: set[str],
    free_at: Callable[[str], datetime] | None,
    cap: Callable[[D], tuple[Reason, datetime | None]] | None,
    admit: Callable[[int], bool] | None = None,
) -> Choice:
    """Sort candidates.

    ``room`` is how many may go. ``busy`` are addresses that have a message under way: the next waits, so that a
    person reads things in the order they were said; it grows with what goes. ``free_at`` paces addresses. ``cap``
    says why a message is over a limit, and until when it waits (None: it ends). ``admit`` takes segments from the
    sender's allowance; the first that is not admitted ends the look, so that a long message is not overtaken.
    """
    choice = Choice()
    for place, due in enumerate(candidates):
        if due.expires_at <= now:
            choice.expired.append(due.id)
        elif due.quiet and night_until:
            choice.waiting.setdefault((night_until, Reason.QUIET), []).append(due.id)
        elif due.address_index in busy or len(choice.go) >= room:
            continue
        elif free_at and (at := free_at(due.address_index)) > now:
            choice.waiting.setdefault((at, Reason.NONE), []).append(due.id)
        else:
            reason, until = cap(due) if cap else (Reason.NONE, None)
            if not reason and admit and not admit(due.segments):
                break
            if not reason:
                busy.add(due.address_index)
                choice.go.append(place)
            elif until:
                choice.waiting.setdefault((until, reason), []).append(due.id)
            else:
                choice.capped.setdefault(reason, []).append(due.id)
    return choice
