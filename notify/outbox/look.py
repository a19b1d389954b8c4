"""One look at a queue: what is known when it begins, and what it chose."""

from dataclasses import dataclass, field
from datetime import datetime

from notify.outbox.states import Reason
from notify.outbox.taken import Taken


@dataclass(slots=True)
class Look:
    """How many may start, until when it is night, which addresses have a message under way (it grows).

    ``ready`` is everything due, read at once; None where a sender's pace decides lane by lane how much is read.
    """

    now: datetime
    room: int
    night_until: datetime | None
    busy: set[str]
    ready: list[Taken] | None

    def ready_of(self, rank: int) -> list[Taken] | None:
        """What is due of one lane."""
        return None if self.ready is None else [taken for taken in self.ready if taken.rank == rank]


@dataclass(slots=True)
class Round:
    """What one transaction chose: started messages, when to look again, alarms, and whether more was there."""

    started: list[Taken] = field(default_factory=list)
    again_at: datetime | None = None
    alarms: set[Reason] = field(default_factory=set)
    more: bool = False

    def look_again(self, at: datetime) -> None:
        """At this time something more may go."""
        self.again_at = at if self.again_at is None else min(at, self.again_at)
