"""Which of several providers carries a message: shares by weight, moved away from one that fails or slows down. Pure.

Numbers from GOV.UK Notify's failover (REFERENCES.md): away when more than 50 errors come within 60 s, or when more
than 15 % of the sends of the last 15 minutes took longer than 5 minutes; back after 15 quiet minutes. "Slower" is
measured on our side of the wire here, where 5 minutes would be a dead connection: ``slow_s`` says what counts.
A provider that fails at once and always needs no 50 errors: ten in a row are enough.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Rules:
    """When to shift away and when to come back."""

    errors: int = 50
    errors_within: timedelta = timedelta(seconds=60)
    errors_in_a_row: int = 10
    slow_s: float = 5.0
    slow_share: float = 0.15
    slow_within: timedelta = timedelta(minutes=15)
    slow_least: int = 20
    """Sends to have seen before their speed says anything."""
    undelivered_least: int = 10
    undelivered_share: float = 0.5
    """Left when so many were reported as not delivered within ``slow_within``, and this share of what was sent then.
    Judged only by who has watched for so long: just after a start, nobody knows how many were sent."""
    back_after: timedelta = timedelta(minutes=15)
    probe_every: timedelta = timedelta(minutes=1)
    """While shifted away, one message now and then still goes there, to learn whether it works again."""


@dataclass(slots=True)
class Health:
    """What one provider did lately, as one worker saw it."""

    errors: deque[datetime] = field(default_factory=lambda: deque(maxlen=1000))
    sends: deque[tuple[datetime, bool]] = field(default_factory=lambda: deque(maxlen=5000))
    in_a_row: int = 0
    away_since: datetime | None = None
    bad_at: datetime | None = None
    probed_at: datetime | None = None
    undelivered: int = 0
    """Messages that were accepted and then reported as not delivered, within ``slow_within``; told by ``report``."""

    def report(self, undelivered: int, latest: datetime | None) -> None:
        """What receipts said lately: how many messages were not delivered though accepted, and when the latest was."""
        self.undelivered = undelivered
        if latest and (self.bad_at is None or latest > self.bad_at):
            self.bad_at = latest

    def note(self, now: datetime, took_s: float, *, ok: bool, rules: Rules) -> None:
        """One send ended after ``took_s`` seconds; ``ok`` unless the provider was to blame."""
        self.sends.append((now, took_s > rules.slow_s))
        self.in_a_row = 0 if ok else self.in_a_row + 1
        if not ok:
            self.errors.append(now)
        if not ok or took_s > rules.slow_s:
            self.bad_at = now

    def failing(self, now: datetime, rules: Rules) -> bool:
        """Whether it does badly enough just now to be left."""
        # Copies: sends end in the loop's thread while the database's thread judges here.
        recent = sum(at > now - rules.errors_within for at in tuple(self.errors))
        if recent > rules.errors or self.in_a_row >= rules.errors_in_a_row:
            return True
        window = [slow for at, slow in tuple(self.sends) if at > now - rules.slow_within]
        watched = len(self.sends) > 0 and self.sends[0][0] <= now - rules.slow_within
        if watched and self.undelivered >= max(rules.undelivered_least, rules.undelivered_share * len(window)):
            return True
        return len(window) >= rules.slow_least and sum(window) > rules.slow_share * len(window)

    def settle(self, now: datetime, rules: Rules) -> bool:
        """Update whether it is left; True while it is."""
        if self.failing(now, rules):
            self.away_since = self.away_since or now
        if self.away_since and self.bad_at and now - self.bad_at >= rules.back_after:
            self.away_since, self.in_a_row = None, 0
            self.errors.clear()
            self.sends.clear()
            self.undelivered = 0
        return self.away_since is not None

    def probe(self, now: datetime, rules: Rules) -> bool:
        """Whether one message may try it again although it is left; notes that it does."""
        if self.probed_at is None:
            self.probed_at = self.away_since or now
        if now - self.probed_at < rules.probe_every:
            return False
        self.probed_at = now
        return True


def share(address: str, weights: Mapping[str, int]) -> str:
    """The provider for an address: always the same one while the weights stay, shares as the weights say."""
    names = sorted(name for name, weight in weights.items() if weight > 0)
    if not names:
        return ""
    point = crc32(address.encode()) % sum(weights[name] for name in names)
    for name in names:
        point -= weights[name]
        if point < 0:
            return name
    return names[-1]


def route(own: str, pool: Sequence[str], away: Mapping[str, bool]) -> str:
    """Who carries what belongs to ``own``: itself while it is well, else the first other one that is; else itself."""
    if not away.get(own):
        return own
    return next((name for name in pool if name != own and not away.get(name)), own)


SENDER_RULES = Rules(errors_in_a_row=3)
"""For one number of ours: at a segment a second it hardly fails 50 times in a minute, so three in a row are enough."""


def stand_in(own: str, weights: Mapping[str, int], away: Collection[str], address: str) -> str:
    """Which number writes to an address that is usually written to from ``own``.

    ``own`` while it is well; else one of those in ``weights`` that are, by weight and always the same one for an
    address; ``own`` again when none is.
    """
    if own not in away:
        return own
    return share(address, {name: weight for name, weight in weights.items() if name not in away}) or own
